"""What a script is made of: steps that wait for a screen, and acts that touch it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import pygame

from kiosk.capture.ui.display import Display
from kiosk.capture.ui.layout import Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens import SCREENS
from kiosk.capture.ui.widgets import Action, Button
from kiosk.capture.workflow import State
from kiosk.errors import ServiceError

Act = Callable[[ScreenModel], "Act | None"]
"""Done with the screen as it is; what it returns is done next, before the other acts."""


class Step(NamedTuple):
    """Wait for a screen and act.

    Attributes:
        guided: wait for the guide's word that the patient is ready, too.
        until: wait for this, too; None for nothing else.
    """

    state: State
    acts: Sequence[Act]
    guided: bool = False
    until: Callable[[ScreenModel], bool] | None = None


class Hand:
    """Touches the middle of real buttons, by real events.

    Args:
        display: of the running capture process.
        restore: lets the camera see again what it saw before it was shown a badge.
    """

    def __init__(self, display: Display, restore: Callable[[], None]) -> None:
        self.display = display
        self.restore = restore

    def button(self, model: ScreenModel, action: Action) -> Button | None:
        """Return the button that means this, if it can be touched."""
        words = self.display.canvas.words
        for button in SCREENS[model.state].buttons(self.display.layout, words, model):
            if button.action == action and button.enabled:
                return button
        return None

    def touch(self, action: Action) -> Act:
        """Return the act of touching a button.

        Raises:
            ServiceError: when it is done, if there is no such button.
        """

        def act(model: ScreenModel) -> None:
            button = self.button(model, action)
            if button is None:
                raise ServiceError(f"{model.state.name} has no button for {action} to touch")
            self.tap(button.rect)

        return act

    def tap(self, place: Rect) -> None:
        for kind in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
            _mouse(kind, place.centre)

    def draw(self, place: Rect, stroke: Sequence[tuple[float, float]]) -> list[Act]:
        """Return the acts of drawing a stroke, points as fractions of a place, one each frame."""

        def at(kind: int, point: tuple[float, float]) -> Act:
            x, y = place.x + point[0] * place.w, place.y + point[1] * place.h

            def act(_model: ScreenModel) -> None:
                _mouse(kind, (round(x), round(y)))

            return act

        first, *rest = stroke
        return [
            at(pygame.MOUSEBUTTONDOWN, first),
            *(at(pygame.MOUSEMOTION, point) for point in rest),
            at(pygame.MOUSEBUTTONUP, stroke[-1]),
        ]


def _mouse(kind: int, place: tuple[int, int]) -> None:
    if kind == pygame.MOUSEMOTION:
        event = pygame.event.Event(kind, buttons=(1, 0, 0), pos=place, rel=(0, 0), touch=False)
    else:
        event = pygame.event.Event(kind, button=pygame.BUTTON_LEFT, pos=place)
    pygame.event.post(event)
