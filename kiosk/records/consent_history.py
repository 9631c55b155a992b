"""What a patient's acts of consent add up to: proven order, state now, periods of each use.

The order comes from the acts alone: each names those it follows. The clock only says when. Where
two stations went on from one act without knowing of each other, both ends stand, and only what both
allow is allowed, until an act that follows both.

A *use* is what is allowed or not: a purpose such as ``training``, or one channel of it such as
``marketing/website``.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Final

from msgspec import Meta

from kiosk.envelope.bundle import encode_record
from kiosk.model import ClockState
from kiosk.records.consent import MOST_MERGES, ConsentRecord, Decision, Kind
from kiosk.records.consent_text import RECORD, Days, PurposeId
from kiosk.records.shot import Instant, Record, Sha256, Slug

Uses = Mapping[str, "datetime | None"]
"""Each use that is allowed, with the moment at which it lapses by itself; None: it does not."""
NOTHING: Final[Uses] = {}


class Lapse(Record, frozen=True, kw_only=True):
    """How many days the consent to a purpose is good for."""

    purpose: PurposeId
    days: Days


class HistoryEntry(Record, frozen=True, kw_only=True):
    """An act, as short as it can be kept on a station or travel in a day's list.

    Attributes:
        digest: of the act's record.
        kind: as the record has it, like all that follows.
        lapses: of each purpose that is not good for ever.
    """

    digest: Sha256
    kind: Kind
    number: Annotated[int, Meta(ge=1, le=1_000_000)]
    previous: Sha256 | None
    merges: Annotated[tuple[Sha256, ...], Meta(max_length=MOST_MERGES)] = ()
    station: Slug
    at: Instant
    decisions: Annotated[tuple[Decision, ...], Meta(min_length=1, max_length=5)]
    lapses: Annotated[tuple[Lapse, ...], Meta(max_length=5)] = ()

    def __post_init__(self) -> None:
        datetime.fromisoformat(self.at.wall)

    @property
    def follows(self) -> tuple[str, ...]:
        """Digests of the acts that it supersedes."""
        return (*(() if self.previous is None else (self.previous,)), *self.merges)


class Fault(enum.Enum):
    """What the acts themselves say is wrong with their history."""

    MISSING = "missing"
    NUMBER = "number"
    HEAD = "head"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: ``digest`` is of the act that shows it, ``said`` a sentence without names."""

    fault: Fault
    digest: str
    said: str


@dataclass(frozen=True, slots=True)
class Period:
    """One span in which a use was allowed.

    Attributes:
        use: what.
        begun: the act that allowed it.
        ended: the act that ended it; None where it lapsed or goes on.
        lapses: when it ends or ended by itself; None where it does not, or an act came first.
        caveats: what the clocks leave in doubt, as sentences; the order of acts is never in doubt.
    """

    use: str
    begun: HistoryEntry
    ended: HistoryEntry | None = None
    lapses: datetime | None = None
    caveats: tuple[str, ...] = ()


def digest_of(record: ConsentRecord) -> str:
    """Return the digest by which an act is named, hexadecimal.

    Raises:
        ContainerError: a field has a value that readers would refuse.
    """
    return sha256(encode_record(record, "consent")).hexdigest()


def entry_of(record: ConsentRecord) -> HistoryEntry:
    """Return the short form of an act; errors as for :func:`digest_of`."""
    terms = () if record.form is None else record.form.terms
    return HistoryEntry(
        digest=digest_of(record),
        kind=record.kind,
        number=record.number,
        previous=record.previous,
        merges=record.merges,
        station=record.station,
        at=record.at,
        decisions=record.decisions,
        lapses=tuple(
            Lapse(purpose=one.purpose, days=one.valid_days)
            for one in terms
            if one.valid_days is not None
        ),
    )


def ordered(entries: Iterable[HistoryEntry]) -> tuple[HistoryEntry, ...]:
    """Return each act once, every one after those that it follows."""
    return tuple(
        sorted({e.digest: e for e in entries}.values(), key=lambda e: (e.number, e.digest))
    )


def ends(entries: Sequence[HistoryEntry]) -> tuple[HistoryEntry, ...]:
    """Return the acts that no other follows, in order; more than one where stations parted."""
    followed = {digest for entry in entries for digest in entry.follows}
    return tuple(entry for entry in ordered(entries) if entry.digest not in followed)


def findings(entries: Sequence[HistoryEntry], heads: Iterable[str] = ()) -> tuple[Finding, ...]:
    """Return what is wrong with a history.

    Args:
        entries: in any order.
        heads: digests that are known from elsewhere, from pictures say; each must be there, so
            that acts cut off the end show.
    """
    known = {entry.digest: entry for entry in entries}
    found = []
    for entry in ordered(entries):
        for digest in entry.follows:
            if digest not in known:
                said = f"Act {entry.number} follows one that is not here ({digest[:16]}…)."
                found.append(Finding(Fault.MISSING, entry.digest, said))
        before = [known[digest].number for digest in entry.follows if digest in known]
        whole = len(before) == len(entry.follows)
        wanted = 1 + max(before, default=0)
        if entry.number < wanted or (whole and entry.number != wanted):
            said = f"Act {entry.number} has a wrong number; expected {wanted}."
            found.append(Finding(Fault.NUMBER, entry.digest, said))
    lost = sorted(set(heads) - known.keys())
    found += [Finding(Fault.HEAD, one, f"The act {one[:16]}… is not here.") for one in lost]
    return tuple(found)


def states(entries: Iterable[HistoryEntry]) -> list[tuple[HistoryEntry, Uses]]:
    """Return what was allowed after each act, in order.

    An act whose predecessor is not here is taken to follow one that allowed nothing.
    """
    each: dict[str, Uses] = {}
    standing: dict[str, Uses] = {}
    result = []
    for entry in ordered(entries):
        before = _common([each.get(digest, NOTHING) for digest in entry.follows])
        each[entry.digest] = after = _after(before, entry)
        for digest in entry.follows:
            standing.pop(digest, None)
        standing[entry.digest] = after
        result.append((entry, _common(list(standing.values()))))
    return result


def allowed(entries: Iterable[HistoryEntry]) -> Uses:
    """Return what the newest acts allow; what lapsed since is still in it: see :func:`lapsed`."""
    found = states(entries)
    return found[-1][1] if found else NOTHING


def lapsed(lapses: datetime | None, now: Instant) -> bool:
    """Whether a consent has run out; a clock that nobody keeps right runs nothing out."""
    if lapses is None or now.clock is not ClockState.SYNCHRONISED:
        return False
    return datetime.fromisoformat(now.wall) >= lapses


def periods(entries: Iterable[HistoryEntry]) -> tuple[Period, ...]:
    """Return every span of every use, in the order in which they began."""
    running: dict[str, Period] = {}
    done: list[Period] = []
    for entry, uses in states(entries):
        for use, period in list(running.items()):
            ran_out = lapsed(period.lapses, entry.at)
            if use in uses and not ran_out:
                running[use] = replace(period, lapses=uses[use])
                continue
            done.append(period if ran_out else replace(period, ended=entry, lapses=None))
            del running[use]
        for use in uses.keys() - running.keys():
            if not lapsed(uses[use], entry.at):
                running[use] = Period(use, entry, lapses=uses[use])
    found = [replace(one, caveats=_caveats(one)) for one in (*done, *running.values())]
    return tuple(sorted(found, key=lambda one: (one.begun.number, one.begun.digest, one.use)))


def purpose_of(use: str) -> str:
    return use.partition("/")[0]


def _after(before: Uses, entry: HistoryEntry) -> Uses:
    if entry.kind != "withdrawn":
        return {
            use: _lapse(entry, decision.purpose)
            for decision in entry.decisions
            if decision.allowed
            for use in _uses(decision)
        }
    taken: set[str] = set()
    for decision in entry.decisions:
        if decision.purpose == RECORD:
            return NOTHING
        everywhere = [use for use in before if purpose_of(use) == decision.purpose]
        taken.update(_uses(decision) if decision.channels else everywhere)
    return {use: lapses for use, lapses in before.items() if use not in taken}


def _uses(decision: Decision) -> tuple[str, ...]:
    if not decision.channels:
        return (decision.purpose,)
    return tuple(f"{decision.purpose}/{channel}" for channel in decision.channels)


def _common(several: Sequence[Uses]) -> Uses:
    """Return what all of them allow, for as long as all do."""
    if not several:
        return NOTHING
    shared = set(several[0]).intersection(*several[1:])
    return {use: _earliest([one[use] for one in several]) for use in several[0] if use in shared}


def _earliest(lapses: Iterable[datetime | None]) -> datetime | None:
    return min((one for one in lapses if one is not None), default=None)


def _lapse(entry: HistoryEntry, purpose: str) -> datetime | None:
    """Return when it runs out; a station whose clock was wrong cannot say."""
    days = next((one.days for one in entry.lapses if one.purpose == purpose), None)
    if days is None or entry.at.clock is not ClockState.SYNCHRONISED:
        return None
    try:
        return datetime.fromisoformat(entry.at.wall) + timedelta(days=days)
    except OverflowError:
        return None


def _caveats(period: Period) -> tuple[str, ...]:
    acts = [period.begun] if period.ended is None else [period.begun, period.ended]
    said = [
        f"The clock was not synchronised at act {act.number}."
        for act in acts
        if act.at.clock is not ClockState.SYNCHRONISED
    ]
    if period.ended is not None and _goes_back(period.begun.at, period.ended.at):
        said.append("By the clock it ended before it began; the order of the acts is proven.")
    if _runs_out(period) and period.lapses is None and period.ended is None:
        said.append("It should run out by itself, but the clock cannot say when.")
    return tuple(said)


def _runs_out(period: Period) -> bool:
    return any(one.purpose == purpose_of(period.use) for one in period.begun.lapses)


def _goes_back(earlier: Instant, later: Instant) -> bool:
    return datetime.fromisoformat(later.wall) < datetime.fromisoformat(earlier.wall)
