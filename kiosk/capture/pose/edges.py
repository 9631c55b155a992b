"""Edge patches: what is kept of a picture where no network finds landmarks, as in profile.

A patch says of each place of a small square whether the picture is lighter or darker there than
around it, in seven steps, and nothing where no strong edge is near: outlines of nose, lips, eye,
ear and jaw remain, skin does not. Brightness and slow changes of light cancel out. See
docs/decisions/0087-profiles.md for what the most revealing reconstruction looks like.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.errors import FormatError

SIDE: Final = 128
"""Pixels of a patch in either direction."""

Plane = npt.NDArray[np.float32]

_FINE, _COARSE, _AROUND = 1.0, 3.0, 6.0
"""Widths, in pixels of the patch, of the band that is kept and of what it is compared with."""

_SMOOTH: Final = 0.04
"""Contrast, share of the mean brightness, that is weakened to a half: weaker edges count less."""

_STRONG: Final = 0.08
"""Contrast, share of the brightness around, from which an edge is kept with what is beside it.
Skin lies below, so do noise and pores."""

_BESIDE: Final = 5
_DARK: Final = 4.0
"""Grey levels added to the brightness around: in the dark there is nothing but noise."""

_STEPS: Final = 3
_STEP: Final = 0.5


@dataclass(frozen=True, slots=True)
class Window:
    """The square of a picture that a patch was taken from: centre and half of its side, pixels."""

    x: float
    y: float
    half: float


def grid() -> tuple[Plane, Plane]:
    """Return x and y of each pixel of a patch, -1 to 1, shape (SIDE, SIDE) each."""
    line = (np.arange(SIDE, dtype=np.float32) + 0.5) / (SIDE / 2) - 1.0
    x, y = np.meshgrid(line, line)
    return x, y


def cut(grey: Plane, window: Window, across: Plane, down: Plane) -> Plane:
    """Cut places out of a picture.

    Args:
        grey: shape (height, width), 0 to 255; goes on beyond its edges as it is there.
        window: that places are counted in.
        across: x of each place, from the window's middle in halves of its side.
        down: y of each place.

    Returns:
        The shape of ``across``.
    """
    to_x, to_y = _pixels(window, across, down)
    found = cv2.remap(grey, to_x, to_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32)


def within(grey: Plane, window: Window, across: Plane, down: Plane) -> Plane:
    """Return which places lie in a picture, 1 or 0; arguments and shape as of :func:`cut`."""
    to_x, to_y = _pixels(window, across, down)
    height, width = grey.shape
    shown = (to_x >= 0) & (to_x <= width - 1) & (to_y >= 0) & (to_y <= height - 1)
    return np.asarray(shown, np.float32)


def _pixels(window: Window, across: Plane, down: Plane) -> tuple[Plane, Plane]:
    to_x = across * np.float32(window.half) + np.float32(window.x - 0.5)
    to_y = down * np.float32(window.half) + np.float32(window.y - 0.5)
    return np.asarray(to_x, np.float32), np.asarray(to_y, np.float32)


def band_pass(grey: Plane) -> Plane:
    """Return the edges of grey levels, shape (SIDE, SIDE): about -2 to 2, 0 where it is smooth."""
    level = max(float(grey.mean()), 1.0)
    band = _band(grey)
    around = cv2.sqrt(cv2.GaussianBlur(cv2.multiply(band, band), (0, 0), _AROUND))
    return np.asarray(band / (around + np.float32(_SMOOTH * level)), np.float32)


def patch_of(grey: Plane, window: Window) -> npt.NDArray[np.int8]:
    """Return the patch of a window of a picture, shape (SIDE, SIDE): -3 to 3, 0 but for edges."""
    part = cut(grey, window, *grid())
    strongest = cv2.dilate(np.abs(_band(part)), np.ones((_BESIDE, _BESIDE), np.uint8))
    brightness = cv2.GaussianBlur(part, (0, 0), _AROUND) + np.float32(_DARK)
    steps = np.clip(np.rint(band_pass(part) / _STEP), -_STEPS, _STEPS)
    return np.asarray(np.where(strongest < _STRONG * brightness, 0, steps), np.int8)


def _band(grey: Plane) -> Plane:
    fine, coarse = (cv2.GaussianBlur(grey, (0, 0), width) for width in (_FINE, _COARSE))
    return np.asarray(fine - coarse, np.float32)


def edges_of(steps: npt.NDArray[np.int8]) -> Plane:
    """Return the edges that the steps stand for."""
    return np.asarray(steps * np.float32(_STEP), np.float32)


def packed(steps: npt.NDArray[np.int8]) -> bytes:
    return zlib.compress((steps + _STEPS).astype(np.uint8).tobytes(), 9)


def unpacked(content: bytes) -> npt.NDArray[np.int8]:
    """Read what :func:`packed` wrote.

    Raises:
        FormatError: it is not a patch.
    """
    unpacker = zlib.decompressobj()
    try:
        raw = unpacker.decompress(content, SIDE * SIDE + 1)
    except zlib.error as error:
        raise FormatError(f"The edge patch of a pose descriptor is damaged: {error}.") from error
    if len(raw) != SIDE * SIDE or max(raw) > 2 * _STEPS:
        raise FormatError(
            f"The edge patch of a pose descriptor is damaged: expected {SIDE} x {SIDE} steps of 0 "
            f"to {2 * _STEPS}."
        )
    return np.frombuffer(raw, np.uint8).reshape(SIDE, SIDE).astype(np.int8) - np.int8(_STEPS)
