"""Single lines of ``config.txt``: how the firmware reads one, and what is wrong with it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kiosk.commission.firmware_keys import (
    HEADER_PINS,
    KEYS,
    LINE_LENGTH,
    MODELS,
    OTHER_FILTERS,
    PIN_ATTRIBUTES,
    WITHOUT_EQUALS,
)
from kiosk.commission.firmware_overlays import BOARD_PARAMETERS, CAMERA_OVERLAYS, OVERLAYS, Overlay
from kiosk.commission.forms import meant


def split(line: str) -> tuple[str, str]:
    """Return key and value of a setting's line."""
    separator = " " if line.split(maxsplit=1)[0] in WITHOUT_EQUALS else "="
    key, _, value = line.partition(separator)
    return key.strip(), value.strip()


def parameters(value: str) -> Iterator[tuple[str, str]]:
    """Yield name and value of each of the parameters that commas part, such as ``spi=on,i2s``."""
    for parameter in value.split(","):
        name, _, text = parameter.partition("=")
        yield name, text


def parse_pins(text: str) -> tuple[int, ...]:
    """Read a list of pins such as ``3-4,6``.

    Raises:
        ValueError: not such a list, or a pin that the header does not have.
    """
    pins: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        pins += range(int(first), int(last or first) + 1)
    if not pins or any(pin not in HEADER_PINS for pin in pins):
        raise ValueError(text)
    return tuple(pins)


def line_faults(raw: str) -> Iterator[str]:
    """Yield a sentence for each fault of one line, without its end."""
    line = raw.strip()
    if len(raw) > LINE_LENGTH:
        yield (
            f"{len(raw)} characters; the firmware reads {LINE_LENGTH} of a line and drops the rest"
        )
    if not line or line.startswith("#"):
        return
    if line.startswith("["):
        yield from _filter_faults(line)
    elif re.search(r"\s#", line):
        yield "a comment behind a setting becomes part of it; expected it on a line of its own"
    else:
        yield from _setting_faults(line)


def is_filter(line: str) -> bool:
    """Tell whether a line that begins with a bracket is a filter."""
    name = line[1:-1]
    return line.endswith("]") and (name in MODELS or OTHER_FILTERS.fullmatch(name) is not None)


def _filter_faults(line: str) -> Iterator[str]:
    if not is_filter(line):
        yield f"{line} is no filter that the firmware knows{meant(line[1:-1], [*MODELS, 'all'])}"


def _setting_faults(line: str) -> Iterator[str]:
    key, value = split(line)
    known = key.partition(":")[0]
    if known not in KEYS:
        yield f"{key} is no setting that the firmware knows{meant(known, KEYS)}"
    elif key in WITHOUT_EQUALS:
        if "=" in line.split(maxsplit=1)[0] or not value:
            yield f"expected `{key} FILE`"
    elif "=" not in line or re.search(r"\s=|=\s", line):
        yield f"expected `{key}=VALUE` without spaces around the equals sign"
    elif key == "gpio":
        yield from _gpio_faults(value)
    elif key == "dtoverlay":
        yield from _overlay_faults(value)
    elif key == "dtparam":
        yield from _parameter_faults(value)
    elif not KEYS[known].fits(value):
        yield f"{key}={value}; expected {KEYS[known].expected}"


def _gpio_faults(value: str) -> Iterator[str]:
    pins, _, attributes = value.partition("=")
    try:
        parse_pins(pins)
    except ValueError:
        yield f"{pins} is no list of pins 0 to {HEADER_PINS[-1]}, such as 12,13 or 5-7"
    for attribute in attributes.split(","):
        if not PIN_ATTRIBUTES.fullmatch(attribute):
            yield f"{attribute!r} says nothing about a pin; expected such as op,dl or ip,pu"


def _overlay_faults(value: str) -> Iterator[str]:
    name, _, rest = value.partition(",")
    if name in OVERLAYS:
        yield from _overlay_parameter_faults(name, OVERLAYS[name], rest)
    elif name and name not in CAMERA_OVERLAYS:
        yield f"{name} is no overlay that a station knows{meant(name, OVERLAYS)}"


def _overlay_parameter_faults(name: str, overlay: Overlay, text: str) -> Iterator[str]:
    for key, value in parameters(text) if text else ():
        if key in overlay.pins:
            if not value.isdecimal() or int(value) not in HEADER_PINS:
                yield f"{key}={value}; expected a pin 0 to {HEADER_PINS[-1]}"
        elif key not in overlay.parameters:
            known = {*overlay.pins, *overlay.parameters}
            yield f"{key} is no parameter of the overlay {name}{meant(key, known)}"


def _parameter_faults(text: str) -> Iterator[str]:
    for name, value in parameters(text):
        if name not in BOARD_PARAMETERS:
            yield f"{name} is no parameter of the board{meant(name, BOARD_PARAMETERS)}"
        elif not BOARD_PARAMETERS[name].fits(value):
            yield f"{name}={value}; expected {BOARD_PARAMETERS[name].expected}"
