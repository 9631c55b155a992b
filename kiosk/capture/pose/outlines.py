"""Lines to draw from a picture of grey levels: the outlines of a face seen from the side."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from kiosk.capture.pose.edges import Plane, Window
from kiosk.capture.pose.geometry import Array

_WEAK, _STRONG = 15.0, 45.0
"""Gradients, grey levels, between which an edge continues and begins (Canny)."""

_BLUR: Final = 2.0
_SHORTEST: Final = 0.35
"""Least length of a line, halves of the window's side; shorter ones are hair and creases."""

_SMOOTH: Final = 0.006
"""How far a line may be from the edge that it follows, halves of the window's side."""

_AT_MOST: Final = 24


def contours(grey: Plane, window: Window) -> tuple[Array, ...]:
    """Return the longest edges in a window, each of shape (m, 2), pixels of the picture."""
    height, width = grey.shape
    left, top = max(int(window.x - window.half), 0), max(int(window.y - window.half), 0)
    right = min(int(window.x + window.half) + 1, width)
    bottom = min(int(window.y + window.half) + 1, height)
    if right - left < 3 or bottom - top < 3:  # noqa: PLR2004 - nothing fits in
        return ()
    part = cv2.GaussianBlur(grey[top:bottom, left:right], (0, 0), _BLUR)
    edges = cv2.Canny(np.asarray(part, np.uint8), _WEAK, _STRONG)
    found, _ = cv2.findContours(edges, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    lines = [_line(np.asarray(one, np.int32), window.half) for one in found]
    long = [line for line in lines if _length(line) > _SHORTEST * window.half]
    long.sort(key=_length, reverse=True)
    return tuple(line + np.array((left, top)) for line in long[:_AT_MOST])


def _line(outline: np.ndarray[tuple[int, ...], np.dtype[np.int32]], half: float) -> Array:
    """Return one side of an outline around an edge one pixel wide, smoothed, shape (m, 2)."""
    there = outline[: len(outline) // 2 + 1]
    thin = cv2.approxPolyDP(there, _SMOOTH * half, closed=False)
    return np.asarray(thin, np.float64).reshape(-1, 2)


def _length(line: Array) -> float:
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
