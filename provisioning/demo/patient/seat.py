"""Where a view wants the demo's patient: what the patient does not know."""

from __future__ import annotations

from kiosk.records.protocols import View
from provisioning.demo.patient.pose import Attitude
from provisioning.demo.patient.scene import DISTANCE_M

ABOVE_MIDDLE_M = 0.03
"""The head's origin, which is as high as the eyes, in a picture that shows head and neck."""


def attitude_for(view: View) -> Attitude:
    """Return how the head is held in a view; frontally where the view states no pose."""
    pose = view.pose
    if pose is None:
        return Attitude(y=ABOVE_MIDDLE_M, distance=DISTANCE_M)
    return Attitude(pose.yaw, pose.pitch, pose.roll, 0.0, ABOVE_MIDDLE_M, DISTANCE_M)
