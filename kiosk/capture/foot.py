"""Tells a press of the pedal from a hold, on the screens where a hold means something of its own.

There a press counts when the foot lets go, and a hold after a second; everywhere else a press
counts at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kiosk.capture.flow.values import Event, State
from kiosk.capture.hardware.interfaces import Pedal
from kiosk.capture.workflow import TABLE

HOLD_NS: Final = 1_000_000_000
"""A press lasts two to four tenths of a second; nobody holds for a second without wanting to."""

HELD: Final = frozenset(state for state, event in TABLE if event is Event.PEDAL_HELD)
"""The screens where a hold means something."""


@dataclass(frozen=True, slots=True)
class Step:
    """What the foot did, and when it began to, monotonic nanoseconds."""

    event: Event
    at_ns: int


class Foot:
    """The foot on one pedal; for the loop's thread.

    Attributes:
        down: whether a press is under way of which it is not known yet what it will be.
    """

    def __init__(self, pedal: Pedal) -> None:
        self._pedal = pedal
        self._began: Step | None = None
        self._state: State | None = None

    @property
    def down(self) -> bool:
        return self._began is not None

    def pressed(self, at_ns: int, state: State) -> Step | None:
        """Take in a press on a screen; return what it means if that is known already."""
        step = Step(Event.PEDAL, at_ns)
        if state not in HELD:
            return step
        self._began, self._state = step, state
        return None

    def ended(self, state: State, now_ns: int) -> Step | None:
        """Return what a press has become, once that is known; nothing if the screen changed."""
        began = self._began
        if began is None:
            return None
        if state is not self._state:
            self._began = None
            return None
        if self._pedal.held_since() is None:
            self._began = None
            return began
        if now_ns - began.at_ns < HOLD_NS:
            return None
        self._began = None
        return Step(Event.PEDAL_HELD, began.at_ns)
