"""What is laid over faces: hands, held and placed as chance will have it, bare or in gloves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from kiosk.capture.pose.mesh import Mesh
from kiosk.model import Pixels
from provisioning.cover_model.hand import Gesture, Hand, HandData, Skin, draw, posed
from provisioning.demo.patient.light import Lamps
from provisioning.demo.patient.pose import Pinhole, rotation

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a hand lies.

    Attributes:
        share: how often.
        points: of the mesh; one of them.
        turned: degrees by which the arm may come from elsewhere than below, to either side.
    """

    share: float
    points: tuple[int, ...]
    turned: float


PLACES: Final = (
    Place(0.36, (152, 200, 199, 18, 148, 377, 150, 379, 172, 397, 136, 365), 80.0),
    Place(0.30, (10, 151, 9, 108, 337, 67, 297, 103, 332, 21, 251, 69, 299), 130.0),
    Place(0.14, (50, 280, 205, 425, 187, 411, 123, 352), 90.0),
    Place(0.20, (13, 1, 4, 6, 159, 386, 61, 291, 168), 100.0),
)
"""Chin and jaw, forehead and temples, cheeks, and what is between them."""

GESTURES: Final = (
    ((8.0, 5.0, 5.0, 5.0, 5.0), 25.0),
    ((15.0, 28.0, 28.0, 28.0, 30.0), 20.0),
    ((25.0, 50.0, 52.0, 55.0, 55.0), 15.0),
    ((35.0, 78.0, 80.0, 80.0, 80.0), 8.0),
    ((20.0, 10.0, 70.0, 78.0, 80.0), 10.0),
    ((25.0, 18.0, 20.0, 72.0, 76.0), 12.0),
)
"""Flat, bent, half closed, a fist, one finger, two: how far each part of a finger is bent, and the
standard deviation of all of them together."""

_FACING: Final = (180.0, 0.0, 90.0, -90.0)
_FACING_SHARES: Final = (0.55, 0.15, 0.15, 0.15)
"""What of a hand is seen: mostly its back, else its palm or a side."""

GLOVES: Final = (
    (205.0, 150.0, 70.0),
    (228.0, 226.0, 222.0),
    (38.0, 36.0, 36.0),
    (150.0, 170.0, 90.0),
    (190.0, 110.0, 130.0),
    (160.0, 215.0, 240.0),
)
"""Blue, white, black, green, violet, of latex: BGR."""

_GLOVED: Final = 0.2
_OWN: Final = 0.6
"""Of bare hands; the others are of other people."""

_SMOOTH: Final = 0.2
"""Of bare hands; nothing is seen on them but light."""

_LEFT: Final = 0.5
_EVENLY_LIT: Final = 0.2
_EVEN: Final = Lamps(0.15, 0.15, 3.0)
"""Light from everywhere, as if a hand were flat."""

_BEFORE_M: Final = 0.09
"""A face is seen that far before the head's middle."""

_BESIDE: Final = 0.04
"""Standard deviation of where a hand lies, in heights of the face."""

_LENGTHS: Final = (0.85, 1.12)
_REACHES: Final = 0.6
"""Share of a vertex that must follow a finger or the palm for it to lie on the face."""


@dataclass(frozen=True, slots=True, eq=False)
class Bare:
    """One picture of a face that nothing covers yet.

    Attributes:
        picture: BGR.
        mesh: of the face.
        skin: its colour in full light, BGR, 0 to 255.
        others: the same of other people.
        camera: that took it.
        distance: from the camera to the head's middle, metres.
        lamps: that lit it.
    """

    picture: Pixels
    mesh: Mesh
    skin: Floats
    others: Sequence[Floats]
    camera: Pinhole
    distance: float
    lamps: Lamps


def over(picture: Pixels, bare: Bare, data: HandData, rng: np.random.Generator) -> Floats:
    """Draw a hand over a face, in place; return how much of each pixel it covers, 0 to 1.

    Args:
        picture: of that face, who may wear something.
        bare: the same without.
        data: of hands.
        rng: chance.
    """
    place = PLACES[int(rng.choice(len(PLACES), p=[one.share for one in PLACES]))]
    gesture = _gesture(place, rng)
    at = posed(data, rng.dirichlet(np.ones(len(data.shapes))), gesture) * rng.uniform(*_LENGTHS)
    fingers = np.flatnonzero(data.weights[:, 1:].sum(axis=1) > _REACHES)
    touching = at[rng.choice(fingers)]
    height = float(np.ptp(bare.mesh.points[:, 1]))
    target = bare.mesh.points[int(rng.choice(place.points)), :2]
    target = target + rng.normal(0.0, _BESIDE * height, 2)
    there = _before(target, bare.camera, bare.distance - _BEFORE_M)
    hand = Hand(at - touching + there, gesture.left, _skin(bare.skin, bare.others, data, rng))
    lamps = _EVEN if rng.random() < _EVENLY_LIT else bare.lamps
    return draw(picture, data, hand, bare.camera, lamps)


def _before(target: Floats, camera: Pinhole, depth: float) -> Floats:
    """Return what is seen at a place of the picture, so far before the camera, (3,) metres."""
    x, y = target
    across, up = (x - camera.width / 2) / camera.focal, (camera.height / 2 - y) / camera.focal
    return np.array([across * depth, up * depth, -depth])


def _gesture(place: Place, rng: np.random.Generator) -> Gesture:
    curls, spread = GESTURES[int(rng.integers(len(GESTURES)))]
    more, each = rng.normal(0.0, spread), rng.normal(0.0, 6.0, 5)
    curl = np.clip(np.array(curls) + more + each, -5.0, 92.0)
    curl[0] = np.clip(curls[0] + each[0] * 2, -5.0, 50.0)
    facing = float(rng.choice(_FACING, p=_FACING_SHARES))
    turn = rotation(0.0, 0.0, rng.uniform(-place.turned, place.turned))
    turn = turn @ rotation(0.0, rng.normal(0.0, 20.0), 0.0)
    turn = turn @ rotation(facing + rng.normal(0.0, 22.0), 0.0, 0.0)
    return Gesture(
        tuple(curl.tolist()),
        float(abs(rng.normal(0.0, 5.0))),
        float(rng.normal(0.0, 25.0)),
        turn,
        bool(rng.random() < _LEFT),
    )


def _skin(own: Floats, others: Sequence[Floats], data: HandData, rng: np.random.Generator) -> Skin:
    if rng.random() < _GLOVED:
        glove = np.array(GLOVES[int(rng.integers(len(GLOVES)))])
        return Skin(np.clip(glove * rng.uniform(0.8, 1.1), 0, 250), None)
    if rng.random() >= _OWN:
        own = others[int(rng.integers(len(others)))]
    colour = own * rng.uniform(0.82, 1.12) * (1.0 + rng.normal(0.0, 0.025, 3))
    smooth = rng.random() < _SMOOTH
    return Skin(np.clip(colour, 5, 250), None if smooth else int(rng.integers(len(data.tones))))
