"""What is rendered: heads of all kinds, held in all ways, in all kinds of light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from kiosk.capture.pose.geometry import Pinhole
from kiosk.model import Pixels
from provisioning.demo.patient import pose
from provisioning.demo.patient.head import EXPRESSIONS, Head
from provisioning.demo.patient.light import Lamps
from provisioning.demo.patient.pose import Attitude
from provisioning.demo.patient.render import Renderer

WIDTH, HEIGHT = 640, 480

Spread = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of pose: how often, yaw to either side, and the spread of yaw, pitch and roll.

    Degrees; ``spread`` is a standard deviation each.
    """

    share: float
    yaw: float
    pitch: float
    spread: tuple[float, float, float]


KINDS: Final = (
    Kind(0.25, 0.0, 0.0, (6.0, 6.0, 4.0)),
    Kind(0.20, 45.0, 0.0, (8.0, 6.0, 4.0)),
    Kind(0.15, 0.0, -35.0, (6.0, 8.0, 4.0)),
    Kind(0.20, 90.0, 0.0, (10.0, 7.0, 5.0)),
)
"""The views' own poses; what is left of the shares is anything, within ``ANYTHING``."""

ANYTHING: Final[Spread] = ((-100.0, 100.0), (-40.0, 35.0), (-15.0, 15.0))

_FOCAL_PX: Final = (1000.0, 1700.0)
_SIZE: Final = (0.85, 1.2)
"""Distance over that at which a head fills a silhouette."""

_SIZED_FOCAL_PX: Final = 1250.0
"""Focal length at which that distance is one metre."""

_ASIDE_M: Final = (0.05, 0.04)
_AT_REST: Final = 0.6
_SIDE_LIGHT: Final = 0.2
_BLUR_PX: Final = 1.0
_LEVEL: Final = (0.75, 1.2)


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture to be: how the head is held, by what camera it is seen, in what light.

    Attributes:
        held: the head.
        camera: that sees it.
        lamps: that light it.
        blur_px: standard deviation of the lens's or the focus's blur, pixels.
        level: what grey levels are multiplied with.
        seed: of the sensor's noise.
    """

    held: Attitude
    camera: Pinhole
    lamps: Lamps
    blur_px: float
    level: float
    seed: int


def scene(rng: np.random.Generator) -> Scene:
    """Return a scene as chance will have it."""
    yaw, pitch, roll = _angles(rng)
    focal = rng.uniform(*_FOCAL_PX)
    distance = focal / _SIZED_FOCAL_PX * rng.uniform(*_SIZE)
    held = Attitude(
        yaw=yaw,
        pitch=pitch,
        roll=roll,
        x=rng.uniform(-_ASIDE_M[0], _ASIDE_M[0]) * distance,
        y=rng.uniform(-_ASIDE_M[1], _ASIDE_M[1]) * distance,
        distance=distance,
        expression=_expression(rng),
    )
    return Scene(
        held,
        Pinhole(WIDTH, HEIGHT, focal),
        _lamps(rng),
        rng.uniform(0.0, _BLUR_PX),
        rng.uniform(*_LEVEL),
        int(rng.integers(1 << 30)),
    )


def picture(head: Head, wanted: Scene) -> Pixels:
    """Render a scene, BGR, shape (HEIGHT, WIDTH, 3)."""
    camera = pose.Pinhole(wanted.camera.width, wanted.camera.height, wanted.camera.focal_px)
    drawn = Renderer(head, camera).picture(wanted.held, wanted.lamps, seed=wanted.seed)
    blurred = cv2.GaussianBlur(drawn, (0, 0), max(wanted.blur_px, 0.1))
    return np.asarray(cv2.convertScaleAbs(blurred, alpha=wanted.level), np.uint8)


def _angles(rng: np.random.Generator) -> tuple[float, float, float]:
    left = rng.random()
    for kind in KINDS:
        left -= kind.share
        if left < 0.0:
            side = rng.choice((-1.0, 1.0))
            middle = np.array((side * kind.yaw, kind.pitch, 0.0))
            yaw, pitch, roll = middle + rng.normal(0.0, kind.spread)
            return float(yaw), float(pitch), float(roll)
    low, high = np.transpose(ANYTHING)
    yaw, pitch, roll = rng.uniform(low, high)
    return float(yaw), float(pitch), float(roll)


def _expression(rng: np.random.Generator) -> dict[str, float]:
    if rng.random() < _AT_REST:
        return {}
    return {str(rng.choice(list(EXPRESSIONS))): float(rng.uniform(0.0, 1.0))}


def _lamps(rng: np.random.Generator) -> Lamps:
    left, right = rng.uniform(0.4, 1.0, 2)
    if rng.random() < _SIDE_LIGHT:
        left, right = rng.permutation((left, rng.uniform(0.0, 0.2)))
    return Lamps(float(left), float(right), float(rng.uniform(0.6, 1.4)))
