"""Whether something adds to the units that were installed, or stands in their place.

Where systemd looks, and which folder's files add to which unit: systemd.unit(5).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Final

from kiosk.commission.machine_paths import UNITS
from kiosk.commission.place import Place

ADDRESS: Final = "/run/systemd/system/kiosk-upload.service.d/server.conf"
"""The clinic's server, on a station from an image: written at each start by its own program."""

_BEFORE: Final = (
    "/etc/systemd/system.control",
    "/run/systemd/system.control",
    "/run/systemd/transient",
    "/run/systemd/generator.early",
)
"""Places whose units hide those of :data:`UNITS`."""

_BESIDE: Final = (
    *(UNITS, "/etc/systemd/system.attached"),
    *("/run/systemd/system", "/run/systemd/system.attached", "/run/systemd/generator"),
    *("/usr/local/lib/systemd/system", "/run/systemd/generator.late"),
)
"""Places whose additions count for any unit, and that the distribution leaves empty."""

_DISTRIBUTION: Final = "/usr/lib/systemd/system"
_OURS: Final = "kiosk"
"""How the names of units begin that no distribution knows."""


def strangers(place: Place, recorded: Iterable[str]) -> Iterator[str]:
    """Yield the files that change a recorded unit and are none of the record's.

    Args:
        place: where to look.
        recorded: paths of every file that the installer wrote.
    """
    known = {*recorded, ADDRESS}
    units = sorted(_units(known))
    for folder in _BEFORE:
        yield from (f"{folder}/{unit}" for unit in units if place.exists(f"{folder}/{unit}"))
    folders = {name for unit in units for name in _folders(unit)}
    for place_of_units in (*_BEFORE, *_BESIDE):
        yield from _added(place, place_of_units, folders, known)
    own = {name for name in folders if name.startswith(_OURS)}
    yield from _added(place, _DISTRIBUTION, own, known)


def _units(recorded: Iterable[str]) -> Iterator[str]:
    for path in map(PurePath, recorded):
        if str(path.parent) == UNITS:
            yield path.name
        elif str(path.parent.parent) == UNITS and path.parent.suffix == ".d":
            yield path.parent.stem


def _folders(unit: str) -> Iterator[str]:
    """Yield patterns of the folders whose files add to a unit: its own, its kind's, and between.

    ``kiosk-enrol@.service``: its own, those of its instances, ``kiosk-.service.d``, ``service.d``.
    """
    name, _, kind = unit.rpartition(".")
    yield f"{kind}.d"
    yield f"{unit}.d"
    if name.endswith("@"):
        yield f"{name}?*.{kind}.d"
    words = name.split("-")
    yield from (f"{'-'.join(words[:count])}-.{kind}.d" for count in range(1, len(words)))


def _added(place: Place, folder: str, patterns: Iterable[str], known: set[str]) -> Iterator[str]:
    for pattern in sorted(patterns):
        for found in sorted(place.at(folder).glob(f"{pattern}/*.conf")):
            path = f"{folder}/{found.parent.name}/{found.name}"
            if path not in known:
                yield path
