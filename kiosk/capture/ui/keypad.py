"""Keys in rows on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kiosk.capture.ui.entry import Character, Edit, Key
from kiosk.capture.ui.layout import Rect
from kiosk.capture.ui.widgets import Button, Kind


@dataclass(frozen=True, slots=True)
class Cap:
    """What stands on a key: a label, or the name of an icon."""

    key: Key
    label: str = ""
    icon: str = ""


Rows = Sequence[Sequence[Cap]]
BACKSPACE: Final = Cap(Edit.BACKSPACE, icon="backspace")


def character_rows(rows: Sequence[str]) -> tuple[tuple[Cap, ...], ...]:
    """Return a key for each character of each row."""
    return tuple(tuple(Cap(Character(one), one) for one in row) for row in rows)


DIGITS: Final = character_rows(("123", "456", "789"))


def place_keys(area: Rect, rows: Rows, gap: int, *, enabled: bool = True) -> tuple[Button, ...]:
    """Return the keys as buttons that fill ``area``, each row by itself."""
    placed: list[Button] = []
    for row, place in zip(rows, area.rows(len(rows), gap), strict=True):
        for cap, cell in zip(row, place.columns((1,) * len(row), gap), strict=True):
            kind = Kind.KEY if isinstance(cap.key, Character) or cap.icon else Kind.QUIET
            placed.append(Button(cell, cap.key, cap.label, kind, cap.icon, enabled))
    return tuple(placed)
