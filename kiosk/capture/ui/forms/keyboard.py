"""The keyboard on the screen: which keys there are, and what they write."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from kiosk.capture.ui.forms.actions import KeyboardEdit, Letter

LETTERS: Final = ("1234567890", "qwertyuiop", "asdfghjkl'", "zxcvbnm-. ")
ACCENTS: Final = ("àâäáãåæç", "èéêëìîïíñ", "òôöóõøœß", "ùûüúýÿžšč")
"""Of English, German and French names, and of the neighbours'."""


@dataclass(frozen=True, slots=True)
class Keyboard:
    """Which keys are shown.

    Attributes:
        shift: whether capitals are; after one letter they are not any more.
        accents: whether the page of letters with accents is.
    """

    shift: bool = True
    accents: bool = False

    @property
    def rows(self) -> tuple[str, ...]:
        rows = ACCENTS if self.accents else LETTERS
        return tuple(_upper(row) for row in rows) if self.shift else rows

    def pressed(self, action: Letter | KeyboardEdit) -> Keyboard:
        """Return the keyboard after a key."""
        match action:
            case KeyboardEdit.SHIFT:
                return replace(self, shift=not self.shift)
            case KeyboardEdit.ACCENTS:
                return replace(self, accents=not self.accents)
            case Letter(text):
                # A name's next word begins with a capital too.
                return replace(self, shift=text in " -'", accents=False)
            case _:
                return self


def written(text: str, action: Letter | KeyboardEdit, limit: int) -> str:
    """Return a text after a key; one that has ``limit`` characters grows no more."""
    if action is KeyboardEdit.BACKSPACE:
        return text[:-1]
    if isinstance(action, Letter) and len(text) < limit:
        return (text + action.text).lstrip()
    return text


def _upper(row: str) -> str:
    # "ß".upper() would be two letters.
    return "".join(letter if letter == "ß" else letter.upper() for letter in row)
