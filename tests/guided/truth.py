"""Whether an instruction is right, told from how the patient truly sits."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from kiosk.capture.guides.values import Cue
from provisioning.demo.patient.pose import Attitude

Axis = str
"""The name of a field of ``Attitude``."""

_LOOKS: Final = "looks"
"""Stands for ``x`` to the side to which the patient looks."""

_LEADS: Final[Mapping[Cue, tuple[Axis, float]]] = MappingProxyType(
    {
        Cue.TURN_LEFT: ("yaw", 1.0),
        Cue.TURN_RIGHT: ("yaw", -1.0),
        Cue.CHIN_DOWN: ("pitch", 1.0),
        Cue.CHIN_UP: ("pitch", -1.0),
        Cue.TILT_RIGHT: ("roll", 1.0),
        Cue.TILT_LEFT: ("roll", -1.0),
        # The patient's left is the picture's right.
        Cue.MOVE_LEFT: ("x", 1.0),
        Cue.MOVE_RIGHT: ("x", -1.0),
        Cue.MOVE_FORWARD: (_LOOKS, 1.0),
        Cue.MOVE_BACKWARD: (_LOOKS, -1.0),
        Cue.MOVE_UP: ("y", 1.0),
        Cue.MOVE_DOWN: ("y", -1.0),
        Cue.MOVE_BACK: ("distance", 1.0),
        Cue.COME_CLOSER: ("distance", -1.0),
    }
)
"""What each instruction changes, and which way."""

_OF_PLACE: Final = frozenset({"x", "y", "distance"})

_AT_WORK: Final = ("smile", "smile_teeth", "brows_up", "mouth_open", "pucker", "frown", "snarl")
_MADE: Final[Mapping[Cue, tuple[tuple[str, ...], bool]]] = MappingProxyType(
    {
        Cue.EYES_OPEN: (("eyes_closed",), False),
        Cue.EYES_CLOSED: (("eyes_closed",), True),
        Cue.BROWS_UP: (("brows_up",), True),
        Cue.SMILE: (("smile",), True),
        Cue.PUCKER: (("pucker",), True),
        Cue.MOUTH_OPEN: (("mouth_open",), True),
        Cue.LIPS_TOGETHER: (("mouth_open", "smile_teeth", "snarl", "pucker"), False),
        Cue.RELAX: (_AT_WORK, False),
    }
)
"""What each asks the face to do (True) or to leave."""

_FULLY, _NOT_AT_ALL = 0.8, 0.1

_TAKEN_IN_NS: Final = 1_000_000_000
"""A face that has just been made may be asked for once more: it is read now and then, and an
instruction stands for a while."""


class Truth:
    """What is true of one patient from frame to frame.

    Args:
        target: how the head should be held.
        known_place: whether the place and the size of the head are told against this patient's own
            earlier shot. At a first visit they are those of a mean head, which is no truth.
    """

    def __init__(self, target: Attitude, *, known_place: bool) -> None:
        self._target, self._known_place = target, known_place
        self._held = target
        self._since: dict[Cue, int] = {}
        self._now = 0

    def see(self, held: Attitude, now_ns: int) -> None:
        """Take in how the patient sits in a frame."""
        self._held, self._now = held, now_ns
        for cue in _MADE:
            if not self._makes(cue):
                self._since.pop(cue, None)
            else:
                self._since.setdefault(cue, now_ns)

    @property
    def off(self) -> tuple[float, float, float]:
        """How far the head is from the target: yaw, pitch, roll, degrees."""
        return self._off("yaw"), self._off("pitch"), self._off("roll")

    def is_wrong(self, cue: Cue) -> bool:
        """Tell whether doing what is said would lead away, or is done already."""
        if cue in _MADE:
            return self._now - self._since.get(cue, self._now) > _TAKEN_IN_NS
        if cue not in _LEADS:
            return False
        axis, way = _LEADS[cue]
        if axis == _LOOKS:
            axis, way = "x", way if self._target.yaw > 0.0 else -way
        if axis in _OF_PLACE and not self._known_place:
            return False
        return self._off(axis) * way > 0.0

    def _off(self, axis: Axis) -> float:
        """Return how far one field is off: degrees, or metres at the target's distance."""
        held, target = self._held, self._target
        if axis in ("x", "y"):
            # As it is seen: what is nearer looks farther aside.
            nearer = target.distance / held.distance
            return float(getattr(held, axis) * nearer - getattr(target, axis))
        return float(getattr(held, axis) - getattr(target, axis))

    def _makes(self, cue: Cue) -> bool:
        names, wanted = _MADE[cue]
        strengths = [self._held.expression.get(name, 0.0) for name in names]
        if wanted:
            return max(strengths) >= _FULLY
        return max(strengths) <= _NOT_AT_ALL
