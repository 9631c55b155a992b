"""The section's type alone decides which pedal is opened."""

from __future__ import annotations

import subprocess
import sys

import pytest
from gpiozero.pins.mock import MockFactory

from kiosk import config
from kiosk.capture.hardware.gpio_pedal import GpioPedal
from kiosk.capture.hardware.pedals import open_pedal
from kiosk.capture.hardware.simulated_pedal import SimulatedPedal
from kiosk.capture.hardware.usb_pedal import UsbPedal
from kiosk.errors import DeviceError, PedalError
from tests.capture.hardware.pedal_fake import Clock


def no_pins() -> object:
    raise DeviceError("There are no pins here.")


def test_each_section_has_its_pedal() -> None:
    factory = MockFactory()
    usb = config.UsbPedal(vendor=0xFFFF, product=0xFFFF, key="KEY_B")
    for section, kind in (
        (config.SimulatedPedal(), SimulatedPedal),
        (config.GpioPedal(pin=17), GpioPedal),
        (usb, UsbPedal),
    ):
        pedal = open_pedal(section, lambda: factory, Clock())
        assert isinstance(pedal, kind)
        pedal.close()


def test_a_gpio_pedal_without_pins_is_no_other_pedal() -> None:
    with pytest.raises(PedalError, match="no pins here"):
        open_pedal(config.GpioPedal(pin=17), no_pins, Clock())


def test_other_pedals_ask_for_no_pins() -> None:
    open_pedal(config.SimulatedPedal(), no_pins, Clock()).close()


def test_a_usb_pedal_that_is_not_there_is_a_fault_and_no_error() -> None:
    section = config.UsbPedal(vendor=0xFFFF, product=0xFFFF, key="KEY_B")
    pedal = open_pedal(section, no_pins, Clock())
    assert "ffff:ffff" in pedal.fault()
    pedal.close()


@pytest.mark.parametrize(
    ("module", "library", "section"),
    [
        ("input_devices", "evdev", config.UsbPedal(vendor=1, product=2, key="KEY_B")),
        ("gpio_pedal", "gpiozero", config.GpioPedal(pin=17)),
    ],
)
def test_a_missing_library_is_said(
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    library: str,
    section: config.UsbPedal | config.GpioPedal,
) -> None:
    monkeypatch.delitem(sys.modules, f"kiosk.capture.hardware.{module}")
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(PedalError, match=f"The foot pedal needs .*{library}"):
        open_pedal(section, no_pins, Clock())


def test_a_simulated_pedal_loads_no_library_of_devices() -> None:
    program = (
        "import sys; from kiosk import config; from kiosk.capture.hardware import lights, pedals;"
        "pedals.open_pedal(config.SimulatedPedal(), lambda: 1/0, lambda: 0);"
        "print({'gpiozero', 'evdev', 'lgpio', 'systemd'} & set(sys.modules))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert shown.stdout == "set()\n"
