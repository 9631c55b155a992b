"""Makes the pose descriptor of a shot."""

from __future__ import annotations

from typing import Final

import numpy as np

from kiosk.capture.guides.values import Sight
from kiosk.capture.pose import profile
from kiosk.capture.pose.comparisons import pose_of
from kiosk.capture.pose.cover import Map
from kiosk.capture.pose.descriptor import PoseDescriptor
from kiosk.capture.pose.geometry import PICTURE_TO_HEAD, Angles, Array
from kiosk.capture.pose.head import HeadModel
from kiosk.capture.pose.observer import Sighting
from kiosk.capture.pose.outlines import contours
from kiosk.capture.pose.relative import turned

_NOTHING: Final = np.zeros((0, 2))

_SAME: Final = 8.0
"""Degrees within which a head counts as held as the view asks. What a person's zero is differs by
several degrees between persons; the view's own pose is the better guess for the axes about which
later movements are counted, unless the head was clearly held otherwise."""


def describe_face(
    sighting: Sighting, model: HeadModel, nominal: Angles | None
) -> PoseDescriptor | None:
    """Return the descriptor of a face seen from the front or at an angle; None without a mesh.

    ``nominal`` is the view's pose, None where it has none.
    """
    mesh, camera = sighting.mesh, sighting.camera
    if sighting.sight is not Sight.CLEAR or mesh is None:
        return None
    pose = model.of_mesh(mesh, camera)
    x, y, z = (float(one) for one in model.lay(mesh).shift * PICTURE_TO_HEAD)
    return PoseDescriptor(
        method="face",
        aspect=camera.width / camera.height,
        focal=camera.focal_px / camera.height,
        pose=pose.angles if nominal is None else _reference(pose.angles, nominal),
        coarse=pose.angles,
        origin=(x / camera.height, y / camera.height, z / camera.height),
        size=pose.px_per_mm / camera.height,
        points=mesh.points / camera.height,
        bare=_bare(sighting),
    )


def describe_profile(
    sighting: Sighting, model: HeadModel, nominal: Angles
) -> PoseDescriptor | None:
    """Return the descriptor of a face seen from the side; None where no face was found.

    ``nominal`` is the view's pose: the operator made sure of it, and nothing here judges better.
    """
    face, camera = sighting.face, sighting.camera
    if sighting.sight is not Sight.CLEAR or face is None:
        return None
    coarse = pose_of(sighting, model, face)
    window, (_, weight) = profile.window_of(face, nominal.yaw), model.side_relief(nominal.yaw)
    return PoseDescriptor(
        method="profile",
        aspect=camera.width / camera.height,
        focal=camera.focal_px / camera.height,
        pose=nominal,
        coarse=coarse.angles,
        origin=(coarse.x / camera.height, coarse.y / camera.height, 0.0),
        size=coarse.px_per_mm / camera.height,
        points=_NOTHING,
        lines=_in_heights(contours(sighting.grey, window, weight), camera.height),
        patch=profile.patch(sighting.grey, face, nominal.yaw),
        bare=_bare(sighting),
    )


def _bare(sighting: Sighting) -> Map | None:
    return None if sighting.covering is None else sighting.covering.bare()


def _reference(seen: Angles, nominal: Angles) -> Angles:
    off = (turned(seen.yaw - nominal.yaw), seen.pitch - nominal.pitch, seen.roll - nominal.roll)
    return nominal if max(abs(one) for one in off) <= _SAME else seen


def _in_heights(lines: tuple[Array, ...], height: int) -> tuple[Array, ...]:
    return tuple(line / height for line in lines)
