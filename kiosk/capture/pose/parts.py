"""Whether eyes, nose and mouth are seen where the mesh says they are.

The mesh is laid over a hand or a mask as if a face were there, and its score stays at 1. So each
part of the face is cut out, and compared with the main ways in which that part looks on rendered
heads (provisioning/head_model; docs/decisions/0086): what lies over it looks otherwise. Only that
something is hidden is told; whose face it is cannot be.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from kiosk.capture.pose.edges import Plane
from kiosk.capture.pose.geometry import Array
from kiosk.capture.pose.mesh import (
    CHIN,
    FOREHEAD,
    LEFT_EYE_OUTER,
    RIGHT_EYE_OUTER,
    Mesh,
    eye_widths,
    lean,
)
from kiosk.capture.pose.model_file import read_arrays

SIDE: Final = 24
"""Pixels of a part's square."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the face.

    Attributes:
        points: of the mesh; the square's middle is the middle of their extent.
        half: half of the square's side over the height of the face.
        least: share of the square that the main ways must explain, 0 to 1.
    """

    points: tuple[int, ...]
    half: float
    least: float


PARTS: Final = (
    Part((61, 291, 0, 17), 0.26, 0.37),
    Part((2,), 0.15, 0.4),
    Part((33, 133, 159, 145), 0.17, 0.4),
    Part((263, 362, 386, 374), 0.17, 0.4),
)
"""Mouth, nose, the patient's right eye, left eye."""

_EYES_AT: Final = 2
_NARROW: Final = 0.6
"""An eye that is seen narrower than this share of the other is turned away, and not asked for."""

_TOGETHER: Final = 0.95
"""Sum of mouth's and nose's shares that must be explained: what lies over one reaches the other."""

_ASIDE: Final = 0.35
"""Width of one eye over the other's from which a face is turned too far to ask for its parts."""

_TILTS: Final = (-20.0, 30.0)
"""How far the line from chin to forehead may lean away from the viewer, degrees: a head bowed by
more than some 14° or thrown back by more than 38° shows its parts otherwise, and none is asked
for."""

_FINE, _COARSE = 1.0, 4.0
_DARK: Final = 8.0
"""Grey levels added before the logarithm: noise in the dark is no contrast."""

_FLAT: Final = 0.01
"""Contrast (natural logarithm) that counts as none."""


def squares(grey: Plane, mesh: Mesh) -> Array:
    """Return the parts' edges, each of length 1 or less where it is flat.

    Args:
        grey: the picture, shape (height, width), 0 to 255.
        mesh: of the face.

    Returns:
        shape (4, SIDE * SIDE), in the order of ``PARTS``.
    """
    across = mesh.points[LEFT_EYE_OUTER, :2] - mesh.points[RIGHT_EYE_OUTER, :2]
    turn = float(np.arctan2(across[1], across[0]))
    height = float(np.linalg.norm(mesh.points[FOREHEAD] - mesh.points[CHIN]))
    return np.array([_square(grey, mesh, part, turn, height) for part in PARTS])


def explained(found: Array, ways: Array) -> Array:
    """Return which share of each part looks as such parts do, 0 to 1, shape (4,).

    Args:
        found: see :func:`squares`.
        ways: the main ways in which each part looks, orthonormal, shape (4, k, SIDE * SIDE).
    """
    return np.asarray(np.linalg.norm(np.einsum("pkn,pn->pk", ways, found), axis=1), np.float64)


def asked_for(mesh: Mesh) -> tuple[bool, ...]:
    """Tell which of ``PARTS`` must be seen on a face that is turned as the mesh says."""
    if not _TILTS[0] < lean(mesh) < _TILTS[1]:
        return (False,) * len(PARTS)
    wide = eye_widths(mesh)
    if min(wide) < _ASIDE * max(wide):
        return (False,) * len(PARTS)
    seen = [one >= _NARROW * max(wide) for one in wide]
    return (True,) * _EYES_AT + tuple(seen)


def load_ways() -> Array:
    """Read the main ways in which each part looks, orthonormal, shape (4, k, SIDE * SIDE).

    Raises:
        ConfigError: see :func:`kiosk.capture.pose.model_file.read_arrays`.
    """
    return np.asarray(read_arrays(["parts"])["parts"], np.float64)


def lacking(grey: Plane, mesh: Mesh, ways: Array) -> float:
    """Return by how much a part that must be seen falls short of what must be explained of it.

    Returns:
        share of the part's square; negative where all is explained, minus infinity where no part
        is asked for.
    """
    asked = asked_for(mesh)
    if not any(asked):
        return -math.inf
    shares = explained(squares(grey, mesh), ways)
    short = [part.least - share for part, share in zip(PARTS, shares, strict=True)]
    together = _TOGETHER - float(shares[:_EYES_AT].sum())
    return float(max(together, *(one for one, wanted in zip(short, asked, strict=True) if wanted)))


def _square(grey: Plane, mesh: Mesh, part: Part, turn: float, height: float) -> Array:
    points = mesh.points[list(part.points), :2]
    x, y = (points.min(axis=0) + points.max(axis=0)) / 2
    # Cut twice as fine, then reduced: nothing between the places is missed.
    step = part.half * height / SIDE
    c, s = np.cos(turn) * step, np.sin(turn) * step
    from_square = np.array([[c, -s, x - 0.5], [s, c, y - 0.5]])
    from_square[:, 2] -= from_square[:, :2] @ np.full(2, SIDE - 0.5)
    fine = cv2.warpAffine(
        grey,
        from_square,
        (2 * SIDE, 2 * SIDE),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    level = np.log(cv2.resize(fine, (SIDE, SIDE), interpolation=cv2.INTER_AREA) + _DARK)
    band = cv2.GaussianBlur(level, (0, 0), _FINE) - cv2.GaussianBlur(level, (0, 0), _COARSE)
    flat = np.asarray(band - band.mean(), np.float64).ravel()
    return np.asarray(flat / (np.linalg.norm(flat) + _FLAT * SIDE))
