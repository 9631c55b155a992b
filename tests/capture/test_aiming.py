"""What the guide says reaches the screen together with the live picture that its arrow lies on."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from kiosk.capture.aiming import APART_NS, Aiming
from kiosk.capture.attention import Attention
from kiosk.capture.guides.values import Cue, Guidance, Instruction
from kiosk.capture.workflow import State
from kiosk.model import Frame, FrameMetadata, PixelLayout
from tests.capture.bench import LIMITS

TURN, CHIN = (Guidance(Instruction(cue)) for cue in (Cue.TURN_LEFT, Cue.CHIN_UP))
FRAME = Frame(np.zeros((4, 4, 3), np.uint8), PixelLayout.BGR, 4, 4, FrameMetadata(0, settings=None))


@dataclass
class SaidGuide:
    """Says what it is told to say, and remembers what it was asked to do."""

    says: Guidance | None = TURN
    due: bool = False
    calls: list[str] = field(default_factory=list)

    def guidance(self, _now: int) -> Guidance | None:
        return self.says

    def shot_due(self, _now: int) -> bool:
        return self.due

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any of the guide's own calls
        return lambda *_: self.calls.append(name)


@dataclass
class Clock:
    now_ns: int = 0

    def __call__(self) -> int:
        return self.now_ns


@dataclass
class Room:
    guide: SaidGuide
    clock: Clock
    aiming: Aiming

    def step(self, frame: Frame | None = None, state: State = State.AIM) -> Guidance | None:
        self.aiming.step(frame, state, state)
        return self.aiming.guidance


@pytest.fixture
def room() -> Room:
    guide, clock = SaidGuide(), Clock()
    acts = SimpleNamespace(progress=SimpleNamespace(current=object()), remembered=None, rest=None)
    attention = Attention(LIMITS, clock())
    return Room(guide, clock, Aiming(cast("Any", guide), cast("Any", acts), attention, clock))


def test_the_first_word_does_not_wait_for_a_picture(room: Room) -> None:
    assert room.step() is TURN


def test_a_new_word_waits_for_the_picture_that_its_arrow_lies_on(room: Room) -> None:
    room.step(FRAME)
    room.guide.says = CHIN
    assert room.step() is TURN
    assert room.step(FRAME) is CHIN


def test_a_camera_that_falls_silent_keeps_nothing_back(room: Room) -> None:
    room.step(FRAME)
    room.guide.says = CHIN
    room.clock.now_ns += APART_NS - 1
    assert room.step() is TURN
    room.clock.now_ns += 1
    assert room.step() is CHIN


def test_that_nothing_is_said_any_more_does_not_wait(room: Room) -> None:
    room.step(FRAME)
    room.guide.says = None
    assert room.step() is None


@pytest.mark.parametrize("frame", [None, FRAME], ids=["no picture", "picture"])
def test_a_shot_by_itself_waits_for_nothing(room: Room, frame: Frame | None) -> None:
    room.step(FRAME)
    room.guide.due = True
    assert not room.aiming.step(frame, State.AIM, State.VIEW), "another screen is still seen"
    assert room.aiming.step(frame, State.AIM, State.AIM)
    assert room.aiming.guidance is None
    assert room.guide.calls[-1] == "pause"
