"""Lines legible on any skin and any backdrop: coloured, with a dark edge."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.capture.guides.match import DrawnBaseline, Points
from kiosk.model import Pixels

_CONTOUR: Final = 0.0045
_LANDMARK: Final = 0.005
_EDGE: Final = 0.0015
"""Widths of contours, radii of landmarks and width of the dark edge, shares of the height."""

_EDGE_OPACITY: Final = 0.55
_SHIFT: Final = 4


def draw_baseline(
    drawn: DrawnBaseline,
    size: tuple[int, int],
    colour: tuple[int, int, int],
    *,
    mirror: bool,
) -> Pixels:
    """Draw a baseline's contours and landmarks for a picture of ``size`` (width, height) pixels.

    Args:
        drawn: points in fractions of the picture's height.
        size: of the picture.
        colour: red, green, blue.
        mirror: whether the picture is shown as in a mirror.

    Returns:
        RGBA, shape (height, width, 4), transparent where nothing is drawn.
    """
    width, height = size
    line, edge = np.zeros((height, width), np.uint8), np.zeros((height, width), np.uint8)
    thickness = max(2, round(_CONTOUR * height))
    rim = max(1, round(_EDGE * height))
    for contour in drawn.contours:
        fixed = _fixed(contour, size, mirror=mirror)
        for mask, wide in ((line, thickness), (edge, thickness + 2 * rim)):
            cv2.polylines(mask, [fixed], False, 255, wide, cv2.LINE_AA, _SHIFT)  # noqa: FBT003
    radius = max(2, round(_LANDMARK * height))
    for x, y in _fixed(drawn.landmarks, size, mirror=mirror):
        for mask, reach in ((line, radius), (edge, radius + rim)):
            cv2.circle(mask, (int(x), int(y)), reach << _SHIFT, 255, -1, cv2.LINE_AA, _SHIFT)
    return outlined(line, edge, colour)


def outlined(line: Pixels, edge: Pixels, colour: tuple[int, int, int]) -> Pixels:
    """Join a mask of lines and a mask of their dark edges, both (height, width), to RGBA."""
    alpha = cv2.max(line, cv2.convertScaleAbs(edge, alpha=_EDGE_OPACITY))
    shade = cv2.divide(line, alpha, scale=255)
    tinted = [cv2.convertScaleAbs(shade, alpha=part / 255) for part in colour]
    return np.asarray(cv2.merge((*tinted, alpha)), np.uint8)


def _fixed(points: Points, size: tuple[int, int], *, mirror: bool) -> npt.NDArray[np.int32]:
    """Return fractions of the height as pixels with ``_SHIFT`` binary places, shape (n, 2)."""
    pixels = np.asarray(points, np.float64).reshape(-1, 2) * size[1]
    if mirror:
        pixels = np.array([size[0], 0.0]) + pixels * np.array([-1.0, 1.0])
    return np.round(pixels * 2**_SHIFT).astype(np.int32)
