"""Painting a head's texture: skin, brows, eyes, hair."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.model import Pixels
from provisioning.demo.patient import atlas
from provisioning.demo.patient.atlas import Patch
from provisioning.demo.patient.data import HeadData
from provisioning.demo.patient.person import Person

Colours = npt.NDArray[np.float32]

_PORES = 3.0
"""Standard deviation of the skin's finest detail, grey values."""

_BROW_STRENGTH = 0.85
_PUPIL, _IRIS, _LIMBUS = 0.17, 0.48, 0.53
"""Angles from the eye's axis, radians: edge of pupil, of iris, and of the dark ring around it."""

_STUBBLE = 0.55
_HEM_WIDE = 0.10
"""Width of the gown's hem, decimetres."""

_WHITE = (200.0, 208.0, 214.0)
_PLAIN = {
    Patch.SOCKET: (90.0, 96.0, 150.0),
    Patch.GOWN: (178.0, 168.0, 142.0),
    Patch.TEETH: (196.0, 214.0, 224.0),
    Patch.TONGUE: (92.0, 88.0, 158.0),
    Patch.MOUTH: (40.0, 38.0, 92.0),
}


def paint(data: HeadData, person: Person) -> Pixels:
    """Return a person's opaque texture, BGR."""
    width, height = atlas.SIZE
    picture = np.zeros((height, width, 3), np.float32)
    skin = _skin(data, person)
    picture[: atlas.HEAD_SIZE[1]] = skin
    for patch, colour in _PLAIN.items():
        _fill(picture, patch, colour)
    neck = data.neckline.astype(np.float32)[..., None] / 255
    torso = np.asarray((skin * neck).sum(axis=(0, 1)) / neck.sum(), np.float32)
    picture[: atlas.HEAD_SIZE[1]] += (torso - skin) * neck
    _fill(picture, Patch.TORSO, tuple(torso.tolist()))
    _eye(picture, person.iris)
    return np.asarray(np.clip(np.rint(picture), 0, 255), np.uint8)


def overlay(data: HeadData, person: Person) -> Pixels:
    """Return what lies over the texture, BGRA: strands of hair and lashes."""
    width, height = atlas.SIZE
    picture = np.zeros((height, width, 4), np.float32)
    mask = data.hairline.astype(np.float32) / 255
    rng = np.random.default_rng(3)
    strands = _strands(rng, mask.shape)
    picture[..., :3] = np.array(person.hair, np.float32) * 0.35
    head = picture[: atlas.HEAD_SIZE[1]]
    head[..., :3] = np.array(person.hair, np.float32) * strands[..., None]
    # Single hairs break the edge of the hairline up.
    head[..., 3] = np.clip((mask - 0.22 + (strands - 1.0) * 0.25) * 4.0, 0, 1) * 255
    _collar(picture)
    _lashes(picture, rng)
    return np.asarray(np.clip(np.rint(picture), 0, 255), np.uint8)


def _skin(data: HeadData, person: Person) -> Colours:
    size = atlas.HEAD_SIZE
    large = cv2.resize(data.skins[person.skin], size, interpolation=cv2.INTER_CUBIC)
    rng = np.random.default_rng(11)
    coarse = rng.normal(0, _PORES * 3, (size[1], size[0])).astype(np.float32)
    pores = rng.normal(0, _PORES, coarse.shape).astype(np.float32)
    pores += np.asarray(cv2.GaussianBlur(coarse, (0, 0), 2.0), np.float32)
    hair = np.array(person.hair, np.float32)
    skin = np.asarray(large.astype(np.float32) + pores[..., None], np.float32)
    skin = _mixed(skin, hair * np.float32(0.8), data.brows, _BROW_STRENGTH)
    return _mixed(skin, hair, data.hairline, _STUBBLE) if person.hair_m > 0 else skin


def _mixed(skin: Colours, colour: Colours, mask: Pixels, strength: float) -> Colours:
    share = mask.astype(np.float32)[..., None] * np.float32(strength / 255)
    return np.asarray(skin + (colour - skin) * share, np.float32)


def _strands(rng: np.random.Generator, shape: tuple[int, ...]) -> Colours:
    """Return how bright hair is, about 1: long streaks, finer on coarser."""
    fine = cv2.GaussianBlur(rng.normal(0, 1, shape).astype(np.float32), (0, 0), 5.0, sigmaY=0.7)
    coarse = cv2.GaussianBlur(rng.normal(0, 1, shape).astype(np.float32), (0, 0), 16.0, sigmaY=2.5)
    return np.asarray(1.0 + 0.28 * fine / fine.std() + 0.22 * coarse / coarse.std(), np.float32)


def _fill(picture: Colours, patch: Patch, colour: tuple[float, ...]) -> None:
    left, top, width, height = patch.box
    picture[top : top + height, left : left + width] = colour


def _eye(picture: Colours, iris: tuple[int, int, int]) -> None:
    left, top, width, height = Patch.EYE.box
    middle = Patch.EYE.middle
    y, x = np.mgrid[top : top + height, left : left + width] + 0.5
    x, y = x - middle[0], y - middle[1]
    angle = np.hypot(x, y) * (atlas.EYE_REACH / atlas.EYE_RADIUS)
    fibres = np.random.default_rng(5).normal(0, 1, 720).astype(np.float32)
    turn = ((np.arctan2(y, x) / (2 * np.pi) + 0.5) * 719).astype(int)
    inner = np.array(iris, np.float32) * (1.0 + 0.16 * fibres[turn])[..., None]
    inner *= (0.75 + 0.5 * np.clip((angle - _PUPIL) / (_IRIS - _PUPIL), 0, 1))[..., None]
    colour = np.zeros((height, width, 3), np.float32) + np.array(_WHITE, np.float32)
    # Redder towards the corners.
    colour *= 1.0 - np.clip(angle - 0.7, 0, 1)[..., None] * np.array((0.22, 0.22, 0.08))
    edges = ((_LIMBUS, np.array(iris, np.float32) * 0.35), (_IRIS, inner), (_PUPIL, 8.0))
    for edge, inside in edges:
        share = np.clip((edge - angle) / 0.03 + 0.5, 0, 1)[..., None]
        colour += (inside - colour) * share
    picture[top : top + height, left : left + width] = colour


def _lashes(picture: Colours, rng: np.random.Generator) -> None:
    left, top, width, height = Patch.LASHES.box
    root = np.linspace(0.0, 1.0, height)[:, None]
    comb = cv2.GaussianBlur(rng.uniform(0, 1, (1, width)).astype(np.float32), (0, 0), 1.2)[0]
    comb = np.clip((comb - comb.mean()) / comb.std() * 0.6 + 0.5, 0, 1)
    alpha = np.clip(comb[None, :] * root * 1.3 + (root - 0.75) * 2.0, 0, 1) * 235
    box = picture[top : top + height, left : left + width]
    box[..., :3] = 12.0
    box[..., 3] = alpha


def _collar(picture: Colours) -> None:
    left, top, width, height = Patch.COLLAR.box
    beyond = (np.arange(height) + 0.5) / height - 0.5
    hem = np.where(beyond * 2 * atlas.COLLAR_REACH < _HEM_WIDE, 0.86, 1.0)
    box = picture[top : top + height, left : left + width]
    box[..., :3] = np.array(_PLAIN[Patch.GOWN]) * hem[:, None, None]
    box[..., 3] = (np.clip(beyond * height + 0.5, 0, 1) * 255)[:, None]
