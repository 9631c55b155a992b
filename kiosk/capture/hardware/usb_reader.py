"""A USB code or NFC reader that types what it read, held so that nobody else gets its typing."""

from __future__ import annotations

from kiosk import config
from kiosk.capture.hardware.held_device import SEARCH_S, HeldDevice, Wanted
from kiosk.capture.hardware.input_system import LOST, InputSystem, KeyEdge
from kiosk.capture.hardware.key_map import ENTERS, KEY_ENTER, SHIFTS, typed
from kiosk.capture.hardware.press_queue import Clock
from kiosk.capture.hardware.typed_codes import TypedCodes
from kiosk.capture.scanning.scanned import Scanned

NAME = "code reader"

_KEYLESS = (
    "no Enter key; expected reader.vendor and reader.product in station.toml to be those of a "
    "reader that types like a keyboard."
)


class UsbReader:
    """Keeps the contract of :class:`kiosk.capture.hardware.interfaces.Reader`.

    Args:
        section: USB ids.
        system: the machine's input devices, or a test's.
        clock: the station's monotonic clock.
        search_s: how often the input devices are looked through, seconds.
    """

    def __init__(
        self,
        section: config.UsbReader,
        system: InputSystem,
        clock: Clock,
        search_s: float = SEARCH_S,
    ) -> None:
        self._clock = clock
        self._codes = TypedCodes(clock)
        self._shifts: set[int] = set()
        wanted = Wanted(NAME, section.vendor, section.product, KEY_ENTER, _KEYLESS)
        self._device = HeldDevice(wanted, system, self._edge, self._lost, search_s)

    def poll(self) -> tuple[Scanned, ...]:
        return self._codes.poll()

    def forget(self) -> None:
        self._codes.forget()

    def fault(self) -> str:
        return self._device.fault()

    def close(self) -> None:
        """End the thread and release the device; may be called more than once."""
        self._device.close()
        self._codes.forget()

    def _edge(self, edge: KeyEdge) -> None:
        at_ns = self._clock() if edge.at_ns is None else edge.at_ns
        if edge.code == LOST:
            # Spoils the code, as any key does that types nothing.
            self._shifts.clear()
        if edge.code in SHIFTS:
            (self._shifts.add if edge.down else self._shifts.discard)(edge.code)
        elif edge.down and edge.code in ENTERS:
            self._codes.enter(at_ns)
        elif edge.down:
            self._codes.character(typed(edge.code, shift=bool(self._shifts)), at_ns)

    def _lost(self) -> None:
        self._shifts.clear()
        self._codes.lost()
