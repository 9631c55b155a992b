"""BlazePose: where the joints of a body are, and which part of the picture it fills.

The network looks at a square that holds the whole body. Only the trunk is in a view's picture; what
lies beyond the picture's edge is filled with its outermost pixels, so that thighs go on as legs and
the neck goes on upwards. With black there instead, as MediaPipe has it, joints are missed twice as
far (docs/decisions/0088-bodies.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from kiosk.capture.pose.edges import Plane
from kiosk.capture.pose.geometry import Array
from kiosk.capture.pose.mesh import SIDE, Square
from kiosk.capture.pose.models import BODY, load_network
from kiosk.model import Pixels

JOINTS: Final = 33
"""Points of the body; the network's further six only help MediaPipe to follow it."""

_ROWS, _COLUMNS = 39, 5
"""Of its answer: x, y, z, and the logits of visible and present."""

_LOGIT: Final = 30.0
"""Keeps exponents finite."""


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """The answer for one square.

    Attributes:
        points: shape (33, 3): x and y in pixels of the picture, z on the same scale, away from
            the viewer, counted from the middle of the hips. Order: MediaPipe's BlazePose.
        visible: 0 to 1 for each, shape (33,).
        score: 0 to 1, how sure the network is that it looks at a body.
        mask: how surely each place of the square is of the body, 0 to 1, shape (256, 256).
        square: where it looked.
    """

    points: Array
    visible: Array
    score: float
    mask: Plane
    square: Square


class BodyNet:
    """Not to be shared between threads."""

    def __init__(self) -> None:
        self._net = load_network(BODY)

    def measure(self, picture: Pixels, square: Square) -> Laid:
        """Look once at ``square`` of a BGR picture of shape (height, width, 3)."""
        to_square = square.matrix()
        cut = cv2.warpAffine(
            picture,
            to_square,
            (SIDE, SIDE),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        self._net.setInput(cv2.dnn.blobFromImage(cut, 1 / 255.0, swapRB=True))
        answer, score, mask = self._net.forward(("Identity", "Identity_1", "Identity_2"))
        found = np.asarray(answer, np.float64).reshape(_ROWS, _COLUMNS)[:JOINTS]
        back = np.linalg.inv(to_square[:, :2])
        flat = (found[:, :2] - to_square[:, 2]) @ back.T
        depth = found[:, 2:3] * (square.side / SIDE)
        return Laid(
            np.hstack([flat, depth]),
            _sure(found[:, 3]),
            float(np.asarray(score).ravel()[0]),
            np.asarray(_sure(np.asarray(mask, np.float64).reshape(SIDE, SIDE)), np.float32),
            square,
        )


def _sure(logits: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits, -_LOGIT, _LOGIT))))
