"""Holding a station's audit trail against itself and against what else was said of its length.

What a segment has was proven by its signature; here the segments are put in a row. The chain finds
whatever was done between entries, also by who has the station's key; anchors find what was cut off
the end, or written anew from some entry on. docs/decisions/0098.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TypeAlias

from kiosk.records.audit import BEGINNING, Entry, Head, faults, line_of


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one segment has, in its order; ``source`` says where it lies."""

    source: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Anchor:
    """What somebody said of a trail's length.

    Attributes:
        source: who, for a person to read.
        head: how many entries there were, and the digest of the last.
        once_whole: whether all of them were here before.
    """

    source: str
    head: Head
    once_whole: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        number: of the entry where it shows.
        word: MISSING, CUT, FORKED, BROKEN or CHANGED.
        said: the rest of the sentence.
    """

    number: int
    word: str
    said: str


@dataclass(frozen=True, slots=True)
class Trail:
    """One station's trail as far as it is here.

    Attributes:
        station: whose.
        entries: each number once, in order.
        segments: how many they came in.
        findings: what is wrong, in order.
        head: its end.
    """

    station: str
    entries: tuple[Entry, ...]
    segments: int
    findings: tuple[Finding, ...]
    head: Head


_Versions: TypeAlias = Mapping[int, Mapping[str, Entry]]
"""Entries by number and digest: more than one of a number is a fork."""


def check(station: str, stretches: Sequence[Stretch], anchors: Sequence[Anchor]) -> Trail:
    """Put a station's segments in a row and find everything that does not fit.

    Args:
        station: whose they are.
        stretches: proven segments in any order; the same entry twice is no fault.
        anchors: from the manifests of whatever the station sent, and the clinic's own.
    """
    versions = _versions(stretches)
    row = _joined(versions)
    findings = {
        *_forks(versions, stretches),
        *_missing(row),
        *_broken(row, stretches),
        *_returned(row),
        *_contradicted(versions, anchors),
        *_beyond(row, anchors),
    }
    head = Head(row[-1].number, _digest(row[-1])) if row else BEGINNING
    return Trail(station, tuple(row), len(stretches), tuple(sorted(findings)), head)


def _digest(entry: Entry) -> str:
    return hashlib.sha256(line_of(entry)).hexdigest()


def _versions(stretches: Iterable[Stretch]) -> _Versions:
    found: dict[int, dict[str, Entry]] = defaultdict(dict)
    for stretch in stretches:
        for entry in stretch.entries:
            found[entry.number][_digest(entry)] = entry
    return found


def _joined(versions: _Versions) -> list[Entry]:
    """Return one entry of each number, of a fork the one that the next continues."""
    row: list[Entry] = []
    for number in sorted(versions, reverse=True):
        found = versions[number]
        wanted = row[-1].previous if row else ""
        row.append(found.get(wanted) or found[min(found)])
    return row[::-1]


def _forks(versions: _Versions, stretches: Sequence[Stretch]) -> Iterator[Finding]:
    for number, found in versions.items():
        if len(found) > 1:
            where = sorted(
                stretch.source
                for stretch in stretches
                if any(entry.number == number for entry in stretch.entries)
            )
            said = f"different entries say they are number {number}: see {', '.join(where)}"
            yield Finding(number, "FORKED", said)


def _missing(row: Sequence[Entry]) -> Iterator[Finding]:
    before = 0
    for entry in row:
        if entry.number > before + 1:
            said = f"{_span(before + 1, entry.number - 1)} not among these files"
            yield Finding(before + 1, "MISSING", said)
        before = entry.number


def _span(first: int, last: int) -> str:
    return f"entry {first} is" if first == last else f"entries {first} to {last} are"


def _broken(row: Sequence[Entry], stretches: Iterable[Stretch]) -> Iterator[Finding]:
    """Compare each entry with the one before it, in its segment and in the whole row."""
    if row and row[0].number == 1 and row[0].previous != BEGINNING.digest:
        yield Finding(1, "BROKEN", "entry 1 says that there was one before it")
    runs = [stretch.entries for stretch in stretches]
    # Entries that follow without a gap have one difference between number and place.
    for _, placed in groupby(enumerate(row), lambda one: one[1].number - one[0]):
        runs.append(tuple(entry for _, entry in placed))
    for run in runs:
        for fault in faults(run):
            yield Finding(fault.number, "BROKEN", f"entry {fault.number} {fault.said}")


def _returned(row: Sequence[Entry]) -> Iterator[Finding]:
    """Find entries of a boot that had ended: the kernel gives each a name that never returns."""
    ended: dict[str, int] = {}
    for before, entry in pairwise(row):
        if before.at.boot_id == entry.at.boot_id:
            continue
        ended[before.at.boot_id] = before.number
        if (last := ended.get(entry.at.boot_id)) is not None:
            said = f"entry {entry.number} is of a boot of the station that ended with entry {last}"
            yield Finding(entry.number, "BROKEN", said)


def _contradicted(versions: _Versions, anchors: Iterable[Anchor]) -> Iterator[Finding]:
    """Find anchors with another digest than the entry that they name."""
    for number, said in _by_number(anchors).items():
        known = {*versions.get(number, ())}
        known |= {entry.previous for entry in versions.get(number + 1, {}).values()}
        if not known and len(said) > 1:
            where = ", ".join(sorted(said.values()))
            yield Finding(number, "FORKED", f"entry {number} is anchored differently: see {where}")
        for digest, source in said.items():
            if known and digest not in known:
                yield Finding(number, "CHANGED", f"entry {number} is not the one that {source} has")


def _by_number(anchors: Iterable[Anchor]) -> dict[int, dict[str, str]]:
    """Return by number and digest one who says so."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for anchor in anchors:
        found[anchor.head.entries].setdefault(anchor.head.digest, anchor.source)
    return found


def _beyond(row: Sequence[Entry], anchors: Iterable[Anchor]) -> Iterator[Finding]:
    """Find that there were more entries than there are."""
    last = row[-1].number if row else 0
    further = [anchor for anchor in anchors if anchor.head.entries > last]
    furthest = max(further, key=lambda one: (one.once_whole, one.head.entries), default=None)
    if furthest is None:
        return
    most = max(anchor.head.entries for anchor in further)
    what = f"{_span(last + 1, most)} not among these files"
    if furthest.once_whole:
        said = f"{what}, but {furthest.source} shows that {furthest.head.entries} were here before"
        yield Finding(last + 1, "CUT", said)
    else:
        said = f"{what}, but anchored by {furthest.source}: not sent yet, or cut off"
        yield Finding(last + 1, "MISSING", said)
