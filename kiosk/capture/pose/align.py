"""Lays an edge patch over a picture and tells how the head turned since the patch was taken.

The square moves, turns and grows; besides, what lies nearer to the camera moves further than what
lies behind it when the head turns about an upright axis (sideways) or about a level one (up and
down). How near each place of a face seen from the side is, is known well enough for every head
from one relief. Six numbers are found by Gauss-Newton steps on the differences of edges, the large
ones weighing less (S. Baker, I. Matthews, "Lucas-Kanade 20 years on", 2004; Geman-McClure weights).

Edges themselves must lie within their own width of where they belong. From farther away only how
much of an edge there is around each place is compared, blurred: it reaches five times as far.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from kiosk.capture.pose.edges import SIDE, Plane, Window, band_pass, cut, grid, within
from kiosk.capture.pose.geometry import Angles, Array

_STEPS_AT_MOST: Final = 25
_SETTLED: Final = 1.6e-4
"""A step that moves no place by more than this, in halves of the window's side, is the last:
0.01 pixels of the patch."""
_OUTLIER: Final = 0.8
_WEIGHTY: Final = 0.5

_REACH: Final = np.array((1.0, np.pi / 180, 1.0, 1.0, 0.5, 0.5))
"""How far a unit of scale, turn, x, y, sideways and nodding moves a place, in halves of the
window's side, at most; relief reaches to about a half."""

_SPARSE: Final = 4
"""Of blurred edges every fourth place in either direction is compared."""

_NO_EDGE: Final = 1e-3
_FIRM: Final = 1e-3
"""Keeps a patch without edges from flying off."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the patch lies in a picture, against where it was taken.

    Attributes:
        scale: size over the size it was taken at.
        turn: degrees clockwise in the picture.
        x, y: how far its middle moved, in halves of the window's side.
        sideways: radians about the upright axis; > 0 moves what is near to the right.
        nodding: radians about the level axis; > 0 moves what is near downwards.
    """

    scale: float = 1.0
    turn: float = 0.0
    x: float = 0.0
    y: float = 0.0
    sideways: float = 0.0
    nodding: float = 0.0

    def rotation(self) -> Array:
        """Return the head's rotation against the patch's, in the axes of a head, shape (3, 3)."""
        level = Angles(0.0, float(np.degrees(self.nodding)), 0.0).matrix()
        upright = Angles(float(np.degrees(self.sideways)), 0.0, 0.0).matrix()
        return np.asarray(Angles(0.0, 0.0, -self.turn).matrix() @ upright @ level)

    def held(self, rotation: Array) -> Placement:
        """Return the same placement for a head that is rotated otherwise, see :meth:`rotation`."""
        (a, _, _), (b, _, _), (c, d, e) = rotation
        return replace(
            self,
            turn=-float(np.degrees(np.arctan2(b, a))),
            sideways=float(np.arctan2(-c, np.hypot(a, b))),
            nodding=float(np.arctan2(d, e)),
        )


@dataclass(frozen=True, slots=True)
class Aligned:
    """A placement and how alike the edges are there: 1 the same, 0 nothing in common."""

    placement: Placement
    likeness: float


class Aligner:
    """Aligns one patch.

    Args:
        edges: of the patch, shape (SIDE, SIDE).
        relief: how near each of its places is to the camera, in halves of the window's side.
        weight: how much each of its places counts, 0 to 1.
        window: where it was taken, in pixels of pictures of the size that will be looked at.
        blur: over how many pixels of the patch the amount of edge is spread that is compared; None
            compares the edges themselves.
    """

    def __init__(
        self,
        edges: Plane,
        relief: Plane,
        weight: Plane,
        window: Window,
        blur: float | None = None,
    ) -> None:
        self._relief, self._weight = relief, weight
        self._window, self._blur = window, blur
        self._x, self._y = grid()
        # What is blurred is as well known by fewer places.
        self._every = slice(None) if blur is None else slice(_SPARSE // 2, None, _SPARSE)
        wanted = self._compared(edges)
        # One step of the grid is 2 / SIDE; Sobel's answer is per pixel.
        across = np.asarray(cv2.Sobel(wanted, cv2.CV_32F, 1, 0, scale=SIDE / 16), np.float32)
        down = np.asarray(cv2.Sobel(wanted, cv2.CV_32F, 0, 1, scale=SIDE / 16), np.float32)
        slopes: tuple[Plane, ...] = (
            across * self._x + down * self._y,
            (down * self._x - across * self._y) * np.float32(np.pi / 180),
            across,
            down,
            across * relief,
            down * relief,
        )
        self._slopes = np.stack([self._some(slope) for slope in slopes], axis=1)
        self._wanted, self._counts = self._some(wanted), self._some(weight)

    def align(self, grey: Plane, start: Placement) -> Aligned:
        """Find the patch in a picture of grey levels, shape (height, width), near ``start``."""
        place, seen = start, self._look(grey, start)
        for _ in range(_STEPS_AT_MOST):
            step = self._step(seen)
            place = _moved(place, step)
            seen = self._look(grey, place)
            if float(np.abs(step * _REACH).max()) < _SETTLED:
                break
        return Aligned(place, self._likeness(seen))

    def likeness(self, grey: Plane, place: Placement) -> float:
        """Tell how alike the edges are at ``place``, without moving it."""
        return self._likeness(self._look(grey, place))

    def compared(self, grey: Plane, place: Placement) -> tuple[Plane, Plane, Plane]:
        """Return the edges seen at ``place``, those of the patch, and how much each counts.

        Returns:
            Three arrays of shape (SIDE, SIDE), of edges that are not blurred; what lies beside the
            picture counts nothing.
        """
        whole = (SIDE, SIDE)
        places = self._moved(place)
        seen, wanted, counts = self._seen(grey, *places), self._wanted, self._counts
        shown = within(grey, self._window, *places)
        return seen.reshape(whole), wanted.reshape(whole), counts.reshape(whole) * shown

    def places(self, place: Placement) -> tuple[Array, Array]:
        """Return where the patch's weighty places were and where they are, in halves of its side.

        Returns:
            Two arrays of shape (n, 2), counted from the window's middle.
        """
        weighty = self._weight > _WEIGHTY
        to_x, to_y = self._moved(place)
        before = np.stack([self._x[weighty], self._y[weighty]], axis=1)
        after = np.stack([to_x[weighty], to_y[weighty]], axis=1)
        return np.asarray(before, np.float64), np.asarray(after, np.float64)

    def _moved(self, place: Placement) -> tuple[Plane, Plane]:
        """Return where each place of the patch is, x and y in halves of its side."""
        turn = np.radians(place.turn)
        c, s = np.float32(np.cos(turn) * place.scale), np.float32(np.sin(turn) * place.scale)
        x = self._x + np.float32(place.sideways) * self._relief
        y = self._y + np.float32(place.nodding) * self._relief
        to_x = c * x - s * y + np.float32(place.x)
        to_y = s * x + c * y + np.float32(place.y)
        return np.asarray(to_x, np.float32), np.asarray(to_y, np.float32)

    def _look(self, grey: Plane, place: Placement) -> Plane:
        return self._seen(grey, *self._moved(place))

    def _seen(self, grey: Plane, across: Plane, down: Plane) -> Plane:
        edges = band_pass(cut(grey, self._window, across, down))
        return self._some(self._compared(edges))

    def _compared(self, edges: Plane) -> Plane:
        if self._blur is None:
            return edges
        amount = cv2.GaussianBlur(np.abs(edges), (0, 0), self._blur)
        mean = float((self._weight * amount * amount).sum() / self._weight.sum())
        return np.asarray(amount / np.float32(np.sqrt(mean) + _NO_EDGE), np.float32)

    def _some(self, values: Plane) -> Plane:
        return np.asarray(values[self._every, self._every], np.float32).ravel()

    def _step(self, seen: Plane) -> Array:
        off = seen - self._wanted
        trust = self._counts / np.square(1.0 + np.square(off / _OUTLIER))
        weighted = self._slopes * trust[:, None]
        normal = np.asarray(weighted.T @ self._slopes, np.float64) + np.eye(6) * _FIRM
        pull = np.asarray(weighted.T @ off, np.float64)
        return np.asarray(np.linalg.solve(normal, pull), np.float64)

    def _likeness(self, seen: Plane) -> float:
        weight, wanted = self._counts, self._wanted
        both = float((weight * seen * wanted).sum())
        size = float((weight * seen * seen).sum()) * float((weight * wanted**2).sum())
        return both / float(np.sqrt(size)) if size > 0.0 else 0.0


def _moved(place: Placement, step: Array) -> Placement:
    scale, turn, x, y, sideways, nodding = (float(one) for one in step)
    return replace(
        place,
        scale=place.scale * (1.0 - scale),
        turn=place.turn - turn,
        x=place.x - x,
        y=place.y - y,
        sideways=place.sideways - sideways,
        nodding=place.nodding - nodding,
    )
