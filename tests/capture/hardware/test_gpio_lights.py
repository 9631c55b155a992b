"""What only lights on pins can do wrong."""

from __future__ import annotations

import atexit
import sys
from collections.abc import Callable

import pytest
from gpiozero import LED
from gpiozero.pins.mock import MockFactory, MockPWMPin

from kiosk import config
from kiosk.capture.hardware.gpio_lights import GpioLights
from kiosk.capture.hardware.lights import open_lights
from kiosk.errors import DeviceError, LightError

SECTION = config.GpioLights(
    channels=(
        config.LightChannel(name="left", pin=12),
        config.LightChannel(name="right", pin=13),
        config.LightChannel(name="top", pin=19),
    ),
    frequency_hz=500,
)


class FragilePin(MockPWMPin):  # type: ignore[misc] # gpiozero has no types
    """A pin that breaks when told; then it keeps the state that it has."""

    broken = False

    def _set_state(self, value: float) -> None:
        if self.broken:
            raise OSError(5, "Input/output error")
        super()._set_state(value)


@pytest.fixture
def factory() -> MockFactory:
    return MockFactory(pin_class=FragilePin)


def light(factory: MockFactory, number: int) -> float:
    return float(factory.pin(number).state)


def test_full_power_and_darkness_are_steady_and_only_between_there_is_pwm(
    factory: MockFactory,
) -> None:
    with GpioLights(SECTION, lambda: factory) as lights:
        assert factory.pin(12).frequency is None
        for level, frequency in ((0.25, 500), (1.0, None), (0.75, 500), (0.0, None)):
            lights.set(level)
            assert [factory.pin(pin).frequency for pin in (12, 13, 19)] == [frequency] * 3


def test_a_lamp_that_fails_is_named_and_the_others_go_dark(factory: MockFactory) -> None:
    lights = GpioLights(SECTION, lambda: factory)
    lights.set(0.5)
    factory.pin(13).broken = True
    with pytest.raises(LightError, match=r"right on pin 13.*Input/output"):
        lights.set(0.8)
    assert (light(factory, 12), light(factory, 19)) == (0.0, 0.0)
    assert lights.level() == 0.0
    factory.pin(13).broken = False
    lights.close()


def test_closing_says_what_stayed_on_and_switches_the_others_off(factory: MockFactory) -> None:
    lights = GpioLights(SECTION, lambda: factory)
    lights.set(1.0)
    factory.pin(12).broken = True
    with pytest.raises(LightError, match="left on pin 12"):
        lights.close()
    assert (light(factory, 13), light(factory, 19)) == (0.0, 0.0)
    lights.close()


def test_a_pin_in_use_is_an_error_and_the_others_are_released(factory: MockFactory) -> None:
    with LED(19, pin_factory=factory), pytest.raises(LightError, match=r"top on pin 19.*in use"):
        GpioLights(SECTION, lambda: factory)
    GpioLights(SECTION, lambda: factory).close()


def test_no_pins_at_all_is_a_light_error() -> None:
    def no_pins() -> object:
        raise DeviceError("There are no pins here.")

    with pytest.raises(LightError, match="no pins here"):
        GpioLights(SECTION, no_pins)


def test_the_interpreter_end_is_asked_once_and_let_go_at_close(
    factory: MockFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_exit: list[Callable[[], None]] = []
    monkeypatch.setattr(atexit, "register", at_exit.append)
    monkeypatch.setattr(atexit, "unregister", at_exit.remove)
    lights = GpioLights(SECTION, lambda: factory)
    assert at_exit == [lights.close]
    lights.close()
    assert at_exit == []


def test_a_missing_library_is_said(monkeypatch: pytest.MonkeyPatch, factory: MockFactory) -> None:
    monkeypatch.delitem(sys.modules, "kiosk.capture.hardware.gpio_lights")
    monkeypatch.setitem(sys.modules, "gpiozero", None)
    with pytest.raises(LightError, match="need the library gpiozero"):
        open_lights(SECTION, lambda: factory)
