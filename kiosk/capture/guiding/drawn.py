"""What of a baseline is drawn over the live picture."""

from __future__ import annotations

from typing import Final

import numpy as np

from kiosk.capture.guides.match import DrawnBaseline
from kiosk.capture.pose.descriptor import PoseDescriptor
from kiosk.capture.pose.geometry import Array

_CLOSED: Final = (
    # The outline of the face, the eyes, the lips; points of the face mesh (MediaPipe).
    (
        *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
        *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
    ),
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466),
    (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185),
)
_OPEN: Final = (
    # Brows, bridge of the nose, wings of the nose.
    (70, 63, 105, 66, 107),
    (336, 296, 334, 293, 300),
    (168, 6, 197, 195, 5),
    (129, 98, 97, 2, 326, 327, 358),
)
_LANDMARKS: Final = (1, 152, 33, 133, 362, 263, 61, 291)
"""Tip of the nose, chin, corners of the eyes and of the mouth."""


def drawn_baseline(baseline: PoseDescriptor) -> DrawnBaseline:
    """Return the lines and landmarks of a baseline."""
    if baseline.method != "face":
        return DrawnBaseline(baseline.lines, np.zeros((0, 2)))
    points = baseline.points[:, :2]
    closed = tuple(_line(points, (*loop, loop[0])) for loop in _CLOSED)
    lines = tuple(_line(points, line) for line in _OPEN)
    return DrawnBaseline(closed + lines, points[list(_LANDMARKS)])


def _line(points: Array, numbers: tuple[int, ...]) -> Array:
    return points[list(numbers)]
