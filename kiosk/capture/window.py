"""The display as the loop sees it: paced, a key for the pedal, the window's cross for a stop."""

from __future__ import annotations

from collections.abc import Callable

import pygame

from kiosk.capture.hardware.interfaces import Pedal
from kiosk.capture.hardware.simulated_pedal import SimulatedPedal
from kiosk.capture.surroundings import Touches
from kiosk.capture.ui.display import Display
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.workflow import Event
from kiosk.model import Frame

FRAMES_PER_SECOND = 30
"""The camera's rate; more only warms the processor."""


class Window:
    """Keeps the contract of :class:`kiosk.capture.surroundings.Screen` over a real display.

    Args:
        display: opened by the caller, closed by ``close``.
        pedal: a press of the space bar presses it when it is simulated; None where none is used.
        clock: monotonic nanoseconds.
        asked_to_close: called when somebody closes the window.
    """

    def __init__(
        self,
        display: Display,
        pedal: Pedal | None,
        clock: Callable[[], int],
        asked_to_close: Callable[[], None],
    ) -> None:
        self.display = display
        self._pedal = pedal
        self._clock = clock
        self._asked_to_close = asked_to_close
        self._pace = pygame.time.Clock()
        self._down = False

    def poll(self, model: ScreenModel) -> Touches:
        inputs = self.display.poll(model)
        if inputs.quit:
            self._asked_to_close()
        if isinstance(self._pedal, SimulatedPedal):
            self._step(self._pedal, pressed=Event.PEDAL in inputs.actions)
        actions = [action for action in inputs.actions if action is not Event.PEDAL]
        return Touches(actions, inputs.touched)

    def _step(self, pedal: SimulatedPedal, *, pressed: bool) -> None:
        """Have the space bar press the pedal, and hold it as long as the bar is held."""
        if pressed:
            pedal.down(self._clock())
            self._down = True
        if self._down and not pygame.key.get_pressed()[pygame.K_SPACE]:
            pedal.up(self._clock())
            self._down = False

    def let_go(self, model: ScreenModel) -> bool:
        inputs = self.display.poll(model)
        self.display.let_go()
        if inputs.quit:
            self._asked_to_close()
        return inputs.touched

    def show(self, model: ScreenModel) -> None:
        self.display.show(model)

    def show_frame(self, frame: Frame, model: ScreenModel) -> None:
        self.display.show_frame(frame, model)

    def forget(self) -> None:
        self.display.forget()

    def tick(self) -> None:
        self._pace.tick(FRAMES_PER_SECOND)

    def close(self) -> None:
        self.display.close()
