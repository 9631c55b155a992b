"""Rotations, the pinhole camera, and the fit of one set of points onto another.

Axes of a head: X to the viewer's right, Y up, Z to the viewer, at rest parallel to the camera's.
``R = Ry(yaw) Rx(pitch) Rz(roll)``, degrees: yaw > 0 turns the nose to the right of the picture,
pitch > 0 lowers the chin, roll > 0 tilts the head counter-clockwise in the picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

PICTURE_TO_HEAD = np.array([1.0, -1.0, -1.0])
"""Turns picture axes (x right, y down, z away from the viewer) into a head's, and back."""


@dataclass(frozen=True, slots=True)
class Angles:
    """Degrees; see the module."""

    yaw: float
    pitch: float
    roll: float

    def matrix(self) -> Array:
        """Return the rotation, shape (3, 3)."""
        y, p, r = np.radians((self.yaw, self.pitch, self.roll))
        about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
        about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
        about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
        return np.asarray(about_y @ about_x @ about_z)

    @classmethod
    def of(cls, rotation: Array) -> Angles:
        """Read the angles of a rotation of shape (3, 3); pitch within ±90°."""
        pitch = np.arcsin(np.clip(-rotation[1, 2], -1.0, 1.0))
        yaw = np.arctan2(rotation[0, 2], rotation[2, 2])
        roll = np.arctan2(rotation[1, 0], rotation[1, 1])
        return cls(*(float(np.degrees(a)) for a in (yaw, pitch, roll)))


@dataclass(frozen=True, slots=True)
class Pinhole:
    """A camera without distortion whose principal point is the middle of the picture.

    Attributes:
        width, height: of the picture, pixels.
        focal_px: focal length, pixels of that picture.
    """

    width: int
    height: int
    focal_px: float

    def ray(self, x: float, y: float) -> Array:
        """Return the rotation from the camera's axes to those of the line of sight through (x, y).

        A head that keeps its attitude in the room while it moves across the picture shows itself
        to the camera from another side; this rotation is the difference.
        """
        across = (x - self.width / 2) / self.focal_px
        down = (y - self.height / 2) / self.focal_px
        yaw = np.degrees(np.arctan2(-across, 1.0))
        pitch = np.degrees(np.arctan2(-down, np.hypot(1.0, across)))
        return Angles(float(yaw), float(pitch), 0.0).matrix()

    def scaled(self, width: int) -> Pinhole:
        """Return the same camera for pictures of another width."""
        factor = width / self.width
        return Pinhole(width, round(self.height * factor), self.focal_px * factor)


@dataclass(frozen=True, slots=True, eq=False)
class Similarity:
    """``target = scale * rotation @ source + shift`` for points of two or three axes."""

    scale: float
    rotation: Array
    shift: Array

    def apply(self, points: Array) -> Array:
        """Move points of shape (n, axes)."""
        return np.asarray(self.scale * points @ self.rotation.T + self.shift)


def fit_similarity(source: Array, target: Array, weights: Array | None = None) -> Similarity:
    """Return the similarity that brings ``source`` nearest to ``target``, least squares.

    Args:
        source: shape (n, 2) or (n, 3), n >= 2.
        target: the same shape.
        weights: shape (n,), >= 0; None: all alike.

    Source: S. Umeyama, "Least-squares estimation of transformation parameters between two point
    patterns", 1991.
    """
    weight = np.full(len(source), 1.0 / len(source)) if weights is None else weights / weights.sum()
    middle_s, middle_t = weight @ source, weight @ target
    from_s, from_t = source - middle_s, target - middle_t
    u, s, vt = np.linalg.svd((from_t * weight[:, None]).T @ from_s)
    sign = np.ones(len(s))
    sign[-1] = np.sign(np.linalg.det(u @ vt))
    rotation = u @ np.diag(sign) @ vt
    scale = float(s @ sign / (weight @ (from_s**2).sum(axis=1)))
    return Similarity(scale, rotation, middle_t - scale * rotation @ middle_s)
