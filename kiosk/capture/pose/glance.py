"""One picture, and how often the networks may still be asked about it.

What a live picture costs is nearly all networks: one call of the detector or of the mesh's takes as
long as all else together. A live picture is therefore asked a few questions only, the most useful
first, and the next one is asked the rest; a shot is asked all of them.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from kiosk.capture.pose.detector import Face, FaceDetector
from kiosk.capture.pose.mesh import FaceMesh, Mesh, Square
from kiosk.model import Pixels

LIVE: Final = 4
"""Questions to a live picture: 28 ms of one core of a server, some 32 with all else."""

WITHOUT_LIMIT: Final = math.inf


class Glance:
    """Used for one picture, by one thread.

    Args:
        picture: BGR, shape (height, width, 3), upright.
        detector: finds faces in it.
        net: lays meshes over it.
        left: how many questions it may be asked.
    """

    def __init__(self, picture: Pixels, detector: FaceDetector, net: FaceMesh, left: float) -> None:
        self._picture, self._detector, self._net = picture, detector, net
        self.left = left

    def faces(self) -> tuple[Face, ...]:
        """Find faces, the largest first."""
        self._ask()
        return self._detector.find(self._picture)

    def mesh(self, square: Square) -> Mesh:
        """Look once at ``square``."""
        self._ask()
        return self._net.measure(self._picture, square)

    def mirrored(self, square: Square) -> Mesh:
        """Look once at ``square`` in a mirror, and return the mesh where it is without one."""
        self._ask()
        width = self._picture.shape[1]
        mirrored = np.asarray(cv2.flip(self._picture, 1), np.uint8)
        found = self._net.measure(mirrored, square.in_mirror(width))
        points = found.points * np.array([-1.0, 1.0, 1.0]) + np.array([width, 0.0, 0.0])
        return replace(found, points=points)

    def _ask(self) -> None:
        if self.left < 1:
            raise AssertionError("who asks looks first whether there is a question left")
        self.left -= 1
