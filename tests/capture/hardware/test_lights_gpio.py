"""Opening the station's real pins, where that cannot work: each obstacle has its sentence."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from kiosk import config
from kiosk.capture.hardware import gpio
from kiosk.capture.hardware.gpio_lights import GpioLights
from kiosk.capture.hardware.gpio_pedal import GpioPedal
from kiosk.errors import DeviceError, LightError, PedalError


@pytest.fixture
def without_pins_module(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delitem(sys.modules, "gpiozero.pins.lgpio", raising=False)
    return monkeypatch


def test_missing_lgpio_is_said_and_nothing_else_is_tried(
    without_pins_module: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without_pins_module.setitem(sys.modules, "lgpio", None)
    without_pins_module.chdir(tmp_path)
    with pytest.raises(DeviceError, match=r"lgpio is missing.*python3-lgpio"):
        gpio.real_pin_factory()


def test_no_gpio_chip_is_said(without_pins_module: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pins = ModuleType("gpiozero.pins.lgpio")

    def no_chip() -> None:
        raise OSError("can't open gpiochip")

    pins.LGPIOFactory = no_chip  # type: ignore[attr-defined]
    without_pins_module.setitem(sys.modules, "gpiozero.pins.lgpio", pins)
    without_pins_module.chdir(tmp_path)
    with pytest.raises(DeviceError, match=r"/dev/gpiochip0.*can't open gpiochip"):
        gpio.real_pin_factory()


@pytest.mark.parametrize("by", ["working directory", "LG_WD"])
def test_a_working_directory_that_cannot_be_written_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, by: str
) -> None:
    # Not even root may make files there.
    closed = Path(f"/proc/{os.getpid()}")
    monkeypatch.chdir(closed if by == "working directory" else tmp_path)
    if by == "LG_WD":
        monkeypatch.setenv("LG_WD", str(closed))
    with pytest.raises(DeviceError, match=rf"working directory {closed}:.*WorkingDirectory="):
        gpio.real_pin_factory()


def test_who_types_a_command_may_stand_anywhere(
    without_pins_module: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """On a closed station most folders are read-only."""
    without_pins_module.setitem(sys.modules, "lgpio", None)
    without_pins_module.chdir(f"/proc/{os.getpid()}")
    with (
        gpio.working_directory(),
        pytest.raises(DeviceError, match="lgpio is missing"),  # past the working directory
    ):
        gpio.real_pin_factory()
    with pytest.raises(DeviceError, match="working directory /proc"):
        gpio.real_pin_factory()
    without_pins_module.chdir(tmp_path)
    with gpio.working_directory():
        assert "LG_WD" not in os.environ


def test_nothing_is_left_in_the_working_directory(
    without_pins_module: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without_pins_module.setitem(sys.modules, "lgpio", None)
    without_pins_module.chdir(tmp_path)
    with pytest.raises(DeviceError):
        gpio.real_pin_factory()
    assert list(tmp_path.iterdir()) == []


def test_lights_and_pedal_share_one_factory(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    def make() -> object:
        made.append(object())
        return made[-1]

    monkeypatch.setattr(gpio, "real_pin_factory", make)
    pins = gpio.station_pins()
    assert made == []
    assert pins() is pins()


@pytest.mark.parametrize("kind", [LightError, PedalError])
def test_errors_below_become_the_device_that_failed(kind: type[DeviceError]) -> None:
    with pytest.raises(kind, match="There is no chip"), gpio.translated(kind, "unused"):
        raise DeviceError("There is no chip.")
    with pytest.raises(kind, match="The lamp: 7"), gpio.translated(kind, "The lamp"):
        raise KeyError(7)


def test_a_pin_that_somebody_else_has_is_said_in_words() -> None:
    busy = RuntimeError("'GPIO busy'")
    with (
        pytest.raises(PedalError, match=r"pin 17 cannot be opened: another program .* names it\.$"),
        gpio.translated(PedalError, "The foot pedal on pin 17 cannot be opened"),
    ):
        raise busy


class HeldFactory(MockFactory):  # type: ignore[misc]  # gpiozero has no types
    """Pins that another program holds, as lgpio says it, until it lets go."""

    held = True

    def pin(self, name: object) -> Any:  # noqa: ANN401
        if self.held:
            raise RuntimeError("'GPIO busy'")
        return super().pin(name)


Open = Callable[[HeldFactory], AbstractContextManager[object]]


def lights(pins: HeldFactory) -> AbstractContextManager[object]:
    channel = config.LightChannel(name="left", pin=12)
    return GpioLights(config.GpioLights(channels=(channel,)), lambda: pins)


def pedal(pins: HeldFactory) -> AbstractContextManager[object]:
    section = config.GpioPedal(pin=17)
    return closing(GpioPedal(section, lambda: pins, time.monotonic_ns))


@pytest.mark.parametrize("device", [lights, pedal])
def test_a_pin_that_somebody_else_had_is_asked_for_anew_each_time(device: Open) -> None:
    """Whoever holds on to the first error must not make the second one say something else."""
    pins = HeldFactory(pin_class=MockPWMPin)
    kept = []
    for _ in range(2):
        with pytest.raises(DeviceError, match="another program or a driver") as refused:
            device(pins)
        kept.append(refused)
    pins.held = False
    with device(pins):
        pass
    assert len(kept) == 2
