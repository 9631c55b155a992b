"""The ICC segment: every picture says that its colours are sRGB."""

from __future__ import annotations

import struct
from importlib import resources

NAME = "sRGB"

_APP2 = 0xE2


def segment() -> bytes:
    """Return the whole APP2 segment (ICC.1:2022, B.4: one chunk of one).

    The profile is Little CMS's built-in sRGB (IEC 61966-2-1), free of any rights.
    """
    profile = resources.files("kiosk.capture.picture").joinpath("srgb.icc").read_bytes()
    body = b"ICC_PROFILE\x00" + bytes((1, 1)) + profile
    return struct.pack(">BBH", 0xFF, _APP2, len(body) + 2) + body
