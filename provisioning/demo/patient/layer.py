"""A head's triangles before a camera, with their paint and light.

Over a triangle, texture and light are interpolated straight in the picture, which for the few
millimetres of a triangle differs from the true perspective by less than 0.05 pixels.
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

GAMMA = 2.2
"""Stored colours are light to the power of 1 / this, as sRGB nearly is."""

_LINE = 1024
_LIFT_M = 0.0004
"""Lashes and roots of hair lie this far over the skin, metres."""

_HAIR_SHINE = 0.6


@dataclass(frozen=True, slots=True)
class Layer:
    """Triangles that face the camera.

    Attributes:
        corners: (n, 3, 2), pixels.
        nearness: (n, 3), 1 / metres.
        values: what is interpolated over them: column and row in the paint, what its stored colour
            is multiplied with, what is added, 0 to 255; each (n, 3).
        normals: (n, 3, 3), in the camera's axes.
        materials: (n,), of ``Material``.
        paint: BGR or BGRA.
        lamps: what lights it.
    """

    corners: Floats
    nearness: Floats
    values: tuple[Floats, ...]
    normals: Floats
    materials: Numbers
    paint: Pixels
    lamps: Lamps

    def colours(self, found: raster.Seen) -> Singles:
        """Return each fragment's lit colour, 0 to 255 and more; a fourth channel stays as it is."""
        column, row, light, shine = (found.value(value) for value in self.values)
        lit = _looked_up(self.paint, column, row).astype(np.float32)
        lit[:, :3] *= light[:, None]
        lit[:, :3] += shine[:, None]
        self._add_gleam(lit, found)
        return lit

    def _add_gleam(self, lit: Singles, found: raster.Seen) -> None:
        """Add the lamps' reflections to the eyes: what makes them look wet and alive."""
        eyes = (self.materials == Material.EYE)[found.triangle]
        some = found.where(eyes)
        axes = [some.value(self.normals[..., axis]) for axis in range(3)]
        normals = np.stack(axes, axis=1)
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), np.float32(1e-6))
        lit[eyes, :3] += (gleam(normals, self.lamps) * 255).astype(np.float32)[:, None]


def layers(head: Head, held: Attitude, camera: Pinhole, lamps: Lamps) -> tuple[Layer, Layer]:
    """Return what is opaque, and what lies over it: hair, lashes and the gown's edge."""
    data = head.data
    at = held.placed(head.with_face(held.expression), data.rigid)
    normals = vertex_normals(at, data.vertex_of_corner[data.triangles[head.lasting]])
    matt, shine = shade(normals, data.openness, lamps)
    light = matt ** (1 / GAMMA)
    skin = _Surface(camera.project(at), -1 / at[:, 2], normals, light, shine)
    lifted = at + normals * (head.hair_m + _LIFT_M)[:, None]
    places = camera.project(lifted)
    hair = _Surface(places, -1 / lifted[:, 2], normals, light, shine * _HAIR_SHINE)
    return (
        skin.layer(head, head.solid, head.paint, lamps),
        hair.layer(head, head.covered, head.overlay, lamps),
    )


@dataclass(frozen=True, slots=True)
class _Surface:
    """All vertices before the camera; see ``Layer``."""

    places: Floats
    nearness: Floats
    normals: Floats
    light: Floats
    shine: Floats

    def layer(self, head: Head, chosen: Flags, paint: Pixels, lamps: Lamps) -> Layer:
        """Return those of the chosen triangles that face the camera."""
        data = head.data
        front = raster.facing(self.places[data.vertex_of_corner[data.triangles[chosen]]])
        drawn = data.triangles[chosen][front]
        vertices = data.vertex_of_corner[drawn]
        # The middle of the paint's first texel is its place 0 for the look-up.
        texels = data.atlas_of_corner[drawn] - 0.5
        values = texels[..., 0], texels[..., 1], self.light[vertices], self.shine[vertices] * 255
        return Layer(
            corners=self.places[vertices],
            nearness=self.nearness[vertices],
            values=values,
            normals=self.normals[vertices],
            materials=data.materials[chosen][front],
            paint=paint,
            lamps=lamps,
        )


def _looked_up(paint: Pixels, x: Singles, y: Singles) -> Pixels:
    """Look texels up between pixels; ``remap`` wants rows that are not too long."""
    count = len(x)
    rows = -(-count // _LINE)
    if not count:
        return np.zeros((0, paint.shape[2]), np.uint8)
    maps = [np.pad(axis, (0, rows * _LINE - count)).reshape(rows, _LINE) for axis in (x, y)]
    texels = cv2.remap(paint, maps[0], maps[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(texels.reshape(-1, paint.shape[2])[:count], np.uint8)
