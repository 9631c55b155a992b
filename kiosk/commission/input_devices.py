"""Checks of what can be typed and touched with: who is plugged in, and who has a driver."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from kiosk.commission.checks import Finding, not_installed, ok, unchecked, wrong
from kiosk.commission.digests import RECORD
from kiosk.commission.place import SETTINGS, Place
from kiosk.commission.touch_panel import HID, only_touches
from kiosk.commission.typing_rules import PANEL, STATION_RULES, VOLATILE_RULES, Ids, named, rules
from kiosk.config import StationConfig
from kiosk.records.enrolment import is_pending

_INSTALL: Final = "run `python3 -m provisioning.install` again"
_USB: Final = 3
"""BUS_USB of linux/input.h."""

_INPUTS: Final = Path("/sys/class/input")
# Of linux/input-event-codes.h.
_ABS_X, _ABS_MT_POSITION_X = 0x00, 0x35
_BTN_TOOL_PEN, _BTN_TOOL_FINGER, _BTN_TOUCH = 0x140, 0x145, 0x14A
_INPUT_PROP_DIRECT = 0x01


@dataclass(frozen=True, slots=True)
class Plugged:
    """A device on the bus of input devices (HID).

    Attributes:
        name: by its own word.
        bus: 3 is USB, 5 Bluetooth (linux/input.h).
        ids: vendor and product.
        driven: whether it has a driver, without which it is nothing to anybody.
        touches: whether it has one and is a touch panel that cannot type.
    """

    name: str
    bus: int
    ids: Ids
    driven: bool
    touches: bool

    def __str__(self) -> str:
        kind = "USB" if self.bus == _USB else f"bus {self.bus}"
        return f"{self.name} ({kind} {self.ids[0]:04x}:{self.ids[1]:04x})"


def input_devices(config: StationConfig, place: Place) -> Finding:
    """Check that none but the pedal, the reader and the panel may type, and tell who was refused.

    Raises:
        StorageFailed: the kernel's word on a device cannot be read.
    """
    if not place.exists(RECORD):
        return not_installed()
    devices = named(msgspec.to_builtins(config, enc_hook=str))
    written = STATION_RULES if place.exists(STATION_RULES) else VOLATILE_RULES
    if not place.exists(written) or place.read(written) != rules(devices):
        return wrong(
            f"{written} does not let in just those devices that station.toml names; {_INSTALL}."
        )
    if is_pending(place.at(SETTINGS)):
        return unchecked("Until the enrolment the code may be typed on any keyboard.")
    if place.told(HID / "drivers_autoprobe") == "1":
        return wrong(
            f"Any keyboard that is plugged in may type; restart the station, or {_INSTALL}."
        )
    return _judged(plugged(place), devices)


def _judged(present: tuple[Plugged, ...], devices: Mapping[str, Ids]) -> Finding:
    roles = [(device, _role(device, devices)) for device in present]
    for device, role in roles:
        if device.driven and not role:
            return wrong(_told(device))
        if role and not device.driven:
            return wrong(f"{device} is let in and has no driver; plug it in anew, or {_INSTALL}.")
    said = [f"{role or 'refused'}: {device}" for device, role in roles]
    return ok(f"{'; '.join(said) or 'Nothing is plugged in that could type'}.")


def _role(device: Plugged, devices: Mapping[str, Ids]) -> str:
    """Say as what a device is let in; empty text for a stranger."""
    roles = [role for role, ids in devices.items() if (device.bus, device.ids) == (_USB, ids)]
    if roles:
        return roles[0]
    return PANEL if device.touches and PANEL not in devices else ""


def _told(stranger: Plugged) -> str:
    vendor, product = stranger.ids
    return (
        f"{stranger} may type and is nothing that station.toml names: pull it out and {_INSTALL}. "
        "If it is the station's pedal, reader or touch panel, its section of station.toml needs "
        f"vendor = 0x{vendor:04X} and product = 0x{product:04X} first."
    )


def plugged(place: Place) -> tuple[Plugged, ...]:
    """Return every device on the bus of input devices, with a driver or without.

    Raises:
        StorageFailed: the kernel's word on a device cannot be read.
    """
    return tuple(
        _plugged(place, HID / "devices" / folder.name)
        for folder in sorted(place.at(HID / "devices").glob("*"))
    )


def _plugged(place: Place, folder: Path) -> Plugged:
    """Read one device; its numbers by the kernel's name of it, which no device has a say in."""
    bus, vendor, product = (int(word, 16) for word in folder.name.partition(".")[0].split(":"))
    driven = place.exists(folder / "driver")
    touches = driven and only_touches(place.at(folder / "report_descriptor").read_bytes())
    lines = place.read(folder / "uevent").splitlines()
    named = (line.partition("=")[2] for line in lines if line.startswith("HID_NAME="))
    return Plugged(_printable(next(named, "")), bus, (vendor, product), driven, touches)


def names(place: Place) -> tuple[str, ...]:
    """Return what the devices call themselves in what these checks say."""
    panels = (place.told(folder / "name") for folder in _touched(place))
    return (*(device.name for device in plugged(place)), *map(_printable, panels))


def _printable(name: str) -> str:
    return "".join(sign for sign in name if sign.isprintable()) or "a device without a name"


def touch_screen(place: Place) -> Finding:
    """Check that there is something to touch; how it is recognised is udev's way (input_id)."""
    if not place.exists(RECORD):
        return not_installed()
    found = [_printable(place.told(folder / "name")) for folder in _touched(place)]
    if found:
        return ok(f"{' and '.join(found)} can be touched.")
    return wrong(
        "There is no touch screen, so nobody can sign in: check the panel's USB or ribbon cable. "
        "One that the row “input devices” calls refused is let in by display.touch in station.toml."
    )


def _touched(place: Place) -> tuple[Path, ...]:
    """Return the folders of the input devices that are touch screens."""
    folders = (_INPUTS / node.name / "device" for node in sorted(place.at(_INPUTS).glob("event*")))
    return tuple(folder for folder in folders if _is_touch_screen(place, folder))


def _is_touch_screen(place: Place, folder: Path) -> bool:
    axes = _bits(place.told(folder / "capabilities/abs"))
    keys = _bits(place.told(folder / "capabilities/key"))
    direct = bool(_bits(place.told(folder / "properties")) >> _INPUT_PROP_DIRECT & 1)
    placed = bool(axes >> _ABS_X & 1 or axes >> _ABS_MT_POSITION_X & 1)
    pen, finger, touch = (keys >> key & 1 for key in (_BTN_TOOL_PEN, _BTN_TOOL_FINGER, _BTN_TOUCH))
    return placed and not pen and (direct or bool(touch and not finger))


def _bits(text: str) -> int:
    """Read a bitmap as sysfs shows it: words of the kernel's ``long``, the highest first."""
    width = 8 * struct.calcsize("l")
    value = 0
    for word in text.split():
        value = value << width | int(word, 16)
    return value
