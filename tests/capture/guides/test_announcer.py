from __future__ import annotations

import itertools

import pytest

from kiosk.capture.guides.announcer import Announcer
from kiosk.capture.guides.values import Amount, Cue, Guidance, Instruction

MS = 1_000_000


def words(instruction: Instruction) -> str:
    return ", ".join(f"{part.cue.name} {part.amount.name}" for part in instruction.parts)


class Listener:
    """Shows an instruction for a while, frame by frame, and writes down what is spoken when."""

    def __init__(self) -> None:
        self.announcer = Announcer(words)
        self.ms = 1000
        self.sentence_ms = 0
        self.spoken: list[tuple[int, str]] = []

    def show(self, cue: Cue, for_ms: int, amount: Amount = Amount.PLAIN) -> None:
        self.instruct(Instruction(cue, amount), for_ms)

    def instruct(self, instruction: Instruction, for_ms: int) -> None:
        until = self.ms + for_ms
        while self.ms < until:
            begun = self.spoken[-1][0] + 1000 if self.spoken else -self.sentence_ms
            speaking = self.ms < begun + self.sentence_ms
            text = self.announcer.hear(Guidance(instruction), self.ms * MS, speaking=speaking)
            if text is not None:
                self.spoken.append((self.ms - 1000, text))
            self.ms += 50


@pytest.fixture
def listener() -> Listener:
    return Listener()


def test_a_new_instruction_is_spoken_at_once_and_once(listener: Listener) -> None:
    listener.show(Cue.TURN_LEFT, 2000)
    listener.show(Cue.CHIN_DOWN, 2000)
    assert listener.spoken == [(0, "TURN_LEFT PLAIN"), (2000, "CHIN_DOWN PLAIN")]


def test_what_still_stands_is_said_again_after_four_seconds(listener: Listener) -> None:
    listener.show(Cue.TURN_LEFT, 9000)
    assert [at for at, _ in listener.spoken] == [0, 4000, 8000]


@pytest.mark.parametrize("sentence_ms", [2000, 5000])
def test_no_sentence_is_broken_off_by_its_own_repetition(
    listener: Listener, sentence_ms: int
) -> None:
    listener.sentence_ms = sentence_ms
    listener.show(Cue.TURN_LEFT, 1000)
    listener.show(Cue.TURN_LEFT, 20_000, Amount.A_LITTLE)
    times = [at for at, _ in listener.spoken]
    pauses = [after - before - sentence_ms for before, after in itertools.pairwise(times)]
    # The last frame in which it speaks is the one before it ends.
    assert set(pauses) == {3950}


def test_a_new_instruction_does_not_wait_for_the_end_of_another(listener: Listener) -> None:
    """What it asked for is done, or is wrong by now: whoever goes on with it goes too far."""
    listener.sentence_ms = 3000
    listener.show(Cue.TURN_LEFT, 1000)
    listener.show(Cue.CHIN_DOWN, 1000)
    listener.show(Cue.READY, 1000)
    assert [at for at, _ in listener.spoken] == [0, 1000, 2000]


def test_a_little_is_said_with_the_next_repeat(listener: Listener) -> None:
    listener.show(Cue.TURN_LEFT, 1000)
    listener.show(Cue.TURN_LEFT, 4000, Amount.A_LITTLE)
    assert listener.spoken == [(0, "TURN_LEFT PLAIN"), (4000, "TURN_LEFT A_LITTLE")]


def test_what_is_left_of_two_things_is_spoken_at_once(listener: Listener) -> None:
    """A patient who cannot see the screen would go on with both."""
    chin = Instruction(Cue.CHIN_DOWN, Amount.A_LITTLE)
    listener.instruct(Instruction(Cue.TURN_LEFT, also=chin), 1000)
    listener.instruct(chin, 1000)
    assert listener.spoken == [
        (0, "TURN_LEFT PLAIN, CHIN_DOWN A_LITTLE"),
        (1000, "CHIN_DOWN A_LITTLE"),
    ]


def test_what_leaves_nothing_to_do_is_said_once(listener: Listener) -> None:
    listener.show(Cue.READY, 20_000)
    assert [at for at, _ in listener.spoken] == [0]


def test_that_the_station_cannot_judge_is_said_once_for_each_aim(listener: Listener) -> None:
    for _ in range(3):
        listener.show(Cue.TURN_LEFT, 2000)
        listener.show(Cue.CANNOT_JUDGE, 9000)
    assert [at for at, text in listener.spoken if "CANNOT_JUDGE" in text] == [3000]
    assert [at for at, text in listener.spoken if "TURN_LEFT" in text] == [0, 11_000, 22_000]
    listener.announcer.reset()
    listener.show(Cue.CANNOT_JUDGE, 9000)
    assert listener.spoken[-1] == (34_000, "CANNOT_JUDGE PLAIN")


def test_a_picture_that_is_being_looked_at_is_not_spoken_of(listener: Listener) -> None:
    listener.show(Cue.LOOKING, 9000)
    assert listener.spoken == []


def test_a_moment_in_which_nothing_is_known_is_not_spoken_of(listener: Listener) -> None:
    listener.show(Cue.CANNOT_JUDGE, 950)
    listener.show(Cue.TURN_LEFT, 500)
    listener.show(Cue.CANNOT_JUDGE, 950)
    listener.show(Cue.TURN_LEFT, 500)
    assert listener.spoken == [(950, "TURN_LEFT PLAIN")]


def test_a_blink_is_not_answered(listener: Listener) -> None:
    listener.show(Cue.READY, 500)
    listener.show(Cue.HOLD_STILL, 400)
    listener.show(Cue.READY, 500)
    assert len(listener.spoken) == 1


def test_whoever_goes_on_moving_after_praise_is_told(listener: Listener) -> None:
    listener.show(Cue.READY, 500)
    listener.show(Cue.HOLD_STILL, 5000)
    assert listener.spoken == [(0, "READY PLAIN"), (4000, "HOLD_STILL PLAIN")]


def test_another_view_begins_anew(listener: Listener) -> None:
    listener.show(Cue.READY, 500)
    listener.announcer.reset()
    listener.show(Cue.READY, 500)
    assert [at for at, _ in listener.spoken] == [0, 500]
