"""What guiding needs of a view, from its data and the station's camera."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.capture.guides.choice import Aim
from kiosk.capture.guides.directions import Facing
from kiosk.capture.guides.expressions import can_judge
from kiosk.capture.guides.silhouette import field_height_mm, load_silhouette
from kiosk.capture.guides.tolerances import Tolerances
from kiosk.capture.pose.descriptor import PoseDescriptor
from kiosk.capture.pose.geometry import Pinhole
from kiosk.capture.pose.head import HeadModel
from kiosk.capture.pose.judge import HeadJudge, Judge
from kiosk.capture.pose.observer import Observer
from kiosk.capture.pose.target import wanted_pose
from kiosk.config import CameraCommon
from kiosk.records.views import View

LONG_SIDE = 640
"""Longer side of the pictures that are measured, pixels."""

_LENS = 2.0
"""Focal length over the picture's diagonal where the camera was not measured: the least that does
not distort a face (Cardiff; see docs/technician.md)."""


@dataclass(frozen=True, slots=True)
class Optics:
    """How the camera sees, for pictures as they are measured.

    Attributes:
        camera: size of the measured picture, upright, and its focal length.
        field_mm: height of what it shows at the subject plane; None where that was not measured.
        rotation: degrees clockwise by which frames are turned upright.
    """

    camera: Pinhole
    field_mm: float | None
    rotation: int

    @classmethod
    def of(cls, section: CameraCommon) -> Optics:
        width, height = section.size
        if section.rotation in (90, 270):
            width, height = height, width
        diagonal = float(width**2 + height**2) ** 0.5
        focal = diagonal * _LENS if section.geometry is None else section.geometry.focal_px
        factor = LONG_SIDE / max(width, height)
        camera = Pinhole(round(width * factor), round(height * factor), focal * factor)
        return cls(camera, field_height_mm(section), section.rotation)


def aim_of(view: View) -> Aim:
    """Return what the director needs of a view."""
    pose, slack = view.pose, view.tolerance
    tolerances = Tolerances(
        yaw=None if pose is None else slack.yaw,
        pitch=None if pose is None else slack.pitch,
        roll=None if pose is None else slack.roll,
        position=slack.position,
        scale=slack.scale,
        stillness=slack.stillness,
        expression=view.expression is not None
        and view.method == "face"
        and can_judge(view.expression),
    )
    return Aim(tolerances, Facing.of(0.0 if pose is None else pose.yaw))


def judge_of(
    view: View,
    baseline: PoseDescriptor | None,
    observer: Observer,
    model: HeadModel,
    optics: Optics,
) -> Judge | None:
    """Return who judges pictures of a view; None where the operator's eye must.

    Raises:
        FormatError: the baseline's descriptor lacks what this view needs.
    """
    if view.method not in ("face", "profile"):
        return None
    aspect = optics.camera.width / optics.camera.height
    silhouette = load_silhouette(view.silhouette)
    wanted = wanted_pose(view, silhouette, model, optics.field_mm, aspect)
    if wanted is None:
        return None
    return HeadJudge(observer, model, view, wanted, baseline)
