"""From samples to the numbers of a :class:`HeadModel`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from kiosk.capture.pose.edges import Plane
from kiosk.capture.pose.geometry import PICTURE_TO_HEAD, Angles, Array, fit_similarity
from kiosk.capture.pose.head import HeadModel, mesh_features, side_features, side_of
from kiosk.capture.pose.relative import turned
from provisioning.head_model.regression import main_ways, ridge, scaled_ways
from provisioning.head_model.samples import Sample

_FRONTAL: Final = 15.0
"""Degrees of yaw and pitch within which a mesh shows a face as it is."""

_BEYOND: Final = 52.0
"""Degrees of yaw beyond which a mesh is not expected to be trusted."""

_LOST: Final = 25.0
"""Degrees: a mesh that is off by more has lost the face and teaches nothing."""

_WAYS, _SIDE_WAYS, _PART_WAYS = 40, 80, 8

_SHOWN: Final = 60.0
"""Degrees of yaw up to which all parts of a face are seen."""
_PULL: Final = 1e-2


@dataclass(frozen=True, slots=True, eq=False)
class Relief:
    """Of a face seen from its right side; see ``HeadModel``."""

    relief: Plane
    weight: Plane


def train(own: Sequence[Sample], extra: Sequence[Sample], relief: Relief) -> HeadModel:
    """Train a model.

    Args:
        own: rendered; mean face and main ways come from these.
        extra: further samples for the regressions.
        relief: goes in as it is.
    """
    mean = _mean_face([one for one in own if one.trusted])
    basis = scaled_ways(_differences([one for one in own if one.trusted], mean), _WAYS)
    samples = [one for one in (*own, *extra) if one.trusted]
    features = np.array([_mesh_features(one, mean, basis) for one in samples])
    targets = np.array([_correction(one, mean) for one in samples])
    found = np.abs(targets).max(axis=1) < _LOST
    weights = ridge(features[found], targets[found], _counts(samples)[found], _PULL)

    sides = [one for one in own if _from_side(one)]
    side_mean = np.mean([_side_mesh(one) for one in sides], axis=0)
    side_basis = scaled_ways(np.array([_side_mesh(one) for one in sides]) - side_mean, _SIDE_WAYS)
    sides += [one for one in extra if _from_side(one)]
    side_rows = [
        side_features(one.face, one.mesh, side_of(one.face), side_mean, side_basis) for one in sides
    ]
    side_weights = ridge(
        np.array(side_rows), np.array([_side_pose(one) for one in sides]), _counts(sides), _PULL
    )
    return HeadModel(
        mean, basis, weights, side_mean, side_basis, side_weights, relief.relief, relief.weight
    )


def part_ways(samples: Sequence[Sample]) -> Array:
    """Return the main ways in which parts of faces look; see ``kiosk.capture.pose.parts``."""
    shown = [one.parts for one in samples if one.trusted and abs(one.seen.yaw) < _SHOWN]
    return np.array([main_ways(part, _PART_WAYS) for part in np.swapaxes(shown, 0, 1)])


def _counts(samples: Sequence[Sample]) -> Array:
    return np.array([one.weight for one in samples])


def _mean_face(samples: Sequence[Sample]) -> Array:
    """Return the median of near frontal meshes in millimetres about the head's middle."""
    faces = [
        (_points(one) - _middle(one)) @ one.seen.matrix() / one.pose.px_per_mm
        for one in samples
        if max(abs(one.seen.yaw), abs(one.seen.pitch)) < _FRONTAL
    ]
    mean = np.median(faces, axis=0)
    return np.asarray(mean - _behind(samples, mean), np.float64)


def _behind(samples: Sequence[Sample], mean: Array) -> Array:
    """Return where the head's middle is in the axes of a face laid on, millimetres.

    Depth in a mesh counts from a zero of its own; the middle is where a head that turns keeps it.
    """
    laid = [fit_similarity(mean, _points(one)) for one in samples]
    rows = [one.scale * one.rotation[:2] for one in laid]
    misses = [(_middle(sample) - one.shift)[:2] for sample, one in zip(samples, laid, strict=True)]
    solved, *_ = np.linalg.lstsq(np.concatenate(rows), np.concatenate(misses), rcond=None)
    return np.asarray(solved, np.float64)


def _differences(samples: Sequence[Sample], mean: Array) -> Array:
    """Return how meshes differ from the mean face laid on, shape (n, 1434), millimetres."""
    rows = []
    for one in samples:
        points = _points(one)
        laid = fit_similarity(mean, points)
        rows.append(((points - laid.shift) @ laid.rotation / laid.scale - mean).ravel())
    return np.array(rows)


def _mesh_features(sample: Sample, mean: Array, basis: Array) -> Array:
    points = _points(sample)
    return mesh_features(fit_similarity(mean, points), points, mean, basis)


def _correction(sample: Sample, mean: Array) -> tuple[float, float, float]:
    """Return true yaw, pitch and roll less those of the mean face laid on, degrees."""
    laid, true = Angles.of(fit_similarity(mean, _points(sample)).rotation), sample.seen
    return turned(true.yaw - laid.yaw), true.pitch - laid.pitch, turned(true.roll - laid.roll)


def _from_side(sample: Sample) -> bool:
    """Tell whether a sample shows a side, and the detector saw which."""
    yaw = sample.seen.yaw
    return not sample.trusted and abs(yaw) > _BEYOND and side_of(sample.face) * yaw > 0.0


def _side_mesh(sample: Sample) -> Array:
    """Return the mesh in boxes of the detector, as if seen from the right side, (1434,)."""
    left, top, width, height = sample.face.box
    middle = np.array([left + width / 2, top + height / 2, 0.0])
    mirror = np.array([side_of(sample.face), 1.0, 1.0])
    return np.asarray(((sample.mesh.points - middle) / height * mirror).ravel())


def _side_pose(sample: Sample) -> tuple[float, ...]:
    """Return what ``HeadModel.side_weights`` tell."""
    left, top, width, height = sample.face.box
    side, seen, pose = side_of(sample.face), sample.seen, sample.pose
    return (
        side * seen.yaw,
        seen.pitch,
        side * seen.roll,
        side * (pose.x - left - width / 2) / height,
        (pose.y - top - height / 2) / height,
        float(np.log(pose.px_per_mm / height)),
    )


def _points(sample: Sample) -> Array:
    return np.asarray(sample.mesh.points * PICTURE_TO_HEAD)


def _middle(sample: Sample) -> Array:
    return np.array([sample.pose.x, -sample.pose.y, 0.0])
