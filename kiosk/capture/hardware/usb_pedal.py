"""A USB foot pedal, which to Linux is a small keyboard; found again whenever it is plugged in."""

from __future__ import annotations

from kiosk import config
from kiosk.capture.hardware.held_device import SEARCH_S, HeldDevice, Wanted
from kiosk.capture.hardware.hold_off import DWELL_NS
from kiosk.capture.hardware.input_devices import key_code
from kiosk.capture.hardware.input_system import LOST, InputSystem, KeyEdge
from kiosk.capture.hardware.press_queue import Clock, PressQueue
from kiosk.errors import ConfigError

NAME = "foot pedal"


class UsbPedal:
    """Keeps the contract of :class:`kiosk.capture.hardware.interfaces.Pedal`.

    Of all the keys that the device has, one counts.

    Args:
        section: USB ids and key.
        system: the machine's input devices, or a test's.
        clock: the station's monotonic clock.
        dwell_ns: see :class:`kiosk.capture.hardware.hold_off.HoldOff`.
        search_s: how often the input devices are looked through, seconds.

    Raises:
        ConfigError: ``pedal.key`` is no key.
    """

    def __init__(
        self,
        section: config.UsbPedal,
        system: InputSystem,
        clock: Clock,
        dwell_ns: int = DWELL_NS,
        search_s: float = SEARCH_S,
    ) -> None:
        self._key = _key_code(section.key)
        self._clock = clock
        self._queue = PressQueue(section.hold_off_ms, clock, dwell_ns)
        keyless = (
            f"no {section.key}; expected pedal.key in station.toml to be the key that it sends."
        )
        wanted = Wanted(NAME, section.vendor, section.product, self._key, keyless)
        self._device = HeldDevice(wanted, system, self._edge, self._lost, search_s)

    def poll(self) -> tuple[int, ...]:
        return self._queue.poll()

    def held_since(self) -> int | None:
        return self._queue.held_since()

    def rearm(self, at_ns: int) -> None:
        self._queue.rearm(at_ns)

    def fault(self) -> str:
        return self._device.fault() or self._queue.stuck()

    def close(self) -> None:
        """End the thread and release the device; may be called more than once."""
        self._device.close()
        self._queue.forget()

    def _edge(self, edge: KeyEdge) -> None:
        if edge.code == LOST:
            self._lost()
        elif edge.code == self._key:
            at_ns = self._clock() if edge.at_ns is None else edge.at_ns
            (self._queue.pressed if edge.down else self._queue.released)(at_ns)

    def _lost(self) -> None:
        self._queue.released(self._clock())


def _key_code(name: str) -> int:
    code = key_code(name)
    if code is None:
        raise ConfigError(
            f"pedal.key: there is no key {name}; expected a name of linux/input-event-codes.h, "
            "such as KEY_B or BTN_LEFT"
        )
    return code
