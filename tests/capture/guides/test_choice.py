"""The order of what is said, over the present alone; how it changes in time: test_director.py."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.capture.guides.choice import ORDER, SIGHT_CUES, Aim, Problem, ended, problems
from kiosk.capture.guides.company import with_company
from kiosk.capture.guides.directions import Facing
from kiosk.capture.guides.meter import Axis
from kiosk.capture.guides.steadiness import Seen
from kiosk.capture.guides.tolerances import Tolerances
from kiosk.capture.guides.values import Cue, Instruction, Measure, Sight

AIM = Aim(
    Tolerances(yaw=2.0, pitch=2.0, roll=2.0, position=0.02, scale=0.02, stillness=0.02),
    Facing.CAMERA,
)
STILL = dict.fromkeys(Axis, 0.0)
IN_POSE = Seen(
    sight=Sight.CLEAR,
    raw=STILL,
    smooth=STILL,
    ahead=STILL,
    outside=frozenset(),
    unknown=frozenset(),
    missing=(),
    expression=(),
    perhaps_covered=False,
    rough=False,
    within=True,
)


def turned(raw: float, smooth: float, ahead: float) -> Seen:
    """Return the sight of a head that is turned by so many tolerances."""
    return replace(
        IN_POSE,
        raw={**STILL, Axis.YAW: raw},
        smooth={**STILL, Axis.YAW: smooth},
        ahead={**STILL, Axis.YAW: ahead},
        outside=frozenset({Measure.YAW}),
        within=False,
    )


def cues(seen: Seen, shown: Instruction | None = None) -> list[Cue]:
    return [problem.instruction.cue for problem in problems(seen, AIM, shown)]


def test_of_a_patient_in_the_pose_nothing_is_wanted() -> None:
    assert cues(IN_POSE) == []


def test_all_that_is_wrong_comes_in_the_order_of_the_table() -> None:
    far = dict.fromkeys(Axis, 13.0)
    seen = replace(
        IN_POSE,
        raw=far,
        smooth=far,
        ahead=far,
        outside=frozenset(Measure) - {Measure.EXPRESSION},
        missing=(Cue.SMILE,),
        perhaps_covered=True,
    )
    everything = replace(AIM.tolerances, lean_ahead=2.0, lean_aside=2.0)
    found = list(problems(seen, replace(AIM, tolerances=everything), None))
    assert [problem.instruction.cue for problem in found] == [
        Cue.TURN_RIGHT,  # by 26 degrees
        Cue.MOVE_BACK,  # by 26 %
        Cue.MOVE_RIGHT,  # by 26 % of the height
        Cue.TURN_RIGHT,
        Cue.CHIN_UP,
        Cue.TILT_LEFT,
        Cue.LEAN_BACKWARD,
        Cue.LEAN_LEFT,
        Cue.MOVE_RIGHT,
        Cue.MOVE_BACK,
        Cue.SMILE,
        Cue.HOLD_STILL,
        Cue.UNCOVER,
    ]
    assert [problem.rank for problem in found] == list(range(len(ORDER) + 1))


def off(**degrees: float) -> Seen:
    """Return the sight of a head that is off by so many degrees."""
    shares = {Axis[name.upper()]: value / 2.0 for name, value in degrees.items()}
    at = {**STILL, **shares}
    return replace(
        IN_POSE,
        raw=at,
        smooth=at,
        ahead=at,
        outside=frozenset(Measure[axis.name] for axis, share in shares.items() if abs(share) > 1),
        within=False,
    )


@pytest.mark.parametrize(
    ("degrees", "said"),
    [
        # What is told beside a tilt may be that tilt, and waits for it.
        ({"pitch": 2.6, "roll": 6.7}, [Cue.TILT_LEFT]),
        ({"yaw": 2.6, "pitch": -2.6, "roll": -6.7}, [Cue.TILT_RIGHT]),
        ({"pitch": 4.2, "roll": 6.7}, [Cue.CHIN_UP, Cue.TILT_LEFT]),
        ({"yaw": 4.2, "pitch": 2.6, "roll": 6.7}, [Cue.TURN_RIGHT, Cue.TILT_LEFT]),
        # A tilt within its tolerance is nothing to wait for.
        ({"pitch": 2.6, "roll": 1.9}, [Cue.CHIN_UP]),
    ],
    ids=str,
)
def test_a_tilt_comes_before_what_it_may_be_told_as(
    degrees: dict[str, float], said: list[Cue]
) -> None:
    seen = off(**degrees)
    assert cues(seen) == said
    first = next(problems(seen, AIM, None))
    together = with_company(first, seen, AIM, None, joining=True).instruction
    assert together.cues == tuple(said[:1])


def test_every_hindrance_has_its_words() -> None:
    assert set(SIGHT_CUES) == set(Sight) - {Sight.CLEAR}
    assert len(set(SIGHT_CUES.values())) == len(SIGHT_CUES)


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize(
    ("raw", "smooth", "ahead", "asked"),
    [
        (1.2, 1.2, 1.2, True),
        (-0.2, 1.2, 1.2, True),  # noise
        (-0.3, 1.2, 1.2, False),  # refuted by the newest frame
        (1.2, 1.2, -0.1, False),  # on the way, and about to pass
        (1.2, 1.2, 5.0, True),
    ],
)
def test_nothing_is_asked_that_would_make_it_worse(
    raw: float, smooth: float, ahead: float, sign: float, *, asked: bool
) -> None:
    cue = Cue.TURN_RIGHT if sign > 0 else Cue.TURN_LEFT
    seen = turned(sign * raw, sign * smooth, sign * ahead)
    assert cues(seen) == ([cue] if asked else [])
    begun = Problem(Instruction(cue), 3, Axis.YAW, sign * 2.0)
    assert ended(begun, seen) is not asked


def test_what_is_corrected_is_corrected_to_the_end() -> None:
    """Of two axes of one place: the worse first, and then that one until it is done."""
    smooth = {**STILL, Axis.X: 0.9, Axis.Y: 1.4}
    seen = replace(
        IN_POSE, raw=smooth, smooth=smooth, ahead=smooth, outside=frozenset({Measure.POSITION})
    )
    assert cues(seen) == [Cue.MOVE_UP]
    assert cues(seen, Instruction(Cue.MOVE_RIGHT)) == [Cue.MOVE_RIGHT]
    nearly = {**smooth, Axis.X: 0.4}
    assert cues(replace(seen, smooth=nearly), Instruction(Cue.MOVE_RIGHT)) == [Cue.MOVE_UP]
