"""How fast what the camera sees moves, whatever it is: a face, a profile, a body."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from kiosk.capture.pose.edges import Plane

_SIDE: Final = 128
"""Pixels of the square in which movement is looked for; a tenth of a pixel is found."""

_AT_MOST_NS: Final = 1_000_000_000
"""Two pictures further apart than this say nothing about speed."""

Area = tuple[float, float, float, float]
"""Left, top, width, height, pixels."""


class Stillness:
    """Compares each picture with the one before it by phase correlation.

    Source: C. Kuglin, D. Hines, "The phase correlation image alignment method", 1975.
    """

    def __init__(self) -> None:
        self._before: Plane | None = None
        self._at_ns = 0
        self._hann = cv2.createHanningWindow((_SIDE, _SIDE), cv2.CV_32F)

    def wipe(self) -> None:
        """Overwrite and forget the picture before."""
        if self._before is not None:
            self._before.fill(0.0)
            self._before = None

    def motion(self, grey: Plane, at_ns: int, area: Area | None) -> float | None:
        """Return the speed of what is in ``area``.

        Args:
            grey: levels 0 to 255, shape (height, width), always of one shape.
            at_ns: when it was exposed.
            area: where to look; None: everywhere.

        Returns:
            Fractions of the picture's height per second; None while there is no earlier picture.
        """
        before, before_ns = self._before, self._at_ns
        self._before, self._at_ns = grey, at_ns
        apart = at_ns - before_ns
        if before is None or before.shape != grey.shape or not 0 < apart <= _AT_MOST_NS:
            return None
        square = _square(area, grey.shape)
        now, then = (_cut(one, square) for one in (grey, before))
        (x, y), _ = cv2.phaseCorrelate(then, now, self._hann)
        pixels = float(np.hypot(x, y)) * square[2] / _SIDE
        return float(pixels / grey.shape[0] / (apart / 1e9))


def _square(area: Area | None, shape: tuple[int, ...]) -> tuple[int, int, int]:
    """Return left, top and side of a square around the area, inside the picture."""
    height, width = shape
    x, y, w, h = area if area is not None else (0.0, 0.0, float(width), float(height))
    side = int(min(max(w, h), width, height))
    left = int(np.clip(x + w / 2 - side / 2, 0, width - side))
    top = int(np.clip(y + h / 2 - side / 2, 0, height - side))
    return left, top, max(side, 1)


def _cut(grey: Plane, square: tuple[int, int, int]) -> Plane:
    left, top, side = square
    part = grey[top : top + side, left : left + side]
    return np.asarray(cv2.resize(part, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.float32)
