"""Whether dark glasses are worn: skin around the eyes that is far darker than the cheeks.

Compared is with the cheek of the same side, so that neither the colour of skin nor light from one
side counts. The darkest skin around the better lit eye of 219 bare rendered heads had 0.73 of the
cheek's brightness; behind dark lenses it has 0.3.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.capture.pose.edges import Plane
from kiosk.capture.pose.mesh import Mesh

Places = npt.NDArray[np.intp]

_SIDES: Final = (
    ((29, 27, 28, 230, 229, 231), (50, 101, 36)),
    ((259, 257, 258, 450, 449, 451), (280, 330, 266)),
)
"""Points above and below the right and the left eye, and of the cheek beside each."""

_DARK: Final = 0.45
"""Brightness over that of the cheek, on both sides: one dark eye may be bruised."""

_SOFT: Final = 1.5
_BESIDE: Final = 8
"""Pixels beside a place: its smoothed brightness depends on 6."""

_NOISE: Final = 4.0
"""Grey levels added to both: in the dark there is nothing but noise."""


def dark_glasses(grey: Plane, mesh: Mesh) -> bool:
    """Tell whether both eyes of a face lie in the dark.

    Args:
        grey: the picture, shape (height, width), 0 to 255.
        mesh: of the face.
    """
    last = np.array(grey.shape[::-1]) - 1
    sides = [[_places(mesh, points, last) for points in side] for side in _SIDES]
    every = np.concatenate([places for side in sides for places in side])
    left, top = np.maximum(every.min(axis=0) - _BESIDE, 0)
    right, bottom = every.max(axis=0) + _BESIDE + 1
    soft = cv2.GaussianBlur(grey[top:bottom, left:right], (0, 0), _SOFT)

    def brightness(places: Places) -> float:
        return float(np.median(soft[places[:, 1] - top, places[:, 0] - left])) + _NOISE

    return all(brightness(around) < _DARK * brightness(cheek) for around, cheek in sides)


def _places(mesh: Mesh, points: tuple[int, ...], last: Places) -> Places:
    """Return the pixels nearest to points, at the edge those beyond it, x and y, shape (n, 2)."""
    return np.clip(np.rint(mesh.points[list(points), :2]).astype(np.intp), 0, last)
