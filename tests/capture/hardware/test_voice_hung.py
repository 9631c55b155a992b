"""Speech that never comes to an end, as where the sound device takes nothing, and what is not."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from kiosk.capture.hardware.voice import EspeakVoice
from tests.capture.hardware.speech import GATED, HANGS, SECOND, Clock, child, stand_in


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_sound_device_that_takes_nothing_is_noticed(tmp_path: Path, clock: Clock) -> None:
    speaking = EspeakVoice(stand_in(tmp_path, HANGS), "en-gb", clock)
    speaking.say("Chin down")
    clock.ns += 19 * SECOND
    speaking.attend()
    assert speaking.fault() == ""
    clock.ns += 2 * SECOND
    speaking.attend()
    assert speaking.fault() == (
        "The voice cannot speak: say the instructions yourself, "
        "and check the loudspeaker (espeak-ng does not end, no sound is taken)."
    )
    assert child(speaking).wait(10) == -signal.SIGKILL
    speaking.attend()
    assert speaking.fault() != ""
    speaking.close()


def overtake(voice: EspeakVoice, clock: Clock) -> None:
    """Ask for another sentence every second and a half, until one is not broken off for it."""
    for _ in range(20):
        spoken = child(voice)
        voice.say("Turn to YOUR left" if clock.ns % 2 else "Chin up")
        if voice._child is spoken and not voice._broken_off:
            return
        spoken.wait(10)
        voice.attend()
        clock.ns += 3 * SECOND // 2
    pytest.fail("each was broken off, for half a minute")


def test_a_program_that_hangs_is_noticed_though_each_sentence_is_overtaken(
    tmp_path: Path, clock: Clock
) -> None:
    voice = EspeakVoice(stand_in(tmp_path, HANGS), "en-gb", clock)
    voice.say("Chin down")
    overtake(voice, clock)
    assert clock.ns == 12 * SECOND
    assert voice.fault() == "", "a sentence that is overtaken is no fault"
    clock.ns = 20 * SECOND
    voice.attend()
    assert voice.fault() == ""
    clock.ns += 1
    voice.attend()
    assert "does not end" in voice.fault()
    assert child(voice).wait(10) == -signal.SIGKILL
    voice.attend()
    assert child(voice).poll() is None, "the next one is tried all the same"
    assert voice.fault() != ""
    voice.close()


def test_a_voice_that_a_quick_patient_overtakes_is_not_called_silent(
    tmp_path: Path, clock: Clock
) -> None:
    voice = EspeakVoice(stand_in(tmp_path, GATED), "en-gb", clock)
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    voice.say("Chin down")
    for _ in range(4):
        begun_ns = clock.ns
        overtake(voice, clock)
        assert clock.ns - begun_ns == 12 * SECOND
        last = child(voice)
        clock.ns += 3 * SECOND
        gate.open("wb").close()
        assert last.wait(10) == 0
        voice.attend()
        assert voice.fault() == ""
        assert child(voice) is not last
    voice.close()


def test_a_quick_patients_next_view_does_not_call_it_silent(tmp_path: Path, clock: Clock) -> None:
    voice = EspeakVoice(stand_in(tmp_path, HANGS), "en-gb", clock)
    voice.say("Chin down")
    overtake(voice, clock)
    for _ in range(3):
        clock.ns += 7 * SECOND
        voice.attend()
        spoken = child(voice)
        voice.silence()
        spoken.wait(10)
        voice.attend()
        assert voice.fault() == ""
        voice.say("Chin up")
    voice.close()


def test_a_program_that_cannot_be_killed_is_noticed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clock: Clock
) -> None:
    """The driver of a sound device may hold it."""
    voice = EspeakVoice(stand_in(tmp_path, HANGS), "en-gb", clock)
    voice.say("Chin down")
    with monkeypatch.context() as held:
        held.setattr(child(voice), "kill", lambda: None)
        voice.say("Chin up")
        clock.ns += 20 * SECOND + 1
        voice.attend()
    assert "does not end" in voice.fault()
    child(voice).kill()
    voice.close()


def test_what_the_program_leaves_running_is_not_waited_for(tmp_path: Path, clock: Clock) -> None:
    left = tmp_path / "left"
    script = f"#!/bin/sh\nsleep 20 &\necho $! > {left}\necho 'error: no sound' >&2\n"
    voice = EspeakVoice(stand_in(tmp_path, script), "en-gb", clock)
    voice.say("Chin up")
    child(voice).wait(10)
    voice.attend()
    running = int(left.read_text())
    assert ") Z " not in Path(f"/proc/{running}/stat").read_text()
    os.kill(running, signal.SIGKILL)
    assert "no sound" in voice.fault()
