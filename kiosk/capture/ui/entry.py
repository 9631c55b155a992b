"""The patient's number while it is being entered."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, replace
from typing import Final

from kiosk.config import Patients
from kiosk.errors import NumberRefused
from kiosk.records import numbers

MAX_LENGTH: Final = numbers.LIMIT
CHARACTERS: Final = numbers.CHARACTERS


class Edit(enum.Enum):
    """Keys that change the entry otherwise than by adding a character."""

    BACKSPACE = enum.auto()
    CLEAR = enum.auto()
    LETTERS = enum.auto()
    DIGITS = enum.auto()


@dataclass(frozen=True, slots=True)
class Character:
    """A key that adds one character of ``CHARACTERS``; not shown in ``repr``."""

    text: str = field(repr=False)


Key = Edit | Character


@dataclass(frozen=True, slots=True)
class PatientEntry:
    """What has been typed so far and which page of keys is shown.

    Attributes:
        text: at most 32 characters of 0-9, A-Z and ``-``; kept out of ``repr``.
        letters: whether the page of letters is shown.
        rule: how the clinic numbers its patients.
    """

    text: str = field(default="", repr=False)
    letters: bool = False
    rule: Patients = field(default_factory=Patients)

    @property
    def valid(self) -> bool:
        """Whether the number can be used by the clinic's rule."""
        try:
            self.number()
        except NumberRefused:
            return False
        return True

    def number(self) -> str:
        """Return the number in its one form.

        Raises:
            NumberRefused: it cannot be used; the sentence says why.
        """
        return numbers.patient_number(self.text, self.rule)

    @property
    def full(self) -> bool:
        return len(self.text) >= MAX_LENGTH

    def pressed(self, key: Key) -> PatientEntry:
        """Return the entry after one key; a character that cannot be added changes nothing."""
        match key:
            case Edit.BACKSPACE:
                return replace(self, text=self.text[:-1])
            case Edit.CLEAR:
                return replace(self, text="")
            case Edit.LETTERS | Edit.DIGITS:
                return replace(self, letters=key is Edit.LETTERS)
            case Character(text):
                if self.full or text not in CHARACTERS:
                    return self
                return replace(self, text=self.text + text)
