"""The list of stations, one a row: ``station,camera,clock_battery``."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from kiosk.errors import UsageError
from provisioning.card.order import Wanted

COLUMNS: Final = ("station", "camera", "clock_battery")
_BATTERY: Final = {"yes": True, "no": False, "": False}


def load_inventory(path: Path) -> tuple[Wanted, ...]:
    """Read a table with the columns of :data:`COLUMNS`; other columns are the reader's own.

    Raises:
        UsageError: it cannot be read, names a station twice, or a row is not understood.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path}: expected a table of stations, but: {error}") from error
    if not rows:
        raise UsageError(f"{path}: there is no station; expected the columns {', '.join(COLUMNS)}")
    wanted = tuple(_row(path, number, row) for number, row in enumerate(rows, start=2))
    names = [one.station for one in wanted]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(
                f"{path}: the name {name} is taken twice; expected a name of its own for each "
                "station"
            )
    return wanted


def row_of(path: Path, station: str) -> Wanted:
    """Return one station's row.

    Raises:
        UsageError: there is none.
    """
    for wanted in load_inventory(path):
        if wanted.station == station:
            return wanted
    raise UsageError(f"{path}: there is no row for the station {station!r}")


def _row(path: Path, number: int, row: Mapping[str, str | None]) -> Wanted:
    station, camera, battery = ((row.get(column) or "").strip() for column in COLUMNS)
    if not station or not camera or battery not in _BATTERY:
        raise UsageError(
            f"{path}, line {number}: expected a station's name, its camera, and yes or no for "
            "clock_battery"
        )
    return Wanted(station, camera, _BATTERY[battery])
