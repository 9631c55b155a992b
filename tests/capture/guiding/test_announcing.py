"""The voice says what the screen says, in the screen's language."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from kiosk import config, config_reading
from kiosk.capture.guides.values import Cue, Guidance, Instruction
from kiosk.capture.guiding import start
from kiosk.capture.guiding.start import VOICES, open_announcing
from kiosk.capture.hardware.voice import PROGRAM, SilentVoice, open_voice
from kiosk.capture.ui.wording import say, wording_in
from kiosk.languages.names import LANGUAGES, TRANSLATED, Language
from tests.test_config import GOOD

LEFT = Instruction(Cue.TURN_LEFT)
SPOKEN = {
    "en": "Turn to YOUR left",
    "de": "Drehen Sie sich zu IHRER linken Seite",
    "fr": "Tournez-vous vers VOTRE gauche",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_voice_speaks_the_screens_language(
    monkeypatch: pytest.MonkeyPatch, language: Language
) -> None:
    asked: list[str] = []

    def opened(section: config.Guide, voice: str, _clock: object) -> SilentVoice:
        assert section.voice == "espeak-ng"
        asked.append(voice)
        return SilentVoice()

    monkeypatch.setattr(start, "open_voice", opened)
    text = GOOD.replace("[display]", f'[display]\nlanguage = "{language}"')
    station = config_reading.parse(f'{text}\n[guide]\nvoice = "espeak-ng"\n', source="station.toml")
    _, announcer = open_announcing(station, lambda: 0)
    assert announcer.hear(Guidance(LEFT), 0, speaking=False) == SPOKEN[language]
    assert [voice.partition("-")[0] for voice in asked] == [language]


def program() -> str:
    found = shutil.which(PROGRAM)
    if found is None:
        pytest.skip(f"{PROGRAM} is not installed; scripts/setup does it")
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_voice_is_one_of_the_program(language: Language) -> None:
    program()
    open_voice(config.Guide(voice="espeak-ng"), VOICES[language], lambda: 0).close()


def phonemes(text: str, language: Language) -> str:
    asked = (program(), "-q", "-x", "-v", VOICES[language], "--", text)
    done = subprocess.run(asked, capture_output=True, check=True, text=True)
    return done.stdout.strip()


@pytest.mark.parametrize("language", TRANSLATED)
def test_capitals_are_spoken_as_a_word(language: Language) -> None:
    """What the eye needs in capitals must not reach the ear letter by letter."""
    text = say(wording_in(language), LEFT)
    (capitals,) = (word for word in text.split(" ") if word.isupper())
    assert phonemes(text, language) == phonemes(
        text.replace(capitals, capitals.capitalize()), language
    )
    assert phonemes(capitals, language) != phonemes(" ".join(capitals), language)
