"""The guide's icons as strokes in a unit square, and which cue has which.

Left and right in the names of icons are those of the screen.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from kiosk.capture.guides.values import Cue, Instruction

Point = tuple[float, float]
Stroke = tuple[Point, ...]
Strokes = tuple[Stroke, ...]

_STEPS: Final = 24
_BARB: Final = 0.24


def _arc(centre: Point, radii: Point, start: float, end: float) -> Stroke:
    """Points of an ellipse from ``start`` to ``end``, degrees clockwise from the right."""
    angles = (math.radians(start + (end - start) * i / _STEPS) for i in range(_STEPS + 1))
    return tuple(
        (centre[0] + radii[0] * math.cos(a), centre[1] + radii[1] * math.sin(a)) for a in angles
    )


def _arrow(shaft: Stroke, barb: float = _BARB) -> Strokes:
    """Put a head of two barbs on the end of a line."""
    (x, y), (bx, by) = shaft[-1], shaft[-1 - max(1, len(shaft) // 8)]
    back = math.atan2(by - y, bx - x)
    ends = [
        (x + barb * math.cos(back + turn), y + barb * math.sin(back + turn)) for turn in (-0.7, 0.7)
    ]
    return shaft, (ends[0], (x, y), ends[1])


def _mirrored(strokes: Strokes) -> Strokes:
    return tuple(tuple((1.0 - x, y) for x, y in stroke) for stroke in strokes)


def _flipped(strokes: Strokes) -> Strokes:
    return tuple(tuple((x, 1.0 - y) for x, y in stroke) for stroke in strokes)


def _transposed(strokes: Strokes) -> Strokes:
    return tuple(tuple((y, x) for x, y in stroke) for stroke in strokes)


def _clockwise(strokes: Strokes, degrees: float) -> Strokes:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return tuple(
        tuple(
            (0.5 + c * (x - 0.5) - s * (y - 0.5), 0.5 + s * (x - 0.5) + c * (y - 0.5))
            for x, y in stroke
        )
        for stroke in strokes
    )


_TURN_RIGHT: Final = _arrow(_arc((0.5, 0.36), (0.42, 0.26), 190, 20))
_TILT_RIGHT: Final = _arrow(_arc((0.46, 0.84), (0.38, 0.62), 195, 335))
_MOVE_RIGHT: Final = _arrow(((0.08, 0.5), (0.92, 0.5)), 0.34)
_DIAGONALS: Final = tuple((dx, dy) for dx in (-1, 1) for dy in (-1, 1))
_EYE: Final[Strokes] = (
    _arc((0.5, 0.78), (0.46, 0.46), 215, 325),
    _arc((0.5, 0.26), (0.46, 0.46), 35, 145),
    _arc((0.5, 0.52), (0.1, 0.1), 0, 360),
)
_FACE: Final[Strokes] = (
    _arc((0.5, 0.5), (0.42, 0.42), 0, 360),
    ((0.35, 0.40), (0.35, 0.44)),
    ((0.65, 0.40), (0.65, 0.44)),
)
_SUN: Final[Strokes] = (
    _arc((0.5, 0.5), (0.17, 0.17), 0, 360),
    *(
        tuple((0.5 + r * math.cos(a), 0.5 + r * math.sin(a)) for r in (0.32, 0.44))
        for a in (math.pi * i / 4 for i in range(8))
    ),
)


def _diagonal(near: float, far: float) -> Strokes:
    """Four arrows from ``near`` to ``far`` of the middle."""
    found: Strokes = ()
    for dx, dy in _DIAGONALS:
        shaft = ((0.5 + dx * near, 0.5 + dy * near), (0.5 + dx * far, 0.5 + dy * far))
        found += _arrow(shaft, 0.2)
    return found


def _person(x: float) -> Strokes:
    return _arc((x, 0.32), (0.13, 0.15), 0, 360), _arc((x, 0.9), (0.24, 0.36), 180, 360)


CUE_ICONS: Final[Mapping[str, Strokes]] = MappingProxyType(
    {
        "turn_right": _TURN_RIGHT,
        "turn_left": _mirrored(_TURN_RIGHT),
        "tilt_right": _TILT_RIGHT,
        "tilt_left": _mirrored(_TILT_RIGHT),
        "move_right": _MOVE_RIGHT,
        "move_left": _mirrored(_MOVE_RIGHT),
        "move_down": _transposed(_MOVE_RIGHT),
        "move_up": _flipped(_transposed(_MOVE_RIGHT)),
        "move_right_down": _clockwise(_MOVE_RIGHT, 45),
        "move_right_up": _clockwise(_MOVE_RIGHT, -45),
        "move_left_down": _mirrored(_clockwise(_MOVE_RIGHT, 45)),
        "move_left_up": _mirrored(_clockwise(_MOVE_RIGHT, -45)),
        "chin_down": _transposed(_TURN_RIGHT),
        "chin_up": _flipped(_transposed(_TURN_RIGHT)),
        "closer": _diagonal(0.14, 0.44),
        "back": _diagonal(0.44, 0.12),
        "eyes_open": _EYE,
        "eyes_closed": (
            _arc((0.5, 0.2), (0.46, 0.46), 35, 145),
            ((0.5, 0.68), (0.5, 0.84)),
            ((0.24, 0.6), (0.16, 0.74)),
            ((0.76, 0.6), (0.84, 0.74)),
        ),
        "brows_up": (
            *tuple(tuple((x, 0.36 + 0.64 * y) for x, y in stroke) for stroke in _EYE),
            _arc((0.5, 0.52), (0.46, 0.46), 215, 325),
        ),
        "smile": (*_FACE, _arc((0.5, 0.52), (0.22, 0.2), 10, 170)),
        "lips": (*_FACE, ((0.36, 0.68), (0.64, 0.68))),
        "mouth_open": (*_FACE, _arc((0.5, 0.66), (0.11, 0.12), 0, 360)),
        "pucker": (*_FACE, _arc((0.5, 0.68), (0.055, 0.055), 0, 360)),
        "rest": (*_FACE, _arc((0.5, 0.5), (0.3, 0.2), 60, 120)),
        "moment": (((0.2, 0.1), (0.8, 0.1), (0.2, 0.9), (0.8, 0.9), (0.2, 0.1)),),
        "still": (((0.34, 0.16), (0.34, 0.84)), ((0.66, 0.16), (0.66, 0.84))),
        "person": _person(0.5),
        "one_person": (*_person(0.5), ((0.08, 0.2), (0.08, 0.8)), ((0.92, 0.2), (0.92, 0.8))),
        "covered": (*_EYE, ((0.12, 0.16), (0.88, 0.9))),
        "whole": (
            ((0.08, 0.3), (0.08, 0.08), (0.3, 0.08)),
            ((0.7, 0.08), (0.92, 0.08), (0.92, 0.3)),
            ((0.92, 0.7), (0.92, 0.92), (0.7, 0.92)),
            ((0.3, 0.92), (0.08, 0.92), (0.08, 0.7)),
            *_person(0.5),
        ),
        # Two circles up to where they cross.
        "dark": (
            _arc((0.46, 0.52), (0.38, 0.38), 17, 273),
            _arc((0.66, 0.38), (0.3, 0.3), 57, 233),
        ),
        "bright": _SUN,
        "by_eye": _EYE,
        "differs": (
            ((0.16, 0.38), (0.84, 0.38)),
            ((0.16, 0.62), (0.84, 0.62)),
            ((0.66, 0.14), (0.34, 0.86)),
        ),
        # Marks of the meter: drawn with thick strokes they are a disc and two wedges.
        "disc": (_arc((0.5, 0.5), (0.2, 0.2), 0, 360), _arc((0.5, 0.5), (0.1, 0.1), 0, 360)),
        "points_left": (((0.2, 0.5), (0.72, 0.16), (0.72, 0.84), (0.2, 0.5), (0.6, 0.5)),),
        "points_right": (((0.8, 0.5), (0.28, 0.16), (0.28, 0.84), (0.8, 0.5), (0.4, 0.5)),),
        "ready": (((0.18, 0.54), (0.40, 0.76), (0.82, 0.26)),),
    }
)


class Place(enum.Enum):
    """Where on the live picture a large arrow stands; nowhere for what has no direction."""

    NOWHERE = enum.auto()
    LEFT = enum.auto()
    RIGHT = enum.auto()
    BELOW = enum.auto()


@dataclass(frozen=True, slots=True)
class CueLook:
    """How a cue looks: its icon, and where that stands on the live picture."""

    icon: str
    place: Place = Place.NOWHERE


_AS_IN_A_MIRROR: Final[Mapping[Cue, CueLook]] = MappingProxyType(
    {
        Cue.TURN_LEFT: CueLook("turn_left", Place.LEFT),
        Cue.TURN_RIGHT: CueLook("turn_right", Place.RIGHT),
        Cue.CHIN_UP: CueLook("chin_up", Place.BELOW),
        Cue.CHIN_DOWN: CueLook("chin_down", Place.BELOW),
        Cue.TILT_LEFT: CueLook("tilt_left", Place.LEFT),
        Cue.TILT_RIGHT: CueLook("tilt_right", Place.RIGHT),
        Cue.LEAN_LEFT: CueLook("tilt_left", Place.LEFT),
        Cue.LEAN_RIGHT: CueLook("tilt_right", Place.RIGHT),
        Cue.MOVE_LEFT: CueLook("move_left", Place.LEFT),
        Cue.MOVE_RIGHT: CueLook("move_right", Place.RIGHT),
        Cue.MOVE_UP: CueLook("move_up", Place.BELOW),
        Cue.MOVE_DOWN: CueLook("move_down", Place.BELOW),
        Cue.COME_CLOSER: CueLook("closer", Place.BELOW),
        Cue.MOVE_BACK: CueLook("back", Place.BELOW),
        Cue.EYES_OPEN: CueLook("eyes_open"),
        Cue.EYES_CLOSED: CueLook("eyes_closed"),
        Cue.BROWS_UP: CueLook("brows_up"),
        Cue.SMILE: CueLook("smile"),
        Cue.LIPS_TOGETHER: CueLook("lips"),
        Cue.MOUTH_OPEN: CueLook("mouth_open"),
        Cue.PUCKER: CueLook("pucker"),
        Cue.RELAX: CueLook("rest"),
        Cue.HOLD_STILL: CueLook("still"),
        Cue.READY: CueLook("ready"),
        Cue.LOOKING: CueLook("moment"),
        Cue.COME_INTO_VIEW: CueLook("person"),
        Cue.ONE_PERSON: CueLook("one_person"),
        Cue.UNCOVER: CueLook("covered"),
        Cue.WHOLLY_INTO_VIEW: CueLook("whole"),
        Cue.MORE_LIGHT: CueLook("dark"),
        Cue.LESS_LIGHT: CueLook("bright"),
        Cue.CANNOT_JUDGE: CueLook("by_eye"),
    }
)

_SIDES: Final = (
    (Cue.TURN_LEFT, Cue.TURN_RIGHT),
    (Cue.TILT_LEFT, Cue.TILT_RIGHT),
    (Cue.LEAN_LEFT, Cue.LEAN_RIGHT),
    (Cue.MOVE_LEFT, Cue.MOVE_RIGHT),
)
_ALONG_THE_NOSE: Final[Mapping[Cue, tuple[Cue, Cue]]] = MappingProxyType(
    {
        Cue.MOVE_FORWARD: (Cue.MOVE_RIGHT, Cue.MOVE_LEFT),
        Cue.MOVE_BACKWARD: (Cue.MOVE_LEFT, Cue.MOVE_RIGHT),
        Cue.LEAN_FORWARD: (Cue.LEAN_RIGHT, Cue.LEAN_LEFT),
        Cue.LEAN_BACKWARD: (Cue.LEAN_LEFT, Cue.LEAN_RIGHT),
    }
)
"""Which sidewards movement it looks like, by whether the nose points to the patient's left."""

_OTHER_SIDE: Final[Mapping[Cue, Cue]] = MappingProxyType(
    {**dict(_SIDES), **{right: left for left, right in _SIDES}}
)


def look_of(cue: Cue, *, mirror: bool, view_yaw: float = 0.0) -> CueLook:
    """Return how a cue looks to the patient.

    In a mirror the patient's left is on the left of the screen; in a camera's view it is on the
    right. Forward is where the nose points: with ``view_yaw`` > 0, degrees, to where the left of a
    patient who faces the camera is.
    """
    if cue in _ALONG_THE_NOSE:
        cue = _ALONG_THE_NOSE[cue][view_yaw > 0]
    return _AS_IN_A_MIRROR[cue if mirror else _OTHER_SIDE.get(cue, cue)]


_UP_OR_DOWN: Final[Mapping[str, str]] = MappingProxyType({"move_up": "up", "move_down": "down"})
_SIDEWAYS: Final = ("move_left", "move_right")


def looks_of(
    instruction: Instruction, *, mirror: bool, view_yaw: float = 0.0
) -> tuple[CueLook, ...]:
    """Return how an instruction looks: one arrow for each part, and one for a way aslant."""
    looks = tuple(look_of(cue, mirror=mirror, view_yaw=view_yaw) for cue in instruction.cues)
    across = next((look for look in looks if look.icon in _SIDEWAYS), None)
    along = next((_UP_OR_DOWN[look.icon] for look in looks if look.icon in _UP_OR_DOWN), None)
    if across is None or along is None:
        return looks
    return (CueLook(f"{across.icon}_{along}", across.place),)
