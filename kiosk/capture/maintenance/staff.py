"""How many people can sign in, counted from what the desk sent; no name is read, none could be."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from kiosk import durable
from kiosk.capture.people.day import NUMBER
from kiosk.envelope.bundle import parse_record
from kiosk.errors import KioskError
from kiosk.records.operators import ROSTER, Roster


@dataclass(frozen=True, slots=True)
class Staff:
    """What the desk's letters say.

    Attributes:
        enrolled: badges on the list.
        roster: the list's number; 0 where none has come.
        day: the newest day's list's; None where none has come.
    """

    enrolled: int = 0
    roster: int = 0
    day: int | None = None


def staff(folder: Path) -> Staff | KioskError:
    """Return what is known; an error where the files cannot be used, which is a finding too."""
    try:
        with durable.translated(f"reading {folder}"):
            roster, day = folder / ROSTER, folder / NUMBER
            number = durable.read_number(day) if os.path.lexists(day) else None
            if not os.path.lexists(roster):
                return Staff(day=number)
            found = parse_record(roster.read_bytes(), "roster", Roster)
    except KioskError as error:
        return error
    return Staff(len(found.entries), found.number, number)
