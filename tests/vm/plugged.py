"""Runs inside the machine, as root: plugs in one input device and tells what became of it.

Its arguments are how (``hid``: at the bus of input devices, by uhid; ``usb``: at a port, by the
kernel's own dummy host and device controllers), a name and, as hexadecimal numbers, bus, vendor,
product and report descriptor. Prints one line of JSON.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# linux/uhid.h
_DESTROY, _GET_REPORT, _GET_REPORT_REPLY, _CREATE2 = 1, 9, 10, 11
_SET_REPORT, _SET_REPORT_REPLY = 13, 14
_EVENT = 4380
_EIO = 5

DEVICES = Path("/sys/bus/hid/devices")
GADGET = Path("/sys/kernel/config/usb_gadget/plugged")
FUNCTION = GADGET / "functions/hid.0"
CONFIGURATION = GADGET / "configs/c.1"
PATIENCE_S = 20.0
"""The longest from a port's being connected to the device's being on the bus, seconds."""


@dataclass(frozen=True)
class Device:
    name: str
    bus: int
    vendor: int
    product: int
    descriptor: bytes


def main(how: str, device: Device) -> None:
    with {"hid": by_hid, "usb": by_usb}[how](device):
        folder = arrived(device)
        subprocess.run(["udevadm", "settle", "--timeout=30"], check=True)
        driver = folder / "driver"
        kernel = subprocess.run(["dmesg"], capture_output=True, text=True, check=True).stdout
        told = {
            "driver": driver.resolve().name if driver.exists() else None,
            # The kernel says so of each input device that there ever was.
            "ever": f"input: {device.name.splitlines()[0]}" in kernel,
            "now": len(list(folder.glob("input/input*"))),
        }
    print(json.dumps(told))


def arrived(device: Device) -> Path:
    """Wait for the device on its bus."""
    pattern = f"{device.bus:04X}:{device.vendor:04X}:{device.product:04X}.*"
    deadline = time.monotonic() + PATIENCE_S
    while not (found := list(DEVICES.glob(pattern))):
        if time.monotonic() > deadline:
            raise SystemExit(f"{device.name} did not come to the bus")
        time.sleep(0.1)
    return found[0]


@contextmanager
def by_hid(device: Device) -> Iterator[None]:
    subprocess.run(["modprobe", "uhid"], check=True)
    descriptor = os.open("/dev/uhid", os.O_RDWR)
    threading.Thread(target=serve, args=(descriptor,), daemon=True).start()
    head = struct.pack("<I128s64s64s", _CREATE2, device.name.encode(), b"", b"")
    ids = (device.bus, device.vendor, device.product)
    about = struct.pack("<HHIIII", len(device.descriptor), *ids, 1, 0)
    os.write(descriptor, head + about + device.descriptor.ljust(4096, b"\0"))
    try:
        yield
    finally:
        os.write(descriptor, struct.pack("<I", _DESTROY))


def serve(descriptor: int) -> None:
    """Answer what drivers ask of the device: that it has no such report."""
    while True:
        try:
            event = os.read(descriptor, _EVENT)
        except OSError:
            return
        (kind,) = struct.unpack_from("<I", event)
        if kind in (_GET_REPORT, _SET_REPORT):
            (number,) = struct.unpack_from("<I", event, 4)
            reply = _GET_REPORT_REPLY if kind == _GET_REPORT else _SET_REPORT_REPLY
            os.write(descriptor, struct.pack("<IIHH", reply, number, _EIO, 0))


@contextmanager
def by_usb(device: Device) -> Iterator[None]:
    """Connect a device with one HID interface to the port of a host that is no hardware."""
    subprocess.run(["modprobe", "-a", "dummy_hcd", "libcomposite", "usb_f_hid"], check=True)
    if not GADGET.parent.exists():
        subprocess.run(["mount", "-t", "configfs", "none", "/sys/kernel/config"], check=True)
    for folder in (GADGET / "strings/0x409", CONFIGURATION, FUNCTION):
        folder.mkdir(parents=True)
    (GADGET / "idVendor").write_text(f"{device.vendor:#06x}")
    (GADGET / "idProduct").write_text(f"{device.product:#06x}")
    (GADGET / "strings/0x409/product").write_text(device.name)
    (FUNCTION / "report_length").write_text("8")
    (FUNCTION / "report_desc").write_bytes(device.descriptor)
    (CONFIGURATION / "hid.0").symlink_to(FUNCTION)
    (GADGET / "UDC").write_text("dummy_udc.0")
    try:
        yield
    finally:
        (GADGET / "UDC").write_text("\n")
        (CONFIGURATION / "hid.0").unlink()
        for folder in (CONFIGURATION, FUNCTION, GADGET / "strings/0x409", GADGET):
            folder.rmdir()


if __name__ == "__main__":
    bus, vendor, product = (int(word, 16) for word in sys.argv[3:6])
    main(sys.argv[1], Device(sys.argv[2], bus, vendor, product, bytes.fromhex(sys.argv[6])))
