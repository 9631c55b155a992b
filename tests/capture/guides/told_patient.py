"""A patient of numbers alone, who does what is said late and badly; for tests of the director.

No picture is made. The truth is a deviation from the pose asked for, in the units of
``Deviation``; cues change it, by the conventions worked out in ``test_directions.py``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from kiosk.capture.guides.values import Amount, Cue, Deviation, Instruction, Sight

MOVES: Final = {
    Cue.TURN_LEFT: ("yaw", +1),
    Cue.TURN_RIGHT: ("yaw", -1),
    Cue.CHIN_DOWN: ("pitch", +1),
    Cue.CHIN_UP: ("pitch", -1),
    Cue.TILT_RIGHT: ("roll", +1),
    Cue.TILT_LEFT: ("roll", -1),
    Cue.MOVE_LEFT: ("x", +1),
    Cue.MOVE_RIGHT: ("x", -1),
    Cue.MOVE_DOWN: ("y", +1),
    Cue.MOVE_UP: ("y", -1),
    Cue.COME_CLOSER: ("scale", +1),
    Cue.MOVE_BACK: ("scale", -1),
}
"""What a patient who looks into the camera changes by a cue, and which way."""

STEP: Final = {"yaw": 10.0, "pitch": 8.0, "roll": 6.0, "x": 0.08, "y": 0.08, "scale": 0.1}
"""What "turn to your left" makes somebody do."""

LITTLE: Final = 0.3
"""The share of it that "a little" makes them do."""

SWAY: Final = {"yaw": 0.15, "pitch": 0.15, "roll": 0.1, "x": 0.001, "y": 0.001, "scale": 0.001}
NOISE: Final = {"yaw": 0.2, "pitch": 0.2, "roll": 0.1, "x": 0.001, "y": 0.001, "scale": 0.002}


@dataclass
class ToldPatient:
    """Reacts to what was said 0.4 to 0.8 s ago, in steps that are wrong by a fifth."""

    rng: np.random.Generator
    truth: dict[str, float]
    phases: dict[str, float] = field(default_factory=dict)
    heard: Instruction | None = None
    acts_at: float = math.inf
    steps: list[tuple[str, float, float, float]] = field(default_factory=list)
    """Of each: axis, begin, end, size."""

    speed: float = 0.0

    def __post_init__(self) -> None:
        self.phases = {axis: self.rng.uniform(0, 2 * math.pi) for axis in STEP}

    def tell(self, instruction: Instruction, now: float) -> None:
        if instruction != self.heard:
            self.heard = instruction
            self.acts_at = now + self.rng.uniform(0.4, 0.8)
            if instruction.also is not None:
                self.acts_at += self.rng.uniform(0.1, 0.3)

    def live(self, now: float, seconds: float) -> None:
        """Go on for a while, in which at most one step, or one of two parts, begins."""
        moved = 0.0
        if not self.steps and now >= self.acts_at and self.heard is not None:
            self._begin(self.heard, now)
        for axis, begin, end, size in self.steps:
            was = _minimum_jerk((now - seconds - begin) / (end - begin))
            change = size * (_minimum_jerk((now - begin) / (end - begin)) - was)
            self.truth[axis] += change
            moved = max(moved, abs(change) / STEP[axis] * 0.1)
            if axis == "yaw":
                self.truth["roll"] += 0.05 * change
                self.truth["x"] += 0.001 * change
        self.steps = [step for step in self.steps if now < step[2]]
        self.speed = moved / seconds

    def seen(self, now: float) -> Deviation:
        """Return what a station would measure: sway and noise and all."""
        measured = {
            axis: value
            + SWAY[axis] * math.sin(now * 1.5 + self.phases[axis])
            + NOISE[axis] * self.rng.standard_normal()
            for axis, value in self.truth.items()
        }
        motion = self.speed + 0.005 * abs(self.rng.standard_normal())
        return deviation(measured, motion)

    def _begin(self, instruction: Instruction, now: float) -> None:
        if instruction.cue not in MOVES:
            self.acts_at = math.inf
            return
        for part in instruction.parts:
            axis, sign = MOVES[part.cue]
            share = LITTLE if part.amount is Amount.A_LITTLE else 1.0
            size = sign * STEP[axis] * share * self.rng.normal(1.0, 0.2)
            # Fastest in the middle: 1.9 times the mean speed, at most 2.5 steps (25°) a second.
            lasts = max(0.3, 1.9 * abs(size) / (2.5 * STEP[axis]))
            self.steps.append((axis, now, now + lasts, size))
        # Whoever still hears the same goes on after a moment.
        self.acts_at = max(end for _, _, end, _ in self.steps) + self.rng.uniform(0.0, 0.2)


def deviation(values: Mapping[str, float], motion: float) -> Deviation:
    """Put an attitude into the shape in which it is measured."""
    return Deviation(
        Sight.CLEAR,
        yaw=values["yaw"],
        pitch=values["pitch"],
        roll=values["roll"],
        x=values["x"],
        y=values["y"],
        scale=values["scale"],
        expression=(),
        motion=motion,
    )


def _minimum_jerk(time: float) -> float:
    """Flash and Hogan (1985): how hands and heads move from rest to rest; time and way 0 to 1."""
    time = min(1.0, max(0.0, time))
    return time**3 * (10.0 - 15.0 * time + 6.0 * time**2)
