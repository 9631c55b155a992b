"""What the keys of a US keyboard type: readers type as one, whatever the country."""

from __future__ import annotations

from typing import Final

KEY_ENTER: Final = 28
ENTERS: Final = frozenset({KEY_ENTER, 96})
SHIFTS: Final = frozenset({42, 54})

UNKNOWN: Final = "\N{SUBSTITUTE}"
"""Stands for a key that types no character: no text with it is ever used."""

_ROWS: Final = (
    # The code of the first key of a row, and the row without and with shift; the numbers are
    # linux/input-event-codes.h's, which never change.
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (55, "*", "*"),
    (57, " ", " "),
    # The number pad.
    (71, "789-456+1230.", "789-456+1230."),
    (98, "/", "/"),
)


def typed(code: int, *, shift: bool) -> str:
    """Return the character that a key types, ``UNKNOWN`` where it types none."""
    for first, plain, shifted in _ROWS:
        if 0 <= code - first < len(plain):
            return (shifted if shift else plain)[code - first]
    return UNKNOWN
