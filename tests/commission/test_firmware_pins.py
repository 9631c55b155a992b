"""Pins claimed by station.toml and by the firmware's settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.commission.firmware import parse
from kiosk.commission.firmware_pins import PinUse, check_pins

SHIPPED = Path(__file__).parents[2] / "firmware_config"
LAMP = PinUse("lights.channels[left]", lamp=True)
PEDAL = PinUse("pedal.pin", lamp=False)
PINS = {12: LAMP, 17: PEDAL}
DARK = "gpio=12=op,dl\n"


def problems(text: str, pins: dict[int, PinUse] | None = None) -> list[str]:
    settings, faults = parse(text, "kiosk.txt")
    assert faults == ()
    return [problem.sentence for problem in check_pins(settings, pins or PINS)]


def test_the_shipped_file_fits_the_shipped_example() -> None:
    text = (SHIPPED / "kiosk.txt").read_text("utf-8")
    assert problems(text, {12: LAMP, 13: LAMP, 17: PEDAL}) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dtoverlay=pwm-2chan,pin=12,func=4,pin2=13,func2=4", "pwm-2chan takes pin 12"),
        ("dtoverlay=gpio-fan", "gpio-fan takes pin 12"),
        ("dtoverlay=gpio-shutdown,gpio_pin=17", "gpio-shutdown takes pin 17"),
        ("dtoverlay=dpi24", "dpi24 takes pin"),
        ("gpio=12=op,dh", "may be lit while booting"),
        ("gpio=0-27=ip", "may be lit while booting"),
        ("gpio=17=op,dl", "is driven, but pedal.pin"),
        ("[pi5]\ngpio=12=op,dh\n[all]", "may be lit"),
        ("[pi4]\ndtoverlay=gpio-fan", "takes pin 12"),
    ],
)
def test_each_clash_is_named(text: str, words: str) -> None:
    assert any(words in sentence for sentence in problems(DARK + text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "dtoverlay=gpio-shutdown",
        "dtoverlay=pwm-2chan",
        "[pi3]\ndtoverlay=gpio-fan\n[all]",
        "[none]\ngpio=12=op,dh",
        "gpio=17=ip,pu",
        "dtparam=i2c_arm=on",
        "enable_uart=1",
    ],
)
def test_what_leaves_the_pins_alone_is_no_clash(text: str) -> None:
    assert problems(DARK + text) == []


@pytest.mark.parametrize(
    ("text", "pin"),
    [
        ("dtparam=i2c_arm=on", 2),
        ("dtparam=i2c_arm=off,spi=on", 10),
        ("dtparam=spi", 10),
        ("enable_uart=1", 14),
    ],
)
def test_parameters_of_the_board_take_pins_too(text: str, pin: int) -> None:
    assert any(f"takes pin {pin}" in sentence for sentence in problems(text, {pin: PEDAL}))


def test_a_lamp_that_nothing_holds_dark_is_named_for_each_model() -> None:
    assert problems("[pi4]\ngpio=12=op,dl\n[all]") == [
        (
            "nothing holds pin 12 (lights.channels[left]) dark while a pi5 boots; "
            "expected gpio=12=op,dl"
        )
    ]


def test_a_later_line_overrides_an_earlier_one() -> None:
    assert problems("gpio=12=op,dh\ngpio=12=op,dl") == []
