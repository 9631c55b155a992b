"""The space bar as the pedal of a station without one."""

from __future__ import annotations

import pygame
import pytest

from kiosk import config
from kiosk.capture.hardware.simulated_pedal import SimulatedPedal
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.window import Window
from kiosk.capture.workflow import State
from tests.capture.ui.screen import Open, key, open_display

__all__ = ["open_display"]

MS = 1_000_000
MODEL = ScreenModel(State.REVIEW, clinic="Lakeside Clinic", station="room-2", clock="14:05")


class Bar:
    """A window, its pedal, and a finger on the space bar; times in milliseconds."""

    def __init__(self, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000
        self.pedal = SimulatedPedal(config.SimulatedPedal(), self._clock)
        self._window = Window(opened(keyboard=True), self.pedal, self._clock, lambda: None)
        self._down = False
        monkeypatch.setattr(pygame.key, "get_pressed", lambda: {pygame.K_SPACE: self._down})

    def _clock(self) -> int:
        return self.now * MS

    def at(self, now: int, *, down: bool) -> tuple[int, ...]:
        """Have the bar down or up at a time; return the presses that the pedal tells then."""
        self.now = now
        if down and not self._down:
            key(pygame.K_SPACE, " ")
        self._down = down
        self._window.poll(MODEL)
        return tuple(at_ns // MS for at_ns in self.pedal.poll())


@pytest.fixture
def bar(open_display: Open, monkeypatch: pytest.MonkeyPatch) -> Bar:
    return Bar(open_display, monkeypatch)


def test_a_tap_is_a_press(bar: Bar) -> None:
    assert bar.at(1000, down=True) == (1000,)
    bar.at(1100, down=False)
    bar.at(1200, down=False)
    assert bar.pedal.held_since() is None


def test_held_it_holds_the_pedal(bar: Bar) -> None:
    assert bar.at(1000, down=True) == (1000,)
    assert bar.at(2500, down=True) == ()
    assert bar.pedal.held_since() == 1000 * MS
    bar.at(2600, down=False)
    bar.at(2700, down=False)
    assert bar.pedal.held_since() is None
