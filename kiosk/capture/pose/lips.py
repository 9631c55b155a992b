"""How a mouth is shaped: whether the lips are apart, and whether its corners are raised."""

from __future__ import annotations

from typing import Final

import numpy as np

from kiosk.capture.pose.eyes import across
from kiosk.capture.pose.mesh import CHIN, FOREHEAD, Mesh

_UPPER, _LOWER = 13, 14
"""Points of the mesh at the middle of the inner edge of each lip."""

_CORNERS: Final = (61, 291)

_FLAT: Final = 1e-6


def parting(mesh: Mesh) -> float:
    """Return the gap between the lips over the height of the face, both as seen.

    Over the height, because pitch shortens both and yaw neither.
    """
    points = mesh.points[:, :2]
    gap = float(np.linalg.norm(points[_UPPER] - points[_LOWER]))
    return gap / max(float(np.linalg.norm(points[FOREHEAD] - points[CHIN])), _FLAT)


def width(mesh: Mesh) -> float:
    """Return the distance of the corners of the mouth over that across the eyes, both as seen."""
    right, left = mesh.points[list(_CORNERS), :2]
    return float(np.linalg.norm(left - right)) / across(mesh)


def corners_up(mesh: Mesh) -> float:
    """Return how far the corners of the mouth lie above its middle, over the height of the face.

    Along the face's own upright axis, so that it hardly depends on how the head is held.
    """
    upright = mesh.points[FOREHEAD] - mesh.points[CHIN]
    above = mesh.points[list(_CORNERS)].mean(axis=0) - mesh.points[[_UPPER, _LOWER]].mean(axis=0)
    return float(above @ upright / max(float(upright @ upright), _FLAT))
