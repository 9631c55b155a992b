"""A reader without a device, typed on by the demonstration and by tests."""

from __future__ import annotations

from kiosk.capture.hardware.press_queue import Clock
from kiosk.capture.hardware.typed_codes import TypedCodes
from kiosk.capture.scanning.scanned import Scanned

UNPLUGGED = "The code reader is not plugged in: check its cable."


class SimulatedReader:
    """Keeps the contract of :class:`kiosk.capture.hardware.interfaces.Reader`.

    Args:
        clock: the station's monotonic clock.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._codes = TypedCodes(clock)
        self._plugged_in = True

    def scan(self, text: str) -> None:
        """Type a whole code, now."""
        self.type(text)
        self.enter()

    def type(self, text: str) -> None:
        """Type characters without an Enter after them, now."""
        for character in text if self._plugged_in else "":
            self._codes.character(character, self._clock())

    def enter(self) -> None:
        if self._plugged_in:
            self._codes.enter(self._clock())

    def unplug(self) -> None:
        """Behave as if the cable was pulled: nothing comes and ``fault`` says so."""
        self._plugged_in = False
        self._codes.lost()

    def plug_in(self) -> None:
        self._plugged_in = True

    def poll(self) -> tuple[Scanned, ...]:
        return self._codes.poll()

    def forget(self) -> None:
        self._codes.forget()

    def fault(self) -> str:
        return "" if self._plugged_in else UNPLUGGED

    def close(self) -> None:
        self._codes.forget()
