from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from kiosk.capture.guides.choice import SIGHT_CUES, Aim
from kiosk.capture.guides.directions import Facing
from kiosk.capture.guides.director import Director
from kiosk.capture.guides.steadiness import Steadiness
from kiosk.capture.guides.tolerances import Tolerances
from kiosk.capture.guides.values import (
    Against,
    Amount,
    Cue,
    Deviation,
    Guidance,
    Instruction,
    Measure,
    Sight,
)

MS = 1_000_000
HEAD = Tolerances(
    yaw=2.0, pitch=2.0, roll=1.5, position=0.02, scale=0.02, stillness=0.02, expression=True
)
IN_POSE = Deviation(
    Sight.CLEAR, yaw=0.0, pitch=0.0, roll=0.0, x=0.0, y=0.0, scale=0.0, expression=(), motion=0.0
)
NOBODY = Deviation(Sight.NO_PERSON)
A_LITTLE_UP = Instruction(Cue.CHIN_UP, Amount.A_LITTLE)
A_LITTLE_RIGHT = Instruction(Cue.MOVE_RIGHT, Amount.A_LITTLE)


def both(cue: Cue, also: Instruction) -> Instruction:
    return Instruction(cue, also=also)


class Booth:
    """A director and a clock; frames come every 50 ms unless a test says otherwise."""

    def __init__(
        self, *, by_itself: bool = True, facing: Facing = Facing.CAMERA, aim: Aim | None = None
    ) -> None:
        self.director = Director(aim or Aim(HEAD, facing), shoot_by_itself=by_itself)
        self.ms = 0

    def frame(self, deviation: Deviation, after_ms: int = 50) -> Guidance:
        self.ms += after_ms
        return self.director.see(deviation, self.ms * MS)

    def frames(self, deviation: Deviation, for_ms: int, every_ms: int = 50) -> Guidance:
        for _ in range(for_ms // every_ms):
            guidance = self.frame(deviation, every_ms)
        return guidance

    def shot(self) -> bool:
        return self.director.take_shot(self.ms * MS)


@pytest.fixture
def booth() -> Booth:
    return Booth()


def cue(guidance: Guidance) -> Cue:
    return guidance.instruction.cue


@pytest.mark.parametrize("every_ms", [33, 100, 330])
def test_who_is_in_the_pose_is_ready_within_a_second(booth: Booth, every_ms: int) -> None:
    assert cue(booth.frames(replace(IN_POSE, yaw=-10.0, motion=0.2), 1000, every_ms)) is (
        Cue.TURN_LEFT
    )
    guidance = booth.frames(IN_POSE, 1000, every_ms)
    assert guidance.instruction == Instruction(Cue.READY)
    assert guidance.within
    assert all(reading.within for reading in guidance.readings)


@pytest.mark.parametrize(
    ("off", "wanted"),
    [
        ({"yaw": 9.0}, Instruction(Cue.TURN_RIGHT)),
        ({"yaw": -5.0}, Instruction(Cue.TURN_LEFT, Amount.A_LITTLE)),
        ({"pitch": -9.0}, Instruction(Cue.CHIN_DOWN)),
        ({"roll": 3.0}, Instruction(Cue.TILT_LEFT, Amount.A_LITTLE)),
        ({"x": 0.03, "y": 0.01}, Instruction(Cue.MOVE_RIGHT, Amount.A_LITTLE)),
        ({"x": 0.016, "y": 0.09}, Instruction(Cue.MOVE_UP)),
        ({"scale": -0.09}, Instruction(Cue.COME_CLOSER)),
        ({"expression": (Cue.SMILE, Cue.EYES_OPEN)}, Instruction(Cue.SMILE)),
        ({"motion": 0.1}, Instruction(Cue.HOLD_STILL)),
        ({"roll": None}, Instruction(Cue.CANNOT_JUDGE)),
        ({"expression": None}, Instruction(Cue.CANNOT_JUDGE)),
        ({"motion": None}, Instruction(Cue.HOLD_STILL)),
        # Two that are done in one movement.
        ({"yaw": 16.0, "pitch": 5.0}, both(Cue.TURN_RIGHT, A_LITTLE_UP)),
        ({"yaw": 1.0, "pitch": 9.0}, Instruction(Cue.CHIN_UP)),
        ({"x": 0.03, "y": 0.09}, both(Cue.MOVE_UP, A_LITTLE_RIGHT)),
        ({"x": 0.1, "scale": 0.1}, both(Cue.MOVE_RIGHT, Instruction(Cue.MOVE_BACK))),
        ({"scale": 0.3, "x": 0.03, "y": 0.09}, both(Cue.MOVE_BACK, Instruction(Cue.MOVE_UP))),
        ({"roll": 9.0, "pitch": 1.0}, Instruction(Cue.TILT_LEFT)),
        # Several at once: the first in the order.
        ({"yaw": 16.0, "scale": 0.3}, Instruction(Cue.TURN_RIGHT)),
        ({"yaw": 14.0, "scale": 0.3}, Instruction(Cue.MOVE_BACK)),
        ({"yaw": 14.0, "x": 0.2}, Instruction(Cue.MOVE_RIGHT)),
        ({"pitch": 5.0, "scale": 0.1}, Instruction(Cue.CHIN_UP, Amount.A_LITTLE)),
        ({"pitch": 5.0, "yaw": None}, Instruction(Cue.CHIN_UP, Amount.A_LITTLE)),
        ({"roll": 9.0, "x": 0.1}, Instruction(Cue.TILT_LEFT)),
        ({"roll": 9.0, "scale": 0.2}, Instruction(Cue.TILT_LEFT)),
        ({"roll": 9.0, "scale": 0.3}, Instruction(Cue.MOVE_BACK)),
        ({"scale": 0.1, "expression": (Cue.SMILE,)}, Instruction(Cue.MOVE_BACK)),
        ({"expression": (Cue.SMILE,), "motion": 0.1}, Instruction(Cue.SMILE)),
    ],
)
def test_the_most_useful_is_said_first(
    booth: Booth, off: dict[str, object], wanted: Instruction
) -> None:
    values = {name: getattr(IN_POSE, name) for name in Deviation.__dataclass_fields__}
    guidance = booth.frames(Deviation(**{**values, **off}), 1000)
    assert guidance.instruction == wanted
    assert not guidance.within
    assert guidance.held == 0.0


@pytest.mark.parametrize("sight", [sight for sight in Sight if sight is not Sight.CLEAR])
def test_what_hinders_seeing_is_said_before_all(booth: Booth, sight: Sight) -> None:
    guidance = booth.frames(Deviation(sight, yaw=40.0), 500)
    assert cue(guidance) is SIGHT_CUES[sight]
    assert not guidance.within
    assert {reading.share for reading in guidance.readings} == {None}


def test_from_the_side_sideways_is_forwards_and_backwards() -> None:
    booth = Booth(facing=Facing.PICTURE_RIGHT)
    assert cue(booth.frames(replace(IN_POSE, x=-0.1), 500)) is Cue.MOVE_FORWARD


def test_the_rest_of_two_things_is_asked_for_as_soon_as_one_is_done(booth: Booth) -> None:
    off = replace(IN_POSE, yaw=16.0, pitch=9.0)
    assert booth.frames(off, 300).instruction == both(Cue.TURN_RIGHT, Instruction(Cue.CHIN_UP))
    # Long before an instruction has stood for its time.
    assert booth.frames(replace(off, pitch=0.0), 200).instruction == Instruction(Cue.TURN_RIGHT)


def test_when_the_first_of_two_things_is_done_the_other_goes_on(booth: Booth) -> None:
    off = replace(IN_POSE, yaw=16.0, pitch=9.0)
    booth.frames(off, 300)
    assert booth.frames(replace(off, yaw=0.0), 200).instruction == Instruction(Cue.CHIN_UP)


def test_nothing_joins_before_what_is_said_could_be_read(booth: Booth) -> None:
    assert booth.frames(replace(IN_POSE, x=0.1), 200).instruction == Instruction(Cue.MOVE_RIGHT)
    off = replace(IN_POSE, x=0.1, y=0.1)
    assert booth.frames(off, 500).instruction == Instruction(Cue.MOVE_RIGHT)
    assert booth.frames(off, 300).instruction == both(Cue.MOVE_RIGHT, Instruction(Cue.MOVE_UP))


def test_what_joined_and_is_done_leaves_the_first_in_hand(booth: Booth) -> None:
    """Not the next in the order: what is begun is finished first."""
    off = replace(IN_POSE, scale=0.3, x=0.1)
    assert booth.frames(off, 300).instruction == both(Cue.MOVE_BACK, Instruction(Cue.MOVE_RIGHT))
    later = replace(IN_POSE, scale=0.2, y=0.1)
    assert booth.frames(later, 100).instruction == Instruction(Cue.MOVE_BACK)


def test_an_axis_is_finished_before_another_begins(booth: Booth) -> None:
    """Roll is in hand; yaw, though of more use, waits its turn."""
    booth.frames(replace(IN_POSE, roll=9.0), 1000)
    both = replace(IN_POSE, yaw=5.0)
    tilting = [booth.frame(replace(both, roll=float(roll))) for roll in np.linspace(9, 2, 40)]
    assert {cue(guidance) for guidance in tilting} == {Cue.TILT_LEFT}
    assert cue(booth.frames(replace(both, roll=0.0), 300)) is Cue.TURN_RIGHT


def test_a_turn_far_off_interrupts_after_the_dwell(booth: Booth) -> None:
    booth.frame(replace(IN_POSE, roll=9.0))
    away = replace(IN_POSE, roll=9.0, yaw=30.0)
    assert cue(booth.frames(away, 750)) is Cue.TILT_LEFT
    assert cue(booth.frames(away, 100)) is Cue.TURN_RIGHT
    # Once begun it is finished, however much else there is.
    near = replace(away, scale=0.3)
    turning = [booth.frame(replace(near, yaw=float(yaw))) for yaw in np.linspace(30, 8, 40)]
    assert {cue(guidance) for guidance in turning} == {Cue.TURN_RIGHT}


def test_an_instruction_ends_at_once_when_its_target_is_reached(booth: Booth) -> None:
    booth.frame(replace(IN_POSE, yaw=8.0))
    assert cue(booth.frame(replace(IN_POSE, yaw=8.0))) is Cue.TURN_RIGHT
    quick = [booth.frame(replace(IN_POSE, yaw=yaw, motion=0.1)) for yaw in (5.0, 2.5, 0.0)]
    assert cue(quick[-1]) is Cue.HOLD_STILL


def test_it_ends_at_once_however_slowly_the_target_was_reached(booth: Booth) -> None:
    """Before the dwell of 0.8 s is over; the head still moves."""
    moving = replace(IN_POSE, motion=0.03)
    slow = [booth.frame(replace(moving, yaw=float(yaw))) for yaw in np.linspace(2.4, 0.4, 14)]
    assert cue(slow[3]) is Cue.TURN_RIGHT
    assert cue(slow[-1]) is Cue.HOLD_STILL


def test_a_quick_turn_is_stopped_before_it_passes_the_target(booth: Booth) -> None:
    """Twenty degrees a second: with what a glance takes, three degrees ahead is time to stop."""
    frames = [booth.frame(replace(IN_POSE, yaw=20.0 - n, motion=0.1)) for n in range(20)]
    stopped = next(n for n, guidance in enumerate(frames) if cue(guidance) is Cue.HOLD_STILL)
    assert 1.0 < 20.0 - stopped < 5.0


def test_an_instruction_ends_at_once_when_it_would_make_things_worse(booth: Booth) -> None:
    booth.frames(replace(IN_POSE, yaw=8.0), 200)
    guidance = booth.frame(replace(IN_POSE, yaw=-0.6))
    assert cue(guidance) is not Cue.TURN_RIGHT


def test_else_it_stands_long_enough_to_be_read(booth: Booth) -> None:
    booth.frame(replace(IN_POSE, yaw=2.4))
    # Within by now, though not at the target.
    near = replace(IN_POSE, yaw=1.5)
    assert cue(booth.frames(near, 700)) is Cue.TURN_RIGHT
    assert cue(booth.frames(near, 800)) is Cue.READY


def test_what_a_movement_brought_along_is_told_as_soon_as_it_is_over(booth: Booth) -> None:
    """A nod that moved the face up: "hold still" need not be read for as long as the rest."""
    booth.frames(replace(IN_POSE, pitch=6.0), 1000)
    nodding = [booth.frame(replace(IN_POSE, pitch=p, motion=0.1)) for p in (4.0, 2.0, 0.0)]
    assert cue(nodding[-1]) is Cue.HOLD_STILL
    higher = replace(IN_POSE, y=-0.04)
    assert cue(booth.frames(higher, 250)) is Cue.HOLD_STILL
    assert cue(booth.frames(higher, 200)) is Cue.MOVE_DOWN


@pytest.mark.parametrize("yaw", [1.9, -1.9])
def test_who_is_within_stays_within_up_to_the_tolerance(booth: Booth, yaw: float) -> None:
    booth.frames(IN_POSE, 1000)
    assert booth.frames(replace(IN_POSE, yaw=yaw), 2000).within
    assert not Booth().frames(replace(IN_POSE, yaw=yaw), 2000).within


def test_green_ends_with_the_first_frame_that_jumps_out(booth: Booth) -> None:
    assert booth.frames(IN_POSE, 1000).within
    assert not booth.frame(replace(IN_POSE, roll=2.3)).within


@pytest.mark.parametrize(
    "glitch",
    [
        NOBODY,
        replace(IN_POSE, yaw=None),
        replace(IN_POSE, expression=(Cue.EYES_OPEN,)),
        replace(IN_POSE, perhaps_covered=True),
    ],
)
def test_a_glitch_or_a_blink_ends_green_and_says_nothing_new(
    booth: Booth, glitch: Deviation
) -> None:
    booth.frames(IN_POSE, 1000)
    guidance = booth.frame(glitch)
    assert cue(guidance) is Cue.HOLD_STILL
    assert not guidance.within
    assert guidance.held == 0.0
    assert cue(booth.frames(IN_POSE, 600)) is Cue.READY

    booth.frames(replace(IN_POSE, pitch=9.0), 1000)
    assert cue(booth.frame(replace(glitch, pitch=9.0))) is Cue.CHIN_UP


def test_who_may_be_covered_is_guided_and_told_in_the_end_instead_of_green(booth: Booth) -> None:
    doubted = replace(IN_POSE, perhaps_covered=True)
    assert cue(booth.frames(replace(doubted, yaw=-10.0), 1000)) is Cue.TURN_LEFT
    guidance = booth.frames(doubted, 1500)
    assert cue(guidance) is Cue.UNCOVER
    assert not guidance.within
    assert all(reading.within for reading in guidance.readings)
    assert not booth.shot()
    assert cue(booth.frames(IN_POSE, 1000)) is Cue.READY


def test_whoever_goes_is_missed_soon(booth: Booth) -> None:
    booth.frames(replace(IN_POSE, yaw=9.0), 1000)
    assert cue(booth.frames(NOBODY, 450)) is Cue.COME_INTO_VIEW


def test_eyes_that_stay_closed_are_no_blink(booth: Booth) -> None:
    booth.frames(IN_POSE, 1000)
    closed = replace(IN_POSE, expression=(Cue.EYES_OPEN,))
    assert cue(booth.frames(closed, 1000)) is Cue.EYES_OPEN


def test_of_two_things_missing_the_one_asked_for_is_finished(booth: Booth) -> None:
    booth.frames(replace(IN_POSE, expression=(Cue.SMILE, Cue.EYES_OPEN)), 1000)
    other_way = replace(IN_POSE, expression=(Cue.EYES_OPEN, Cue.SMILE))
    assert cue(booth.frames(other_way, 2000)) is Cue.SMILE
    assert cue(booth.frames(replace(IN_POSE, expression=(Cue.EYES_OPEN,)), 1000)) is Cue.EYES_OPEN


def test_a_little_does_not_flicker(booth: Booth) -> None:
    """Between 8 and 10.4 degrees it stays what it was."""
    yaws = [14.0] * 20 + [9.0] * 20 + [6.0] * 20 + [9.0] * 20 + [14.0] * 20
    amounts = [booth.frame(replace(IN_POSE, yaw=yaw)).instruction.amount for yaw in yaws]
    assert amounts[39] is Amount.PLAIN
    assert amounts[59] is Amount.A_LITTLE
    assert amounts[79] is Amount.A_LITTLE
    assert amounts[99] is Amount.PLAIN


def test_without_frames_nothing_is_known(booth: Booth) -> None:
    booth.frames(IN_POSE, 2500)
    assert booth.director.now((booth.ms + 900) * MS).within
    stale = booth.director.now((booth.ms + 1000) * MS)
    assert cue(stale) is Cue.LOOKING
    assert not stale.within
    assert stale.held == 0.0
    assert {reading.share for reading in stale.readings} == {None}
    assert not booth.director.take_shot((booth.ms + 1000) * MS)
    # What comes after the gap begins anew.
    assert not booth.frame(IN_POSE, after_ms=1000).within


ROUGH = replace(IN_POSE, pitch=None, roll=None, rough=True)
"""A side: what is within the error of what can be told of it is None."""


def cannot_judge(booth: Booth) -> None:
    assert cue(booth.frames(replace(ROUGH, yaw=None), 1000)) is Cue.CANNOT_JUDGE


def test_noise_at_the_edge_of_what_can_be_judged_does_not_flicker(booth: Booth) -> None:
    """It exceeds the error in three frames of four, for half a second at a time at most."""
    cannot_judge(booth)
    rng = np.random.default_rng(3)
    for _ in range(100):
        known = replace(ROUGH, yaw=9.0)
        for _ in range(int(rng.integers(3, 11))):
            assert cue(booth.frame(known)) is Cue.CANNOT_JUDGE
        for _ in range(int(rng.integers(1, 4))):
            assert cue(booth.frame(replace(ROUGH, yaw=None))) is Cue.CANNOT_JUDGE


def test_who_is_plainly_off_is_told_after_all_and_until_it_is_put_right(booth: Booth) -> None:
    cannot_judge(booth)
    off = replace(ROUGH, yaw=9.0)
    assert cue(booth.frames(off, 900)) is Cue.CANNOT_JUDGE
    assert cue(booth.frames(off, 300)) is Cue.TURN_RIGHT
    for _ in range(20):
        assert cue(booth.frames(off, 500)) is Cue.TURN_RIGHT
        assert cue(booth.frame(replace(ROUGH, yaw=None))) is Cue.TURN_RIGHT
    cannot_judge(booth)


def test_what_is_measured_finely_is_told_at_once(booth: Booth) -> None:
    """As when the edge patch of a profile was found."""
    cannot_judge(booth)
    assert cue(booth.frames(replace(IN_POSE, yaw=5.0), 100)) is Cue.TURN_RIGHT


def test_who_comes_in_while_nothing_can_be_judged_is_told_at_once(booth: Booth) -> None:
    cannot_judge(booth)
    assert cue(booth.frames(Deviation(Sight.SEVERAL_PEOPLE), 500)) is Cue.ONE_PERSON


def test_nothing_is_known_before_the_first_frame(booth: Booth) -> None:
    assert cue(booth.director.now(5 * MS)) is Cue.LOOKING
    assert not booth.director.now(5 * MS).within


def test_what_is_never_looked_at_is_the_practitioners_from_the_beginning() -> None:
    aim = Aim(Tolerances(), Facing.CAMERA, looked_at=False)
    assert cue(Director(aim, shoot_by_itself=False).now(5 * MS)) is Cue.CANNOT_JUDGE


def test_a_frame_out_of_turn_changes_nothing(booth: Booth) -> None:
    before = booth.frames(IN_POSE, 1500)
    assert booth.director.see(replace(IN_POSE, yaw=30.0), booth.ms * MS) is before
    assert booth.director.see(replace(IN_POSE, yaw=30.0), (booth.ms - 20) * MS) is before


def test_it_says_what_it_compares_with(booth: Booth) -> None:
    assert booth.frame(replace(IN_POSE, against=Against.BASELINE)).against is Against.BASELINE
    assert booth.director.now((booth.ms + 5000) * MS).against is Against.BASELINE


def test_it_shoots_once_after_a_second_of_green(booth: Booth) -> None:
    booth.frames(IN_POSE, 600)
    held = [booth.frame(IN_POSE).held for _ in range(20)]
    assert held == sorted(held)
    assert 0.5 < held[10] < 1.0
    shots = []
    for _ in range(60):
        booth.frame(IN_POSE)
        shots.append(booth.shot())
    assert shots.count(True) == 1
    booth.director.rearm()
    assert not booth.frame(IN_POSE).within
    booth.frames(IN_POSE, 2000)
    assert booth.shot()


def test_what_it_cannot_wholly_see_it_does_not_shoot_by_itself() -> None:
    """A frown: green says that the head is held right, and nothing of the face."""
    aim = Aim(replace(HEAD, expression=False), Facing.CAMERA, wholly_seen=False)
    booth = Booth(aim=aim)
    guidance = booth.frames(IN_POSE, 3000)
    assert guidance.within
    assert guidance.held == 0.0
    assert not booth.shot()


TRUNK = Aim(
    Tolerances(
        yaw=5.0,
        lean_ahead=5.0,
        position=0.03,
        scale=0.03,
        stillness=0.02,
        coarse=frozenset({Measure.YAW}),
    ),
    Facing.PICTURE_RIGHT,
)
IN_SIDE_VIEW = replace(IN_POSE, yaw=None, roll=None, expression=None)


def test_a_turn_that_is_not_plainly_off_neither_counts_nor_shows() -> None:
    booth = Booth(aim=TRUNK)
    guidance = booth.frames(IN_SIDE_VIEW, 2500)
    assert cue(guidance) is Cue.READY
    assert Measure.YAW not in {reading.measure for reading in guidance.readings}
    assert booth.shot()


@pytest.mark.parametrize(("yaw", "told"), [(-177.0, Cue.TURN_LEFT), (90.0, Cue.TURN_RIGHT)])
def test_who_shows_the_wrong_side_is_told_to_turn_until_it_is_done(yaw: float, told: Cue) -> None:
    booth = Booth(aim=TRUNK)
    booth.frames(IN_SIDE_VIEW, 500)
    wrong = replace(IN_SIDE_VIEW, yaw=yaw, pitch=None, x=0.1)
    assert not booth.frame(wrong).within
    guidance = booth.frames(wrong, 2000)
    assert guidance.instruction == Instruction(told)
    assert not guidance.within
    assert cue(booth.frames(IN_SIDE_VIEW, 1500)) is Cue.READY


def test_a_single_look_that_errs_tells_nobody_to_turn() -> None:
    booth = Booth(aim=TRUNK)
    booth.frames(IN_SIDE_VIEW, 2000)
    assert not booth.frame(replace(IN_SIDE_VIEW, yaw=50.0)).within
    for _ in range(40):
        assert cue(booth.frame(IN_SIDE_VIEW)) in {Cue.HOLD_STILL, Cue.READY}


@pytest.mark.parametrize(
    ("pitch", "told"),
    [
        (7.0, Instruction(Cue.LEAN_BACKWARD, Amount.A_LITTLE)),
        (-14.0, Instruction(Cue.LEAN_FORWARD)),
    ],
)
def test_a_trunk_leans_and_has_no_chin(pitch: float, told: Instruction) -> None:
    guidance = Booth(aim=TRUNK).frames(replace(IN_SIDE_VIEW, pitch=pitch), 1500)
    assert guidance.instruction == told
    shown = {reading.measure: reading.share for reading in guidance.readings}
    assert shown[Measure.LEAN_AHEAD] == pytest.approx(pitch / 5.0)
    assert not {Measure.PITCH, Measure.ROLL}.intersection(shown)


def test_it_never_shoots_before_the_second_is_over(booth: Booth) -> None:
    first_green = None
    while not booth.shot():
        guidance = booth.frame(IN_POSE)
        if guidance.within and first_green is None:
            first_green = booth.ms
    assert first_green is not None
    assert booth.ms - first_green == 1000


@pytest.mark.parametrize(
    "disturbance",
    [
        replace(IN_POSE, yaw=5.0),
        replace(IN_POSE, motion=0.05),
        replace(IN_POSE, expression=(Cue.EYES_OPEN,)),
        NOBODY,
    ],
)
def test_a_frame_outside_starts_the_second_anew(booth: Booth, disturbance: Deviation) -> None:
    booth.frames(IN_POSE, 1100)
    assert booth.frame(disturbance).held == 0.0
    for _ in range(19):
        booth.frame(IN_POSE)
        assert not booth.shot()


def test_a_shot_that_was_due_is_not_taken_once_the_patient_moved(booth: Booth) -> None:
    booth.frames(IN_POSE, 2000)
    booth.frame(replace(IN_POSE, yaw=5.0))
    assert not booth.shot()


def test_a_station_that_does_not_shoot_by_itself_never_does() -> None:
    booth = Booth(by_itself=False)
    guidance = booth.frames(IN_POSE, 5000)
    assert guidance.within
    assert guidance.held == 0.0
    assert not booth.shot()


def test_a_view_that_cannot_be_judged_is_never_green() -> None:
    """A first visit in profile: the yaw is not known, everything else is right."""
    booth = Booth(facing=Facing.PICTURE_LEFT)
    guidance = booth.frames(replace(IN_POSE, yaw=None), 5000)
    assert cue(guidance) is Cue.CANNOT_JUDGE
    assert not guidance.within
    shares = {reading.measure: reading.share for reading in guidance.readings}
    assert shares[Measure.YAW] is None
    assert shares[Measure.PITCH] == 0.0


@pytest.mark.parametrize("deviation", [IN_POSE, NOBODY])
def test_a_view_that_has_no_measures_is_never_green(deviation: Deviation) -> None:
    director = Director(Aim(Tolerances(), Facing.AWAY), shoot_by_itself=True)
    for n in range(60):
        guidance = director.see(deviation, (n + 1) * 50 * MS)
    assert not guidance.within
    assert cue(guidance) is (Cue.COME_INTO_VIEW if deviation is NOBODY else Cue.CANNOT_JUDGE)


def test_what_is_seen_of_no_measures_is_not_within() -> None:
    assert not Steadiness(Tolerances()).update(IN_POSE, MS).within


@pytest.mark.parametrize("rate", [10, 30])
@pytest.mark.parametrize(("noise", "at_most"), [(0.1, 0.6), (0.3, 2.7)])
@pytest.mark.parametrize("at", [0.8, 0.85, 0.9, 0.95, 1.0, 1.05])
def test_noise_at_the_edge_of_tolerance_does_not_flicker(
    at: float, noise: float, at_most: float, rate: int
) -> None:
    """Changes a second over a minute; 0.1 of a tolerance is what was measured of faces at most."""
    booth, rng = Booth(), np.random.default_rng(7)
    shown = []
    for n in range(60 * rate):
        yaw = (at + noise * rng.standard_normal()) * 2.0
        guidance = booth.director.see(replace(IN_POSE, yaw=yaw), (n + 1) * 1000 * MS // rate)
        shown.append(guidance.instruction)
    assert sum(one != other for one, other in pairwise(shown)) <= 60 * at_most
