"""From SDL's touches, clicks and keys to what they mean."""

from __future__ import annotations

import enum
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import pygame

from kiosk.capture.ui.entry import CHARACTERS, Character, Edit
from kiosk.capture.ui.forms.actions import Ink
from kiosk.capture.ui.forms.code import TYPED as CODE_TYPED
from kiosk.capture.ui.layout import Rect
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
    State.ENROL_TYPE: CODE_TYPED,
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


class Pen:
    """A finger on the pad: its points, from where it came down on it until it is lifted.

    What is drawn beside the pad is left out; back on it the finger begins another stroke.

    Args:
        clock: monotonic nanoseconds.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._down = self._on = False

    def put_down(self, pad: Rect | None, x: float, y: float) -> tuple[Ink, ...]:
        """A finger came down; it draws only if that was on the pad."""
        self._down = pad is not None and pad.contains(x, y)
        self._on = False
        return self.moved(pad, x, y)

    def moved(self, pad: Rect | None, x: float, y: float) -> tuple[Ink, ...]:
        """The finger that draws was seen at a place of the canvas."""
        begins, self._on = not self._on, self._down and pad is not None and pad.contains(x, y)
        if not self._on or pad is None:
            return ()
        at = self._clock() // 1_000_000
        return (Ink((x - pad.x) / pad.w, (y - pad.y) / pad.h, at, begins),)

    def lift(self) -> None:
        """It draws no more."""
        self._down = self._on = False


class Touches:
    """Follows one finger at a time: a button acts when it is released where it was touched.

    Sliding off a button before letting go is the way to change one's mind. A screen that changes
    while it is touched lets go of the button, so that no touch reaches the next screen. SDL repeats
    each touch as a click: whichever comes second counts as a second finger and is left out.
    """

    def __init__(self, *, keyboard: bool, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._keyboard = keyboard
        self._pen = Pen(clock)
        self._finger: int | None = None
        self._state: State | None = None
        self.held: Button | None = None

    def read(
        self,
        events: Iterable[pygame.event.Event],
        buttons: tuple[Button, ...],
        state: State,
        locate: Locate,
        pad: Rect | None = None,
    ) -> Inputs:
        """Translate ``events`` for a screen with ``buttons`` and, where it has one, a ``pad``."""
        if state is not self._state:
            self._state, self.held = state, None
            self._pen.lift()
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
                actions += self._touched(event, buttons, locate, pad)
        return Inputs(tuple(actions), closed, touched)

    def _is_touch(self, event: pygame.event.Event) -> bool:
        if event.type == pygame.MOUSEMOTION:
            return any(event.buttons)
        return event.type in _TOUCHES or (event.type == pygame.KEYDOWN and self._keyboard)

    def _touched(
        self,
        event: pygame.event.Event,
        buttons: tuple[Button, ...],
        locate: Locate,
        pad: Rect | None,
    ) -> tuple[Action, ...]:
        touch = _touch(event)
        if touch is None:
            return ()
        finger, act, x, y = touch
        place = locate(x, y)
        button = _at(buttons, *place)
        if act is _Act.DOWN:
            if self._finger is not None:
                return ()
            self._finger, self.held = finger, button
            return self._pen.put_down(pad, *place)
        if finger != self._finger:
            return ()
        if act is _Act.MOVED:
            return self._pen.moved(pad, *place)
        self._pen.lift()
        held, self._finger, self.held = self.held, None, None
        return (held.action,) if held is not None and held == button else ()


class _Act(enum.Enum):
    DOWN = enum.auto()
    MOVED = enum.auto()
    UP = enum.auto()


_ACTS: Final = {
    pygame.FINGERDOWN: _Act.DOWN,
    pygame.FINGERMOTION: _Act.MOVED,
    pygame.FINGERUP: _Act.UP,
    pygame.MOUSEBUTTONDOWN: _Act.DOWN,
    pygame.MOUSEMOTION: _Act.MOVED,
    pygame.MOUSEBUTTONUP: _Act.UP,
}


def _touch(event: pygame.event.Event) -> tuple[int, _Act, float, float] | None:
    """Return finger, what it did, and where as fractions of the window."""
    act = _ACTS.get(event.type)
    if act is None:
        return None
    if event.type in (pygame.FINGERDOWN, pygame.FINGERMOTION, pygame.FINGERUP):
        return event.finger_id, act, event.x, event.y
    if act is not _Act.MOVED and event.button != pygame.BUTTON_LEFT:
        return None
    width, height = pygame.display.get_window_size()
    return -1, act, (event.pos[0] + 0.5) / width, (event.pos[1] + 0.5) / height


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
