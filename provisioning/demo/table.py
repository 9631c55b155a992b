"""What arrived at the clinic, opened with its key and proven by its list of stations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk.clinic.filing import file_object
from kiosk.clinic.kinds import filing_of
from kiosk.clinic.opening import read_sealed, require_signed
from kiosk.clinic.stations import load_stations
from kiosk.envelope.recipients import load_identities
from kiosk.errors import KioskError
from kiosk.tables import aligned
from provisioning.demo.clinic import Clinic

HEADINGS = ("shot", "view", "sealed bytes", "arrived", "opened", "verified")


@dataclass(frozen=True, slots=True)
class Line:
    """One picture of the session; ``problem`` is empty when all is well."""

    shot: int
    view: str
    sealed: int
    arrived: bool
    opened: bool
    verified: bool
    problem: str = ""

    @property
    def good(self) -> bool:
        return self.arrived and self.opened and self.verified

    def cells(self) -> tuple[str, ...]:
        marks = ("yes" if mark else "NO" for mark in (self.arrived, self.opened, self.verified))
        return (str(self.shot), self.view, f"{self.sealed:,}", *marks)


def examine(clinic: Clinic, arrived: Sequence[Path], expected: Sequence[str]) -> list[Line]:
    """Open everything that arrived and hold it against what was taken.

    Args:
        clinic: whose keys open it.
        arrived: the files in the drop box.
        expected: the views whose pictures were kept, in their order.

    Returns:
        One line a picture: those expected first, then whatever came beside them.
    """
    lines = {}
    strays = []
    for path in arrived:
        line = _line(clinic, path)
        if 1 <= line.shot <= len(expected) and line.view == expected[line.shot - 1]:
            lines[line.shot] = line
        else:
            strays.append(line)
    missing = [
        Line(shot, view, 0, arrived=False, opened=False, verified=False, problem="did not arrive")
        for shot, view in enumerate(expected, start=1)
        if shot not in lines
    ]
    return sorted([*lines.values(), *missing], key=lambda line: line.shot) + strays


def _line(clinic: Clinic, path: Path) -> Line:
    identities = load_identities(clinic.keys.archive)
    size = path.stat().st_size
    try:
        shot = read_sealed(path, identities)
    except KioskError as error:
        return Line(0, "?", size, arrived=True, opened=False, verified=False, problem=str(error))
    try:
        require_signed(shot, load_stations(clinic.stations))
        file_object(clinic.opened, shot)
        problem = ""
    except KioskError as error:
        problem = str(error)
    return Line(
        shot.manifest.sequence,
        filing_of(shot.kind.format).says(shot),
        size,
        arrived=True,
        opened=True,
        verified=not problem,
        problem=problem,
    )


def text(lines: Sequence[Line]) -> str:
    """Return the table."""
    return aligned([HEADINGS, *(line.cells() for line in lines)])
