"""One person's head: its mesh, what its face can do, and its texture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kiosk.errors import ConfigError
from kiosk.model import Pixels
from provisioning.demo.patient import texture
from provisioning.demo.patient.data import HeadData, Material
from provisioning.demo.patient.person import Person

Points = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

BEHIND_EYES_M = 0.070
"""The head's origin lies this far behind the middle between the eyeballs' centres, metres."""

EXPRESSIONS: Mapping[str, Mapping[str, float]] = {
    "smile": {"smile": 1.0, "eyes_narrow": 0.25},
    "smile_teeth": {"smile": 0.9, "lips_apart": 0.35, "upper_lip_up": 0.25, "eyes_narrow": 0.3},
    "brows_up": {"brows_up": 1.0, "brows_inner_up": 0.6},
    "eyes_closed": {"eyes_closed": 1.0},
    "mouth_open": {"mouth_open": 0.7},
    "pucker": {"pucker": 1.0, "lips_forward": 0.6},
    "frown": {"brows_down": 1.0},
    "snarl": {"nose_wrinkle": 1.0, "upper_lip_up": 0.7},
}
"""What a face can do: each a sum of the data's ``face/…`` shapes at full strength."""

_EDGE, _ROOTS = 0.72, 0.7
"""Hair lies flat where less than this grows around, and stands off steeply where more does."""


@dataclass(frozen=True, slots=True)
class Head:
    """A mesh with its texture: what does not change from picture to picture.

    Attributes:
        vertices: (v, 3), metres, at rest, from the origin (see ``BEHIND_EYES_M``).
        faces: by the names of ``EXPRESSIONS``, what full strength adds, (v, 3) metres.
        hair_m: (v,), how far hair stands off, metres.
        paint: the texture, BGR.
        overlay: hair and lashes over it, BGRA.
        data: triangles, corners and the like, the same for all heads.
    """

    vertices: Points
    faces: Mapping[str, Points]
    hair_m: Points
    paint: Pixels
    overlay: Pixels
    data: HeadData

    @classmethod
    def make(cls, data: HeadData, person: Person) -> Head:
        """Build a person's head.

        Raises:
            ConfigError: that person has a shape that the data does not know.
        """
        vertices = data.vertices + _moved(data, person.shapes())
        eyes = [vertices[eye] for eye in data.eyes]
        middle = sum((eye.min(axis=0) + eye.max(axis=0)) / 2 for eye in eyes) / 2
        faces = {}
        for name, units in EXPRESSIONS.items():
            shapes = {
                f"face/{people}/{unit}": share * much
                for people, share in person.people.items()
                for unit, much in units.items()
            }
            faces[name] = _moved(data, shapes)
        return cls(
            vertices=vertices - middle + [0.0, 0.0, BEHIND_EYES_M],
            faces=faces,
            hair_m=person.hair_m * np.clip((data.hair - _EDGE) / (1.0 - _EDGE), 0.0, 1.0) ** _ROOTS,
            paint=texture.paint(data, person),
            overlay=texture.overlay(data, person),
            data=data,
        )

    def with_face(self, expression: Mapping[str, float]) -> Points:
        """Return the vertices, (v, 3) metres, of a face that makes expressions.

        Args:
            expression: strengths, 0 to 1, by the names of ``EXPRESSIONS``.

        Raises:
            KeyError: there is no such expression.
        """
        vertices = self.vertices
        for name, strength in expression.items():
            if strength:
                vertices = vertices + self.faces[name] * strength
        return vertices

    @property
    def solid(self) -> npt.NDArray[np.bool_]:
        """Which triangles are opaque: all but those that only cover others."""
        return np.asarray(~np.isin(self.data.materials, (Material.LASHES, Material.COLLAR)))

    @property
    def lasting(self) -> npt.NDArray[np.bool_]:
        """Which triangles bound a body and so have normals: all but lashes."""
        return np.asarray(self.data.materials != Material.LASHES)

    @property
    def covered(self) -> npt.NDArray[np.bool_]:
        """Which triangles have hair over them, or are lashes or the gown's edge."""
        corners = self.data.vertex_of_corner[self.data.triangles]
        grown = (self.data.hair[corners].max(axis=1) > 0) & (np.max(self.hair_m) > 0)
        return np.asarray(grown | ~self.solid)


def _moved(data: HeadData, shapes: Mapping[str, float]) -> Points:
    moves = np.zeros_like(data.vertices)
    for name, much in shapes.items():
        if name not in data.shapes:
            raise ConfigError(f"{name}: expected one of the demo's head shapes.")
        shape = data.shapes[name]
        moves[shape.where] += shape.moves * much
    return moves
