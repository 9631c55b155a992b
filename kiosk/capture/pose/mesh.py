"""The face mesh: 478 points of a face that can be seen from the front or at an angle.

The network looks at a square that holds the face upright. Where the square lies changes what it
answers a little, so the square is laid anew around the points found until it stays; from frame
to frame it starts where it was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from kiosk.capture.pose.cover import LAYERS, Covering, Maps, Readout
from kiosk.capture.pose.detector import Face
from kiosk.capture.pose.geometry import Array
from kiosk.capture.pose.models import FACE_MESH, load_network
from kiosk.model import Pixels

POINTS: Final = 478
SIDE: Final = 256
"""Of the network's square, pixels."""

RIGHT_EYE_OUTER: Final = 33
LEFT_EYE_OUTER: Final = 263
"""Indices of the outer corners of the patient's right and left eye."""

FOREHEAD, CHIN = 10, 152
"""Points whose distance is the face's height."""

_EYES: Final = ((33, 133), (362, 263))
"""Outer and inner corner of the right eye, inner and outer of the left."""

_MARGIN: Final = 1.5
"""The square's side over the extent of the face, as the network was trained (MediaPipe)."""


@dataclass(frozen=True, slots=True)
class Square:
    """Where the network looks.

    Centre and side are pixels, ``turn`` is how far its upper side is turned, radians clockwise in
    the picture.
    """

    x: float
    y: float
    side: float
    turn: float

    def matrix(self) -> Array:
        """Return the affine map from the picture to the network's square, shape (2, 3)."""
        factor = SIDE / self.side
        c, s = np.cos(self.turn) * factor, np.sin(self.turn) * factor
        linear = np.array([[c, s], [-s, c]])
        shift = np.full(2, SIDE / 2) - linear @ (self.x, self.y)
        return np.hstack([linear, shift[:, None]])

    def in_mirror(self, width: int) -> Square:
        """Return where it is in the mirror image of a picture of this width."""
        return replace(self, x=width - self.x, turn=-self.turn)


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What the network says of one square.

    Attributes:
        points: in the square, shape (478, 3), pixels.
        score: see ``Mesh``.
        maps: of its layers, see ``cover``.
    """

    points: Array
    score: float
    maps: Maps


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """The points of one face.

    Attributes:
        points: shape (478, 3): x and y in pixels of the picture, z on the same scale, away from
            the viewer.
        score: 0 to 1, how sure the network is that it looks at a face.
        answers: of the network, whose mean the points are; none where only points are kept.
    """

    points: Array
    score: float
    answers: tuple[Answers, ...] = ()

    def covering(self, readout: Readout) -> Covering:
        """Return how likely it is that something lies over the face.

        Raises:
            ValueError: only the points were kept.
        """
        looks = ((one.maps, one.points[:, :2] / SIDE) for one in self.answers)
        return Covering.read(readout, looks)

    def square(self) -> Square:
        """Return the square to look at for these points."""
        across = self.points[LEFT_EYE_OUTER, :2] - self.points[RIGHT_EYE_OUTER, :2]
        turn = float(np.arctan2(across[1], across[0]))
        c, s = np.cos(turn), np.sin(turn)
        upright = self.points[:, :2] @ np.array([[c, -s], [s, c]])
        low, high = upright.min(axis=0), upright.max(axis=0)
        x, y = np.array([[c, -s], [s, c]]) @ ((low + high) / 2)
        return Square(float(x), float(y), float((high - low).max()) * _MARGIN, turn)


def eye_widths(mesh: Mesh) -> tuple[float, float]:
    """Return how wide the right and the left eye are seen, pixels."""
    right, left = (
        float(np.linalg.norm(mesh.points[one, :2] - mesh.points[other, :2])) for one, other in _EYES
    )
    return right, left


def lean(mesh: Mesh) -> float:
    """Return how far the line from chin to forehead leans away from the viewer, degrees."""
    forehead, chin = mesh.points[FOREHEAD], mesh.points[CHIN]
    return float(np.degrees(np.arctan2(forehead[2] - chin[2], chin[1] - forehead[1])))


def first_square(face: Face) -> Square:
    """Return where to look first for a face that the detector found."""
    x, y, w, h = face.box
    across = face.points[1] - face.points[0]
    # Of a face seen from the side both eyes lie together and tell nothing about the turn.
    turn = float(np.arctan2(across[1], across[0])) if across[0] > w / 7 else 0.0
    return Square(x + w / 2, y + h / 2, max(w, h) * _MARGIN, turn)


class FaceMesh:
    """Not to be shared between threads."""

    def __init__(self) -> None:
        self._net = load_network(FACE_MESH)
        names = self._net.getLayerNames()
        self._asked = ("Identity", "Identity_1", *(names[layer] for layer in LAYERS))

    def measure(self, picture: Pixels, square: Square) -> Mesh:
        """Look once at ``square`` of a BGR picture of shape (height, width, 3)."""
        found = self.answers(picture, square)
        to_square = square.matrix()
        back = np.linalg.inv(to_square[:, :2])
        flat = (found.points[:, :2] - to_square[:, 2]) @ back.T
        depth = found.points[:, 2:] * (square.side / SIDE)
        return Mesh(np.hstack([flat, depth]), found.score, (found,))

    def answers(self, picture: Pixels, square: Square) -> Answers:
        """Look once at ``square``, and return all that is answered, as it is."""
        cut = cv2.warpAffine(picture, square.matrix(), (SIDE, SIDE), flags=cv2.INTER_LINEAR)
        self._net.setInput(cv2.dnn.blobFromImage(cut, 1 / 255.0, swapRB=True))
        landmarks, logit, *maps = self._net.forward(self._asked)
        points = np.asarray(landmarks, np.float64).reshape(POINTS, 3)
        score = 1.0 / (1.0 + np.exp(-float(np.asarray(logit).ravel()[0])))
        return Answers(points, score, [np.asarray(one[0], np.float32) for one in maps])
