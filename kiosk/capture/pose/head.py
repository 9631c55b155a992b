"""How a head is held, from one picture alone: its angles, its place and its size.

A mean face, in millimetres about the head's own middle, is laid onto the mesh. What the network's
depth and each person's features do to the angles is then corrected by a regression that was
trained on rendered heads with known pose (provisioning/head_model; docs/decisions/0086). Beyond
some 55° of yaw the mesh is not to be trusted; there a coarser regression tells, on where the
detector and the network believe to see what.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from kiosk.capture.pose.detector import Face
from kiosk.capture.pose.edges import Plane
from kiosk.capture.pose.geometry import (
    PICTURE_TO_HEAD,
    Angles,
    Array,
    Pinhole,
    Similarity,
    fit_similarity,
)
from kiosk.capture.pose.mesh import Mesh
from kiosk.capture.pose.model_file import read_arrays

_RELIEF: Final = ("relief", "relief_weight")


@dataclass(frozen=True, slots=True)
class HeadPose:
    """How a head is held in the room.

    Attributes:
        angles: degrees; see ``geometry``.
        x, y: the head's middle, pixels.
        px_per_mm: size, at the head's middle, for a head of mean size.
    """

    angles: Angles
    x: float
    y: float
    px_per_mm: float


@dataclass(frozen=True, slots=True, eq=False)
class HeadModel:
    """What the station knows of every head.

    Attributes:
        mean: the mesh of a mean face, shape (478, 3), millimetres, axes of a head.
        basis: the main ways in which meshes differ from it, shape (k, 1434).
        weights: from ``mesh_features`` to corrections of yaw, pitch and roll, degrees.
        side_mean, side_basis: the same for meshes of faces seen from their right side, in boxes
            of the detector; shapes (1434,) and (k, 1434).
        side_weights: from ``side_features`` to yaw, pitch and roll in degrees, the head's middle
            in boxes of the detector and the logarithm of its size.
        relief: of a face seen from its right side, how near each place of an edge patch is to
            the camera, in halves of the window's side; shape (128, 128).
        relief_weight: how much each place counts there, 0 to 1.
    """

    mean: Array
    basis: Array
    weights: Array
    side_mean: Array
    side_basis: Array
    side_weights: Array
    relief: Plane
    relief_weight: Plane

    def lay(self, mesh: Mesh) -> Similarity:
        """Return the similarity from the mean face to the mesh, in the axes of a head."""
        return fit_similarity(self.mean, mesh.points * PICTURE_TO_HEAD)

    def of_mesh(self, mesh: Mesh, camera: Pinhole) -> HeadPose:
        """Return how the head is held whose mesh was measured."""
        laid = self.lay(mesh)
        features = mesh_features(laid, mesh.points * PICTURE_TO_HEAD, self.mean, self.basis)
        correction = features @ self.weights
        seen = Angles.of(laid.rotation)
        corrected = Angles(
            seen.yaw + float(correction[0]),
            seen.pitch + float(correction[1]),
            seen.roll + float(correction[2]),
        )
        x, y = float(laid.shift[0]), -float(laid.shift[1])
        return HeadPose(Angles.of(camera.ray(x, y) @ corrected.matrix()), x, y, laid.scale)

    def side_relief(self, yaw: float) -> tuple[Plane, Plane]:
        """Return relief and weight of a face whose nose points to where ``yaw`` says."""
        turn = 1 if yaw >= 0.0 else -1
        relief, weight = self.relief[:, ::turn], self.relief_weight[:, ::turn]
        return np.ascontiguousarray(relief), np.ascontiguousarray(weight)

    def of_side(self, face: Face, guess: Mesh, side: float, camera: Pinhole) -> HeadPose:
        """Return how the head is held that is seen from a side; within some 5°.

        Args:
            face: as detected.
            guess: the mesh that the network laid there, though it is not sure of it.
            side: see :func:`side_of`.
            camera: of the picture.
        """
        features = side_features(face, guess, side, self.side_mean, self.side_basis)
        yaw, pitch, roll, x, y, size = (float(one) for one in features @ self.side_weights)
        left, top, width, height = face.box
        x = left + width / 2 + side * x * height
        y = top + height / 2 + y * height
        seen = Angles(side * yaw, pitch, side * roll)
        angles = Angles.of(camera.ray(x, y) @ seen.matrix())
        return HeadPose(angles, x, y, float(np.exp(size)) * height)


def load_head_model() -> HeadModel:
    """Read the model that ships with the program.

    Raises:
        ConfigError: see :func:`kiosk.capture.pose.model_file.read_arrays`.
    """
    parts = dict(read_arrays(one.name for one in fields(HeadModel)))
    relief, weight = (np.asarray(parts.pop(name), np.float32) for name in _RELIEF)
    exact = {name: np.asarray(values, np.float64) for name, values in parts.items()}
    return HeadModel(**exact, relief=relief, relief_weight=weight)


def mesh_features(laid: Similarity, points: Array, mean: Array, basis: Array) -> Array:
    """Return what the correction of angles is worked out from, shape (f,).

    Args:
        laid: the mean face on the mesh.
        points: the mesh, shape (478, 3), axes of a head.
        mean: the mean face, shape (478, 3).
        basis: shape (k, 1434).
    """
    own = (points - laid.shift) @ laid.rotation / laid.scale
    shape = basis @ (own - mean).ravel()
    seen = Angles.of(laid.rotation)
    yaw, pitch, roll = np.radians((seen.yaw, seen.pitch, seen.roll))
    turn = np.array([yaw, pitch, roll, yaw**2, pitch**2, yaw * pitch, yaw * roll, yaw**3])
    return np.concatenate([[1.0], turn, shape, shape * yaw, shape * pitch])


def side_of(face: Face) -> float:
    """Return 1.0 for a nose that points to the right of the picture, else -1.0."""
    return float(np.copysign(1.0, face.points[2, 0] - face.points[:2, 0].mean()))


def aside(face: Face) -> float:
    """Return how far the nose lies aside from the middle of the eyes, in distances of the eyes.

    Level in the picture; about 0 from the front, 0.5 at 60 degrees of yaw, more from the side.
    """
    one, other = float(face.points[0, 0]), float(face.points[1, 0])
    away = abs(float(face.points[2, 0]) - (one + other) / 2)
    return away / max(abs(other - one), 1e-6)


def side_features(face: Face, guess: Mesh, side: float, mean: Array, basis: Array) -> Array:
    """Return what a coarse pose is worked out from, shape (f,), as if seen from the right side.

    Args:
        face: as detected.
        guess: the mesh that was laid onto it.
        side: see :func:`side_of`.
        mean: shape (1434,).
        basis: shape (k, 1434).
    """
    left, top, width, height = face.box
    middle = np.array([left + width / 2, top + height / 2, 0.0])
    mirror = np.array([side, 1.0, 1.0])
    points = (face.points - middle[:2]) / height * mirror[:2]
    # The pairs of eyes and of mouth corners stand in the picture's order.
    points = points if side > 0 else points[[1, 0, 2, 4, 3]]
    flat = np.concatenate([points.ravel(), [width / height]])
    pairs = np.outer(flat, flat)[np.triu_indices(len(flat))]
    shape = basis @ (((guess.points - middle) / height * mirror).ravel() - mean)
    return np.concatenate([[1.0], flat, pairs, shape])
