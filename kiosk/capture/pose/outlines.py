"""Lines to draw from a picture of grey levels: the outlines of a face seen from the side."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from kiosk.capture.pose.edges import Plane, Window
from kiosk.capture.pose.geometry import Array

_WEAK, _STRONG = 10.0, 30.0
"""Gradients, grey levels, between which an edge continues and begins (Canny)."""

_BLUR: Final = 2.0
_SHORTEST: Final = 0.18
"""Least length of a line, halves of the window's side; shorter ones are creases."""

_LIKELY: Final = 0.45
"""Weight from which a place belongs to face or ear and not to hair, whose texture is no outline."""

_AROUND: Final = 0.05
"""How far from such a place an outline may be, share of the window's side: noses differ."""

_SMOOTH: Final = 0.006
"""How far a line may be from the edge that it follows, halves of the window's side."""

_AT_MOST: Final = 24


def contours(grey: Plane, window: Window, weight: Plane) -> tuple[Array, ...]:
    """Return the longest edges of face and ear in a window.

    Args:
        grey: levels 0 to 255, shape (height, width).
        window: where the face is.
        weight: how much each place of the window counts, 0 to 1; a square of any size.

    Returns:
        Lines, each of shape (m, 2), pixels of the picture.
    """
    height, width = grey.shape
    left, top = max(int(window.x - window.half), 0), max(int(window.y - window.half), 0)
    right = min(int(window.x + window.half) + 1, width)
    bottom = min(int(window.y + window.half) + 1, height)
    if right - left < 3 or bottom - top < 3:  # noqa: PLR2004 - nothing fits in
        return ()
    part = cv2.GaussianBlur(grey[top:bottom, left:right], (0, 0), _BLUR)
    edges = cv2.Canny(np.asarray(part, np.uint8), _WEAK, _STRONG)
    edges[_weights(weight, window, edges.shape, (left, top)) < _LIKELY] = 0
    found, _ = cv2.findContours(edges, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    lines = [_line(np.asarray(one, np.int32), window.half) for one in found]
    long = [line for line in lines if _length(line) > _SHORTEST * window.half]
    long.sort(key=_length, reverse=True)
    return tuple(line + np.array((left, top)) for line in long[:_AT_MOST])


def _weights(
    weight: Plane, window: Window, shape: tuple[int, ...], corner: tuple[int, int]
) -> Plane:
    """Return the window's weights for a part of the picture, from its upper left corner."""
    reach = 2 * round(_AROUND * len(weight)) + 1
    near = cv2.dilate(weight, np.ones((reach, reach), np.uint8))
    scale = len(weight) / (2 * window.half)
    left = (corner[0] - window.x + window.half) * scale
    top = (corner[1] - window.y + window.half) * scale
    to_weight = np.array([[scale, 0.0, left], [0.0, scale, top]])
    size = (shape[1], shape[0])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(near, to_weight, size, flags=flags), np.float32)


def _line(outline: np.ndarray[tuple[int, ...], np.dtype[np.int32]], half: float) -> Array:
    """Return one side of an outline around an edge one pixel wide, smoothed, shape (m, 2)."""
    there = outline[: len(outline) // 2 + 1]
    thin = cv2.approxPolyDP(there, _SMOOTH * half, closed=False)
    return np.asarray(thin, np.float64).reshape(-1, 2)


def _length(line: Array) -> float:
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
