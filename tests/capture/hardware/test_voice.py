"""The real espeak-ng: what is heard (in a file), broken off, and said of what goes wrong."""

from __future__ import annotations

import os
import shutil
import signal
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from kiosk import config
from kiosk.capture.hardware import voice as voice_module
from kiosk.capture.hardware.voice import PROGRAM, EspeakVoice, open_voice
from kiosk.errors import VoiceError
from tests.capture.hardware.speech import HANGS, Clock, child, stand_in

LONG = "Turn to your left. " * 40


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def program() -> Path:
    found = shutil.which(PROGRAM)
    if found is None:
        pytest.skip(f"{PROGRAM} is not installed; scripts/setup does it")
    return Path(found)


@pytest.fixture
def speaking(program: Path, clock: Clock) -> Iterator[EspeakVoice]:
    """A voice whose sound nobody takes, so that each long sentence goes on for ever."""
    taken, given = os.pipe()
    voice = EspeakVoice(program, "en-gb", clock, ("--stdout",), given)
    yield voice
    voice.close()
    os.close(taken)
    os.close(given)


def finish(voice: EspeakVoice) -> None:
    child(voice).wait(10)
    voice.attend()


def heard(path: Path) -> tuple[float, float]:
    """Return seconds and loudness (root mean square of 16-bit samples) of a sound file."""
    with wave.open(str(path)) as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
        return len(samples) / sound.getframerate(), float(
            np.sqrt((samples.astype(float) ** 2).mean())
        )


def said(path: Path, program: Path, text: str, language: str = "en-gb") -> tuple[float, float]:
    voice = EspeakVoice(program, language, lambda: 0, ("-w", str(path)))
    voice.say(text)
    finish(voice)
    assert voice.fault() == ""
    return heard(path)


def test_a_sentence_can_be_heard(program: Path, tmp_path: Path) -> None:
    seconds, loudness = said(tmp_path / "a.wav", program, "Turn a little to your left")
    assert 1.0 < seconds < 4.0
    assert loudness > 500
    longer, _ = said(
        tmp_path / "b.wav", program, "Turn a little to your left, and chin up a little"
    )
    assert longer > seconds + 0.5


def test_what_looks_like_an_option_is_read_aloud(program: Path, tmp_path: Path) -> None:
    seconds, loudness = said(tmp_path / "a.wav", program, "--version")
    assert seconds > 0.3
    assert loudness > 500


def test_another_language_sounds_otherwise(program: Path, tmp_path: Path) -> None:
    said(tmp_path / "en.wav", program, "Kinn hoch")
    said(tmp_path / "de.wav", program, "Kinn hoch", "de")
    assert (tmp_path / "en.wav").read_bytes() != (tmp_path / "de.wav").read_bytes()


def test_a_new_sentence_breaks_off_the_old_one(speaking: EspeakVoice) -> None:
    speaking.say(LONG)
    first = child(speaking)
    speaking.say(f"Chin up. {LONG}")
    assert first.wait(10) == -signal.SIGKILL
    speaking.attend()
    second = child(speaking)
    assert second is not first
    assert isinstance(second.args, tuple)
    assert str(second.args[-1]).startswith("Chin up.")
    assert second.poll() is None
    assert speaking.fault() == ""


def test_of_several_sentences_only_the_last_is_spoken(speaking: EspeakVoice) -> None:
    speaking.say(LONG)
    first = child(speaking)
    speaking.say("Chin up")
    speaking.say("Chin down")
    first.wait(10)
    speaking.attend()
    assert isinstance(child(speaking).args, tuple)
    assert child(speaking).args[-1] == "Chin down"  # type: ignore[index]


def test_nothing_of_a_former_patient_is_spoken(speaking: EspeakVoice) -> None:
    speaking.say(LONG)
    first = child(speaking)
    speaking.say("Chin up")
    speaking.silence()
    assert first.wait(10) == -signal.SIGKILL
    speaking.attend()
    assert speaking._child is None
    assert speaking.fault() == ""


def test_a_program_that_dies_is_noticed(speaking: EspeakVoice) -> None:
    speaking.say(LONG)
    os.kill(child(speaking).pid, signal.SIGSEGV)
    finish(speaking)
    assert speaking.fault() == (
        "The voice cannot speak: say the instructions yourself, "
        "and check the loudspeaker (espeak-ng: it ended with -11)."
    )
    speaking.say("Chin up")
    finish(speaking)
    assert speaking.fault() == ""


def test_a_missing_sound_device_is_noticed(program: Path, clock: Clock) -> None:
    """The program itself ends as if all were well."""
    voice = EspeakVoice(program, "en-gb", clock, ("-d", "no-such-device"))
    voice.say("Chin up")
    finish(voice)
    assert voice.fault().startswith("The voice cannot speak: ")
    assert voice.fault().endswith(" loudspeaker (espeak-ng: No such file or directory).")


def test_a_program_that_went_away_is_noticed(tmp_path: Path, clock: Clock) -> None:
    voice = EspeakVoice(tmp_path / "gone", "en-gb", clock)
    voice.say("Chin up")
    assert voice.fault().endswith(f" loudspeaker ({tmp_path}/gone: No such file or directory).")


def test_a_station_that_should_speak_says_at_start_that_it_cannot(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clock: Clock
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(VoiceError) as refused:
        open_voice(config.Guide(voice="espeak-ng"), "en-gb", clock)
    assert refused.value.sentence == (
        'guide.voice is "espeak-ng", but that program is not installed; '
        'run "apt install espeak-ng", or set guide.voice = "off"'
    )


def test_a_language_that_it_does_not_speak_is_said_at_start(program: Path, clock: Clock) -> None:
    with pytest.raises(VoiceError, match=rf"^guide\.voice: {program} cannot speak 'xx': .+"):
        open_voice(config.Guide(voice="espeak-ng"), "xx", clock)
    open_voice(config.Guide(voice="espeak-ng"), "en-gb", clock).close()


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (
            HANGS,
            (
                "did not answer within 0.2 seconds; restart the station; "
                'if it says so again, set guide.voice = "off"'
            ),
        ),
        ("#!/no/such/interpreter\n", "cannot be run: No such file or directory"),
    ],
    ids=["hangs", "cannot be run"],
)
def test_a_program_that_does_not_answer_at_start_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clock: Clock, script: str, said: str
) -> None:
    standing_for = stand_in(tmp_path, script)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(voice_module, "_ASK_S", 0.2)
    with pytest.raises(VoiceError) as refused:
        open_voice(config.Guide(voice="espeak-ng"), "en-gb", clock)
    assert refused.value.sentence == f"guide.voice: {standing_for} {said}"
