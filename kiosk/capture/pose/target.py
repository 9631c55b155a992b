"""Where a view wants a head to be: from the view, its silhouette and the camera's geometry."""

from __future__ import annotations

from typing import Final

import numpy as np

from kiosk.capture.guides.silhouette import Box, Silhouette, field_of, frame_of
from kiosk.capture.pose.comparisons import Wanted
from kiosk.capture.pose.geometry import Angles
from kiosk.capture.pose.head import HeadModel
from kiosk.capture.pose.mesh import LEFT_EYE_OUTER, RIGHT_EYE_OUTER
from kiosk.records.views import View

_MIDDLE: Final = 0.4
"""Height of the eyes in a silhouette that has no eye line, of its frame from above."""


def wanted_pose(
    view: View, silhouette: Silhouette, model: HeadModel, field_mm: float | None, aspect: float
) -> Wanted | None:
    """Return a view's target so that a mean head fills its silhouette; None without a pose.

    Args:
        view: gives pose and framing.
        silhouette: the view's; gives the height of the eyes.
        model: gives how far the eyes are from the head's middle.
        field_mm: height of what the camera's upright picture shows at the subject plane; None
            where that was not measured, and the picture is taken to show what the view frames.
        aspect: the picture's width over its height.
    """
    if view.pose is None:
        return None
    angles = Angles(view.pose.yaw, view.pose.pitch, view.pose.roll)
    frame = frame_of(silhouette, Box(0.0, 0.0, aspect, 1.0), field_of(view.framing_mm, field_mm))
    size = frame.height / silhouette.height_mm
    eyes = model.mean[[RIGHT_EYE_OUTER, LEFT_EYE_OUTER]].mean(axis=0)
    above = float((angles.matrix() @ np.asarray(eyes))[1]) * size
    line = silhouette.eye_line if silhouette.eye_line is not None else _MIDDLE
    middle = frame.x + frame.width / 2 - aspect / 2
    return Wanted(angles, (middle, frame.y + line * frame.height + above), size)
