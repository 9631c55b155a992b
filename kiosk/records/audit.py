"""The audit trail: entries that each carry the digest of the one before. docs/formats/audit.md.

An entry is one line of JSON. Change, drop, swap or repeat any, and the digests after it do not fit;
cut the tail off, and the trail is shorter than the last anchor said.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from kiosk.errors import ContainerError
from kiosk.model import ClockState
from kiosk.records.shot import Instant, PatientReference, Record, Sha256, Slug, Text

SALT_SIZE: Final = 16


class Act(enum.Enum):
    """What was done; its value is what stands in the trail."""

    STARTED = "program-started"
    STOPPED = "program-stopped"
    SETTINGS_CHANGED = "settings-changed"
    CLOCK_CHANGED = "clock-changed"
    SIGNED_IN = "signed-in"
    SIGN_IN_FAILED = "sign-in-failed"
    BADGE_REFUSED = "badge-refused"
    BADGE_LOCKED = "badge-locked"
    BADGE_RELEASED = "badge-released"
    PIN_CHANGED = "pin-changed"
    SIGNED_OUT = "signed-out"
    LETTER_TAKEN = "letter-taken"
    LETTER_REFUSED = "letter-refused"
    SERVICE_ENTERED = "service-entered"
    CALIBRATED = "calibrated"
    SUPPORT_ASKED = "support-asked"
    PATIENT_OPENED = "patient-opened"
    PATIENT_CLOSED = "patient-closed"
    CONSENT_SHOWN = "consent-shown"
    CONSENT_GIVEN = "consent-given"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    CONSENTS_LEARNED = "consents-learned"
    BASELINES_ERASED = "baselines-erased"
    SESSION_BEGUN = "session-begun"
    SHOT_TAKEN = "shot-taken"
    SHOT_ACCEPTED = "shot-accepted"
    SHOT_DISCARDED = "shot-discarded"
    OBJECT_SAVED = "object-saved"
    OBJECT_UPLOADED = "object-uploaded"
    RECEIPT = "receipt"


class Entry(Record, frozen=True, kw_only=True):
    """One act.

    Attributes:
        number: counts the station's entries from 1, over all starts.
        act: what was done.
        at: when, by every clock of the station and with what is known of them.
        operator: id of who did it; None where nobody was signed in.
        patient: whom it concerns.
        subject: what it concerns: ``uids.image`` of a shot, the digest of a consent, a badge's id,
            the name of a sealed object.
        detail: more in few words; the view of a shot, why somebody was signed out.
        salt: random, so that nobody finds an entry by trying what its digest could be of.
        previous: SHA-256 of the line before, its newline included; zeros before the first.
    """

    version: Literal[1] = 1
    number: Annotated[int, Meta(ge=1)]
    act: Act
    at: Instant
    operator: Slug | None = None
    patient: PatientReference | None = None
    subject: Text | None = None
    detail: Text | None = None
    salt: Annotated[bytes, Meta(min_length=SALT_SIZE, max_length=SALT_SIZE)]
    previous: Sha256

    def __repr__(self) -> str:
        """Return what a log may show."""
        return f"Entry({self.number}, {self.act.value})"


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a trail: how many entries it has, and the digest of the last line."""

    entries: int
    digest: str


BEGINNING: Final = Head(0, "0" * 64)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a trail, where it shows.

    Attributes:
        number: of the entry.
        said: in words.
    """

    number: int
    said: str


def line_of(entry: Entry) -> bytes:
    """Return an entry's one line, with its newline.

    Raises:
        ContainerError: a field has a value that readers would refuse.
    """
    try:
        checked = msgspec.json.decode(msgspec.json.encode(entry), type=Entry)
    except (msgspec.DecodeError, TypeError) as error:
        raise ContainerError(f"The audit entry cannot be written: {error}.") from error
    return msgspec.json.encode(checked) + b"\n"


def parse_line(line: bytes) -> Entry:
    """Read what :func:`line_of` wrote, and nothing else.

    Raises:
        ContainerError: any other text.
    """
    try:
        entry = msgspec.json.decode(line, type=Entry)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ContainerError(f"A line of the audit trail cannot be read: {error}.") from error
    if line_of(entry) != line:
        raise ContainerError("A line of the audit trail is not in the one form of stations.")
    return entry


def after(head: Head, line: bytes) -> Head:
    """Return the head once ``line`` is appended."""
    return Head(head.entries + 1, hashlib.sha256(line).hexdigest())


def parse_lines(text: bytes) -> tuple[Entry, ...]:
    """Read a segment's lines, each in its one form.

    Raises:
        ContainerError: one cannot be read, or the last has no newline.
    """
    if text and not text.endswith(b"\n"):
        raise ContainerError("The audit trail's last line is cut off.")
    return tuple(parse_line(line) for line in text.splitlines(keepends=True))


def faults(entries: Iterable[Entry]) -> Iterator[Fault]:
    """Yield what does not fit in a row of entries of one station, in the order given.

    Whether the first is where the trail should begin, and whether the last is its end, is known
    only to who has more than the entries.
    """
    for before, entry in pairwise(entries):
        digest = hashlib.sha256(line_of(before)).hexdigest()
        if entry.number != before.number + 1:
            yield Fault(entry.number, f"follows entry {before.number}")
        elif entry.previous != digest:
            yield Fault(entry.number, "does not fit the entry before it: one of them was changed")
        elif _ran_backwards(before.at, entry.at):
            yield Fault(entry.number, "was written before the entry that it follows")


def _ran_backwards(before: Instant, at: Instant) -> bool:
    """The monotonic clock of one boot never does."""
    return before.boot_id == at.boot_id and at.monotonic_ns < before.monotonic_ns


def clock_caveat(at: Instant) -> str:
    """Return what to think of an entry's wall time, in words; empty where it can be believed."""
    return "" if at.clock is ClockState.SYNCHRONISED else "clock not synchronised"
