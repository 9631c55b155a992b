"""The contract of voices, over the silent one and over the real espeak-ng, which fills a file."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import config
from kiosk.capture.hardware.interfaces import Voice
from kiosk.capture.hardware.voice import PROGRAM, EspeakVoice, SilentVoice, open_voice


def real_program() -> Path:
    found = shutil.which(PROGRAM)
    if found is None:
        pytest.skip(f"{PROGRAM} is not installed; scripts/setup does it")
    return Path(found)


@pytest.fixture(params=["off", "espeak-ng"])
def voice(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Voice]:
    opened: Voice
    if request.param == "off":
        opened = open_voice(config.Guide(), "en-gb", time.monotonic_ns)
    else:
        to_file = ("-w", str(tmp_path / "said.wav"))
        opened = EspeakVoice(real_program(), "en-gb", time.monotonic_ns, to_file)
    yield opened
    opened.close()


def finish(voice: Voice) -> None:
    """Let a voice come to the end of what it was asked for."""
    while voice.speaking():
        assert isinstance(voice, EspeakVoice)
        if voice._child is not None:
            voice._child.wait(10)
        voice.attend()


def test_a_voice_begins_without_a_fault(voice: Voice) -> None:
    assert voice.fault() == ""
    voice.attend()
    assert voice.fault() == ""
    assert not voice.speaking()


def test_sentences_follow_each_other_without_a_fault(voice: Voice) -> None:
    for text in ("Turn a little to your left", "Chin up", "", "--version", "nul \0 and ümlaut"):
        voice.say(text)
        finish(voice)
        assert voice.fault() == ""


def test_a_sentence_broken_off_by_the_next_is_no_fault(voice: Voice) -> None:
    voice.say("Turn a little to your left")
    voice.say("Chin up")
    finish(voice)
    assert voice.fault() == ""


def test_a_sentence_is_spoken_until_it_has_come_to_its_end(voice: Voice) -> None:
    voice.say("Turn a little to your left")
    if isinstance(voice, EspeakVoice):
        assert voice.speaking()
        voice.say("Chin up")
        assert voice.speaking(), "the next one waits for the sound device"
    finish(voice)
    assert not voice.speaking()


def test_silence_may_be_asked_for_at_any_time(voice: Voice) -> None:
    voice.silence()
    voice.say("Chin up")
    voice.silence()
    assert not voice.speaking()
    voice.silence()
    finish(voice)
    assert voice.fault() == ""


def test_a_closed_voice_says_nothing_and_may_be_closed_again(voice: Voice) -> None:
    voice.say("Chin up")
    voice.close()
    voice.say("Chin down")
    voice.attend()
    assert not voice.speaking()
    voice.close()
    assert voice.fault() == ""
    if isinstance(voice, EspeakVoice):
        assert voice._child is None


def test_off_is_silent_and_looks_for_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(subprocess, "Popen", None)
    voice = open_voice(config.Guide(voice="off"), "en-gb", time.monotonic_ns)
    assert isinstance(voice, SilentVoice)
    voice.say("Chin up")
