"""The EXIF segment of a picture: device, time and exposure; never a place, never a patient.

Layout after CIPA DC-008 (Exif 2.32): a little TIFF, big-endian, with one main directory and one
Exif directory.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from kiosk.model import CameraSettings

_APP1 = 0xE1
_ASCII, _SHORT, _LONG, _RATIONAL, _UNDEFINED = 2, 3, 4, 5, 7
_EXIF_POINTER = 0x8769
_SRGB = 1
_INLINE = 4

Entry = tuple[int, int, int, bytes]
"""Tag, type, count, value."""


@dataclass(frozen=True, slots=True)
class Capture:
    """What is told of a picture; ``taken_at`` is ISO 8601 with seconds and offset."""

    model: str
    software: str
    taken_at: str
    settings: CameraSettings | None


def segment(capture: Capture) -> bytes:
    """Return the whole APP1 segment."""
    body = b"Exif\x00\x00" + _tiff(capture)
    return struct.pack(">BBH", 0xFF, _APP1, len(body) + 2) + body


def _tiff(capture: Capture) -> bytes:
    date, time = capture.taken_at[:10].replace("-", ":"), capture.taken_at[11:19]
    offset = capture.taken_at[-6:]
    main = [
        _text(0x0110, capture.model),
        _text(0x0131, capture.software),
        _text(0x0132, f"{date} {time}"),
    ]
    shot = [
        (0x9000, _UNDEFINED, 4, b"0232"),
        _text(0x9003, f"{date} {time}"),
        _text(0x9011, offset),
        (0xA001, _SHORT, 1, struct.pack(">H", _SRGB)),
    ]
    if capture.settings is not None:
        exposure = Fraction(capture.settings.exposure_us, 1_000_000)
        shot.insert(0, (0x829A, _RATIONAL, 1, struct.pack(">II", *exposure.as_integer_ratio())))
    header = b"MM\x00\x2a" + struct.pack(">I", 8)
    pointer_free = [entry for entry in main if entry[3] != b"\x00"]
    main_size = _size([*pointer_free, (_EXIF_POINTER, _LONG, 1, b"\x00" * 4)])
    pointer = (_EXIF_POINTER, _LONG, 1, struct.pack(">I", 8 + main_size))
    return header + _directory([*pointer_free, pointer], 8) + _directory(shot, 8 + main_size)


def _text(tag: int, text: str) -> Entry:
    value = text.encode("ascii", "replace") + b"\x00"
    return tag, _ASCII, len(value), value


def _size(entries: Sequence[Entry]) -> int:
    outside = sum(len(value) + len(value) % 2 for *_, value in entries if len(value) > _INLINE)
    return 2 + 12 * len(entries) + 4 + outside


def _directory(entries: Sequence[Entry], at: int) -> bytes:
    """Emit entries in the order of their tags; values over four bytes follow the table."""
    table, outside = [struct.pack(">H", len(entries))], b""
    values_at = at + 2 + 12 * len(entries) + 4
    for tag, kind, count, value in sorted(entries):
        if len(value) > _INLINE:
            held = struct.pack(">I", values_at + len(outside))
            outside += value + b"\x00" * (len(value) % 2)
        else:
            held = value.ljust(_INLINE, b"\x00")
        table.append(struct.pack(">HHI", tag, kind, count) + held)
    return b"".join(table) + struct.pack(">I", 0) + outside
