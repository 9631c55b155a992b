"""From SDL's touches, clicks and keys to what they mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import pygame

from kiosk.capture.ui.entry import CHARACTERS, Character, Edit
from kiosk.capture.ui.widgets import Action, Button, Kind
from kiosk.capture.workflow import Event, State

_TOUCHES: Final = frozenset(
    {
        *(pygame.FINGERDOWN, pygame.FINGERMOTION, pygame.FINGERUP),
        *(pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP),
    }
)
_DIGITS: Final = "0123456789"
_TYPED: Final = {
    State.PATIENT: CHARACTERS,
    State.PIN: _DIGITS,
    State.NEW_PIN: _DIGITS,
    State.NEW_PIN_AGAIN: _DIGITS,
}
"""What the keys of a developer's machine write, by screen."""

Locate = Callable[[float, float], tuple[float, float]]
"""From fractions of the window to pixels of the canvas."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a person did.

    Attributes:
        actions: in order.
        quit: whether the window was closed.
        touched: whether anything was touched, clicked or, where keys count, typed: on a button
            or beside it.
    """

    actions: tuple[Action, ...] = ()
    quit: bool = False
    touched: bool = False


class Touches:
    """Follows one finger at a time: a button acts when it is released where it was touched.

    Sliding off a button before letting go is the way to change one's mind. A screen that changes
    while it is touched lets go of the button, so that no touch reaches the next screen. SDL repeats
    each touch as a click: whichever comes second counts as a second finger and is left out.
    """

    def __init__(self, *, keyboard: bool) -> None:
        self._keyboard = keyboard
        self._finger: int | None = None
        self._state: State | None = None
        self.held: Button | None = None

    def read(
        self,
        events: Iterable[pygame.event.Event],
        buttons: tuple[Button, ...],
        state: State,
        locate: Locate,
    ) -> Inputs:
        """Translate ``events`` for a screen with ``buttons``."""
        if state is not self._state:
            self._state, self.held = state, None
        actions: list[Action] = []
        closed = touched = False
        for event in events:
            touched = touched or self._is_touch(event)
            if event.type == pygame.QUIT:
                closed = True
            elif event.type == pygame.KEYDOWN and self._keyboard:
                closed = closed or event.key == pygame.K_ESCAPE
                actions += _typed(event, buttons, state)
            else:
                actions += self._touched(event, buttons, locate)
        return Inputs(tuple(actions), closed, touched)

    def _is_touch(self, event: pygame.event.Event) -> bool:
        if event.type == pygame.MOUSEMOTION:
            return any(event.buttons)
        return event.type in _TOUCHES or (event.type == pygame.KEYDOWN and self._keyboard)

    def _touched(
        self, event: pygame.event.Event, buttons: tuple[Button, ...], locate: Locate
    ) -> tuple[Action, ...]:
        touch = _touch(event)
        if touch is None:
            return ()
        finger, down, x, y = touch
        button = _at(buttons, *locate(x, y))
        if down:
            if self._finger is None:
                self._finger, self.held = finger, button
            return ()
        if finger != self._finger:
            return ()
        held, self._finger, self.held = self.held, None, None
        return (held.action,) if held is not None and held == button else ()


def _touch(event: pygame.event.Event) -> tuple[int, bool, float, float] | None:
    """Return finger, whether it came down, and where as fractions of the window."""
    if event.type in (pygame.FINGERDOWN, pygame.FINGERUP):
        return event.finger_id, event.type == pygame.FINGERDOWN, event.x, event.y
    if event.type not in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
        return None
    if event.button != pygame.BUTTON_LEFT:
        return None
    width, height = pygame.display.get_window_size()
    down = event.type == pygame.MOUSEBUTTONDOWN
    return -1, down, (event.pos[0] + 0.5) / width, (event.pos[1] + 0.5) / height


def _at(buttons: tuple[Button, ...], x: float, y: float) -> Button | None:
    for button in buttons:
        if button.enabled and button.rect.contains(x, y):
            return button
    return None


def _typed(
    event: pygame.event.Event, buttons: tuple[Button, ...], state: State
) -> tuple[Action, ...]:
    """Space is the pedal, Return the obvious button; where something is typed, keys are its keys.

    They write only as long as the keys on the screen do.
    """
    if event.key == pygame.K_SPACE:
        return (Event.PEDAL,)
    usable = [b for b in buttons if b.enabled]
    if event.key == pygame.K_RETURN:
        return tuple(b.action for b in usable if b.kind is Kind.PRIMARY)[:1]
    if all(b.action is not Edit.BACKSPACE for b in usable):
        return ()
    if event.key == pygame.K_BACKSPACE:
        return (Edit.BACKSPACE,)
    character = event.unicode.upper()
    known = character and character in _TYPED.get(state, "")
    return (Character(character),) if known else ()
