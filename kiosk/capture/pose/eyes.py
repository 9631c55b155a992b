"""How far the eyes are open."""

from __future__ import annotations

from typing import Final

import numpy as np

from kiosk.capture.pose.mesh import Mesh

_RIGHT: Final = (33, 160, 158, 133, 153, 144)
_LEFT: Final = (362, 385, 387, 263, 373, 380)
"""Points of the mesh around the patient's own right and left eye: a corner, two of the upper lid,
the other corner, two of the lower lid."""


def openings(mesh: Mesh) -> tuple[float, float]:
    """Return the aspect ratio of the right and of the left eye: opening over width.

    Source: T. Soukupova, J. Cech, "Real-time eye blink detection using facial landmarks", 2016.
    """
    return _opening(mesh, _RIGHT), _opening(mesh, _LEFT)


def _opening(mesh: Mesh, eye: tuple[int, ...]) -> float:
    corner, upper, upper2, other, lower2, lower = mesh.points[list(eye), :2]
    high = np.linalg.norm(upper - lower) + np.linalg.norm(upper2 - lower2)
    return float(high / (2.0 * max(float(np.linalg.norm(corner - other)), 1e-6)))
