"""Draw a head as a camera would see it.

The outline and what hides what are exact to the float: each pixel's middle is tried against the
projected mesh. Over a triangle, texture and light are interpolated straight in the picture, which
for the few millimetres of a triangle differs from the true perspective by less than 0.05 pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.model import Pixels
from provisioning.demo.patient import raster
from provisioning.demo.patient.data import Material
from provisioning.demo.patient.head import Head
from provisioning.demo.patient.light import Lamps, gleam, shade
from provisioning.demo.patient.pose import Attitude, Pinhole
from provisioning.demo.patient.surface import vertex_normals

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_NOISE = 1.2
"""Standard deviation of the sensor's noise, grey values."""

_NOISE_ROWS = 64
"""Rows of noise that are made anew for each picture, to be laid over it again and again."""

_BACKDROP = ((0.36, 0.33, 0.30), (0.22, 0.20, 0.18))
"""Blue, green, red in linear light: middle of the backdrop and its corners, lamps full."""

_BACKDROP_STEP = 16
_LINE = 1024
_GAMMA = 2.2
_LIFT_M = 0.0004
"""Lashes and roots of hair lie this far over the skin, metres."""


def render(
    head: Head,
    attitude: Attitude,
    camera: Pinhole,
    lamps: Lamps | None = None,
    *,
    seed: int | None = 0,
    finer: int = 1,
) -> Pixels:
    """Draw a head before a plain backdrop.

    Args:
        head: whose.
        attitude: how it is held and what its face does.
        camera: the picture's size and the focal length.
        lamps: how they burn; nearly full if None.
        seed: of the sensor's noise; without noise if None.
        finer: how many times finer to draw before reducing: 2 smooths edges as a lens does and
            takes about three times as long.

    Returns:
        BGR in sRGB, shape (height, width, 3).
    """
    lamps = Lamps() if lamps is None else lamps
    large = Pinhole(camera.width * finer, camera.height * finer, camera.focal * finer)
    picture = _backdrop(large, lamps)
    _draw(picture, head, attitude, large, lamps)
    if finer > 1:
        size = (camera.width, camera.height)
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    if seed is not None:
        _add_noise(picture, seed)
    return picture


@dataclass(frozen=True, slots=True)
class _Surface:
    """The mesh before the camera.

    Attributes:
        places: (v, 2), pixels.
        nearness: (v,), 1 / metres.
        normals: (v, 3).
        light, shine: (v,), what a stored colour is multiplied with, and what is added (0 to 1).
    """

    places: Floats
    nearness: Floats
    normals: Floats
    light: Floats
    shine: Floats


def _draw(picture: Pixels, head: Head, held: Attitude, camera: Pinhole, lamps: Lamps) -> None:
    data = head.data
    at = held.placed(head.with_face(held.expression), data.rigid)
    vertices = data.vertex_of_corner[data.triangles]
    normals = vertex_normals(at, vertices[head.lasting])
    matt, shine = shade(normals, data.openness, lamps)
    light = matt ** (1 / _GAMMA)
    skin = _Surface(camera.project(at), -1 / at[:, 2], normals, light, shine)
    lifted = at + normals * (head.hair_m + _LIFT_M)[:, None]
    hair = _Surface(camera.project(lifted), -1 / lifted[:, 2], normals, light, shine * 0.6)
    size = (camera.width, camera.height)
    flat = picture.reshape(-1, 3)

    solid = _Layer.of(skin, vertices, data.triangles, head.solid)
    found = raster.seen(solid.corners, solid.nearness, size)
    colours = solid.painted(found, head.paint, data.atlas_of_corner, camera.width)
    solid.add_gleam(colours, found, data.materials == Material.EYE, lamps, camera.width)
    flat[found.pixel] = cv2.convertScaleAbs(colours)

    over = _Layer.of(hair, vertices, data.triangles, head.covered)
    above = raster.seen(over.corners, over.nearness, size)
    nearest = np.zeros(len(flat), np.float32)
    nearest[found.pixel] = found.nearness
    above = above.where(above.nearness > nearest[above.pixel])
    shown = over.painted(above, head.overlay, data.atlas_of_corner, camera.width)
    share = shown[:, 3:] / np.float32(255)
    under = flat[above.pixel].astype(np.float32)
    flat[above.pixel] = cv2.convertScaleAbs(under + (shown[:, :3] - under) * share)


@dataclass(frozen=True, slots=True)
class _Layer:
    """The triangles of a surface that face the camera.

    Attributes:
        surface: whose.
        number: (n,), which of the mesh's triangles they are.
        vertices, drawn: (n, 3), their vertices in space and their corners in the texture.
        corners: (n, 3, 2), pixels.
        nearness: (n, 3).
    """

    surface: _Surface
    number: Numbers
    vertices: Numbers
    drawn: Numbers
    corners: Floats
    nearness: Floats

    @classmethod
    def of(cls, surface: _Surface, vertices: Numbers, drawn: Numbers, chosen: Flags) -> _Layer:
        number = np.flatnonzero(chosen)
        corners = surface.places[vertices[number]]
        front = raster.facing(corners)
        number, corners = number[front], corners[front]
        nearness = surface.nearness[vertices[number]]
        return cls(surface, number, vertices[number], drawn[number], corners, nearness)

    def painted(self, found: raster.Seen, paint: Pixels, atlas: Floats, width: int) -> Singles:
        """Return each fragment's lit colour, 0 to 255 and more; a fourth channel stays as it is."""
        places = atlas[self.drawn]
        x, y = found.middles(width)
        column, row, light, shine = (
            raster.planes(self.corners, values).at(found.triangle, x, y)
            for values in (
                places[..., 0] - 0.5,
                places[..., 1] - 0.5,
                self.surface.light[self.vertices],
                self.surface.shine[self.vertices] * 255,
            )
        )
        lit = _looked_up(paint, column, row).astype(np.float32)
        lit[:, :3] *= light[:, None]
        lit[:, :3] += shine[:, None]
        return lit

    def add_gleam(
        self, colours: Singles, found: raster.Seen, eyes: Flags, lamps: Lamps, width: int
    ) -> None:
        """Add the lamps' reflections in the eyes to the colours of ``found``.

        Args:
            colours: see ``painted``.
            found: the fragments.
            eyes: (t,), which of the mesh's triangles are of eyeballs.
            lamps: how they burn.
            width: of the picture, pixels.
        """
        shown = np.flatnonzero(eyes[self.number][found.triangle])
        some = found.where(eyes[self.number][found.triangle])
        x, y = some.middles(width)
        normals = np.stack(
            [
                raster.planes(self.corners, self.surface.normals[self.vertices][..., axis]).at(
                    some.triangle, x, y
                )
                for axis in range(3)
            ],
            axis=1,
        )
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-6)
        colours[shown] += (gleam(normals, lamps) * 255)[:, None]


def _looked_up(paint: Pixels, x: Singles, y: Singles) -> Pixels:
    """Look texels up between pixels; ``remap`` wants rows that are not too long."""
    count = len(x)
    rows = -(-count // _LINE)
    if not count:
        return np.zeros((0, paint.shape[2]), np.uint8)
    maps = [np.pad(axis, (0, rows * _LINE - count)).reshape(rows, _LINE) for axis in (x, y)]
    texels = cv2.remap(paint, maps[0], maps[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(texels.reshape(-1, paint.shape[2])[:count], np.uint8)


def _backdrop(camera: Pinhole, lamps: Lamps) -> Pixels:
    columns, rows = camera.width // _BACKDROP_STEP + 2, camera.height // _BACKDROP_STEP + 2
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    distance = np.clip(np.hypot(x, y * 0.8) / 1.3, 0.0, 1.0)[..., None]
    middle, corner = (np.array(colour) for colour in _BACKDROP)
    level = 0.25 + 0.4 * lamps.left * (1 - 0.2 * x) + 0.4 * lamps.right * (1 + 0.2 * x)
    light = (middle + (corner - middle) * distance) * level[..., None]
    stored = (np.clip(light, 0, 1) ** (1 / _GAMMA) * 255).astype(np.float32)
    large = cv2.resize(stored, (camera.width, camera.height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.convertScaleAbs(large), np.uint8)


def _add_noise(picture: Pixels, seed: int) -> None:
    """Add noise in place; a band of it is made and laid down the picture at shifted columns."""
    rng = np.random.default_rng(seed)
    height, width = picture.shape[:2]
    band = rng.normal(0.0, _NOISE, (_NOISE_ROWS, width, 3)).astype(np.float32)
    for top in range(0, height, _NOISE_ROWS):
        part = picture[top : top + _NOISE_ROWS]
        shifted = np.roll(band, int(rng.integers(width)), axis=1)[: len(part)]
        part[:] = np.clip(np.rint(part + shifted), 0, 255).astype(np.uint8)
