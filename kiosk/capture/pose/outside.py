"""Whether a face is cut off by the edge of the picture."""

from __future__ import annotations

from typing import Final

from kiosk.capture.pose.detector import Face
from kiosk.capture.pose.mesh import Mesh

_OUTSIDE: Final = 0.04
"""Share of a face's box, or of its mesh, that may lie outside the picture: neither is exact, and
the detector draws its boxes in at some edges."""


def cut_off(face: Face, mesh: Mesh | None, shape: tuple[int, ...]) -> bool:
    """Tell whether too much of a face lies outside a picture of this height and width."""
    return max(_box_outside(face, shape), _mesh_outside(mesh, shape)) > _OUTSIDE


def _box_outside(face: Face, shape: tuple[int, ...]) -> float:
    """Return the share of a face's box that lies outside the picture."""
    height, width = shape
    x, y, w, h = face.box
    return (max(-x, x + w - width, 0.0) * h + max(-y, y + h - height, 0.0) * w) / face.area


def _mesh_outside(laid: Mesh | None, shape: tuple[int, ...]) -> float:
    """Return the share of a mesh's points that lies outside the picture."""
    if laid is None:
        return 0.0
    x, y = laid.points[:, 0], laid.points[:, 1]
    return float(((x < 0) | (x > shape[1]) | (y < 0) | (y > shape[0])).mean())
