"""Which letters can be drawn: those that every font of the program has and that can be seen.

Read from the fonts themselves, so that a desk without a station's libraries knows it too.
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterator
from functools import cache, reduce
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from kiosk.errors import ConfigError

_TABLE: Final = struct.Struct(">4sxxxxII")
"""Of a font's directory: name, checksum, place, length (OpenType 1.9, font file)."""

_ENCODING: Final = struct.Struct(">HHI")
_GROUP: Final = struct.Struct(">III")
_UNICODE: Final = (3, 10)
"""Platform and encoding of the table that has all of Unicode; its format is always 12."""

_UNSEEN: Final = ("Cc", "Cf")
"""Categories of what is never seen by itself; and one more that is not among them."""
_JOINER: Final = 0x034F


def require_drawable(text: str, where: str) -> None:
    """Refuse a text with a letter that would be drawn as a box, or as nothing.

    Raises:
        ConfigError: beginning with ``where``, with the first such letter and its place; or a font
            of the program's is not there.
    """
    for place, letter in enumerate(text, start=1):
        if not can_draw(letter):
            name = f"U+{ord(letter):04X}, {unicodedata.name(letter, 'without a name')}"
            raise ConfigError(
                f"{where}: letter {place} of this text is {letter!r} ({name}), which the station "
                "cannot draw; expected letters of Latin, Greek or Cyrillic script, digits and "
                "common signs"
            )


def can_draw(letter: str) -> bool:
    """Whether a letter can be drawn, if need be out of its parts, as the drawing library does.

    Raises:
        ConfigError: a font of the program's is not there.
    """
    return all(ord(part) in _drawable() for part in unicodedata.normalize("NFD", letter))


@cache
def _drawable() -> frozenset[int]:
    """Return the code points that every font has, without those that only steer others.

    Of a text of these alone nothing could be drawn at all.

    Raises:
        ConfigError: a font is not there or damaged.
    """
    folder = resources.files("kiosk").joinpath("capture", "ui", "fonts")
    try:
        fonts = [font for font in folder.iterdir() if font.name.endswith(".otf")]
        known = reduce(frozenset.intersection, (frozenset(_letters(font)) for font in fonts))
    except (OSError, struct.error, ValueError, TypeError) as error:
        raise ConfigError(
            f"capture/ui/fonts: expected fonts among the program's files, but: {error}; install "
            "the program again"
        ) from error
    seen = (code for code in known if unicodedata.category(chr(code)) not in _UNSEEN)
    return frozenset(seen) - {_JOINER}


def _letters(font: Traversable) -> Iterator[int]:
    """Yield the code points of a font's ``cmap``, format 12."""
    data = font.read_bytes()
    start = _unicode_table(data)
    (count,) = struct.unpack_from(">I", data, start + 12)
    for number in range(count):
        first, last, _ = _GROUP.unpack_from(data, start + 16 + number * _GROUP.size)
        yield from range(first, last + 1)


def _unicode_table(data: bytes) -> int:
    """Return where the table that has all of Unicode begins.

    Raises:
        ValueError: there is none.
    """
    (tables,) = struct.unpack_from(">H", data, 4)
    entries = (_TABLE.unpack_from(data, 12 + n * _TABLE.size) for n in range(tables))
    cmap = next((place for tag, place, _ in entries if tag == b"cmap"), None)
    if cmap is None:
        raise ValueError("a font has no cmap")
    (encodings,) = struct.unpack_from(">H", data, cmap + 2)
    for number in range(encodings):
        platform, encoding, place = _ENCODING.unpack_from(data, cmap + 4 + number * _ENCODING.size)
        if (platform, encoding) == _UNICODE:
            return int(cmap + place)
    raise ValueError("a font has no table of all of Unicode")
