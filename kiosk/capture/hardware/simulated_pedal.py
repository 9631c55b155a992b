"""A pedal without a device, pressed by the demonstration's keys and by tests."""

from __future__ import annotations

from kiosk import config
from kiosk.capture.hardware.hold_off import DWELL_NS
from kiosk.capture.hardware.press_queue import Clock, PressQueue

UNPLUGGED = "The foot pedal is not plugged in."


class SimulatedPedal:
    """Keeps the contract of :class:`kiosk.capture.hardware.interfaces.Pedal`."""

    def __init__(
        self, section: config.SimulatedPedal, clock: Clock, dwell_ns: int = DWELL_NS
    ) -> None:
        self._queue = PressQueue(section.hold_off_ms, clock, dwell_ns)
        self._plugged_in = True

    def press(self, at_ns: int) -> None:
        """Press and let go at ``at_ns``, nanoseconds of the monotonic clock."""
        self.down(at_ns)
        self.up(at_ns)

    def down(self, at_ns: int) -> None:
        if self._plugged_in:
            self._queue.pressed(at_ns)

    def up(self, at_ns: int) -> None:
        if self._plugged_in:
            self._queue.released(at_ns)

    def unplug(self) -> None:
        """Behave as if the cable was pulled: nothing counts and ``fault`` says so."""
        self._plugged_in = False
        self._queue.forget()

    def plug_in(self) -> None:
        self._plugged_in = True

    def poll(self) -> tuple[int, ...]:
        return self._queue.poll()

    def held_since(self) -> int | None:
        return self._queue.held_since()

    def rearm(self, at_ns: int) -> None:
        self._queue.rearm(at_ns)

    def fault(self) -> str:
        return self._queue.stuck() if self._plugged_in else UNPLUGGED

    def close(self) -> None:
        self._queue.forget()
