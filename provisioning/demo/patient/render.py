"""Draw a head as a camera would see it.

The outline and what hides what are exact to the float: the middle of each pixel, and at edges of
each quarter of a pixel, is tried against the projected mesh.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.model import Pixels
from provisioning.demo.patient import raster
from provisioning.demo.patient.head import Head
from provisioning.demo.patient.layer import GAMMA, Layer, layers
from provisioning.demo.patient.light import Lamps
from provisioning.demo.patient.pose import Attitude, Pinhole

Flags = npt.NDArray[np.bool_]

_NOISE = 1.2
"""Standard deviation of the sensor's noise, grey values."""

_NOISE_ROWS = 64
"""Rows of noise that are made for each picture, to be laid over it again and again."""

_BACKDROP = ((0.36, 0.33, 0.30), (0.22, 0.20, 0.18))
"""Blue, green, red in linear light: middle of the backdrop and its corners, lamps full."""

_BACKDROP_STEP = 16
_FINER = 2
"""Edges are drawn so many times finer, then reduced."""

_EDGE = 0.008
"""What makes an edge: a step in 1 / distance among neighbours, 1 / metres."""


@dataclass(frozen=True, slots=True)
class Renderer:
    """Draws a head before a plain backdrop.

    Attributes:
        head: whose.
        camera: the pictures' size and the focal length.
        smooth: whether edges are drawn finer, as a lens would show them.
    """

    head: Head
    camera: Pinhole
    smooth: bool = True

    def picture(
        self, attitude: Attitude, lamps: Lamps | None = None, seed: int | None = 0
    ) -> Pixels:
        """Draw one picture.

        Args:
            attitude: how the head is held and what its face does.
            lamps: how they burn; nearly full if None.
            seed: of the sensor's noise; without noise if None.

        Returns:
            BGR in sRGB, shape (height, width, 3).
        """
        lamps = Lamps() if lamps is None else lamps
        both = layers(self.head, attitude, self.camera, lamps)
        picture = room(self.camera, lamps)
        whole = raster.Grid(self.camera.width, self.camera.height)
        shown = _draw(picture.reshape(-1, 3), both, whole)
        if self.smooth:
            edges = _edges(shown, both[0], picture.shape[:2])
            _draw_finer(picture, room(self.camera, lamps), both, edges)
        if seed is not None:
            _add_noise(picture, seed)
        return picture


def _draw(
    samples: Pixels, both: tuple[Layer, Layer], grid: raster.Grid
) -> tuple[raster.Seen, raster.Seen]:
    """Draw both layers over the colours of samples, (n, 3); return what is seen of each."""
    solid, over = both
    below = raster.seen(solid.corners, solid.nearness, grid)
    samples[below.sample] = _stored(solid.colours(below))
    nearest = np.zeros(len(samples), np.float32)
    nearest[below.sample] = below.nearness
    above = raster.seen(over.corners, over.nearness, grid)
    above = above.where(above.nearness > nearest[above.sample])
    shown = over.colours(above)
    under = samples[above.sample].astype(np.float32)
    share = shown[:, 3:] / np.float32(255)
    samples[above.sample] = _stored(under + (shown[:, :3] - under) * share)
    return below, above


def _stored(colours: npt.NDArray[np.float32]) -> Pixels:
    return np.asarray(np.clip(colours, 0, 255) + np.float32(0.5), np.uint8)


def _edges(shown: tuple[raster.Seen, raster.Seen], solid: Layer, shape: tuple[int, ...]) -> Flags:
    """Tell where neighbours differ in distance or material, (height, width)."""
    near = np.zeros(shape[0] * shape[1], np.float32)
    made_of = np.zeros(len(near), np.uint8)
    for found in shown:
        near[found.sample] = found.nearness
    made_of[shown[0].sample] = solid.materials[shown[0].triangle] + 1
    square = np.ones((3, 3), np.uint8)
    steps = [
        cv2.morphologyEx(values.reshape(shape), cv2.MORPH_GRADIENT, square) > limit
        for values, limit in ((near, _EDGE), (made_of, 0))
    ]
    return np.asarray(steps[0] | steps[1])


def _draw_finer(picture: Pixels, backdrop: Pixels, both: tuple[Layer, Layer], edges: Flags) -> None:
    """Draw the edges again in parts of pixels, and put their mean into the picture."""
    height, width = edges.shape
    grid = raster.Grid(width, height, _FINER, edges)
    samples = np.repeat(backdrop[edges], _FINER**2, axis=0)
    _draw(samples, both, grid)
    mean = samples.reshape(-1, _FINER**2, 3).mean(axis=1, dtype=np.float32)
    picture[edges] = _stored(mean)


def room(camera: Pinhole, lamps: Lamps) -> Pixels:
    """Draw the backdrop with nobody before it, BGR."""
    columns, rows = camera.width // _BACKDROP_STEP + 2, camera.height // _BACKDROP_STEP + 2
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    distance = np.clip(np.hypot(x, y * 0.8) / 1.3, 0.0, 1.0)[..., None]
    middle, corner = (np.array(colour) for colour in _BACKDROP)
    # The lamp on one side lights the backdrop's other side a little more.
    level = 0.25 * lamps.fill + 0.4 * (lamps.left * (1 + 0.2 * x) + lamps.right * (1 - 0.2 * x))
    light = (middle + (corner - middle) * distance) * level[..., None]
    stored = (np.clip(light, 0, 1) ** (1 / GAMMA) * 255).astype(np.float32)
    large = cv2.resize(stored, (camera.width, camera.height), interpolation=cv2.INTER_LINEAR)
    return _stored(np.asarray(large, np.float32))


def _add_noise(picture: Pixels, seed: int) -> None:
    """Add noise in place; a band of it is made and laid down the picture at shifted columns."""
    rng = np.random.default_rng(seed)
    height, width = picture.shape[:2]
    band = np.rint(rng.normal(0.0, _NOISE, (_NOISE_ROWS, width, 3))).astype(np.int16)
    for top in range(0, height, _NOISE_ROWS):
        part = picture[top : top + _NOISE_ROWS]
        shifted = np.roll(band, int(rng.integers(width)), axis=1)[: len(part)]
        cv2.add(part, shifted, dst=part, dtype=cv2.CV_8U)
