"""Runs inside the machine, as root: does what the other end of a virtio port asks for.

Started by a unit of the harness before the station's services, with the machine's own Python. It
also makes the input devices that a treatment room would have plugged in, through uinput: pedal,
code reader and touch screen.

One line of JSON for each request and each answer:
``{"command": [...], "input": "", "timeout": 60}`` → ``{"code": 0, "out": "", "err": ""}``;
``{"device": "pedal", "events": [[type, code, value], ...]}`` → ``{"code": 0, ...}``. The device
``header`` is the simulated header's pins: code is a pin, value 1 connects it to ground.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from evdev import AbsInfo, UInput
from evdev import ecodes as e

PORT = Path("/dev/virtio-ports/kiosk.agent")
PEDAL = (0x0C45, 0x7403)
READER = (0x0C2E, 0x0B61)
TOUCH = (0x0EEF, 0x0001)
HEADER = Path("/run/header")
"""The simulated chip's folder in sysfs, once there is one."""

RANGE = 4095
"""Of both axes of the touch screen."""

USB = 3
"""BUS_USB of linux/input.h."""


def main() -> int:
    devices = make_devices()
    notify_ready()
    with PORT.open("r+b", buffering=0) as port:
        answer(port, {"code": 0, "out": "ready", "err": ""})
        pending = b""
        while True:
            octets = port.read(65536)
            if not octets:
                # Nobody at the other end.
                time.sleep(0.1)
                continue
            *lines, pending = (pending + octets).split(b"\n")
            for line in lines:
                answer(port, act(json.loads(line), devices))


def answer(port: Any, told: dict[str, object]) -> None:  # noqa: ANN401 - a raw file
    octets = memoryview(json.dumps(told).encode() + b"\n")
    while octets:
        octets = octets[port.write(octets) :]


def act(request: dict[str, Any], devices: dict[str, Any]) -> dict[str, object]:
    if "device" in request:
        device = devices[request["device"]]
        for kind, code, value in request["events"]:
            if kind == -1:
                time.sleep(value / 1000)
            else:
                device.write(kind, code, value)
        return {"code": 0, "out": "", "err": ""}
    try:
        done = subprocess.run(
            request["command"],
            input=request.get("input", ""),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=request.get("timeout", 60),
            check=False,
            env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "LC_ALL": "C.UTF-8"},
            cwd="/",
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return {"code": 255, "out": "", "err": str(error)}
    return {"code": done.returncode, "out": done.stdout, "err": done.stderr}


class Header:
    """Contacts between pins and ground; written to as an input device is."""

    def write(self, kind: int, pin: int, value: int) -> None:
        if kind == e.EV_KEY:
            pull = "pull-down" if value else "pull-up"
            (HEADER / f"sim_gpio{pin}/pull").write_text(pull, encoding="ascii")


def make_devices() -> dict[str, Any]:
    subprocess.run(["/sbin/modprobe", "-a", "uinput", "evdev"], check=True)
    keys = [*range(e.KEY_ESC, e.KEY_SPACE + 1), e.KEY_LEFTSHIFT, e.KEY_RIGHTSHIFT]
    axes = [
        *((code, AbsInfo(0, 0, RANGE, 0, 0, 10)) for code in (e.ABS_X, e.ABS_Y)),
        *(
            (code, AbsInfo(0, 0, RANGE, 0, 0, 10))
            for code in (e.ABS_MT_POSITION_X, e.ABS_MT_POSITION_Y)
        ),
        (e.ABS_MT_SLOT, AbsInfo(0, 0, 9, 0, 0, 0)),
        (e.ABS_MT_TRACKING_ID, AbsInfo(0, 0, 65535, 0, 0, 0)),
    ]
    touch = {e.EV_KEY: [e.BTN_TOUCH], e.EV_ABS: axes}
    return {
        "pedal": made("PCsensor FootSwitch", PEDAL, {e.EV_KEY: [e.KEY_B, e.KEY_PAGEDOWN]}),
        "reader": made("Barcode Reader", READER, {e.EV_KEY: keys}),
        "touch": made("Touch Panel", TOUCH, touch, [e.INPUT_PROP_DIRECT]),
        "header": Header(),
    }


def made(
    name: str, ids: tuple[int, int], events: dict[int, Any], props: list[int] | None = None
) -> UInput:
    vendor, product = ids
    return UInput(
        events, name=name, vendor=vendor, product=product, bustype=USB, input_props=props or []
    )


def notify_ready() -> None:
    """Tell systemd once udev has seen the devices: a service that looks only once finds them."""
    subprocess.run(["/bin/udevadm", "settle", "--timeout=20"], check=False)
    path = os.environ.get("NOTIFY_SOCKET")
    if path:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.connect(path)
            channel.send(b"READY=1")


if __name__ == "__main__":
    sys.exit(main())
