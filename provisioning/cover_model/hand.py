"""A hand that is drawn over a picture: bent, turned, lit and coloured as asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.model import Pixels
from provisioning.demo.patient import raster
from provisioning.demo.patient.layer import GAMMA
from provisioning.demo.patient.light import Lamps, shade
from provisioning.demo.patient.pose import Pinhole
from provisioning.demo.patient.surface import vertex_normals

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

FILE: Final = "hand.npz"

_KNUCKLES: Final = ("joint-r-hand-3", "joint-r-hand-3", "joint-r-hand-2", "joint-r-hand-2")

BONES: Final[Mapping[str, tuple[str, str]]] = {
    "wrist": ("joint-r-hand", "joint-r-finger-3-1"),
    **{
        f"metacarpal{n}": (root, f"joint-r-finger-{n + 1}-1")
        for n, root in enumerate(_KNUCKLES, start=1)
    },
    **{
        f"finger{finger}-{part}": (
            f"joint-r-finger-{finger}-{part}",
            f"joint-r-finger-{finger}-{part + 1}",
        )
        for finger in range(1, 6)
        for part in range(1, 4)
    },
}
"""MakeHuman's bones of the right hand without their side, and the joints that they lie between."""

_WRIST, _FINGERS = 0, 5
_PARTS: Final = 3
_UNIT_M: Final = 1e-5
_TONES: Final = 64.0
_FINER: Final = 2
"""A hand is drawn so many times finer, then reduced."""

_OPEN: Final = 0.85
_SHADOW_PX: Final = 4.0
_DARKER: Final = 0.4
_ROUND_PX: Final = 16
_HOLLOW_M: Final = 0.012


@dataclass(frozen=True, slots=True)
class HandData:
    """The right hand and forearm, metres.

    Attributes:
        shapes: of four people, (4, v, 3).
        joints: where each of ``BONES`` begins and ends, (4, bones, 2, 3).
        weights: how much each vertex follows the forearm and each bone, (v, bones + 1).
        tones: colour over the mean colour, of each skin, (5, v, 3), BGR.
        triangles: (t, 3), counter-clockwise from outside.
    """

    shapes: Floats
    joints: Floats
    weights: Floats
    tones: Floats
    triangles: Numbers


@dataclass(frozen=True, slots=True)
class Gesture:
    """How a hand is held; degrees.

    Attributes:
        curl: how far each part of thumb, index, middle, ring and little finger is bent, (5,).
        spread: between neighbouring fingers.
        wrist: bent towards the palm.
        turn: from the hand's axes (X to the thumb, Y to the fingertips, Z out of the palm of a
            right hand) to the camera's, (3, 3).
        left: whether it is a left hand.
    """

    curl: tuple[float, ...]
    spread: float
    wrist: float
    turn: Floats
    left: bool


@dataclass(frozen=True, slots=True)
class Skin:
    """What a hand is covered with.

    Attributes:
        colour: BGR, 0 to 255.
        tone: which of ``HandData.tones`` varies it; None of a glove.
    """

    colour: Floats
    tone: int | None


def load() -> HandData:
    """Read the hand that lies beside this module."""
    with np.load(Path(__file__).with_name(FILE), allow_pickle=False) as archive:
        weights = archive["weights"].astype(np.float64)
        return HandData(
            shapes=archive["shapes"] * _UNIT_M,
            joints=archive["joints"].astype(np.float64),
            weights=weights / weights.sum(axis=1, keepdims=True),
            tones=archive["tones"] / _TONES,
            triangles=archive["triangles"].astype(np.int64),
        )


@dataclass(frozen=True, slots=True)
class Hand:
    """A hand that is held before a camera.

    Attributes:
        at: its vertices in the camera's axes, (v, 3), metres.
        left: whether it is a left one.
        skin: what it is covered with.
    """

    at: Floats
    left: bool
    skin: Skin


def posed(data: HandData, shares: Floats, gesture: Gesture) -> Floats:
    """Return the vertices in the camera's axes from the middle finger's root, (v, 3), metres.

    Args:
        data: of the hand.
        shares: of its four people, adding up to 1.
        gesture: how it is held.
    """
    vertices = np.tensordot(shares, data.shapes, 1)
    joints = np.tensordot(shares, data.joints, 1)
    axes = _axes(joints)
    origin = joints[_WRIST, 1]
    vertices, joints = (vertices - origin) @ axes.T, (joints - origin) @ axes.T
    moves = _moves(joints, gesture)
    moved = np.einsum("bij,vj->bvi", moves[:, :, :3], vertices) + moves[:, None, :, 3]
    bent = np.einsum("vb,bvi->vi", data.weights, moved)
    if gesture.left:
        bent = bent * [-1.0, 1.0, 1.0]
    return np.asarray(bent @ gesture.turn.T)


def draw(picture: Pixels, data: HandData, hand: Hand, camera: Pinhole, lamps: Lamps) -> Floats:
    """Draw a hand over a picture, in place; return how much of each pixel it covers, 0 to 1.

    Args:
        picture: BGR.
        data: of hands.
        hand: to be drawn.
        camera: that sees it.
        lamps: that light it.
    """
    at, skin = hand.at, hand.skin
    triangles = data.triangles[:, ::-1] if hand.left else data.triangles
    share = np.zeros(picture.shape[:2])
    box = _box(camera.project(at), share.shape)
    if box is None:
        return share
    x, y, width, height = box
    corners = (camera.project(at)[triangles] - (x, y)) * _FINER
    front = raster.facing(corners)
    shown, corners = triangles[front], corners[front]
    matt, shine = shade(vertex_normals(at, triangles), np.full(len(at), _OPEN), lamps)
    grid = raster.Grid(_FINER * width, _FINER * height)
    found = raster.seen(corners, (-1 / at[:, 2])[shown], grid)
    tone = np.ones((len(at), 3)) if skin.tone is None else data.tones[skin.tone]
    colours = skin.colour * tone * (matt ** (1 / GAMMA))[:, None] + shine[:, None] * 255
    drawn = np.zeros((grid.samples, 5), np.float32)
    for channel in range(3):
        drawn[found.sample, channel] = found.value(colours[:, channel][shown])
    drawn[found.sample, 3], drawn[found.sample, 4] = 1.0, found.nearness
    large = drawn.reshape(_FINER * height, _FINER * width, 5)
    large[..., :3] *= _hollows(large[..., 4], large[..., 3])[..., None]
    small = cv2.resize(large[..., :4], (width, height), interpolation=cv2.INTER_AREA)
    over = np.asarray(small[..., 3], np.float32)
    part = picture[y : y + height, x : x + width]
    under = part * (1.0 - _DARKER * _shadow(over)[..., None])
    part[:] = np.clip(under * (1.0 - over[..., None]) + small[..., :3] + 0.5, 0, 255)
    share[y : y + height, x : x + width] = over
    return share


def _box(places: Floats, shape: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    """Return left, top, width and height of what is drawn, shadows too; None if it is outside."""
    low = np.clip(np.floor(places.min(axis=0)) - _ROUND_PX, 0, shape[::-1]).astype(int)
    high = np.clip(np.ceil(places.max(axis=0)) + _ROUND_PX, 0, shape[::-1]).astype(int)
    width, height = (high - low).tolist()
    return (int(low[0]), int(low[1]), width, height) if min(width, height) > 0 else None


def _axes(joints: Floats) -> Floats:
    """Return the hand's axes: to the thumb, to the fingertips, out of the palm, (3, 3)."""
    along = joints[_WRIST, 1] - joints[_WRIST, 0]
    across = joints[_FINGERS + _PARTS, 0] - joints[_FINGERS + 4 * _PARTS, 0]
    palm = np.cross(across, along)
    rows = np.cross(along, palm), along, palm
    return np.array([row / np.linalg.norm(row) for row in rows])


def _moves(joints: Floats, gesture: Gesture) -> Floats:
    """Return how the forearm and each bone move, (bones + 1, 3, 4)."""
    still = np.hstack([np.eye(3), np.zeros((3, 1))])
    # The hand stays, the forearm bends the other way.
    arm = _about(joints[_WRIST, 0], np.array([1.0, 0.0, 0.0]), -gesture.wrist)
    moves = [arm] + [still] * _FINGERS
    for finger, curl in enumerate(gesture.curl):
        thumb = finger == 0
        towards = np.array([-0.7, 0.0, 0.7]) if thumb else np.array([0.0, 0.0, 1.0])
        apart = 0.0 if thumb else (2.5 - finger) * gesture.spread
        first = joints[_FINGERS + finger * _PARTS, 0]
        move = _about(first, np.array([0.0, 0.0, 1.0]), -apart)
        for part in range(_PARTS):
            begin, end = joints[_FINGERS + finger * _PARTS + part]
            axis = np.cross(end - begin, towards)
            move = _after(move, _about(begin, axis / np.linalg.norm(axis), curl))
            moves.append(move)
    return np.array(moves)


def _about(point: Floats, axis: Floats, degrees: float) -> Floats:
    turn, _ = cv2.Rodrigues(axis * np.radians(degrees))
    return np.hstack([turn, (point - turn @ point)[:, None]])


def _after(last: Floats, first: Floats) -> Floats:
    """Return the move that makes ``first``, then ``last``."""
    return np.hstack([last[:, :3] @ first[:, :3], last[:, :3] @ first[:, 3:] + last[:, 3:]])


def _hollows(nearness: npt.NDArray[np.float32], there: npt.NDArray[np.float32]) -> Floats:
    """Return how light a hand is between its fingers, 0 to 1."""
    around = cv2.GaussianBlur(nearness, (0, 0), 5.0)
    counted = np.maximum(cv2.GaussianBlur(there, (0, 0), 5.0), 1e-3)
    deeper = np.clip((around / counted - nearness) / _HOLLOW_M, 0.0, 1.0)
    return np.asarray(1.0 - 0.6 * deeper)


def _shadow(share: npt.NDArray[np.floating]) -> Floats:
    """Return how much of the lamps' light a hand keeps off what lies behind it, 0 to 1."""
    below = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, _SHADOW_PX]])
    return np.asarray(
        cv2.warpAffine(cv2.GaussianBlur(share, (0, 0), _SHADOW_PX), below, share.shape[::-1])
    )
