"""The screen of a station that cannot start."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pygame
import pytest
from msgspec import structs

from kiosk.capture.ui import theme
from kiosk.capture.unstarted import Unstarted
from kiosk.capture.workflow import Event
from kiosk.config import StationConfig
from kiosk.errors import ConfigError, DisplayError, StorageFailed
from tests.capture.ui.screen import button, centre, finger, picture
from tests.test_config import parsed

SIZE = (540, 960)
FAULT = ConfigError(
    "/etc/kiosk/station.toml: lights.channels[right]: pin 12 is already used by "
    "lights.channels[left]; expected a free one."
)


class Feeder:
    """Counts what would be told to systemd."""

    def __init__(self) -> None:
        self.fed = 0

    def feed(self) -> None:
        self.fed += 1


class Stop:
    """Waits no time at all, and is asked to stop after so many waits."""

    def __init__(self, after: int = 1_000_000) -> None:
        self.waits, self._after = 0, after
        self.requested = False

    def is_set(self) -> bool:
        return self.requested or self.waits >= self._after

    def wait(self, _seconds: float) -> bool:
        self.waits += 1
        return self.is_set()

    def request(self) -> None:
        self.requested = True


@pytest.fixture(autouse=True)
def _no_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")


@pytest.fixture
def config(tmp_path: Path) -> StationConfig:
    good = parsed()
    display = structs.replace(good.display, size=SIZE, fullscreen=False)
    spool = structs.replace(good.spool, path=tmp_path / "no-spool")
    return structs.replace(good, display=display, spool=spool)


@pytest.fixture
def screen(config: StationConfig) -> Iterator[Unstarted]:
    with closing(Unstarted(config, FAULT, "14:05")) as made:
        yield made


def again(screen: Unstarted) -> tuple[int, int]:
    model = screen._model
    return centre(screen.display, button(screen.display, model, Event.TRY_AGAIN))


def test_it_is_shown_for_as_long_as_was_said(screen: Unstarted) -> None:
    feeder, stop = Feeder(), Stop()
    screen.wait(feeder, stop, 3.0)
    assert stop.waits == feeder.fed == 30
    assert not screen.display.canvas.overflows
    shown = picture(screen.display)
    assert shown.shape[:2] == SIZE[::-1]
    assert (shown == theme.WARNING).all(axis=2).sum() > 100


def test_a_touch_tries_again_at_once(screen: Unstarted) -> None:
    screen.wait(Feeder(), Stop(), 0.1)
    finger(pygame.FINGERDOWN, again(screen))
    finger(pygame.FINGERUP, again(screen))
    stop = Stop()
    screen.wait(Feeder(), stop)
    assert stop.waits == 1


def test_a_stop_ends_it_at_once(screen: Unstarted) -> None:
    stop = Stop(after=2)
    screen.wait(Feeder(), stop)
    assert stop.waits == 2


def test_a_closed_window_is_a_stop(screen: Unstarted) -> None:
    screen.wait(Feeder(), Stop(), 0.1)
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    stop = Stop()
    screen.wait(Feeder(), stop)
    assert stop.requested
    assert stop.waits == 2


def test_without_settings_the_panel_s_own_size_is_taken() -> None:
    with closing(Unstarted(None, FAULT, "14:05")) as screen:
        screen.wait(Feeder(), Stop(), 0.1)
        assert screen.display.snapshot().get_size() == pygame.display.get_desktop_sizes()[0]
        assert not screen.display.canvas.overflows


def test_a_wrong_size_is_said_at_the_panel_s_own(
    config: StationConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_mode = pygame.display.set_mode

    def picky(size: tuple[int, int], *rest: int) -> pygame.Surface:
        if size == tuple(config.display.size):
            raise pygame.error("No video mode large enough")
        return set_mode(size, *rest)

    monkeypatch.setattr(pygame.display, "set_mode", picky)
    with closing(Unstarted(config, FAULT, "14:05")) as screen:
        screen.wait(Feeder(), Stop(), 0.1)
        assert screen.display.snapshot().get_size() == pygame.display.get_desktop_sizes()[0]


def test_without_any_screen_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "no-such-driver")
    with pytest.raises(DisplayError, match="there is no screen to show a fault on"):
        Unstarted(None, FAULT, "14:05")


def test_what_cannot_be_counted_is_not_called_nothing(config: StationConfig) -> None:
    with closing(Unstarted(config, StorageFailed("gone"), "14:05")) as screen:
        assert screen._model.backlog.unreadable
