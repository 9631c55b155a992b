"""The pedal that the configuration names, and no other."""

from __future__ import annotations

from kiosk import config
from kiosk.capture.hardware.gpio import PinFactory, translated
from kiosk.capture.hardware.hold_off import DWELL_NS
from kiosk.capture.hardware.interfaces import Pedal
from kiosk.capture.hardware.press_queue import Clock
from kiosk.capture.hardware.simulated_pedal import SimulatedPedal
from kiosk.errors import PedalError


def open_pedal(
    section: config.GpioPedal | config.UsbPedal | config.SimulatedPedal,
    pin_factory: PinFactory,
    clock: Clock,
    dwell_ns: int = DWELL_NS,
) -> Pedal:
    """Open the pedal of this kind of section; there is no falling back to another.

    Args:
        section: decides by its type alone.
        pin_factory: makes the pins; called for a GPIO pedal only.
        clock: ``time.monotonic_ns``, or a test's own.
        dwell_ns: how long after ``rearm`` no press counts, nanoseconds.

    Raises:
        PedalError: the pins cannot be used, or a library is missing. A USB pedal that is not
            plugged in is no error: ``fault`` says so until it is.
        ConfigError: ``pedal.key`` is no key.
    """
    # Each library is loaded only where its device is configured: evdev and lgpio exist only on
    # stations, and gpiozero alone costs 60 ms of every start.
    match section:
        case config.GpioPedal():
            with translated(PedalError, "The foot pedal needs the library gpiozero"):
                from kiosk.capture.hardware.gpio_pedal import GpioPedal  # noqa: PLC0415

            return GpioPedal(section, pin_factory, clock, dwell_ns)
        case config.UsbPedal():
            with translated(PedalError, "The foot pedal needs Debian's package python3-evdev"):
                from kiosk.capture.hardware.input_devices import real_input  # noqa: PLC0415
                from kiosk.capture.hardware.usb_pedal import UsbPedal  # noqa: PLC0415

            return UsbPedal(section, real_input(), clock, dwell_ns)
        case config.SimulatedPedal():
            return SimulatedPedal(section, clock, dwell_ns)
