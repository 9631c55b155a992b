"""When a face is asked for along with the last step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.capture.guides.values import Amount, Cue, Instruction
from tests.capture.guides.test_director import IN_POSE, Booth

A_LITTLE_NEARER = Instruction(Cue.COME_CLOSER, Amount.A_LITTLE)
NEARLY = replace(IN_POSE, scale=-0.05, motion=0.2)


@pytest.fixture
def booth() -> Booth:
    return Booth()


@pytest.mark.parametrize("face", [Cue.PUCKER, Cue.SMILE, Cue.BROWS_UP, Cue.MOUTH_OPEN])
@pytest.mark.parametrize(
    ("off", "cue"),
    [
        ({"scale": -0.05}, Cue.COME_CLOSER),
        ({"x": -0.05}, Cue.MOVE_LEFT),
        ({"yaw": 5.0}, Cue.TURN_RIGHT),
        ({"pitch": 5.0}, Cue.CHIN_UP),
    ],
    ids=str,
)
def test_the_last_small_step_has_the_face_with_it(
    booth: Booth, face: Cue, off: dict[str, float], cue: Cue
) -> None:
    told = booth.frames(replace(IN_POSE, expression=(face,), **off), 500).instruction  # type: ignore[arg-type]
    assert told == Instruction(cue, Amount.A_LITTLE, Instruction(face))


@pytest.mark.parametrize(
    "off",
    [
        {"scale": -0.2},
        {"roll": 5.0},
        {"scale": -0.05, "x": 0.05},
        {"scale": -0.05, "pitch": 5.0},
        {"scale": -0.05, "yaw": None},
        {"x": 0.1, "scale": -0.05},
        {"pitch": 12.0},
    ],
    ids=str,
)
def test_no_face_is_made_before_the_last_step_nor_with_a_long_one(
    booth: Booth, off: dict[str, float | None]
) -> None:
    """A tilt takes long enough alone, and nobody holds a smile through the rest of it."""
    told = booth.frames(replace(IN_POSE, expression=(Cue.SMILE,), **off), 500).instruction  # type: ignore[arg-type]
    assert Cue.SMILE not in told.cues


SMILING = {"expression": (Cue.SMILE,)}
UNTIL_SMILING = {"pitch": None, "y": None, **SMILING}
"""Whoever does not smile yet: neither chin nor height can be told, see ``pose.unlike``."""


def test_what_waits_for_the_face_does_not_keep_it_from_the_last_small_step(booth: Booth) -> None:
    told = booth.frames(replace(NEARLY, **UNTIL_SMILING), 500).instruction  # type: ignore[arg-type]
    assert told == replace(A_LITTLE_NEARER, also=Instruction(Cue.SMILE))


def test_a_step_aside_does_not_wait_for_the_face_nor_the_face_for_it(booth: Booth) -> None:
    aside = replace(IN_POSE, x=-0.1, **UNTIL_SMILING)  # type: ignore[arg-type]
    told = booth.frames(aside, 500).instruction
    assert told == Instruction(Cue.MOVE_LEFT, also=Instruction(Cue.SMILE))
    nearly = replace(IN_POSE, x=-0.01, **UNTIL_SMILING)  # type: ignore[arg-type]
    assert booth.frames(nearly, 1500).instruction == Instruction(Cue.SMILE)


@pytest.mark.parametrize("face", [Cue.EYES_CLOSED, Cue.EYES_OPEN, Cue.RELAX, Cue.LIPS_TOGETHER])
def test_other_faces_are_asked_for_in_the_end(booth: Booth, face: Cue) -> None:
    """Whoever closes the eyes does not see how far to go."""
    assert booth.frames(replace(NEARLY, expression=(face,)), 500).instruction == A_LITTLE_NEARER
    assert booth.frames(replace(IN_POSE, expression=(face,)), 1500).instruction.cue is face


def test_a_face_takes_the_place_of_what_was_asked_for_along_and_is_done(booth: Booth) -> None:
    """The sentence changes anyway."""
    across = replace(IN_POSE, x=-0.1, scale=-0.03, expression=(Cue.SMILE,))
    both = Instruction(Cue.MOVE_LEFT, also=A_LITTLE_NEARER)
    assert booth.frame(across).instruction == both
    nearer = [booth.frame(replace(across, scale=-0.03 + 0.003 * n)).instruction for n in range(8)]
    assert nearer[0] == both
    assert nearer[-1] == Instruction(Cue.MOVE_LEFT, also=Instruction(Cue.SMILE))
    assert Instruction(Cue.MOVE_LEFT) not in nearer


def test_a_face_that_is_made_leaves_the_step_at_once(booth: Booth) -> None:
    booth.frames(replace(NEARLY, expression=(Cue.PUCKER,)), 300)
    assert booth.frame(NEARLY).instruction == A_LITTLE_NEARER


def test_a_step_that_is_done_leaves_the_face_at_once(booth: Booth) -> None:
    puckering = {"expression": (Cue.PUCKER,)}
    booth.frames(replace(NEARLY, **puckering), 300)  # type: ignore[arg-type]
    told = booth.frames(replace(IN_POSE, **puckering), 200).instruction  # type: ignore[arg-type]
    assert told == Instruction(Cue.PUCKER)


def test_a_step_that_turns_out_longer_keeps_the_face(booth: Booth) -> None:
    booth.frames(replace(NEARLY, expression=(Cue.PUCKER,)), 1000)
    far = replace(NEARLY, scale=-0.12, expression=(Cue.PUCKER,))
    told = booth.frames(far, 1500).instruction
    assert told == Instruction(Cue.COME_CLOSER, also=Instruction(Cue.PUCKER))
