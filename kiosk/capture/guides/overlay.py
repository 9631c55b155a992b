"""The guide as a picture: white lines with a dark edge, legible on any skin and any backdrop."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.capture.guides.silhouette import Box, Silhouette, frame_in, lines
from kiosk.model import Pixels

_WIDTH: Final = {"feature": 0.0026, "line": 0.0024}
_OUTLINE: Final = 0.0044
"""Widths of lines as shares of the frame's height."""

_EDGE: Final = 0.0026
_OPACITY: Final = {"feature": 150, "line": 170}
_OUTLINE_OPACITY: Final = 235
_EDGE_OPACITY: Final = 0.45
_DASH: Final = 0.018
_SHIFT: Final = 4


def draw_guide(silhouette: Silhouette, size: tuple[int, int], *, mirror: bool) -> Pixels:
    """Draw a silhouette with its eye line and centre line for a picture of ``size`` pixels.

    Returns:
        RGBA, shape (height, width, 4), transparent where nothing is drawn.
    """
    width, height = size
    box = Box(0, 0, width, height)
    white = np.zeros((height, width), np.uint8)
    dark = np.zeros((height, width), np.uint8)
    for line in lines(silhouette, box, mirror=mirror):
        _stroke(white, dark, line.points, height, line.part)
    for points in _dashes(silhouette, frame_in(box), mirror=mirror):
        _stroke(white, dark, points, height, "line")
    alpha = cv2.max(white, cv2.convertScaleAbs(dark, alpha=_EDGE_OPACITY))
    shade = cv2.divide(white, alpha, scale=255)
    return np.asarray(cv2.merge((shade, shade, shade, alpha)), np.uint8)


def _stroke(
    white: Pixels, dark: Pixels, points: npt.NDArray[np.float64], height: int, part: str
) -> None:
    thickness = max(2, round(_WIDTH.get(part, _OUTLINE) * height))
    opacity = _OPACITY.get(part, _OUTLINE_OPACITY)
    fixed = np.round(points * 2**_SHIFT).astype(np.int32)
    edge = thickness + 2 * max(1, round(_EDGE * height / 2))
    cv2.polylines(white, [fixed], False, opacity, thickness, cv2.LINE_AA, _SHIFT)  # noqa: FBT003
    cv2.polylines(dark, [fixed], False, 255, edge, cv2.LINE_AA, _SHIFT)  # noqa: FBT003


def _dashes(silhouette: Silhouette, frame: Box, *, mirror: bool) -> list[npt.NDArray[np.float64]]:
    shown = silhouette.mirrored() if mirror else silhouette
    step = _DASH * frame.height
    found: list[npt.NDArray[np.float64]] = []
    if shown.eye_line is not None:
        y = frame.y + shown.eye_line * frame.height
        ends = _pieces(frame.x, frame.width, step)
        found += [np.array([[a, y], [b, y]]) for a, b in ends]
    if shown.centre_line is not None:
        x = frame.x + shown.centre_line * frame.width
        ends = _pieces(frame.y, frame.height, step)
        found += [np.array([[x, a], [x, b]]) for a, b in ends]
    return found


def _pieces(start: float, length: float, step: float) -> list[tuple[float, float]]:
    """Divide a length into dashes of ``step`` with gaps as long."""
    begins = np.arange(start, start + length, 2 * step)
    return [(float(a), min(float(a) + step, start + length)) for a in begins]
