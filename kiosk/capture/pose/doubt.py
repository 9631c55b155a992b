"""How sure the mesh is of a face: whether it stays when the network looks from elsewhere.

Over a hand or a mask the mesh is laid as if a face were there, and its score stays at 1. But what
the network made up there changes when the same picture is shown to it a little larger or smaller;
what it sees does not. How far the points of each part of the face move is compared with how far
they move on bare faces; what was measured is in docs/decisions/0085.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final, Protocol

import numpy as np

from kiosk.capture.pose.geometry import Array
from kiosk.capture.pose.mesh import CHIN, FOREHEAD, Mesh, Square, eye_widths, lean


class Looks(Protocol):
    """Shows other squares of the same picture to the network."""

    left: float
    """How often it may still do so."""

    def mesh(self, square: Square) -> Mesh: ...


SIZES: Final = (1.15, 0.88)
"""Sides of the squares that are looked at, over that of the mesh's own."""

MOVES: Final[Mapping[tuple[int, ...], float]] = MappingProxyType(
    {
        (61, 291, 0, 17, 13, 14, 78, 308, 37, 267, 84, 314): 0.0175,
        (1, 2, 98, 327, 4, 5, 195): 0.018,
        (33, 133, 159, 145, 160, 144, 158, 153): 0.0215,
        (263, 362, 386, 374, 385, 380, 387, 373): 0.0215,
        (70, 63, 105, 66, 107, 336, 296, 334, 293, 300): 0.0162,
        (50, 101, 36, 205): 0.0142,
        (280, 330, 266, 425): 0.0142,
    }
)
"""Points of mouth, nose, eyes, brows and cheeks, and how far they move at most on a bare face that
is seen from the front, in heights of the face."""

ALL_MOVE: Final = 0.013
"""The same for all points."""

_NARROW: Final = (0.35, 0.55, 0.75)
_FARTHER: Final = (2.6, 1.7, 1.0)
"""How much farther they move on a face that is turned, by the width of one eye over the other's."""

_LEANS: Final = (-48.0, -33.0, -25.0, 30.0, 50.0)
_FARTHER_LEANING: Final = (1.3, 1.2, 1.0, 1.0, 1.6)
"""The same for a head that is bowed or thrown back, by how far it leans: degrees."""

_STAYS: Final = 0.15
"""By how much the share must fall short of 1 until a mesh that moved too far is believed again."""

AGAIN_NS: Final = 200_000_000


class Doubt:
    """Follows one face; forgets it when made anew.

    Attributes:
        odd: whether the mesh moves farther than on a bare face; noise does not change it.
    """

    def __init__(self) -> None:
        self.odd = False
        self._moved: dict[float, Array] = {}
        self._looked_ns: int | None = None

    @property
    def settled(self) -> bool:
        """Whether the face was looked at from nearer and from farther."""
        return len(self._moved) == len(SIZES)

    def share(self, mesh: Mesh, looks: Looks, at_ns: int, *, afresh: bool) -> float:
        """Return how far the mesh moves, over how far it moves at most on a bare face.

        One further look at most every ``AGAIN_NS``, in turns from nearer and from farther; both
        at first, and when it is asked for ``afresh``; fewer where there is no time for them.

        Returns:
            0.0 while there was time for none.
        """
        for _ in range(int(min(self._wanted(at_ns, afresh=afresh), looks.left))):
            size = self._next()
            self._moved.pop(size, None)
            self._moved[size] = moved(mesh, looks, size)
            self._looked_ns = at_ns
        if not self._moved:
            return 0.0
        share = share_of(np.mean(list(self._moved.values()), axis=0), mesh)
        self.odd = share > 1.0 - _STAYS * self.odd
        return share

    def _wanted(self, at_ns: int, *, afresh: bool) -> int:
        if afresh:
            return len(SIZES)
        if not self.settled:
            return len(SIZES) - len(self._moved)
        return int(self._looked_ns is None or not 0 <= at_ns - self._looked_ns < AGAIN_NS)

    def _next(self) -> float:
        """Return the size that was not looked at yet, else the one longest ago: it stands first."""
        missing = (size for size in SIZES if size not in self._moved)
        return next(missing, None) or next(iter(self._moved))


def moved(mesh: Mesh, looks: Looks, size: float) -> Array:
    """Return how far each point moves when the square is larger by ``size``, heights of the face.

    Returns:
        shape (478,).
    """
    square = mesh.square()
    other = looks.mesh(replace(square, side=square.side * size))
    height = float(np.linalg.norm(mesh.points[FOREHEAD] - mesh.points[CHIN]))
    away = np.linalg.norm(other.points[:, :2] - mesh.points[:, :2], axis=1)
    return np.asarray(away / max(height, 1.0), np.float64)


def share_of(away: Array, mesh: Mesh) -> float:
    """Return the largest share of what the parts of a face may move, see :func:`moved`."""
    parts = [float(away[list(part)].mean()) / most for part, most in MOVES.items()]
    narrow, wide = sorted(eye_widths(mesh))
    farther = float(np.interp(narrow / max(wide, 1e-6), _NARROW, _FARTHER))
    farther *= float(np.interp(lean(mesh), _LEANS, _FARTHER_LEANING))
    return max(*parts, float(away.mean()) / ALL_MOVE) / farther
