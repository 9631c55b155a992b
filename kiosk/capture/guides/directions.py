"""Which words bring a deviation back, by the way the patient looks.

Yaw, pitch and roll turn about axes of which the patient carries the last two along (R = Ry(yaw)
Rx(pitch) Rz(roll)): in every view, pitch is the chin, roll is the head towards a shoulder and yaw
is a turn on the spot. Of a trunk, pitch is leaning forward and roll leaning to a side. Only
sideways in the picture is something else for a patient who looks out of its side (forwards or
backwards) or away from it.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from kiosk.capture.guides.meter import Axis
from kiosk.capture.guides.values import Cue


class Facing(enum.Enum):
    """Where a patient looks who holds the view's pose."""

    CAMERA = enum.auto()
    PICTURE_RIGHT = enum.auto()
    PICTURE_LEFT = enum.auto()
    AWAY = enum.auto()

    @classmethod
    def of(cls, yaw: float) -> Facing:
        """Return where a view of this yaw looks, degrees.

        A patient at three quarters still takes "left" for a step to the left as seen from the
        camera's side; past 60 degrees "forwards" is nearer.
        """
        yaw = math.remainder(yaw, 360.0)
        if abs(yaw) <= _SIDEWAYS_FROM:
            return cls.CAMERA
        if abs(yaw) >= _AWAY_FROM:
            return cls.AWAY
        return cls.PICTURE_RIGHT if yaw > 0 else cls.PICTURE_LEFT


_SIDEWAYS_FROM: Final = 60.0
_AWAY_FROM: Final = 120.0

_ANYWHERE: Final[Mapping[Axis, tuple[Cue, Cue]]] = MappingProxyType(
    {
        Axis.YAW: (Cue.TURN_RIGHT, Cue.TURN_LEFT),
        Axis.PITCH: (Cue.CHIN_UP, Cue.CHIN_DOWN),
        Axis.ROLL: (Cue.TILT_LEFT, Cue.TILT_RIGHT),
        Axis.LEAN_AHEAD: (Cue.LEAN_BACKWARD, Cue.LEAN_FORWARD),
        Axis.LEAN_ASIDE: (Cue.LEAN_LEFT, Cue.LEAN_RIGHT),
        Axis.Y: (Cue.MOVE_UP, Cue.MOVE_DOWN),
        Axis.SCALE: (Cue.MOVE_BACK, Cue.COME_CLOSER),
        Axis.MOTION: (Cue.HOLD_STILL, Cue.HOLD_STILL),
    }
)
"""What brings back a deviation that is positive, and one that is negative."""

_SIDEWAYS: Final[Mapping[Facing, tuple[Cue, Cue]]] = MappingProxyType(
    {
        # Who looks into the camera has the right hand on the left of the picture.
        Facing.CAMERA: (Cue.MOVE_RIGHT, Cue.MOVE_LEFT),
        Facing.PICTURE_RIGHT: (Cue.MOVE_BACKWARD, Cue.MOVE_FORWARD),
        Facing.PICTURE_LEFT: (Cue.MOVE_FORWARD, Cue.MOVE_BACKWARD),
        Facing.AWAY: (Cue.MOVE_LEFT, Cue.MOVE_RIGHT),
    }
)
"""The same for x."""


def cue_for(axis: Axis, deviation: float, facing: Facing) -> Cue:
    """Return what a patient should do about a deviation of this sign."""
    pair = _SIDEWAYS[facing] if axis is Axis.X else _ANYWHERE[axis]
    return pair[0] if deviation > 0 else pair[1]
