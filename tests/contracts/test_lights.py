"""The contract of lights, over simulated ones and over gpiozero's pins, mock and lgpio's."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from gpiozero.pins.local import LocalPiFactory
from gpiozero.pins.mock import MockFactory, MockPWMPin

from kiosk import config
from kiosk.capture.hardware.interfaces import Lights
from kiosk.capture.hardware.lights import OwnedLights, SimulatedLights, open_lights, switch_off
from kiosk.errors import LightError

CHANNELS = (config.LightChannel(name="left", pin=12), config.LightChannel(name="right", pin=13))
FAKE_LGPIO = Path(__file__).parents[1] / "capture/hardware/lights_fake/lgpio.py"


@dataclass
class Rig:
    """Lights that can be opened, and what their lamps really do."""

    section: config.GpioLights | config.SimulatedLights
    pin_factory: Callable[[], Any]
    lamps: Callable[[Lights], tuple[float, ...]]

    def open(self) -> OwnedLights:
        return open_lights(self.section, self.pin_factory)


def no_pins() -> object:
    pytest.fail("simulated lights asked for pins")


def simulated_rig() -> Rig:
    section = config.SimulatedLights(channels=CHANNELS)
    return Rig(section, no_pins, simulated_lamps)


def simulated_lamps(lights: Lights) -> tuple[float, ...]:
    assert isinstance(lights, SimulatedLights)
    return tuple(lights.lamps[channel.name] for channel in CHANNELS)


def mock_rig() -> Rig:
    factory = MockFactory(pin_class=MockPWMPin)
    section = config.GpioLights(channels=CHANNELS)
    return Rig(
        section,
        lambda: factory,
        lambda _lights: tuple(float(factory.pin(channel.pin).state) for channel in CHANNELS),
    )


def lgpio_rig(monkeypatch: pytest.MonkeyPatch) -> Rig:
    """Open gpiozero's real lgpio pins over a stand-in for the C library alone."""
    spec = importlib.util.spec_from_file_location("lgpio", FAKE_LGPIO)
    assert spec is not None
    assert spec.loader is not None
    lgpio = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "lgpio", lgpio)
    spec.loader.exec_module(lgpio)
    monkeypatch.delitem(sys.modules, "gpiozero.pins.lgpio", raising=False)
    monkeypatch.setattr("gpiozero.pins.local.get_pi_revision", lambda: 0xC03115)
    monkeypatch.setattr(LocalPiFactory, "pins", {})
    monkeypatch.setattr(LocalPiFactory, "_reservations", type(LocalPiFactory._reservations)(list))
    from gpiozero.pins.lgpio import LGPIOFactory  # noqa: PLC0415 - only now is there an lgpio

    factory = LGPIOFactory()
    return Rig(
        config.GpioLights(channels=CHANNELS),
        lambda: factory,
        lambda _lights: tuple(lgpio.line(channel.pin).light() for channel in CHANNELS),
    )


@pytest.fixture(params=["simulated", "mock pins", "lgpio pins"])
def rig(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    yield {"simulated": simulated_rig, "mock pins": mock_rig}.get(
        request.param, lambda: lgpio_rig(monkeypatch)
    )()
    sys.modules.pop("gpiozero.pins.lgpio", None)


def test_dark_when_made(rig: Rig) -> None:
    with rig.open() as lights:
        assert lights.level() == 0.0
        assert rig.lamps(lights) == (0.0, 0.0)


def test_every_hundredth_arrives_at_every_lamp(rig: Rig) -> None:
    with rig.open() as lights:
        for percent in (*range(101), *range(100, -1, -7)):
            lights.set(percent / 100)
            assert lights.level() == percent / 100
            assert rig.lamps(lights) == pytest.approx((percent / 100,) * 2, abs=1e-9)


def test_levels_between_hundredths_are_rounded_and_said_so(rig: Rig) -> None:
    with rig.open() as lights:
        lights.set(0.4961)
        assert lights.level() == 0.5


def test_from_dimmed_to_dark(rig: Rig) -> None:
    with rig.open() as lights:
        lights.set(0.4)
        lights.set(0.0)
        assert rig.lamps(lights) == (0.0, 0.0)


@pytest.mark.parametrize("level", [-0.01, 1.01, float("nan"), float("inf")])
def test_a_level_that_is_none_is_refused_and_changes_nothing(rig: Rig, level: float) -> None:
    with rig.open() as lights:
        lights.set(0.5)
        with pytest.raises(LightError, match="from 0 to 1"):
            lights.set(level)
        assert lights.level() == 0.5
        assert rig.lamps(lights) == (0.5, 0.5)


@pytest.mark.parametrize("level", [0.3, 1.0])
def test_one_lamp_alone_is_part_of_all_the_light(rig: Rig, level: float) -> None:
    with rig.open() as lights:
        lights.set(1.0)
        lights.set_one("right", level)
        assert rig.lamps(lights) == pytest.approx((0.0, level), abs=1e-9)
        assert lights.level() == pytest.approx(level / 2)
        lights.set_one("left", level)
        assert rig.lamps(lights) == pytest.approx((level, 0.0), abs=1e-9)
        lights.set(0.5)
        assert rig.lamps(lights) == (0.5, 0.5)


def test_a_lamp_that_is_not_there_changes_nothing(rig: Rig) -> None:
    with rig.open() as lights:
        lights.set(0.5)
        with pytest.raises(LightError, match="no lamp 'middle'; expected one of left, right"):
            lights.set_one("middle", 1.0)
        with pytest.raises(LightError, match="from 0 to 1"):
            lights.set_one("left", 1.5)
        assert rig.lamps(lights) == (0.5, 0.5)


def test_closed_lights_light_no_single_lamp(rig: Rig) -> None:
    lights = rig.open()
    lights.close()
    with pytest.raises(LightError, match="after they were closed"):
        lights.set_one("left", 1.0)
    assert rig.lamps(lights) == (0.0, 0.0)


@pytest.mark.parametrize("level", [0.3, 1.0])
def test_dark_when_closed_which_can_be_done_twice(rig: Rig, level: float) -> None:
    lights = rig.open()
    lights.set(level)
    lights.close()
    lights.close()
    assert lights.level() == 0.0
    assert rig.lamps(lights) == (0.0, 0.0)


def test_closed_lights_stay_dark(rig: Rig) -> None:
    lights = rig.open()
    lights.close()
    with pytest.raises(LightError, match="after they were closed"):
        lights.set(1.0)
    assert rig.lamps(lights) == (0.0, 0.0)


def test_dark_after_an_exception_in_the_block(rig: Rig) -> None:
    lights = rig.open()

    def fail_when_lit() -> None:
        with lights:
            lights.set(1.0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_when_lit()
    assert rig.lamps(lights) == (0.0, 0.0)


def test_opened_again_after_closing(rig: Rig) -> None:
    rig.open().close()
    with rig.open() as lights:
        lights.set(1.0)
        assert rig.lamps(lights) == (1.0, 1.0)


def test_switched_off_from_outside(rig: Rig) -> None:
    with rig.open() as lights:
        lights.set(0.0)
    switch_off(rig.section, rig.pin_factory)
    assert rig.lamps(lights) == (0.0, 0.0)
