"""Smooth shapes and icons: drawn once, four times as large, and scaled down."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
import pygame

from kiosk.capture.ui.cue_icons import CUE_ICONS
from kiosk.capture.ui.layout import Rect
from kiosk.capture.ui.theme import Colour

Mask = npt.NDArray[np.uint8]
Point = tuple[float, float]

_OVERSAMPLING: Final = 4

ICONS: Final[dict[str, tuple[tuple[Point, ...], ...]]] = {
    "tick": (((0.18, 0.54), (0.40, 0.76), (0.82, 0.26)),),
    "skip": (((0.24, 0.5), (0.76, 0.5)),),
    "backspace": (
        ((0.36, 0.2), (0.92, 0.2), (0.92, 0.8), (0.36, 0.8), (0.08, 0.5), (0.36, 0.2)),
        ((0.5, 0.38), (0.74, 0.62)),
        ((0.74, 0.38), (0.5, 0.62)),
    ),
    "box": (((0.12, 0.12), (0.88, 0.12), (0.88, 0.88), (0.12, 0.88), (0.12, 0.12)),),
    "box_ticked": (
        ((0.12, 0.12), (0.88, 0.12), (0.88, 0.88), (0.12, 0.88), (0.12, 0.12)),
        ((0.28, 0.52), (0.44, 0.68), (0.74, 0.32)),
    ),
    "shift": (
        ((0.5, 0.12), (0.12, 0.5), (0.34, 0.5), (0.34, 0.88), (0.66, 0.88), (0.66, 0.5)),
        ((0.66, 0.5), (0.88, 0.5), (0.5, 0.12)),
    ),
    "pedal": (
        ((0.08, 0.84), (0.92, 0.84)),
        ((0.14, 0.66), (0.86, 0.34), (0.92, 0.50), (0.92, 0.84)),
        ((0.5, 0.04), (0.5, 0.28)),
        ((0.38, 0.18), (0.5, 0.30), (0.62, 0.18)),
    ),
    "notice": (
        ((0.5, 0.1), (0.95, 0.88), (0.05, 0.88), (0.5, 0.1)),
        ((0.5, 0.38), (0.5, 0.62)),
        ((0.5, 0.755), (0.5, 0.76)),
    ),
    "lamp": (
        (
            (0.36, 0.7),
            (0.36, 0.6),
            (0.24, 0.44),
            (0.26, 0.26),
            (0.4, 0.13),
            (0.6, 0.13),
            (0.74, 0.26),
            (0.76, 0.44),
            (0.64, 0.6),
            (0.64, 0.7),
            (0.36, 0.7),
        ),
        ((0.40, 0.86), (0.60, 0.86)),
    ),
    "camera": (
        (
            (0.06, 0.3),
            (0.28, 0.3),
            (0.36, 0.16),
            (0.64, 0.16),
            (0.72, 0.3),
            (0.94, 0.3),
            (0.94, 0.84),
            (0.06, 0.84),
            (0.06, 0.3),
        ),
        (
            (0.66, 0.56),
            (0.61, 0.44),
            (0.5, 0.39),
            (0.39, 0.44),
            (0.34, 0.56),
            (0.39, 0.68),
            (0.5, 0.73),
            (0.61, 0.68),
            (0.66, 0.56),
        ),
    ),
    "lock": (
        ((0.18, 0.46), (0.82, 0.46), (0.82, 0.92), (0.18, 0.92), (0.18, 0.46)),
        (
            (0.3, 0.46),
            (0.3, 0.26),
            (0.38, 0.13),
            (0.5, 0.09),
            (0.62, 0.13),
            (0.7, 0.26),
            (0.7, 0.46),
        ),
    ),
    "arrow_left": (((0.92, 0.5), (0.1, 0.5)), ((0.36, 0.22), (0.08, 0.5), (0.36, 0.78))),
    "arrow_right": (((0.08, 0.5), (0.9, 0.5)), ((0.64, 0.22), (0.92, 0.5), (0.64, 0.78))),
    **CUE_ICONS,
}
"""Strokes of each icon in a unit square."""


@dataclass(frozen=True, slots=True)
class Fill:
    """How a panel looks: corner radius and width of the outline in pixels, and its colours."""

    radius: int
    fill: Colour
    outline: Colour | None = None
    line: int = 1


class Shapes:
    """Makes shapes and keeps them; keys are sizes and colours, never a patient's data."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], pygame.Surface] = {}

    def panel(self, surface: pygame.Surface, rect: Rect, fill: Fill) -> None:
        """Draw a rounded rectangle: smooth corners, plain fills between them."""
        r = max(1, min(fill.radius, rect.w // 2, rect.h // 2))
        small = self._corners(r, fill)
        edge = fill.fill if fill.outline is None else fill.outline
        line = 0 if fill.outline is None else fill.line
        surface.fill(edge, (rect.x + r, rect.y, rect.w - 2 * r, rect.h))
        surface.fill(edge, (rect.x, rect.y + r, rect.w, rect.h - 2 * r))
        if line:
            inner = rect.inset(line)
            surface.fill(fill.fill, (rect.x + r, inner.y, rect.w - 2 * r, inner.h))
            surface.fill(fill.fill, (inner.x, rect.y + r, inner.w, rect.h - 2 * r))
        for dx in (0, 1):
            for dy in (0, 1):
                at = (rect.x + dx * (rect.w - r), rect.y + dy * (rect.h - r))
                surface.blit(small, at, (dx * r, dy * r, r, r))

    def _corners(self, radius: int, fill: Fill) -> pygame.Surface:
        """Return the four corners, put together to a disc."""
        key = ("corners", radius, fill)
        if key not in self._kept:
            outer = _disc(2 * radius, radius)
            colours: npt.NDArray[np.floating[Any]] = _plain(fill.fill, outer)
            if fill.outline is not None:
                share = _disc(2 * radius, radius - fill.line)[..., None] / np.float32(255)
                colours = colours * share + _plain(fill.outline, outer) * (1 - share)
            self._kept[key] = to_surface(colours, outer)
        return self._kept[key]

    def icon(self, name: str, side: int, colour: Colour, thickness: float = 0.09) -> pygame.Surface:
        """Return an icon of ``side`` pixels; ``thickness`` of its lines as a share of the side."""
        key = ("icon", name, side, colour, thickness)
        if key not in self._kept:
            mask = stroke_mask(
                (side, side),
                [[(x * side, y * side) for x, y in stroke] for stroke in ICONS[name]],
                thickness * side,
            )
            self._kept[key] = to_surface(_plain(colour, mask), mask)
        return self._kept[key]

    def ring(self, side: int, share: float, colour: Colour, rest: Colour) -> pygame.Surface:
        """Return a ring of ``side`` pixels; from the top, ``share`` of it is in ``colour``."""
        key = ("ring", side, share, colour, rest)
        if key not in self._kept:
            whole, filled = (_ring_mask(side, part) for part in (1.0, share))
            cover = filled[..., None] / np.float32(255)
            colours = _plain(colour, whole) * cover + _plain(rest, whole) * (1 - cover)
            self._kept[key] = to_surface(colours, whole)
        return self._kept[key]


_RING: Final = 0.09
"""Width of a ring's line as a share of its side."""


def _ring_mask(side: int, share: float) -> Mask:
    steps = max(1, round(72 * share))
    angles = (math.tau * (share * i / steps - 0.25) for i in range(steps + 1))
    radius = side * (1 - _RING) / 2 - 1
    middle = side / 2
    points = [(middle + radius * math.cos(a), middle + radius * math.sin(a)) for a in angles]
    return stroke_mask((side, side), [points] if share else [], _RING * side)


def stroke_mask(size: tuple[int, int], strokes: Sequence[Sequence[Point]], width: float) -> Mask:
    """Draw polylines of ``width`` pixels, smooth, into a mask of ``size`` (width, height)."""
    factor, shift = _OVERSAMPLING, 4
    canvas = np.zeros((size[1] * factor, size[0] * factor), np.uint8)
    for stroke in strokes:
        points = np.round(np.array(stroke, np.float64) * factor * 2**shift).astype(np.int32)
        thickness = max(1, round(width * factor))
        cv2.polylines(canvas, [points], False, 255, thickness, cv2.LINE_8, shift)  # noqa: FBT003
    return _shrunk(canvas, size)


def to_surface(colours: npt.NDArray[np.floating[Any]], mask: Mask) -> pygame.Surface:
    """Make a surface from colours (height, width, 3 as RGB, 0 to 255) and a mask of opacity."""
    pixels = np.dstack([np.clip(np.round(colours), 0, 255).astype(np.uint8), mask])
    return pygame.image.frombuffer(pixels.tobytes(), (mask.shape[1], mask.shape[0]), "RGBA")


def _plain(colour: Colour, mask: Mask) -> npt.NDArray[np.float32]:
    return np.broadcast_to(np.array(colour, np.float32), (*mask.shape, 3)).copy()


def _disc(side: int, radius: int) -> Mask:
    factor, shift = _OVERSAMPLING, 4
    canvas = np.zeros((side * factor, side * factor), np.uint8)
    centre = round((side * factor / 2 - 0.5) * 2**shift)
    reach = round((radius * factor - 0.5) * 2**shift)
    cv2.circle(canvas, (centre, centre), max(0, reach), 255, -1, cv2.LINE_8, shift)
    return _shrunk(canvas, (side, side))


def _shrunk(canvas: Mask, size: tuple[int, int]) -> Mask:
    return np.asarray(cv2.resize(canvas, size, interpolation=cv2.INTER_AREA), np.uint8)
