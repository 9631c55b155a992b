"""The guide with a voice of real processes: what a standing instruction does to its sentence."""

from __future__ import annotations

import logging
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.capture.guides.announcer import Announcer
from kiosk.capture.guides.values import Deviation, Sight
from kiosk.capture.guiding.guide import Guide
from kiosk.capture.hardware.voice import EspeakVoice
from kiosk.logs import message_of
from kiosk.records.protocols import load_protocol
from tests.capture.bench import ScriptedLooker
from tests.capture.guiding.fakes import frame_of
from tests.capture.hardware.speech import GATED, HANGS, SECOND, Clock, stand_in

TURNED = Deviation(
    Sight.CLEAR, yaw=-20.0, pitch=0.0, roll=0.0, x=0.0, y=0.0, scale=0.0, expression=(), motion=0.0
)


@dataclass
class Room:
    """A patient who stays turned away, and who speaks to them."""

    clock: Clock
    voice: EspeakVoice
    guide: Guide

    def wait(self, seconds: float) -> None:
        until = self.clock.ns + round(seconds * SECOND)
        while self.clock.ns < until:
            self.clock.ns += SECOND // 10
            self.guide.offer(frame_of(self.clock.ns, 90))
            self.guide.guidance(self.clock.ns)

    @property
    def child(self) -> subprocess.Popen[bytes] | None:
        return self.voice._child


@pytest.fixture
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Room]:
    clock = Clock()
    os.mkfifo(tmp_path / "gate")
    voice = EspeakVoice(stand_in(tmp_path, request.param), "en-gb", clock)
    announcer = Announcer(lambda instruction: instruction.cue.name)
    guide = Guide(ScriptedLooker(seen=TURNED), voice, announcer, shoot_by_itself=False)
    guide.prepare(load_protocol("face_5").views[0], None)
    guide.begin()
    yield Room(clock, voice, guide)
    voice.close()


@pytest.mark.parametrize("room", [GATED], indirect=True)
def test_a_long_sentence_is_heard_to_its_end_and_said_again_four_seconds_later(
    room: Room, tmp_path: Path
) -> None:
    room.wait(1.0)
    sentence = room.child
    assert sentence is not None
    room.wait(9.0)
    assert room.child is sentence
    assert sentence.poll() is None
    (tmp_path / "gate").open("wb").close()
    assert sentence.wait(10) == 0
    room.wait(3.8)
    assert room.child is None
    room.wait(0.4)
    assert room.child is not None
    assert room.voice.fault() == ""


@pytest.mark.parametrize("room", [HANGS], indirect=True)
def test_a_voice_that_hangs_while_an_instruction_stands_is_in_the_journal_once(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    room.wait(21.0)
    for _ in range(3):
        if room.child is not None:
            room.child.wait(10)
        room.wait(13.0)
    (written,) = (message_of(record) for record in caplog.records)
    assert "does not end" in written
