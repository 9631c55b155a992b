"""JPEG from a frame, in strips on several cores, put together as one baseline file.

Each strip is a JPEG of its own with the same tables; the entropy-coded data of all of them,
divided by restart markers, are one picture (ITU-T T.81, B.2.1 and F.1.1.5.3: the predictors start
anew at each marker). Decoders see no difference, and the strips need not wait for each other.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import simplejpeg

from kiosk.capture.picture import planes
from kiosk.model import Frame

STRIP_ROWS = 96
"""Small enough for little memory (1.2 MB of planes a strip at 12 megapixels), a multiple of 16."""

_SOF0, _RST0, _EOI, _SOS, _DRI, _APP0 = 0xC0, 0xD0, 0xD9, 0xDA, 0xDD, 0xE0


@dataclass(frozen=True, slots=True)
class Encoding:
    """How pictures are written.

    Attributes:
        quality: 1 to 100, libjpeg's scale.
        chroma: "4:4:4" or "4:2:0".
        rotation: clockwise turn that puts the picture upright: 0, 90, 180 or 270 degrees.
    """

    quality: int
    chroma: str
    rotation: int


def encode(
    frame: Frame, encoding: Encoding, pool: Executor, segments: Sequence[bytes] = ()
) -> bytearray:
    """Encode ``frame`` as a baseline JPEG.

    Args:
        frame: any layout; it is only read.
        encoding: quality, colour and rotation.
        pool: threads that share the work; the encoder releases the interpreter meanwhile.
        segments: whole marker segments (EXIF, ICC) to put behind the JFIF header.

    Returns:
        The file, in a buffer that the caller may overwrite after use.
    """
    width, height = planes.upright_size(frame, encoding.rotation)
    halved = encoding.chroma == "4:2:0"

    def piece(top: int) -> bytes:
        bottom = min(top + STRIP_ROWS, height)
        y, cb, cr = planes.strip(frame, top, bottom, encoding.rotation, halved=halved)
        strip: bytes = simplejpeg.encode_jpeg_yuv_planes(y, cb, cr, encoding.quality)
        return strip

    whole = bytearray()
    for index, strip in enumerate(pool.map(piece, range(0, height, STRIP_ROWS))):
        scan = _after(strip, _SOS)
        if index == 0:
            interval = _units(width, STRIP_ROWS, halved=halved)
            whole += _headers(strip[:scan], height, interval, segments)
        else:
            whole += bytes((0xFF, _RST0 + (index - 1) % 8))
        whole += memoryview(strip)[scan:-2]
    whole += bytes((0xFF, _EOI))
    return whole


def segment(marker: int, payload: bytes) -> bytes:
    """Return a marker segment; ``payload`` holds at most 65,533 bytes."""
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def _headers(first: bytes, height: int, interval: int, segments: Sequence[bytes]) -> bytes:
    """Turn the first strip's headers into the whole picture's."""
    jfif_end = _after(first, _APP0)
    headers = bytearray(first)
    # T.81, B.2.2: marker, length, sample precision, then the number of lines.
    struct.pack_into(">H", headers, _start(first, _SOF0) + 5, height)
    scan_header = _start(first, _SOS)
    return b"".join(
        (
            headers[:jfif_end],
            *segments,
            headers[jfif_end:scan_header],
            segment(_DRI, struct.pack(">H", interval)),
            headers[scan_header:],
        )
    )


def _units(width: int, rows: int, *, halved: bool) -> int:
    """Count the minimum coded units of a strip (T.81, A.2): 16 or 8 pixels a side."""
    side = 16 if halved else 8
    return -(-width // side) * -(-rows // side)


def _start(data: bytes, marker: int) -> int:
    """Return where the segment of ``marker`` begins, walking from the start of the file."""
    at = 2
    while data[at + 1] != marker:
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
    return at


def _after(data: bytes, marker: int) -> int:
    at = _start(data, marker)
    return at + 2 + int.from_bytes(data[at + 2 : at + 4])
