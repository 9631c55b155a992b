"""What a patient's acts allow at a moment, and why not, in words for the person at the station."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kiosk.errors import ConsentError
from kiosk.records.consent import MOST_MERGES
from kiosk.records.consent_history import (
    Fault,
    Finding,
    HistoryEntry,
    Period,
    Uses,
    allowed,
    ends,
    findings,
    lapsed,
    ordered,
    periods,
    purpose_of,
)
from kiosk.records.consent_text import RECORD
from kiosk.records.shot import Instant

_NONE = "There is no consent on record for this patient; ask for it before pictures are taken."
_TAKEN_BACK = (
    "The patient does not consent to pictures for the record; none are taken unless the patient "
    "signs a new consent."
)
_RUN_OUT = "The consent to pictures for the record has run out; ask the patient again."
_UNKNOWN = (
    "Part of this patient's history of consents is not known here, so it cannot be told what is "
    "allowed; ask the patient again."
)


@dataclass(frozen=True, slots=True)
class ConsentState:
    """A patient's history and what follows from it.

    Attributes:
        entries: the acts, in order.
        uses: what the newest acts allow, with when it lapses; ask :meth:`allows` about a moment.
        findings: what is wrong with the history.
    """

    entries: tuple[HistoryEntry, ...]
    uses: Uses
    findings: tuple[Finding, ...]

    @property
    def head(self) -> str | None:
        """Digest of the newest act, which pictures are bound to; None before the first."""
        last = ends(self.entries)
        return last[-1].digest if last else None

    @property
    def parted(self) -> bool:
        """Whether two stations went on without knowing of each other; then only what both allow."""
        return len(ends(self.entries)) > 1

    @property
    def refuses_record(self) -> bool:
        """Whether the patient said no to the record, at once or later, as far as all is known."""
        missing = any(one.fault is Fault.MISSING for one in self.findings)
        return bool(self.entries) and RECORD not in self.uses and not missing

    def allows(self, use: str, now: Instant) -> bool:
        """Whether a use is allowed: a purpose, or ``purpose/channel``; a purpose: somewhere."""
        return any(
            not lapsed(lapses, now)
            for one, lapses in self.uses.items()
            if use in (one, purpose_of(one))
        )

    def require_record(self, now: Instant) -> str:
        """Return the digest that a picture taken now is bound to.

        Raises:
            ConsentError: no picture may be taken; the sentence says why, and names nobody.
        """
        head = self.head
        if head is None:
            raise ConsentError(_NONE)
        if RECORD in self.uses:
            if lapsed(self.uses[RECORD], now):
                raise ConsentError(_RUN_OUT)
            return head
        raise ConsentError(_TAKEN_BACK if self.refuses_record else _UNKNOWN)

    def periods(self) -> tuple[Period, ...]:
        return periods(self.entries)


def assess(entries: Iterable[HistoryEntry]) -> ConsentState:
    """Return what a patient's acts, in any order, add up to."""
    acts = ordered(entries)
    return ConsentState(acts, allowed(acts), findings(acts))


def place_after(entries: Iterable[HistoryEntry]) -> tuple[int, str | None, tuple[str, ...]]:
    """Return number, ``previous`` and ``merges`` of an act that follows all of these.

    Of more ends than an act can name it follows the newest; the others stay, so that what they do
    not allow is not allowed, and nobody is kept from withdrawing.
    """
    last = ends(tuple(entries))
    if not last:
        return 1, None, ()
    *others, newest = last
    return newest.number + 1, newest.digest, tuple(one.digest for one in others[-MOST_MERGES:])
