"""How far the eyes are open, and how high the brows stand over them."""

from __future__ import annotations

from typing import Final

import numpy as np

from kiosk.capture.pose.mesh import LEFT_EYE_OUTER, RIGHT_EYE_OUTER, Mesh

_RIGHT: Final = (33, 160, 158, 133, 153, 144)
_LEFT: Final = (362, 385, 387, 263, 373, 380)
"""Points of the mesh around the patient's own right and left eye: a corner, two of the upper lid,
the other corner, two of the lower lid."""


_BROWS: Final = ((70, 63, 105, 66, 107), (300, 293, 334, 296, 336))
"""Points of the mesh along the upper edge of the patient's own right and left brow."""

_CORNERS: Final = ((33, 133), (362, 263))
"""Outer and inner corner of the right eye, inner and outer of the left."""

_FLAT: Final = 1e-6


def openings(mesh: Mesh) -> tuple[float, float]:
    """Return the aspect ratio of the right and of the left eye: opening over width.

    Source: T. Soukupova, J. Cech, "Real-time eye blink detection using facial landmarks", 2016.
    """
    return _opening(mesh, _RIGHT), _opening(mesh, _LEFT)


def across(mesh: Mesh) -> float:
    """Return the distance of the outer corners of both eyes, pixels, as seen."""
    right, left = mesh.points[RIGHT_EYE_OUTER, :2], mesh.points[LEFT_EYE_OUTER, :2]
    return max(float(np.linalg.norm(left - right)), _FLAT)


def brow_heights(mesh: Mesh) -> tuple[float, float]:
    """Return how high the right and the left brow stand above the corners of their eye.

    Over the width across both eyes, at right angles to the line through the eyes, as seen.
    """
    points = mesh.points[:, :2]
    right, left = (points[list(corners)].mean(axis=0) for corners in _CORNERS)
    level = left - right
    upright = np.array([level[1], -level[0]]) / max(float(np.linalg.norm(level)), _FLAT)
    high_right, high_left = (
        float((points[list(brow)].mean(axis=0) - eye) @ upright) / across(mesh)
        for brow, eye in zip(_BROWS, (right, left), strict=True)
    )
    return high_right, high_left


def _opening(mesh: Mesh, eye: tuple[int, ...]) -> float:
    corner, upper, upper2, other, lower2, lower = mesh.points[list(eye), :2]
    high = np.linalg.norm(upper - lower) + np.linalg.norm(upper2 - lower2)
    return float(high / (2.0 * max(float(np.linalg.norm(corner - other)), _FLAT)))
