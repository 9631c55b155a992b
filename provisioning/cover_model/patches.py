"""What may lie over a face and is no hand of ours: skin of others, cloth, paper, in any shape."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.capture.pose.mesh import Mesh
from kiosk.model import Pixels

Floats = npt.NDArray[np.float64]

PLACES: Final = (
    (0.45, (10, 151, 9, 108, 337, 67, 297, 103, 332)),
    (0.35, (152, 200, 199, 175, 148, 377, 172, 397)),
    (0.20, (50, 280, 205, 425, 123, 352)),
)
"""Forehead, chin and jaw, cheeks: how often, and points of the mesh."""

_SKIN: Final = 0.6
_OWN_TONE: Final = 0.6
_SIZES: Final = (0.14, 0.32)
"""Half of what lies there, in heights of the face."""

_FINGERS: Final = (1, 6)
_SIDE: Final = 96
_EDGE: Final = 0.35


def over(picture: Pixels, mesh: Mesh, donor: Pixels, rng: np.random.Generator) -> Floats:
    """Lay something over a face, in place; return how much of each pixel it covers, 0 to 1.

    Args:
        picture: BGR.
        mesh: of the face.
        donor: skin of somebody, BGR.
        rng: chance.
    """
    points = PLACES[int(rng.choice(len(PLACES), p=[share for share, _ in PLACES]))][1]
    height = float(np.ptp(mesh.points[:, 1]))
    at = mesh.points[int(rng.choice(points)), :2] + rng.normal(0.0, 0.05 * height, 2)
    half = float(rng.uniform(*_SIZES)) * height
    shape = _fingers(rng) if rng.random() < _SKIN else _blob(rng)
    colour = _colour(picture, mesh, donor, rng)
    shaded = colour * _relief(shape, rng)[..., None]
    painted = np.dstack([shaded, shape]).astype(np.float32)
    turn = rng.uniform(0.0, 2 * np.pi)
    step = 2 * half / _SIDE
    c, s = np.cos(turn) * step, np.sin(turn) * step
    middle = np.full(2, _SIDE / 2)
    linear = np.array([[c, -s], [s, c]])
    to_picture = np.hstack([linear, (at - linear @ middle)[:, None]])
    laid = cv2.warpAffine(painted, to_picture, picture.shape[1::-1], flags=cv2.INTER_LINEAR)
    share = np.asarray(cv2.GaussianBlur(laid[..., 3], (0, 0), 0.8), np.float64)
    dark = 1.0 - rng.uniform(0.0, 0.4) * cv2.GaussianBlur(share, (0, 0), 4.0)
    mixed = picture * dark[..., None] * (1.0 - share[..., None]) + laid[..., :3] * share[..., None]
    picture[:] = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
    return share


def _fingers(rng: np.random.Generator) -> Floats:
    """Return some long shapes side by side, on a palm or without one, (side, side), 0 to 1."""
    drawn = np.zeros((_SIDE, _SIDE), np.uint8)
    number = int(rng.integers(*_FINGERS))
    apart = rng.uniform(0.12, 0.24) * _SIDE
    for finger in range(number):
        x = _SIDE / 2 + (finger - (number - 1) / 2) * apart
        length = rng.uniform(0.3, 0.46) * _SIDE
        box = ((x, float(_SIDE / 2)), (apart * rng.uniform(0.85, 1.1), 2 * length), 0.0)
        cv2.ellipse(drawn, box, 255, -1, cv2.LINE_AA)
    if number > 1 and rng.random() < _OWN_TONE:
        wide = int(number * apart / 2)
        middle = _SIDE // 2
        corner, other = (middle - wide, middle), (middle + wide, _SIDE - 2)
        cv2.rectangle(drawn, corner, other, 255, -1)
    return np.asarray(drawn / 255.0)


def _blob(rng: np.random.Generator) -> Floats:
    """Return the outline of anything, (side, side), 0 to 1."""
    angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(4, 12))))
    far = rng.uniform(0.25, 0.48, len(angles)) * _SIDE
    corners = _SIDE / 2 + np.stack([np.cos(angles), np.sin(angles)], axis=1) * far[:, None]
    drawn = np.zeros((_SIDE, _SIDE), np.uint8)
    cv2.fillPoly(drawn, [np.rint(corners).astype(np.int32)], 255, cv2.LINE_AA)
    soft = cv2.GaussianBlur(drawn.astype(np.float32) / 255, (0, 0), rng.uniform(0.5, 5.0))
    return np.asarray(np.clip((soft - 0.5) * 4.0 + 0.5, 0.0, 1.0), np.float64)


def _colour(picture: Pixels, mesh: Mesh, donor: Pixels, rng: np.random.Generator) -> Floats:
    """Return what colour it has, (side, side, 3): skin of its own or of the face's tone, or any."""
    if rng.random() >= _SKIN:
        plain = np.clip(rng.uniform(20, 235) * (1.0 + rng.normal(0, 0.2, 3)), 5, 245)
        return np.asarray(np.zeros((_SIDE, _SIDE, 3)) + plain)
    tile = cv2.resize(donor, (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC).astype(np.float64)
    if rng.random() < _OWN_TONE:
        cheeks = np.rint(mesh.points[[50, 280], :2]).astype(int)
        x = np.clip(cheeks[:, 0], 0, picture.shape[1] - 1)
        y = np.clip(cheeks[:, 1], 0, picture.shape[0] - 1)
        tile *= picture[y, x].mean(axis=0) / np.maximum(tile.mean(axis=(0, 1)), 1.0)
    return np.asarray(tile * rng.uniform(0.8, 1.15))


def _relief(shape: Floats, rng: np.random.Generator) -> Floats:
    """Return how brightly each place is lit: darker at the edges, a little more to one side."""
    inner = np.asarray(cv2.GaussianBlur(shape, (0, 0), rng.uniform(2.0, 6.0))) ** rng.uniform(0, 1)
    slope = np.linspace(-1.0, 1.0, _SIDE) * rng.uniform(-0.2, 0.2)
    return np.asarray((1.0 - _EDGE + _EDGE * inner) * (1.0 + slope))
