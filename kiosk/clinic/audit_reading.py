"""Finding what stations sent of their audit trails, and what everything else says of them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.clinic.audit_checking import Anchor, Stretch, Trail, check
from kiosk.clinic.opening import require_signed
from kiosk.clinic.stations import Station
from kiosk.clinic.verifying import find, read_object
from kiosk.envelope.audit import Segment
from kiosk.envelope.bundle import MANIFEST
from kiosk.envelope.recipients import Identity
from kiosk.errors import KioskError
from kiosk.records.audit import Head


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is proven, by station, and what could not be.

    Attributes:
        stretches: each segment once.
        anchors: of every object, segments among them.
        failed: files whose trust is nil; any of them may be a missing segment.
    """

    stretches: dict[str, list[Stretch]] = field(default_factory=lambda: defaultdict(list))
    anchors: dict[str, list[Anchor]] = field(default_factory=lambda: defaultdict(list))
    failed: list[tuple[Path, KioskError]] = field(default_factory=list)


def gather(
    paths: Iterable[Path], identities: Sequence[Identity], stations: Sequence[Station]
) -> Gathered:
    """Read and prove everything below ``paths``, sealed or filed.

    Args:
        paths: files and folders.
        identities: the clinic's; none are needed for what is filed.
        stations: whose signatures are accepted.
    """
    gathered, seen = Gathered(), set[bytes]()
    for path in find(paths):
        try:
            bundle = read_object(path, identities)
            require_signed(bundle, stations)
        except KioskError as error:
            gathered.failed.append((path, error))
            continue
        digest = hashlib.sha256(bundle.members[MANIFEST]).digest()
        if digest in seen:  # sealed and filed, or sent twice
            continue
        seen.add(digest)
        manifest = bundle.manifest
        if manifest.audit is not None:
            head = Head(manifest.audit.entries, manifest.audit.head)
            gathered.anchors[manifest.station].append(Anchor(str(path), head))
        if isinstance(bundle, Segment):
            gathered.stretches[manifest.station].append(Stretch(str(path), bundle.entries))
    return gathered


def trails(gathered: Gathered, known: Sequence[tuple[str, Anchor]] = ()) -> list[Trail]:
    """Check each station's trail.

    Args:
        gathered: what is here.
        known: the clinic's own anchors with their stations; a station whose trail is gone as a
            whole is found by them.
    """
    anchors: dict[str, list[Anchor]] = defaultdict(list)
    for station, anchor in known:
        anchors[station].append(anchor)
    for station, found in gathered.anchors.items():
        anchors[station] += found
    return [
        check(station, gathered.stretches.get(station, []), anchors[station])
        for station in sorted({*gathered.stretches, *anchors})
    ]
