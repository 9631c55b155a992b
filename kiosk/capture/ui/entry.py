"""The patient's number while it is being entered."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field, replace
from typing import Final

MAX_LENGTH: Final = 32
_VALID = re.compile(r"[0-9A-Z](?:[0-9A-Z-]*[0-9A-Z])?")
CHARACTERS: Final = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-")


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
    """

    text: str = field(default="", repr=False)
    letters: bool = False

    @property
    def valid(self) -> bool:
        """Whether the number can be used: neither empty nor beginning or ending with ``-``."""
        return len(self.text) <= MAX_LENGTH and _VALID.fullmatch(self.text) is not None

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
