"""The clinic's own anchors: how long each station's trail was when it was last found whole."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Literal

from kiosk import durable
from kiosk.clinic.audit_checking import Anchor, Trail
from kiosk.clinic.filing import read_bounded
from kiosk.envelope.bundle import AuditAnchor, encode_record, parse_record
from kiosk.errors import ContainerError, UsageError
from kiosk.records.audit import Head
from kiosk.records.shot import Record, Slug

_LIMIT: Final = 4 * 1024 * 1024


class Anchors(Record, frozen=True, kw_only=True):
    """The file.

    Attributes:
        stations: by name, the end of the trail.
    """

    version: Literal[1] = 1
    stations: dict[Slug, AuditAnchor]


def load(path: Path) -> Anchors:
    """Read the file; none is the beginning.

    Raises:
        UsageError: it is damaged; it is not begun anew: then a trail that was cut would look whole.
        StorageError: it cannot be read.
    """
    if not os.path.lexists(path):
        return Anchors(stations={})
    try:
        return parse_record(read_bounded(path, _LIMIT), path.name, Anchors)
    except ContainerError as error:
        raise UsageError(
            f"{path}: these are no anchors: {error.sentence} Bring back a copy of the file: "
            "without it, an audit trail whose end was cut off may look whole."
        ) from error


def known(anchors: Anchors, path: Path) -> list[tuple[str, Anchor]]:
    """Return each station's anchor as evidence; ``path`` is how people are told of it."""
    return [
        (station, Anchor(str(path), Head(one.entries, one.head), once_whole=True))
        for station, one in anchors.stations.items()
    ]


def raised(anchors: Anchors, trails: Iterable[Trail]) -> Anchors:
    """Return the anchors after trails were found whole; none is ever lowered."""
    stations: Mapping[str, AuditAnchor] = anchors.stations
    newer = {
        trail.station: AuditAnchor(entries=trail.head.entries, head=trail.head.digest)
        for trail in trails
        if trail.entries
        and (trail.station not in stations or trail.head.entries > stations[trail.station].entries)
    }
    return Anchors(stations=dict(sorted({**stations, **newer}.items())))


def save(path: Path, anchors: Anchors) -> None:
    """Replace the file, whole and durable.

    Raises:
        StorageError: the old one is kept.
    """
    durable.replace_file(path, encode_record(anchors, "list of anchors"))
