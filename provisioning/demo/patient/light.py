"""Two softboxes, a fill, and what they do to a surface."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_RIGHT_BOX = (0.62, 0.42, 0.66)
"""Direction to the softbox on the viewer's right; the other one mirrors it."""

_TO_CAMERA = np.array((0.0, 0.0, 1.0))
_BOX_LIGHT = 0.52
_ROOM_LIGHT = 0.20
_WRAP = 0.25
"""How far a softbox lights round an edge: it is large."""

_SHINE = 0.05
_SHARPNESS = 14.0
_BOX_HALF = 0.20
"""Half the side of a softbox as it is mirrored in an eye: a cosine."""


@dataclass(frozen=True, slots=True)
class Lamps:
    """How the lamps burn.

    Attributes:
        left: the softbox on the viewer's left, 0 off to 1 full.
        right: the one on the viewer's right.
        fill: light from everywhere, 1 as in a room with white walls.
    """

    left: float = 1.0
    right: float = 0.85
    fill: float = 1.0

    @property
    def boxes(self) -> tuple[tuple[Floats, float], ...]:
        """Direction to each softbox, of length 1, and its level."""
        x, y, z = np.array(_RIGHT_BOX) / np.linalg.norm(_RIGHT_BOX)
        return (np.array([-x, y, z]), self.left), (np.array([x, y, z]), self.right)


def shade(normals: Floats, openness: Floats, lamps: Lamps) -> tuple[Floats, Floats]:
    """Return how much light each point reflects.

    Args:
        normals: (n, 3), of length 1, in the camera's axes.
        openness: (n,), share of the sky that a point sees, 0 to 1.
        lamps: how they burn.

    Returns:
        (n,) what the colour is multiplied with, and (n,) what shine adds; linear light.
    """
    matt = _ROOM_LIGHT * lamps.fill * openness * (0.75 + 0.25 * normals[:, 1])
    shine = np.zeros(len(normals))
    for direction, level in lamps.boxes:
        cosine = np.clip((normals @ direction + _WRAP) / (1 + _WRAP), 0, 1)
        matt += _BOX_LIGHT * level * cosine**1.3 * openness**0.6
        half = direction + _TO_CAMERA
        half /= np.linalg.norm(half)
        shine += _SHINE * level * np.clip(normals @ half, 0, 1) ** _SHARPNESS * openness
    return matt, shine


def gleam(normals: npt.NDArray[np.float32], lamps: Lamps) -> Floats:
    """Return what the lamps' reflections in a wet eye add, (n,), 0 to 1.

    Args:
        normals: (n, 3), see ``shade``.
        lamps: how they burn.
    """
    added = np.zeros(len(normals))
    for direction, level in lamps.boxes:
        mirrored = 2.0 * normals[:, 2:] * normals - _TO_CAMERA
        off = np.linalg.norm(mirrored - direction, axis=1)
        added += 0.8 * level * np.clip((_BOX_HALF - off) / 0.08, 0.0, 1.0)
    return added
