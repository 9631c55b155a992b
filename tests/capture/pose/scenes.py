"""The camera of these tests, and what may lie over a face."""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np

from kiosk.capture.pose.geometry import Array, Pinhole
from kiosk.capture.pose.mesh import Mesh
from kiosk.model import Pixels
from provisioning.demo.patient import pose
from provisioning.demo.patient.light import Lamps
from provisioning.demo.patient.pose import Attitude

CAMERA = Pinhole(640, 480, 1250.0)
LENS = pose.Pinhole(640, 480, 1250.0)

_FRAME = (25, 22, 20)
_EYES = ((33, 133, 159, 145), (263, 362, 386, 374))


class Draw(Protocol):
    """Renders one of the demo's patients."""

    def __call__(
        self, name: str, held: Attitude, lamps: Lamps | None = None, seed: int = 0
    ) -> Pixels: ...


def glasses(picture: Pixels, mesh: Mesh, *, dark: bool = False) -> Pixels:
    """Return a picture with round glasses painted on."""
    worn = picture.copy()
    middles = [mesh.points[list(eye), :2].mean(axis=0) for eye in _EYES]
    across = middles[1] - middles[0]
    size = float(np.linalg.norm(across))
    for middle in middles:
        ring = (tuple(float(one) for one in middle), (size * 0.75, size * 0.65), 0.0)
        cv2.ellipse(worn, ring, _FRAME, -1 if dark else 2, cv2.LINE_AA)
    ends = [np.rint(middles[0] + across * share).astype(int).tolist() for share in (0.38, 0.62)]
    cv2.line(worn, ends[0], ends[1], _FRAME, 2, cv2.LINE_AA)
    return worn


def hand(picture: Pixels, at: Array, size: float, degrees: float, skin: Array) -> Pixels:
    """Return a picture with a palm and four fingers over it.

    Args:
        picture: BGR.
        at: the hand's middle, pixels.
        size: half of its length, pixels.
        degrees: how far it is turned clockwise.
        skin: its colour, BGR.
    """
    turn = np.radians(degrees)
    axes = size * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])

    def place(across: float, down: float) -> list[int]:
        return [int(one) for one in np.rint((at + axes @ (across, down)) * 16)]

    shape = np.zeros(picture.shape[:2], np.uint8)
    gaps = shape.copy()
    palm = np.array([place(-0.55, 0), place(0.55, 0), place(0.5, 1.2), place(-0.5, 1.2)])
    cv2.fillConvexPoly(shape, palm, 255, cv2.LINE_AA, 4)
    for finger in range(4):
        root = -0.42 + 0.28 * finger
        tip = place(root * 1.1, -0.95 + 0.12 * abs(finger - 1.5))
        cv2.line(shape, place(root, 0.1), tip, 255, max(1, int(size * 0.26)), cv2.LINE_AA, 4)
    for gap in range(3):
        root = -0.28 + 0.28 * gap
        ends = place(root, 0.2), place(root * 1.1, -0.8)
        cv2.line(gaps, *ends, 255, max(1, int(size * 0.03)), cv2.LINE_AA, 4)
    share = cv2.GaussianBlur(shape, (0, 0), 1.0)[..., None] / 255.0
    shade = 1.0 - 0.45 * cv2.GaussianBlur(gaps, (0, 0), 1.2)[..., None] / 255.0
    over = picture * (1.0 - share) + skin * shade * share
    return np.asarray(np.clip(over, 0, 255), np.uint8)


def skin_of(picture: Pixels, mesh: Mesh) -> Array:
    """Return the colour of the cheek that is better seen, BGR."""
    cheeks = mesh.points[[50, 280], :2]
    nearer = cheeks[int(np.argmax(np.linalg.norm(cheeks - mesh.points[1, :2], axis=1)))]
    x, y = (int(one) for one in nearer)
    return np.asarray(picture[y - 4 : y + 5, x - 4 : x + 5].reshape(-1, 3).mean(axis=0) * 0.95)
