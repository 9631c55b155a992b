"""From a measured movement since the baseline to a deviation of the pose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kiosk.capture.guides.values import Against, Deviation, Sight
from kiosk.capture.pose.geometry import Angles, Array, Pinhole
from kiosk.capture.pose.head import HeadPose

Place = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Movement:
    """How a head moved from one picture to another of the same size.

    Attributes:
        rotation: as the camera sees it, axes of a head, shape (3, 3).
        scale: size over size before.
        before, after: the head's middle in both pictures, pixels.
        seen_before, seen_after: the middle of what was measured, pixels; the head is seen along
            the line of sight to it.
    """

    rotation: Array
    scale: float
    before: Place
    after: Place
    seen_before: Place
    seen_after: Place


def since(baseline: Angles, movement: Movement, camera: Pinhole) -> Deviation:
    """Return the deviation after a movement since a baseline held at ``baseline``.

    A head that moves across the picture is seen from another side; that part of the rotation is
    the camera's and is taken out.
    """
    was, now = camera.ray(*movement.seen_before), camera.ray(*movement.seen_after)
    angles = Angles.of(now @ movement.rotation @ was.T @ baseline.matrix())
    return Deviation(
        Sight.CLEAR,
        Against.BASELINE,
        yaw=turned(angles.yaw - baseline.yaw),
        pitch=angles.pitch - baseline.pitch,
        roll=turned(angles.roll - baseline.roll),
        x=(movement.after[0] - movement.before[0]) / camera.height,
        y=(movement.after[1] - movement.before[1]) / camera.height,
        scale=movement.scale - 1.0,
    )


def between(seen: HeadPose, wanted: HeadPose, camera: Pinhole, against: Against) -> Deviation:
    """Return the deviation of a pose from the wanted one, both in pixels of one picture."""
    return Deviation(
        Sight.CLEAR,
        against,
        yaw=turned(seen.angles.yaw - wanted.angles.yaw),
        pitch=seen.angles.pitch - wanted.angles.pitch,
        roll=turned(seen.angles.roll - wanted.angles.roll),
        x=(seen.x - wanted.x) / camera.height,
        y=(seen.y - wanted.y) / camera.height,
        scale=seen.px_per_mm / wanted.px_per_mm - 1.0,
    )


def turned(degrees: float) -> float:
    """Return the same turn within ±180°."""
    return float(np.remainder(degrees + 180.0, 360.0) - 180.0)
