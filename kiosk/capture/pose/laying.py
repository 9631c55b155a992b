"""Where the mesh is laid: over a face that was found, and then on from picture to picture."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from kiosk.capture.pose.detector import Face
from kiosk.capture.pose.glance import Glance
from kiosk.capture.pose.head import aside
from kiosk.capture.pose.mesh import Mesh, Square, first_square

_TRUSTED: Final = 0.5
"""The mesh's score above which it is a face's: all faces up to 52° of yaw, 2 % beyond 82°."""

_PASSES_FIRST: Final = 4
_PASSES_NEXT: Final = 2
"""How often the mesh is laid anew over one picture: until its square stays, or following on. A live
picture has no time for the last of the first, and the next one is followed on from there."""

_WITHIN_REACH: Final = 0.8
"""See ``head.aside``: with less the mesh ought to be sure of a face, and where it is not the box of
the detector was too coarse to begin with. It is up to 0.6 at 45 degrees of yaw and 0.8 at 55; from
farther aside doubts are right, and a mesh that is then sure leads an edge patch astray."""

_BOWED: Final = 0.65
"""How far down from the eyes to the mouth the nose of a bowed face is: 0.57 upright, 0.63 bowed by
20 degrees, 0.71 by 35, 0.8 by 52."""

_LOWER, _SMALLER = 0.15, 0.7
"""Of 24 faces bowed by 46 to 52 degrees whose mesh was not trusted from the box 21 are found so
(docs/decisions/0085)."""


def trusted(mesh: Mesh) -> bool:
    """Tell whether the mesh is a face's."""
    return mesh.score >= _TRUSTED


def far_aside(face: Face) -> bool:
    """Tell whether a face is turned farther than the mesh is sure of it."""
    return aside(face) > _WITHIN_REACH


def lay_on(glance: Glance, square: Square) -> Mesh | None:
    """Lay the mesh on from where it was in the picture before; None where it has lost the face."""
    laid = _lay(glance, square, _PASSES_NEXT)
    return laid if trusted(laid) else None


def lay_first(glance: Glance, face: Face) -> Mesh:
    """Lay the mesh over a face that was found; once more where the first must be amiss."""
    # One question is kept for the mirror, should the mesh not be trusted.
    passes = int(min(_PASSES_FIRST, max(1, glance.left - 1)))
    laid = _lay(glance, first_square(face), passes)
    if trusted(laid) or far_aside(face):
        return laid
    once_more = None
    if _is_bowed(face) and glance.left:
        # It is not seen from the side, and what is laid but once moves as if it were covered.
        again = int(min(_PASSES_FIRST - 1, glance.left))
        once_more = _lay(glance, _bowed_square(face), again, kept=True)
    elif passes > 1:
        once_more = _lay(glance, laid.square(), passes - 1)
    # What is not trusted stays the first one: a side's pose is told from that.
    return laid if once_more is None or not trusted(once_more) else once_more


def _bowed_square(face: Face) -> Square:
    """Return where to look for a face that is bowed: its box holds the hair above it as well."""
    square = first_square(face)
    lower = face.box[3] * _LOWER
    return replace(square, y=square.y + lower, side=square.side * _SMALLER)


def _is_bowed(face: Face) -> bool:
    """Tell whether the nose is seen far down between the eyes and the mouth."""
    eyes, mouth = face.points[:2].mean(axis=0), face.points[3:].mean(axis=0)
    down = mouth - eyes
    return float((face.points[2] - eyes) @ down) > _BOWED * float(down @ down)


def _lay(glance: Glance, square: Square, passes: int, *, kept: bool = False) -> Mesh:
    """Return the mean of the last two of ``passes`` meshes; the first that is not trusted.

    With ``kept`` the last that is trusted, where one follows that is not.
    """
    before = mesh = glance.mesh(square)
    for _ in range(passes - 1):
        if not trusted(mesh):
            return mesh
        before, mesh = mesh, glance.mesh(mesh.square())
        if kept and not trusted(mesh):
            return before
    points = np.asarray((before.points + mesh.points) / 2, np.float64)
    return Mesh(points, min(before.score, mesh.score), before.answers + mesh.answers)
