"""Whether dark glasses are worn: skin around the eyes that is far darker than the cheeks.

Compared is with the cheek of the same side, so that neither the colour of skin nor light from one
side counts. The darkest skin around the better lit eye of 219 bare rendered heads had 0.73 of the
cheek's brightness; behind dark lenses it has 0.3.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from kiosk.capture.pose.edges import Plane
from kiosk.capture.pose.mesh import Mesh

_SIDES: Final = (
    ((29, 27, 28, 230, 229, 231), (50, 101, 36)),
    ((259, 257, 258, 450, 449, 451), (280, 330, 266)),
)
"""Points above and below the right and the left eye, and of the cheek beside each."""

_DARK: Final = 0.45
"""Brightness over that of the cheek, on both sides: one dark eye may be bruised."""

_SOFT: Final = 1.5
_NOISE: Final = 4.0
"""Grey levels added to both: in the dark there is nothing but noise."""


def dark_glasses(grey: Plane, mesh: Mesh) -> bool:
    """Tell whether both eyes of a face lie in the dark.

    Args:
        grey: the picture, shape (height, width), 0 to 255.
        mesh: of the face.
    """
    soft = cv2.GaussianBlur(grey, (0, 0), _SOFT)

    def brightness(points: tuple[int, ...]) -> float:
        places = np.rint(mesh.points[list(points), :2]).astype(np.intp)
        x = np.clip(places[:, 0], 0, grey.shape[1] - 1)
        y = np.clip(places[:, 1], 0, grey.shape[0] - 1)
        return float(np.median(soft[y, x])) + _NOISE

    return all(brightness(around) < _DARK * brightness(cheek) for around, cheek in _SIDES)
