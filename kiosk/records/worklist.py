"""The day's list: which patients a station is to expect. docs/formats/letters.md.

It travels sealed to the pose key, lies sealed on the station, and is opened only while somebody is
signed in.
"""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Annotated, Final, Literal

from msgspec import Meta

from kiosk.errors import LetterRefused
from kiosk.records.consent_history import HistoryEntry
from kiosk.records.shot import Record, Slug, Text

MOST_ENTRIES: Final = 500
MOST_ACTS: Final = 400
"""About as many as a station keeps of one patient."""

PatientNumber = Annotated[str, Meta(pattern=r"\A[0-9A-Z](?:[0-9A-Z-]{0,30}[0-9A-Z])?\Z")]
"""What can be typed at the station: see ``kiosk/capture/ui/entry.py``."""
PersonName = Annotated[str, Meta(min_length=1, max_length=120)]
Day = Annotated[str, Meta(pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
Clock = Annotated[str, Meta(pattern=r"\A([01][0-9]|2[0-3]):[0-5][0-9]\Z")]

_MASK: Final = "…"


class Expected(Record, frozen=True, kw_only=True):
    """One patient of the day.

    Attributes:
        number: the clinic's.
        name: as the patient is called.
        born: date of birth; None where the clinic did not say.
        time: of the appointment.
        treatment: what is planned.
        adult_only: whether the treatment demands an age of 18 years.
        follow_up: whether "before" pictures are to be there already.

    Raises:
        ValueError: on construction, if the name has characters that are no part of a name, or the
            date does not exist.
    """

    number: PatientNumber
    name: PersonName
    born: Day | None = None
    time: Clock | None = None
    treatment: Text | None = None
    adult_only: bool = False
    follow_up: bool = False

    def __post_init__(self) -> None:
        require_printable(self.name)
        if self.born is not None:
            date.fromisoformat(self.born)

    def __repr__(self) -> str:
        """Return what a log may show: nothing of the patient."""
        return "Expected()"


class Consented(Record, frozen=True, kw_only=True):
    """What the clinic knows of a patient's consents, whichever station took them.

    Attributes:
        number: the patient's.
        acts: proven by the desk.
    """

    number: PatientNumber
    acts: Annotated[tuple[HistoryEntry, ...], Meta(min_length=1, max_length=MOST_ACTS)]

    def __repr__(self) -> str:
        """Return what a log may show: nothing of the patient."""
        return f"Consented({len(self.acts)} acts)"


class Worklist(Record, frozen=True, kw_only=True):
    """The patients of one day at one station, in the clinic's order.

    Attributes:
        station: for which it is.
        clinic: whose patients.
        day: of the appointments.
        entries: the patients.
        consents: of those of them who have consented or withdrawn anywhere.

    Raises:
        ValueError: on construction, if a number occurs twice or the day does not exist.
    """

    version: Literal[1] = 1
    station: Slug
    clinic: Text
    day: Day
    entries: Annotated[tuple[Expected, ...], Meta(max_length=MOST_ENTRIES)]
    consents: Annotated[tuple[Consented, ...], Meta(max_length=MOST_ENTRIES)] = ()

    def __post_init__(self) -> None:
        date.fromisoformat(self.day)
        for numbers in (
            [one.number for one in self.entries],
            [one.number for one in self.consents],
        ):
            if len(set(numbers)) != len(numbers):
                raise ValueError("A patient's number occurs twice in the day's list")

    def find(self, number: str) -> Expected | None:
        return next((entry for entry in self.entries if entry.number == number), None)

    def acts(self, number: str) -> tuple[HistoryEntry, ...]:
        """Return what the clinic knows of a patient's consents."""
        return next((one.acts for one in self.consents if one.number == number), ())


def require_printable(text: str) -> None:
    """Refuse characters that are invisible or change the direction of writing.

    Raises:
        ValueError: there is one; the text is not repeated.
    """
    for character in text:
        category = unicodedata.category(character)
        if category.startswith("C") or category in ("Zl", "Zp"):
            raise ValueError("A name has a character that cannot be shown")


def masked(name: str) -> str:
    """Return what a name's owner knows and a passer-by does not: its initials.

    >>> masked("Anna Maria Özil")
    'A… M… Ö…'
    """
    return " ".join(f"{part[0]}{_MASK}" for part in name.split())


def masked_number(number: str) -> str:
    """Return a number by its last three characters."""
    return number if len(number) <= 3 else f"{_MASK}{number[-3:]}"  # noqa: PLR2004


def require_for(worklist: Worklist, station: str, clinic: str) -> None:
    """Make sure that a list is this station's.

    Raises:
        LetterRefused: it is another's.
    """
    if (worklist.station, worklist.clinic) != (station, clinic):
        raise LetterRefused("The day's list is for another station or clinic; it is not used.")
