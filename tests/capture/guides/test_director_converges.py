"""The whole way: a patient who hears late and moves badly is brought into the pose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from kiosk.capture.guides.choice import Aim
from kiosk.capture.guides.directions import Facing
from kiosk.capture.guides.director import Director
from kiosk.capture.guides.meter import is_within
from kiosk.capture.guides.tolerances import Tolerances
from tests.capture.guides.told_patient import MOVES, ToldPatient, deviation

HEAD = Tolerances(
    yaw=2.0, pitch=2.0, roll=1.5, position=0.02, scale=0.02, stillness=0.02, expression=True
)
GIVE_UP_S = 40.0
RUNS = 100


@dataclass
class Run:
    """One patient, from the first frame to the shot.

    Attributes:
        seconds: until the shot.
        within: whether the true pose was within tolerance at the shot.
        outside: frames with the true pose outside tolerance.
        wrong: those of them with an instruction that would make it worse.
        changes: of the instruction.
    """

    seconds: float = GIVE_UP_S
    within: bool = False
    outside: int = 0
    wrong: int = 0
    changes: int = 0


def run(seed: int, rate: float) -> Run:
    rng = np.random.default_rng(seed)
    start = {"yaw": 25.0, "pitch": 25.0, "roll": 10.0, "x": 0.1, "y": 0.1, "scale": 0.2}
    patient = ToldPatient(rng, {axis: float(rng.uniform(-v, v)) for axis, v in start.items()})
    director = Director(Aim(HEAD, Facing.CAMERA), shoot_by_itself=True)
    result, now, before = Run(), 0.0, None
    while now < GIVE_UP_S:
        step = float(rng.uniform(0.7, 1.3)) / rate
        now += step
        patient.live(now, step)
        seen = patient.seen(now)
        guidance = director.see(seen, round(now * 1e9))
        within = is_within(deviation(patient.truth, seen.motion or 0.0), HEAD)
        if not within:
            result.outside += 1
            asked = [MOVES[cue] for cue in guidance.instruction.cues if cue in MOVES]
            result.wrong += any(patient.truth[axis] * sign > 0 for axis, sign in asked)
        result.changes += guidance.instruction != before
        before = guidance.instruction
        patient.tell(guidance.instruction, now)
        if director.take_shot(round(now * 1e9)):
            result.seconds, result.within = now, within
            break
    return result


@pytest.mark.parametrize("rate", [4, 15])
def test_a_patient_is_brought_into_the_pose_and_the_shot_is_right(rate: int) -> None:
    runs = [run(seed, rate) for seed in range(RUNS)]
    assert all(one.seconds < GIVE_UP_S for one in runs)
    assert np.mean([one.within for one in runs]) >= 0.99
    assert sum(one.wrong for one in runs) <= 0.005 * sum(one.outside for one in runs)
    assert np.mean([one.changes / one.seconds for one in runs]) < 1.5
    if rate > 4:
        assert np.percentile([one.seconds for one in runs], 95) < 18.0
