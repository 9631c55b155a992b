"""Finds faces: YuNet, which sees a face at every yaw up to profile."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from kiosk.capture.pose.geometry import Array
from kiosk.capture.pose.models import YUNET, model_bytes
from kiosk.model import Pixels

_WIDTH = 320
"""Pictures are searched at this width: 5 ms instead of 18 at twice the width, and as sure for a
face that fills a tenth of the picture or more."""

_HIGHEST = 640
"""Pictures higher than this at that width are searched smaller still."""

_LEAST_SCORE = 0.6
_OVERLAP = 0.3
_AT_MOST = 50


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face in a picture.

    Attributes:
        box: left, top, width, height; pixels of the picture searched.
        points: shape (5, 2): the eye, eye, nose tip, mouth corner, mouth corner; of each pair
            the one on the left of the picture first, for a face that looks into the camera.
        score: 0 to 1.
    """

    box: tuple[float, float, float, float]
    points: Array
    score: float

    @property
    def area(self) -> float:
        return self.box[2] * self.box[3]


class FaceDetector:
    """Not to be shared between threads."""

    def __init__(self) -> None:
        # OpenCV's new engine warns of a setting that the detector makes by itself.
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
        # The network's text form does not exist for ONNX: an empty buffer says so.
        self._net = cv2.FaceDetectorYN.create(
            "onnx",
            model_bytes(YUNET),
            np.zeros(0, np.uint8),
            (_WIDTH, _WIDTH),
            _LEAST_SCORE,
            _OVERLAP,
            _AT_MOST,
        )

    def find(self, picture: Pixels) -> tuple[Face, ...]:
        """Return the faces of a BGR picture of shape (height, width, 3), the largest first."""
        height, width = picture.shape[:2]
        factor = min(_WIDTH / width, _HIGHEST / height)
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        self._net.setInputSize(size)
        _, rows = self._net.detect(small)
        if rows is None:
            return ()
        back = np.array([width / size[0], height / size[1]])
        faces = [_face(np.asarray(row, np.float64), back) for row in rows]
        return tuple(sorted(faces, key=lambda face: -face.area))


def _face(row: Array, back: Array) -> Face:
    x, y, w, h = row[:4] * np.tile(back, 2)
    points = row[4:14].reshape(5, 2) * back
    return Face((float(x), float(y), float(w), float(h)), points, float(row[14]))
