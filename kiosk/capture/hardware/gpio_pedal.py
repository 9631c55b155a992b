"""A foot pedal that closes a contact between a pin and ground."""

from __future__ import annotations

from typing import Any

from gpiozero import Button

from kiosk import config
from kiosk.capture.hardware.gpio import PinFactory, translated
from kiosk.capture.hardware.hold_off import DWELL_NS
from kiosk.capture.hardware.press_queue import Clock, PressQueue
from kiosk.errors import PedalError


class GpioPedal:
    """Keeps the contract of :class:`kiosk.capture.hardware.interfaces.Pedal`.

    A pin cannot tell a pedal that is not there from one that is not pressed, so ``fault`` speaks
    only of one that is stuck.

    Raises:
        PedalError: the pin cannot be used.
    """

    def __init__(
        self,
        section: config.GpioPedal,
        pin_factory: PinFactory,
        clock: Clock,
        dwell_ns: int = DWELL_NS,
    ) -> None:
        self._clock = clock
        self._queue = PressQueue(section.hold_off_ms, clock, dwell_ns)
        self._button: Any = None
        with translated(PedalError, f"The foot pedal on pin {section.pin} cannot be opened"):
            # bounce_time stays unset: see hold_off.py.
            self._button = Button(
                section.pin, pull_up=True, bounce_time=None, pin_factory=pin_factory()
            )
            if self._button.is_pressed:
                self._queue.found_down(clock())
            # Told only of changes from here on: a pedal held at the start has none.
            self._button.when_pressed = self._on_press
            self._button.when_released = self._on_release

    def poll(self) -> tuple[int, ...]:
        return self._queue.poll()

    def held_since(self) -> int | None:
        return self._queue.held_since()

    def rearm(self, at_ns: int) -> None:
        self._queue.rearm(at_ns)

    def fault(self) -> str:
        return self._queue.stuck()

    def close(self) -> None:
        """Release the pin; may be called more than once.

        Raises:
            PedalError: the pin cannot be released.
        """
        button, self._button = self._button, None
        if button is not None:
            with translated(PedalError, "The foot pedal's pin cannot be released"):
                button.close()
        self._queue.forget()

    def _on_press(self) -> None:
        self._queue.pressed(self._clock())

    def _on_release(self) -> None:
        self._queue.released(self._clock())
