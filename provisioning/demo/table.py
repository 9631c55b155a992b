"""What arrived at the clinic, opened with its key and proven by its list of stations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kiosk.clinic.filing import file_object
from kiosk.clinic.kinds import filing_of
from kiosk.clinic.opening import read_sealed, require_signed
from kiosk.clinic.stations import load_stations
from kiosk.envelope.container import Shot
from kiosk.envelope.recipients import load_identities
from kiosk.errors import KioskError
from kiosk.tables import aligned
from provisioning.demo.clinic import Clinic

HEADINGS = ("shot", "what", "sealed bytes", "arrived", "opened", "verified")


@dataclass(frozen=True, slots=True)
class Line:
    """One object that arrived, or should have; ``problem`` is empty when all is well.

    Attributes:
        shot: number of the picture in its order; 0 of what is no picture.
        what: the view, or which kind of thing it is.
        sequence: as the station counts all that it seals; 0 where that is not known.
    """

    shot: int
    what: str
    sealed: int
    arrived: bool
    opened: bool
    verified: bool
    problem: str = ""
    sequence: int = 0

    @property
    def good(self) -> bool:
        return self.arrived and self.opened and self.verified

    def cells(self) -> tuple[str, ...]:
        marks = ("yes" if mark else "NO" for mark in (self.arrived, self.opened, self.verified))
        return (str(self.shot or "-"), self.what, f"{self.sealed:,}", *marks)


def examine(clinic: Clinic, arrived: Sequence[Path], expected: Sequence[str]) -> list[Line]:
    """Open everything that arrived and hold it against what was taken.

    Args:
        clinic: whose keys open it.
        arrived: the files in the drop box.
        expected: the views whose pictures were kept, in their order.

    Returns:
        One line a picture, those expected first and then whatever came beside them; after them
        consents and audit segments.
    """
    lines = sorted((_line(clinic, path) for path in arrived), key=lambda line: line.sequence)
    shots = [line for line in lines if line.shot]
    others = [line for line in lines if not line.shot]
    counted = [replace(line, shot=number) for number, line in enumerate(shots, start=1)]
    found = counted[: len(expected)]
    for number, (line, view) in enumerate(zip(found, expected, strict=False)):
        if line.what != view:
            found[number] = replace(line, verified=False, problem=f"expected {view}")
    missing = [
        Line(shot, view, 0, arrived=False, opened=False, verified=False, problem="did not arrive")
        for shot, view in enumerate(expected, start=1)
        if shot > len(found)
    ]
    return [*found, *missing, *counted[len(expected) :], *others]


def _line(clinic: Clinic, path: Path) -> Line:
    identities = load_identities(clinic.keys.archive)
    size = path.stat().st_size
    try:
        found = read_sealed(path, identities)
    except KioskError as error:
        return Line(0, "?", size, arrived=True, opened=False, verified=False, problem=str(error))
    try:
        require_signed(found, load_stations(clinic.stations))
        file_object(clinic.opened, found)
        problem = ""
    except KioskError as error:
        problem = str(error)
    return Line(
        int(isinstance(found, Shot)),
        filing_of(found.kind.format).says(found),
        size,
        arrived=True,
        opened=True,
        verified=not problem,
        problem=problem,
        sequence=found.manifest.sequence,
    )


def text(lines: Sequence[Line]) -> str:
    """Return the table."""
    return aligned([HEADINGS, *(line.cells() for line in lines)])
