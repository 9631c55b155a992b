"""A patient who does what is said, late and not quite right, and knows nothing but what is said."""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kiosk.capture.guides.values import Amount, Cue, Instruction
from provisioning.demo.patient.motion import Axis, Sway
from provisioning.demo.patient.pose import NECK_M, Attitude, rotation

_NS = 1e-9


class Motion(enum.Enum):
    """What moves: the head against the neck, degrees; the neck in the room, metres."""

    YAW = enum.auto()
    PITCH = enum.auto()
    ROLL = enum.auto()
    X = enum.auto()
    Y = enum.auto()
    DISTANCE = enum.auto()


_ANGLES = (Motion.YAW, Motion.PITCH, Motion.ROLL)

_MOVES: Mapping[Cue, tuple[Motion, float]] = {
    # The patient's left is the picture's right.
    Cue.TURN_LEFT: (Motion.YAW, 1.0),
    Cue.TURN_RIGHT: (Motion.YAW, -1.0),
    Cue.CHIN_DOWN: (Motion.PITCH, 1.0),
    Cue.CHIN_UP: (Motion.PITCH, -1.0),
    Cue.TILT_RIGHT: (Motion.ROLL, 1.0),
    Cue.TILT_LEFT: (Motion.ROLL, -1.0),
    Cue.MOVE_LEFT: (Motion.X, 1.0),
    Cue.MOVE_RIGHT: (Motion.X, -1.0),
    Cue.MOVE_FORWARD: (Motion.X, 1.0),
    Cue.MOVE_BACKWARD: (Motion.X, -1.0),
    Cue.MOVE_UP: (Motion.Y, 1.0),
    Cue.MOVE_DOWN: (Motion.Y, -1.0),
    Cue.MOVE_BACK: (Motion.DISTANCE, 1.0),
    Cue.COME_CLOSER: (Motion.DISTANCE, -1.0),
}
"""Left, right, up and down of moves are those of a patient who faces the camera, in any view."""

_STEPS: Mapping[tuple[bool, Amount], tuple[float, float]] = {
    (True, Amount.A_LITTLE): (2.0, 4.0),
    (True, Amount.PLAIN): (8.0, 12.0),
    (False, Amount.A_LITTLE): (0.006, 0.014),
    (False, Amount.PLAIN): (0.03, 0.05),
}
"""What a patient means to do: least and most, degrees (True) or metres (False)."""

_DISTANCE_STEPS = 1.6
"""Steps towards the camera are so much larger than those across: they show less."""

_FACES: Mapping[Cue, Mapping[str, float]] = {
    Cue.EYES_OPEN: {"eyes_closed": 0.0},
    Cue.EYES_CLOSED: {"eyes_closed": 1.0},
    Cue.BROWS_UP: {"brows_up": 1.0},
    Cue.SMILE: {"smile": 1.0},
    Cue.LIPS_TOGETHER: {"mouth_open": 0.0, "smile_teeth": 0.0},
    Cue.MOUTH_OPEN: {"mouth_open": 1.0},
    Cue.PUCKER: {"pucker": 1.0},
    Cue.RELAX: dict.fromkeys(
        ("smile", "smile_teeth", "brows_up", "mouth_open", "pucker", "frown", "snarl"), 0.0
    ),
}

_WHERE_ONE_LOOKS = frozenset({Cue.MOVE_FORWARD, Cue.MOVE_BACKWARD})
"""Stated above for a patient who looks to the picture's right."""

_STILL = frozenset({Cue.READY, Cue.HOLD_STILL})
_INTO_VIEW = frozenset({Cue.COME_INTO_VIEW, Cue.WHOLLY_INTO_VIEW})


@dataclass(frozen=True, slots=True)
class Temper:
    """How a patient reacts; the values are a willing adult's.

    Attributes:
        reaction_s: least and most time from words to the first movement, seconds.
        second_s: how much longer it takes to grasp that two things are asked for at once.
        pause_s: the same between two steps that the same words ask for.
        error: standard deviation of a step, as a share of what was meant.
        coupling: share of a turn by which the other angles err along (standard deviation).
        carried: share of a step that is done in spite of having heard to stop.
        growth: by which share each repetition makes steps longer.
        correction: the factor on steps that take back the last one.
        sway_deg, sway_m: standard deviation of swaying.
        stillness: the factor on swaying while holding still.
    """

    reaction_s: tuple[float, float] = (0.4, 0.7)
    second_s: tuple[float, float] = (0.1, 0.3)
    pause_s: tuple[float, float] = (0.05, 0.2)
    error: float = 0.18
    coupling: float = 0.04
    carried: float = 0.3
    growth: float = 0.2
    correction: float = 0.55
    sway_deg: float = 0.15
    sway_m: float = 0.0004
    stillness: float = 0.4


_MOST_GROWN, _LEAST_CORRECTED = 1.6, 0.3
_LARGEST_ERROR = 0.6
_BREATH_HZ, _BREATH_M, _BREATH_DEG = 0.25, 0.0008, 0.06
_TURN_SPEED, _MOVE_SPEED, _FACE_SPEED = 25.0, 0.2, 4.0
"""Degrees, metres, and full strengths a second."""

_QUICKEST_S = 0.3
_KEPT_S = 1.0
"""How long steps are remembered after their end, so that the recent past can be asked about."""


class PatientMind:
    """Hears instructions, keeps moving, and tells where the head is.

    It is pure: times are passed in; chance comes from the generator. A camera asks about a moment
    that lies a little back, so times may go back by up to a second.
    """

    def __init__(
        self, rng: np.random.Generator, start: Attitude, at_ns: int, temper: Temper | None = None
    ) -> None:
        """Begin.

        Args:
            rng: all chance comes from it.
            start: how the patient sits before hearing anything.
            at_ns: now; nanoseconds of any clock.
            temper: how the patient reacts; as usual if None.
        """
        self._rng = rng
        self._temper = Temper() if temper is None else temper
        self._begin_ns = at_ns
        self._axes = _axes(start)
        self._face = {
            name: Axis(strength, _FACE_SPEED, _QUICKEST_S)
            for name, strength in start.expression.items()
        }
        self._unrest = Axis(1.0, 2.0, _QUICKEST_S)
        self._sways = {
            motion: Sway(rng, self._temper.sway_deg if motion in _ANGLES else self._temper.sway_m)
            for motion in Motion
        }
        self._scales = dict.fromkeys(Motion, 1.0)
        self._last: dict[Motion, Cue] = {}
        self._heard: Instruction | None = None
        self._face_due = False
        self._due_s = np.inf

    def hear(self, instruction: Instruction | None, at_ns: int) -> None:
        """Hear what is said now; the same again changes nothing, None is silence.

        Args:
            instruction: what the screen or the voice says.
            at_ns: now.
        """
        now_s = self._passed(at_ns)
        if instruction == self._heard:
            return
        self._heard, self._face_due = instruction, True
        self._due_s = now_s + self._rng.uniform(*self._temper.reaction_s)
        if instruction is not None and instruction.also is not None:
            self._due_s += self._rng.uniform(*self._temper.second_s)

    def attitude(self, at_ns: int) -> Attitude:
        """Return how the head is held.

        Args:
            at_ns: now.
        """
        return self._held(self._passed(at_ns))

    def _held(self, now_s: float) -> Attitude:
        unrest = self._unrest.at(now_s)
        breath = math.sin(2.0 * math.pi * _BREATH_HZ * now_s)
        at = {
            motion: axis.at(now_s) + unrest * self._sways[motion].at(now_s)
            for motion, axis in self._axes.items()
        }
        yaw, roll = at[Motion.YAW], at[Motion.ROLL]
        pitch = at[Motion.PITCH] + breath * _BREATH_DEG
        neck = np.array([at[Motion.X], at[Motion.Y] + breath * _BREATH_M, -at[Motion.DISTANCE]])
        x, y, z = neck - rotation(yaw, pitch, roll) @ np.array(NECK_M)
        face = {name: min(max(axis.at(now_s), 0.0), 1.0) for name, axis in self._face.items()}
        return Attitude(yaw, pitch, roll, float(x), float(y), float(-z), face)

    def _passed(self, at_ns: int) -> float:
        """Live until now; return seconds since the beginning."""
        now_s = (at_ns - self._begin_ns) * _NS
        while self._due_s <= now_s:
            due_s, self._due_s = self._due_s, np.inf
            self._act(due_s)
        for axis in (*self._axes.values(), *self._face.values(), self._unrest):
            axis.settle(now_s - _KEPT_S)
        return now_s

    def _act(self, now_s: float) -> None:
        """Do what was heard; what still goes on of other movements is braked first."""
        for axis in self._axes.values():
            axis.stop(now_s, 1.0 - self._temper.carried)
        if self._heard is None:
            return
        cue = self._heard.cue
        self._rest(now_s, still=cue in _STILL)
        if cue in _MOVES:
            self._move([part for part in self._heard.parts if part.cue in _MOVES], now_s)
        elif cue in _INTO_VIEW:
            self._come(cue, now_s)
        for wanted in self._heard.cues:
            if wanted in _FACES and self._face_due:
                self._make_face(_FACES[wanted], now_s)
        self._face_due = False
        if cue in _MOVES or cue in _INTO_VIEW:
            end_s = max(axis.end_s for axis in self._axes.values())
            self._due_s = max(end_s, now_s) + self._rng.uniform(*self._temper.pause_s)

    def _move(self, parts: Sequence[Instruction], now_s: float) -> None:
        """Do one thing or several at once, each as rightly as it would be done alone."""
        before, self._last = self._last, {}
        for part in parts:
            motion, direction = self._move_of(part.cue, now_s)
            self._last[motion] = part.cue
            meant = self._meant(part, motion, before.get(motion))
            self._step(motion, direction * meant, now_s)

    def _move_of(self, cue: Cue, now_s: float) -> tuple[Motion, float]:
        """Return what moves and which way; forward is where the patient looks just now."""
        motion, direction = _MOVES[cue]
        if cue in _WHERE_ONE_LOOKS and self._axes[Motion.YAW].at(now_s) < 0.0:
            direction = -direction
        return motion, direction

    def _rest(self, now_s: float, *, still: bool) -> None:
        wanted = self._temper.stillness if still else 1.0
        self._unrest.move(wanted - self._unrest.goal, now_s)

    def _meant(self, part: Instruction, motion: Motion, before: Cue | None) -> float:
        """Return how far the patient means to go: more when told again, less when told back."""
        temper, amount = self._temper, part.amount
        if before is part.cue:
            self._scales[motion] = min(self._scales[motion] * (1 + temper.growth), _MOST_GROWN)
        elif before is not None:
            scale = min(self._scales[motion], 1.0) * temper.correction
            self._scales[motion] = max(scale, _LEAST_CORRECTED)
        if amount is Amount.A_LITTLE:
            self._scales[motion] = min(self._scales[motion], 1.0)
        size = self._rng.uniform(*_STEPS[motion in _ANGLES, amount]) * self._scales[motion]
        return float(size * (_DISTANCE_STEPS if motion is Motion.DISTANCE else 1.0))

    def _step(self, motion: Motion, meant: float, now_s: float) -> None:
        error = np.clip(self._rng.normal(0.0, self._temper.error), -_LARGEST_ERROR, _LARGEST_ERROR)
        self._axes[motion].move(meant * (1.0 + float(error)), now_s)
        if motion in _ANGLES:
            for other in _ANGLES:
                if other is not motion:
                    along = meant * self._rng.normal(0.0, self._temper.coupling)
                    self._axes[other].move(float(along), now_s)

    def _come(self, cue: Cue, now_s: float) -> None:
        """Bring the head before the camera, which a patient sees; and back, if too near."""
        low, high = _STEPS[False, Amount.PLAIN]
        held = self._held(now_s)
        for motion, off in ((Motion.X, held.x), (Motion.Y, held.y)):
            self._step(motion, -float(np.clip(off, -high, high)), now_s)
        if cue is Cue.WHOLLY_INTO_VIEW:
            self._step(Motion.DISTANCE, low, now_s)

    def _make_face(self, wanted: Mapping[str, float], now_s: float) -> None:
        for name, strength in wanted.items():
            axis = self._face.setdefault(name, Axis(0.0, _FACE_SPEED, _QUICKEST_S))
            reached = strength * self._rng.uniform(0.85, 1.0)
            axis.move(float(reached) - axis.at(now_s), now_s)


def _axes(start: Attitude) -> dict[Motion, Axis]:
    neck = start.rotation @ np.array(NECK_M) + start.place
    rests = (start.yaw, start.pitch, start.roll, neck[0], neck[1], -neck[2])
    return {
        motion: Axis(float(rest), _TURN_SPEED if motion in _ANGLES else _MOVE_SPEED, _QUICKEST_S)
        for motion, rest in zip(Motion, rests, strict=True)
    }


@dataclass(frozen=True, slots=True)
class Spread:
    """How far from where they should be patients sit down at first, each evenly to both sides.

    Attributes:
        yaw, pitch, roll: degrees.
        shift_m: across and up, metres.
        scale: share of the size in the picture.
    """

    yaw: float = 25.0
    pitch: float = 15.0
    roll: float = 10.0
    shift_m: float = 0.03
    scale: float = 0.2


def start_near(rng: np.random.Generator, target: Attitude, spread: Spread) -> Attitude:
    """Return how a patient sits down who should come to ``target``."""
    yaw, pitch, roll, x, y, scale = rng.uniform(-1.0, 1.0, 6)
    return Attitude(
        yaw=target.yaw + yaw * spread.yaw,
        pitch=target.pitch + pitch * spread.pitch,
        roll=target.roll + roll * spread.roll,
        x=target.x + x * spread.shift_m,
        y=target.y + y * spread.shift_m,
        distance=target.distance / (1.0 + scale * spread.scale),
    )
