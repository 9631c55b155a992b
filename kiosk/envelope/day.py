"""The desk's letter with the day's list, as whoever may open it reads it."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.envelope.bundle import parse_record
from kiosk.envelope.letter import Address, Kind, read_letter
from kiosk.envelope.recipients import Identity
from kiosk.errors import ContainerError, LetterRefused
from kiosk.records.worklist import Worklist, require_for


@dataclass(frozen=True, slots=True)
class DayLetter:
    """What one letter says.

    Attributes:
        number: the letter's.
        worklist: the patients of a day.
    """

    number: int
    worklist: Worklist


def read_day(data: bytes, address: Address, pose_key: Identity) -> DayLetter:
    """Open a letter with the day's list.

    Args:
        data: as it came.
        address: whose letters are taken.
        pose_key: opens it.

    Raises:
        LetterRefused: anything else than a list from the desk for the station.
    """
    letter = read_letter(data, Kind.DAY, address, [pose_key])
    try:
        worklist = parse_record(letter.body, "day's list", Worklist)
    except ContainerError as error:
        raise LetterRefused(
            "The day's list cannot be read; have the desk send it again."
        ) from error
    require_for(worklist, address.station, address.clinic)
    return DayLetter(letter.head.number, worklist)
