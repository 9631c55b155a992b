"""The full keyboard on the screen, as buttons: keys large enough for gloves on any panel."""

from __future__ import annotations

from typing import Final

from kiosk.capture.ui.consent_wording import ConsentWording
from kiosk.capture.ui.forms.actions import KeyboardEdit, Letter
from kiosk.capture.ui.forms.keyboard import Keyboard
from kiosk.capture.ui.layout import TOUCH, Rect
from kiosk.capture.ui.widgets import Action, Button, Kind

GAP: Final = 10
"""Between keys, nominal pixels."""

Keys = tuple[str, ...]


def keyboard_keys(
    area: Rect, keyboard: Keyboard, words: ConsentWording, unit: float
) -> tuple[Button, ...]:
    """Return the keys, which fill ``area``; ``unit`` is pixels for one nominal pixel."""
    gap = round(GAP * unit)
    rows = arranged(keyboard.rows, int((area.w + gap) // (TOUCH * unit + gap)))
    *letters, last = area.rows(len(rows) + 1, gap)
    placed: list[Button] = []
    for row, place in zip(rows, letters, strict=True):
        cells = place.columns((1,) * len(row), gap)
        placed += (_key(cell, letter) for cell, letter in zip(cells, row, strict=True))
    shift, accents, space, back = last.columns((2, 2, 4, 2), gap)
    other = words.letters if keyboard.accents else words.accents
    return (
        *placed,
        _edit(shift, KeyboardEdit.SHIFT, icon="shift", chosen=keyboard.shift),
        _edit(accents, KeyboardEdit.ACCENTS, other),
        Button(space, Letter(" "), words.space),
        _edit(back, KeyboardEdit.BACKSPACE, icon="backspace"),
    )


def arranged(rows: Keys, widest: int) -> Keys:
    """Return the rows as they are where they fit; else the same keys in the alphabet's order.

    The rows of a typewriter are known by their places; broken at other places nobody finds a key.
    The space has a key of its own.

    Args:
        rows: of letters.
        widest: most keys that fit beside each other, at least 1.
    """
    rows = tuple(row.replace(" ", "") for row in rows)
    if max(map(len, rows)) <= widest:
        return rows
    keys = "".join(sorted("".join(rows), key=_order))
    count = -(-len(keys) // widest)
    # Rows of one length, but for the last.
    length = -(-len(keys) // count)
    return tuple(keys[start : start + length] for start in range(0, len(keys), length))


def _order(key: str) -> tuple[int, str]:
    plain = "a" <= key.lower() <= "z"
    return (0 if plain else 1 if key.isalpha() else 2 if key.isdigit() else 3), key


def _key(cell: Rect, letter: str) -> Button:
    return Button(cell, Letter(letter), letter, Kind.KEY)


def _edit(
    cell: Rect, action: Action, label: str = "", icon: str = "", *, chosen: bool = False
) -> Button:
    kind = Kind.CHOSEN if chosen else Kind.KEY if icon else Kind.QUIET
    return Button(cell, action, label, kind, icon)
