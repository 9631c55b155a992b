"""The reader that the configuration names, and no other."""

from __future__ import annotations

from kiosk import config
from kiosk.capture.hardware.gpio import translated
from kiosk.capture.hardware.interfaces import Reader
from kiosk.capture.hardware.press_queue import Clock
from kiosk.capture.hardware.simulated_reader import SimulatedReader
from kiosk.errors import ReaderError


def open_reader(
    section: config.UsbReader | config.SimulatedReader | None, clock: Clock
) -> Reader | None:
    """Open the reader of this kind of section; None where the station has none.

    Args:
        section: decides by its type alone.
        clock: ``time.monotonic_ns``, or a test's own.

    Raises:
        ReaderError: a library is missing. A reader that is not plugged in is no error: ``fault``
            says so until it is.
    """
    match section:
        case None:
            return None
        case config.UsbReader():
            # evdev exists only on stations, and is loaded only where it is needed.
            with translated(ReaderError, "The code reader needs Debian's package python3-evdev"):
                from kiosk.capture.hardware.input_devices import real_input  # noqa: PLC0415
                from kiosk.capture.hardware.usb_reader import UsbReader  # noqa: PLC0415

            return UsbReader(section, real_input(), clock)
        case config.SimulatedReader():
            return SimulatedReader(clock)
