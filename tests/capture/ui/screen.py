"""A window on SDL's dummy driver, and fingers, a mouse and keys for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import numpy as np
import numpy.typing as npt
import pygame
import pytest

from kiosk.capture.ui.display import Display, Setup
from kiosk.capture.ui.layout import Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens import SCREENS
from kiosk.capture.ui.widgets import Action
from kiosk.capture.ui.wording import ENGLISH
from kiosk.config import Display as Section

Degrees = Literal[0, 90, 180, 270]
Open = Callable[..., Display]


@pytest.fixture
def open_display(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    opened: list[Display] = []

    def make(rotation: Degrees = 0, *, keyboard: bool = False, mirror: bool = True) -> Display:
        for display in opened:
            display.close()
        size = (540, 960) if rotation in (0, 180) else (960, 540)
        section = Section(size=size, rotation=rotation, fullscreen=False, mirror_preview=mirror)
        opened.append(Display(Setup(section, keyboard=keyboard)))
        pygame.event.clear()
        return opened[-1]

    yield make
    for display in opened:
        display.close()


def picture(display: Display) -> npt.NDArray[np.int64]:
    return pixels(display.snapshot())


def pixels(surface: pygame.Surface) -> npt.NDArray[np.int64]:
    rgb = np.frombuffer(pygame.image.tobytes(surface, "RGB"), np.uint8)
    return rgb.reshape(surface.get_height(), surface.get_width(), 3).astype(np.int64)


def centre(display: Display, rect: Rect) -> tuple[int, int]:
    """Where a finger must go on the panel to meet ``rect`` of the upright picture."""
    there = display._panel.rect(rect, display.layout.size)
    return there.x + there.w // 2, there.y + there.h // 2


def button(display: Display, model: ScreenModel, action: Action) -> Rect:
    found = SCREENS[model.state].buttons(display.layout, ENGLISH, model)
    return next(b.rect for b in found if b.action == action)


def touch(display: Display, model: ScreenModel, rect: Rect) -> tuple[Action, ...]:
    """Touch the middle of ``rect`` and say what it meant."""
    at = centre(display, rect)
    finger(pygame.FINGERDOWN, at)
    finger(pygame.FINGERUP, at)
    return display.poll(model).actions


def finger(kind: int, at: tuple[int, int], number: int = 1) -> None:
    width, height = pygame.display.get_window_size()
    event = pygame.event.Event(
        kind,
        touch_id=0,
        finger_id=number,
        dx=0.0,
        dy=0.0,
        x=(at[0] + 0.5) / width,
        y=(at[1] + 0.5) / height,
    )
    pygame.event.post(event)


def mouse(kind: int, at: tuple[int, int], *, touch: bool = False) -> None:
    pygame.event.post(pygame.event.Event(kind, pos=at, button=1, touch=touch))


def key(code: int, text: str = "") -> None:
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=code, unicode=text, mod=0))
