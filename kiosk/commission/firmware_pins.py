"""Finds pins that ``station.toml`` and the firmware's settings claim for different things. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kiosk.commission.firmware import Problem, Setting
from kiosk.commission.firmware_keys import STATION_MODELS
from kiosk.commission.firmware_lines import parameters, parse_pins
from kiosk.commission.firmware_overlays import BOARD_PARAMETER_PINS, ON, OVERLAYS
from kiosk.config import GpioLights, GpioPedal, StationConfig


@dataclass(frozen=True, slots=True)
class PinUse:
    """What the station does with a pin; ``key`` is the place in ``station.toml``."""

    key: str
    lamp: bool


def station_pins(config: StationConfig) -> dict[int, PinUse]:
    """Return every pin of the header that a station's configuration uses."""
    used: dict[int, PinUse] = {}
    if isinstance(config.lights, GpioLights):
        for channel in config.lights.channels:
            used[channel.pin] = PinUse(f"lights.channels[{channel.name}]", lamp=True)
    if isinstance(config.pedal, GpioPedal):
        used[config.pedal.pin] = PinUse("pedal.pin", lamp=False)
    return used


def check_pins(settings: Iterable[Setting], pins: Mapping[int, PinUse]) -> tuple[Problem, ...]:
    """Check the settings of ``config.txt`` and its includes, in order, against the station's pins.

    Returns:
        Overlays and parameters that take a pin of the station's, lamp pins that the firmware does
        not hold dark while booting, and a pedal pin that it drives.
    """
    kept = tuple(settings)
    found = set(_taken(kept, pins))
    for model in STATION_MODELS:
        states = _states(kept, model)
        for pin, use in pins.items():
            found |= set(_boot_state(pin, use, states.get(pin), model))
    return tuple(sorted(found))


def _taken(settings: Iterable[Setting], pins: Mapping[int, PinUse]) -> Iterator[Problem]:
    for setting in settings:
        if not any(setting.applies_to(model) for model in STATION_MODELS):
            continue
        for pin in _claimed(setting):
            if pin in pins:
                yield Problem(
                    setting.file,
                    setting.line,
                    f"{setting.name} takes pin {pin}, which {pins[pin].key} in station.toml uses; "
                    "expected a pin of its own for each",
                )


def _claimed(setting: Setting) -> tuple[int, ...]:
    if setting.key == "dtoverlay":
        name, _, rest = setting.value.partition(",")
        pins = dict(OVERLAYS[name].pins) if name in OVERLAYS else {}
        for key, value in parameters(rest):
            if key in pins and value.isdecimal():
                pins[key] = int(value)
        return tuple(pins.values())
    if setting.key == "dtparam":
        switched = (name for name, value in parameters(setting.value) if value in ON)
        return tuple(pin for name in switched for pin in BOARD_PARAMETER_PINS.get(name, ()))
    if setting.key == "enable_uart" and setting.value == "1":
        return (14, 15)
    return ()


@dataclass(frozen=True, slots=True)
class _State:
    setting: Setting
    attributes: frozenset[str]


def _states(settings: Iterable[Setting], model: str) -> dict[int, _State]:
    """Later ``gpio=`` lines override earlier ones, attribute by pin (documentation, "gpio")."""
    states: dict[int, _State] = {}
    for setting in settings:
        if setting.key != "gpio" or not setting.applies_to(model):
            continue
        text, _, attributes = setting.value.partition("=")
        try:
            pins = parse_pins(text)
        except ValueError:
            continue  # told by the check of the line itself
        for pin in pins:
            states[pin] = _State(setting, frozenset(attributes.split(",")))
    return states


def _boot_state(pin: int, use: PinUse, state: _State | None, model: str) -> Iterator[Problem]:
    if use.lamp and state is None:
        yield Problem(
            "config.txt",
            0,
            f"nothing holds pin {pin} ({use.key}) dark while a {model} boots; "
            f"expected gpio={pin}=op,dl",
        )
    elif state is None:
        return
    elif use.lamp and not {"op", "dl"} <= state.attributes:
        yield Problem(
            state.setting.file,
            state.setting.line,
            f"pin {pin} is the lamp {use.key} and may be lit while booting; "
            f"expected gpio={pin}=op,dl",
        )
    elif not use.lamp and "op" in state.attributes:
        yield Problem(
            state.setting.file,
            state.setting.line,
            f"pin {pin} is driven, but {use.key} in station.toml listens on it; "
            f"expected gpio={pin}=ip,pu or no line for it",
        )
