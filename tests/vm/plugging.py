"""Who may type on the station, where a real kernel and a real udev say so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from tests.commission.hid_devices import KEYBOARD, TOUCH
from tests.deploy.booted import Row
from tests.vm.guest import Guest
from tests.vm.input_ids import PEDAL, READER

STRANGER: Final = (0x046D, 0xC31C)
PANEL: Final = (0x0EEF, 0x0002)
PENDING: Final = "/etc/kiosk/enrolment-pending"
_USB, _BLUETOOTH = 3, 5


class Plugged(NamedTuple):
    """What is plugged in, and the driver that it is to have.

    ``how`` and ``bus`` are as in ``plugged.py``; ``known``: whether it may have been an input
    device at any time.
    """

    what: str
    ids: tuple[int, int]
    driver: str | None
    descriptor: bytes = KEYBOARD
    how: str = "hid"
    bus: int = _USB
    known: bool = False
    more: str = ""
    """Of its name."""


DEVICES: Final = (
    Plugged("a keyboard at a port", STRANGER, None, how="usb"),
    Plugged("the pedal at a port", PEDAL, "hid-generic", how="usb", known=True),
    Plugged("a keyboard", STRANGER, None),
    Plugged("the reader", READER, "hid-generic", known=True),
    Plugged("a keyboard with a name of two lines", STRANGER, None, more="\nKIOSK_TYPING=reader"),
    Plugged("the reader's numbers by Bluetooth", READER, None, bus=_BLUETOOTH),
    Plugged("a panel", PANEL, "hid-multitouch", TOUCH, known=True),
    # For the moment in which it is looked at.
    Plugged("a panel with keys", PANEL, None, TOUCH + KEYBOARD, known=True),
)


def rows(guest: Guest) -> Iterator[Row]:
    """Plug in one device after the other."""
    for number, device in enumerate(DEVICES):
        yield _row(guest, device, number)
    guest.run("touch", PENDING)
    code = Plugged("a keyboard, before the enrolment", STRANGER, "hid-generic", known=True)
    yield _row(guest, code, len(DEVICES))
    guest.run("rm", PENDING)
    yield _row(guest, Plugged("a keyboard, after it", STRANGER, None), len(DEVICES) + 1)
    yield from _left_in(guest)


def _row(guest: Guest, device: Plugged, number: int) -> Row:
    # The kernel's log is of the whole run.
    name = f"Plugged {number:02}"
    words = (f"{value:x}" for value in (device.bus, *device.ids))
    arguments = (device.how, name + device.more, *words, device.descriptor.hex())
    program = Path(__file__).with_name("plugged.py").read_text(encoding="utf-8")
    told = json.loads(guest.run("python3", "-", *arguments, stdin=program))
    found = (told["driver"], bool(told["now"]), told["ever"] and not device.known)
    return f"plugged in: {device.what}", found, (device.driver, device.driver is not None, False)


def _left_in(guest: Guest) -> Iterator[Row]:
    """Open the bus as it is without the rules: the product's own check says so."""
    for what, value, wanted in (("open", "1", "wrong"), ("closed", "0", "ok")):
        guest.run("sh", "-c", f"echo {value} >/sys/bus/hid/drivers_autoprobe")
        said = guest.run("/opt/kiosk/bin/python", "-c", _CHECK).strip()
        yield f"kiosk check: the bus of input devices {what}", said, wanted


_CHECK: Final = """
from kiosk.commission.input_devices import input_devices
from kiosk.commission.place import Place
from kiosk.config_reading import load
print(input_devices(load(), Place()).verdict.value)
"""
