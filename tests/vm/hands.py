"""What an operator and a patient do with hand and foot, through the machine's uinput devices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kiosk.capture.hardware.key_map import KEY_ENTER, SHIFTS, UNKNOWN, typed
from kiosk.capture.ui.layout import Rect
from tests.vm.guest import Guest

# linux/input-event-codes.h, whose numbers never change.
_SYN, _KEY, _ABS, _WAIT = 0, 1, 3, -1
_KEY_B, _BTN_TOUCH = 48, 330
_ABS_X, _ABS_Y, _SLOT, _MT_X, _MT_Y, _TRACKING = 0, 1, 47, 53, 54, 57
_SYNC: Final = (_SYN, 0, 0)

RANGE: Final = 4095
"""Of both axes of the touch screen, as the agent makes it."""

_HELD_MS, _KEY_MS, _STROKE_MS = 120, 50, 80
"""How long a finger or foot stays down; between two keys of a reader, slower than one that is real:
the kernel keeps 64 events, and what reads them is emulated; between two points."""

_BOUNCES, _BOUNCE_MS = 5, 2
"""Times that a worn contact closes and opens before it rests, and how long each takes."""

Event = tuple[int, int, int]


class Hands:
    """Touches, presses and scans; ``size`` of the screen in pixels."""

    def __init__(self, guest: Guest, size: tuple[int, int]) -> None:
        self._guest, self._size = guest, size
        self._touches = 0

    def press(self) -> None:
        """Press the pedal."""
        down, up = (_KEY, _KEY_B, 1), (_KEY, _KEY_B, 0)
        self._guest.feel("pedal", [down, _SYNC, (_WAIT, 0, _HELD_MS), up, _SYNC])

    def scan(self, text: str) -> None:
        """Have the reader type a code."""
        events: list[Event] = []
        for character in text:
            events += _typing(character)
        self._guest.feel("reader", [*events, *_stroke(KEY_ENTER)])

    def tap(self, place: Rect) -> None:
        x, y = place.centre
        self._guest.feel("touch", [*self._down(x, y), (_WAIT, 0, _HELD_MS), *_lifted()])

    def draw(self, place: Rect, points: Sequence[tuple[float, float]]) -> None:
        """Draw one stroke; points as fractions of a place."""
        at = [(place.x + x * place.w, place.y + y * place.h) for x, y in points]
        events = self._down(*at[0])
        for x, y in at[1:]:
            events += [(_WAIT, 0, _STROKE_MS), *self._moved(x, y)]
        self._guest.feel("touch", [*events, (_WAIT, 0, _STROKE_MS), *_lifted()])

    def _down(self, x: float, y: float) -> list[Event]:
        self._touches += 1
        begin = [(_ABS, _SLOT, 0), (_ABS, _TRACKING, self._touches), (_KEY, _BTN_TOUCH, 1)]
        return [*begin, *self._moved(x, y)]

    def _moved(self, x: float, y: float) -> list[Event]:
        # The kernel passes on what has changed, and SDL takes for 0 what it was never told: where
        # the first touch of a program is as far across as the last one before, it counts at the
        # edge. No finger comes down twice on one point.
        aside = self._touches % 2
        across, down = (
            round((at + 0.5) / side * RANGE) + aside
            for at, side in zip((x, y), self._size, strict=True)
        )
        single = [(_ABS, _ABS_X, across), (_ABS, _ABS_Y, down)]
        return [(_ABS, _MT_X, across), (_ABS, _MT_Y, down), *single, _SYNC]


def _lifted() -> list[Event]:
    return [(_ABS, _TRACKING, -1), (_KEY, _BTN_TOUCH, 0), _SYNC]


def _stroke(code: int) -> list[Event]:
    return [(_KEY, code, 1), _SYNC, (_KEY, code, 0), _SYNC, (_WAIT, 0, _KEY_MS)]


def _typing(character: str) -> list[Event]:
    """Find the key by the product's own map, the other way round."""
    if character == UNKNOWN:
        raise ValueError("no key types this")
    for shift in (False, True):
        for code in range(1, KEY_ENTER * 2 + 2):
            if code not in SHIFTS and typed(code, shift=shift) == character:
                if not shift:
                    return _stroke(code)
                held = min(SHIFTS)
                return [(_KEY, held, 1), _SYNC, *_stroke(code), (_KEY, held, 0), _SYNC]
    raise ValueError(f"no key types {character!r}")


class HandsOnPins(Hands):
    """The same with a pedal on a pin, whose contact bounces when it closes and when it opens."""

    def __init__(self, guest: Guest, size: tuple[int, int], pin: int) -> None:
        super().__init__(guest, size)
        self._pin = pin

    def press(self) -> None:
        down, up = (_KEY, self._pin, 1), (_KEY, self._pin, 0)
        bounce = [down, (_WAIT, 0, _BOUNCE_MS), up, (_WAIT, 0, _BOUNCE_MS)] * _BOUNCES
        held = [down, (_WAIT, 0, _HELD_MS)]
        self._guest.feel("header", [*bounce, *held, up, *bounce])
