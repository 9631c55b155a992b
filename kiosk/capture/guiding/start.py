"""Opens what guides patients, and closes it again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from kiosk.capture.baselines import PoseKeyring
from kiosk.capture.earlier import EarlierShots
from kiosk.capture.guides.announcer import Announcer
from kiosk.capture.guiding.guide import Guide
from kiosk.capture.guiding.looking import Looking
from kiosk.capture.guiding.shots import ShotPose, pose_of
from kiosk.capture.guiding.views import Judges, Optics, aim_of
from kiosk.capture.hardware.interfaces import Voice
from kiosk.capture.hardware.voice import open_voice
from kiosk.capture.recall import Recall
from kiosk.capture.studio import PoseOf
from kiosk.capture.ui.wording import say, wording_in
from kiosk.config import StationConfig
from kiosk.languages.names import Language
from kiosk.model import Frame
from kiosk.records.views import View

VOICES: Final[Mapping[Language, str]] = MappingProxyType({"en": "en-gb", "de": "de", "fr": "fr-fr"})
"""Who speaks the screen's words: names of ``espeak-ng --voices``."""


@dataclass(frozen=True, slots=True)
class Guiding:
    """What the rest of the capture process gets to see."""

    guide: Guide
    earlier: EarlierShots
    pose_of: PoseOf
    keyring: PoseKeyring | None


@contextmanager
def open_guiding(
    config: StationConfig, clock: Callable[[], int], pictures: Recall | None
) -> Iterator[Guiding]:
    """Start the thread that looks, the voice, and the store of baselines.

    Args:
        config: the station's.
        clock: monotonic nanoseconds.
        pictures: asks the clinic for earlier pictures; None where it is not to be asked.

    Raises:
        VoiceError: the voice that the configuration names cannot speak.
        ConfigError: the words of its language cannot be read.
    """
    keyring = PoseKeyring(config.station.baselines) if config.guide.remember else None
    earlier = EarlierShots(keyring, config.station.clinic, pictures)
    voice, announcer = open_announcing(config, clock)
    optics = Optics.of(config.camera)
    looking = Looking(optics, Judges(optics))
    guide = Guide(looking, voice, announcer, shoot_by_itself=config.guide.shoot_by_itself)

    def measured(frame: Frame, view: View) -> ShotPose | None:
        judged = looking.shot(frame)
        size = (optics.camera.width, optics.camera.height)
        return None if judged is None else pose_of(judged, aim_of(view), size)

    with ExitStack() as closing:
        closing.callback(voice.close)
        closing.callback(looking.close)
        closing.callback(earlier.forget)
        yield Guiding(guide, earlier, measured, keyring)


def open_announcing(config: StationConfig, clock: Callable[[], int]) -> tuple[Voice, Announcer]:
    """Return who speaks, and who says what: the screen's own words, in the screen's language.

    Raises:
        VoiceError: the voice that the configuration names cannot speak.
        ConfigError: the words of its language cannot be read.
    """
    language = config.display.language
    words = wording_in(language)
    voice = open_voice(config.guide, VOICES[language], clock)
    return voice, Announcer(lambda instruction: say(words, instruction))
