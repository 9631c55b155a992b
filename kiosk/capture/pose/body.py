"""How a body is held, from where the network sees its joints.

Of a trunk without its head the network does not know front from back: it may call the left shoulder
right. Nothing here depends on which is which. How far the trunk is turned about the upright axis it
tells coarsely only, from where it imagines the head to look (docs/decisions/0088-bodies.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from kiosk.capture.guides.silhouette import Box, Silhouette, field_of, frame_of
from kiosk.capture.pose.comparisons import Wanted
from kiosk.capture.pose.geometry import Angles, Array
from kiosk.capture.pose.mesh import Square
from kiosk.records.views import View

NOSE: Final = 0
EARS: Final = (7, 8)
SHOULDERS: Final = (11, 12)
ELBOWS: Final = (13, 14)
WRISTS: Final = (15, 16)
HIPS: Final = (23, 24)
HEELS: Final = (29, 30)
TOES: Final = (31, 32)
"""Indices of pairs in BlazePose's order."""

TRUNK_MM: Final = 443.0
"""From the middle of the shoulders to that of the hips as the network sees a body of mean size;
measured on rendered bodies of known size."""

_BY_HEAD, _BY_FEET = 447.0, 117.0
"""Degrees of yaw for a nose before the ears, and for toes before the heels, by one trunk's length
to the right of the picture; least squares on rendered bodies."""

_MIDDLE: Final = 0.52
"""Height of the trunk's middle in a silhouette of a body, of its frame from above."""

_LOOK: Final = 3.9
_LOWER: Final = 0.5
"""Side of the square to look at, and how far below the trunk's middle its centre is, in lengths of
the trunk: a whole body fits in, about the middle of its hips, as the network was trained."""

_FROM_SIDE: Final = 60.0
_FROM_FRONT: Final = 30.0
"""Degrees of yaw from which, and up to which, a lean in the picture is a lean forwards or one
sideways; between them it is both and cannot be told apart."""


@dataclass(frozen=True, slots=True)
class Trunk:
    """Where the trunk is in a picture.

    Attributes:
        x, y: its middle, halfway from shoulders to hips, pixels.
        length: from the middle of the shoulders to that of the hips, pixels.
        lean: of that line, degrees clockwise in the picture; upright is 0.
    """

    x: float
    y: float
    length: float
    lean: float

    def square(self, least: float) -> Square:
        """Return where the network should look.

        A body that fills a square too small for it is seen as small as the square, or smaller: who
        follows that looks at less and less. In too large a square it is only seen a little too
        large, so that the trunk counts as at least ``least`` pixels long.
        """
        length = max(self.length, least)
        return Square(self.x, self.y + _LOWER * length, _LOOK * length, 0.0)


def trunk_of(points: Array) -> Trunk:
    """Return the trunk of joints, shape (33, 2 or 3), pixels."""
    upper, lower = _pair(points, SHOULDERS), _pair(points, HIPS)
    x, y = (upper + lower) / 2
    up = upper - lower
    lean = float(np.degrees(np.arctan2(up[0], -up[1])))
    return Trunk(float(x), float(y), max(float(np.hypot(*up)), 1.0), lean)


def yaw_of(points: Array) -> float:
    """Return how far a body is turned, degrees within some 40°: see the module."""
    length = trunk_of(points).length
    looks = float((points[NOSE, :2] - _pair(points, EARS))[0])
    stands = float((_pair(points, TOES) - _pair(points, HEELS))[0])
    return (_BY_HEAD * looks + _BY_FEET * stands) / length


def leans(yaw: float, lean: float) -> tuple[float | None, float | None]:
    """Return pitch and roll of a body that leans in the picture, None where it cannot be told.

    Args:
        yaw: which way the view has it turned, degrees.
        lean: degrees clockwise in the picture.
    """
    if abs(yaw) <= _FROM_FRONT:
        return None, -lean
    if _FROM_SIDE <= abs(yaw) <= 180.0 - _FROM_SIDE:
        return float(np.copysign(1.0, yaw)) * lean, None
    return None, None


def head_of(points: Array) -> float:
    """Return how wide a head the network sees or imagines: lengths of the trunk, ear to ear."""
    right, left = points[list(EARS), :2]
    return float(np.hypot(*(right - left))) / trunk_of(points).length


def wanted_body(
    view: View, silhouette: Silhouette, field_mm: float | None, aspect: float
) -> Wanted | None:
    """Return where a view wants the trunk; None for a view without a pose.

    Args:
        view: gives pose and framing.
        silhouette: the view's.
        field_mm: height of what the camera's upright picture shows at the subject plane; None
            where that was not measured.
        aspect: the picture's width over its height.
    """
    if view.pose is None:
        return None
    frame = frame_of(silhouette, Box(0.0, 0.0, aspect, 1.0), field_of(view.framing_mm, field_mm))
    angles = Angles(view.pose.yaw, view.pose.pitch, view.pose.roll)
    middle = frame.x + frame.width / 2 - aspect / 2
    return Wanted(
        angles, (middle, frame.y + _MIDDLE * frame.height), frame.height / silhouette.height_mm
    )


def _pair(points: Array, pair: tuple[int, int]) -> Array:
    return np.asarray((points[pair[0], :2] + points[pair[1], :2]) / 2)
