"""Stands for the program in a booted tree and reports what a service of ours may do.

Copied to ``/opt/kiosk/bin/kiosk`` by ``booted.py`` and started by the real units; runs with the
tree's own Python.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import resource
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

DEVICE = Path("/etc/kiosk/probe-device")
SERVERS = Path("/etc/kiosk/probe-servers")
HUNGER = Path("/etc/kiosk/probe-hunger")
"""There only in a virtual machine, whose kernel enforces what a container does not: a device that
every user may open; the address and port that may be reached, then those that may not; how many MB
to take."""

ASKED = Path("/run/kiosk-capture/support-asked")
TOLD = Path("/run/kiosk-support/told.json")

FED_FOR = 3
"""Seconds for which the capture process feeds its watchdog before it falls silent."""


def attempt(act: Callable[[], object]) -> object:
    """Return what the act returned, or the name of the system's refusal."""
    try:
        return act()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))


def write(path: str) -> str:
    Path(path).write_text("x", encoding="ascii")
    return "written"


def bring_share(role: str) -> str:
    """Write as the program does: for the group to read."""
    path = f"/run/kiosk-share/{role}"
    written = write(path)
    Path(path).chmod(0o640)
    return written


def refused(act: Callable[[], object]) -> object:
    """Say "refused" whether a mode or a read-only mount does it: releases differ, in ``/run``."""
    try:
        return act()
    except OSError as error:
        if error.errno in {errno.EACCES, errno.EROFS}:
            return "refused"
        raise


def as_asker(act: Callable[[], object]) -> object:
    """Act as the capture process's user, as root's unit does that makes support bundles."""
    owner = ASKED.parent.stat()
    os.setegid(owner.st_gid)
    os.seteuid(owner.st_uid)
    try:
        return act()
    finally:
        os.seteuid(0)
        os.setegid(0)


def take() -> str:
    ASKED.unlink()
    return "taken"


def tell() -> str:
    """Write as the program does: for everybody to read."""
    written = write(str(TOLD))
    TOLD.chmod(0o644)
    return written


def support_acts() -> dict[str, Callable[[], object]]:
    """Return what is tried by whoever makes support bundles, which is root with three powers."""
    return {
        "request": lambda: as_asker(take),
        "told": tell,
        "signing key, read": lambda: bool(Path("/etc/kiosk/keys/signing-key").read_bytes()),
        "others' state, read": lambda: bool(names("/var/lib/kiosk/capture")),
        "others' state": lambda: write("/var/lib/kiosk/capture/support"),
        "the same as its owner": lambda: as_asker(lambda: write("/var/lib/kiosk/capture/support")),
        "spool as its owner": lambda: as_asker(lambda: write("/var/spool/kiosk/support")),
        "share": lambda: refused(lambda: write("/run/kiosk-share/support")),
        "settings": lambda: write("/etc/kiosk/probe"),
        "program": lambda: write("/opt/kiosk/probe"),
        "temporary folders": temporary,
        "internet socket": lambda: open_socket(socket.AF_INET),
        "netlink socket": lambda: open_socket(socket.AF_NETLINK),
        "core limit": lambda: list(resource.getrlimit(resource.RLIMIT_CORE)),
        "clock answers": clock_answers,
    }


def open_socket(family: int) -> str:
    # Datagrams, because netlink has no streams.
    socket.socket(family, socket.SOCK_DGRAM).close()
    return "opened"


def open_device() -> str:
    DEVICE.open("rb").close()
    return "opened"


def connect(server: str) -> str:
    host, _, port = server.partition(" ")
    socket.create_connection((host, int(port)), timeout=5).close()
    return "connected"


def send(server: str) -> str:
    """Send a datagram: its refusal is told at once, where a connection would only time out."""
    host, _, port = server.partition(" ")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.sendto(b"x", (host, int(port)))
    return "sent"


def eat() -> None:
    """Take memory and touch all of it."""
    if HUNGER.exists():
        taken = bytearray(int(HUNGER.read_text("ascii")) * 1_000_000)
        taken[::4096] = b"x" * len(taken[::4096])


def names(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


def clock_answers() -> bool:
    """Say whether the kernel tells the clock's state (adjtimex(2), which asks and sets nothing)."""
    return int(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(256))) >= 0


def credential() -> list[str]:
    return names(os.environ["CREDENTIALS_DIRECTORY"])


def temporary() -> list[str]:
    rows = [line.split() for line in Path("/proc/mounts").read_text("ascii").splitlines()]
    return sorted({f"{row[1]} {row[2]}" for row in rows if row[1] in {"/tmp", "/var/tmp"}})


def findings(role: str) -> dict[str, object]:
    acts: dict[str, Callable[[], object]] = {
        "keys folder": lambda: names("/etc/kiosk/keys"),
        "spool": lambda: write(f"/var/spool/kiosk/{role}"),
        "inbox": lambda: write(f"/var/spool/kiosk/inbox/{role}"),
        "share": lambda: bring_share(role),
        "share read": lambda: Path("/run/kiosk-share/upload").read_text("ascii"),
        "metrics": lambda: write(f"/run/kiosk-metrics/{role}"),
        "state": lambda: write(f"/var/lib/kiosk/capture/{role}"),
        "working folder": lambda: write(role),
        "settings": lambda: write("/etc/kiosk/probe"),
        "program": lambda: write("/opt/kiosk/probe"),
        "seen in /var": lambda: names("/var"),
        "temporary folders": temporary,
        "internet socket": lambda: open_socket(socket.AF_INET),
        "netlink socket": lambda: open_socket(socket.AF_NETLINK),
        "core limit": lambda: list(resource.getrlimit(resource.RLIMIT_CORE)),
        "boot id": lambda: len(Path("/proc/sys/kernel/random/boot_id").read_text("ascii")),
        "clock answers": clock_answers,
        "processor": lambda: bool(Path("/proc/cpuinfo").read_text("ascii")),
        "other processes": lambda: sum(name.isdecimal() for name in os.listdir("/proc")) - 1,  # noqa: PTH208 - names are wanted
    }
    if role != "lights-off":
        acts["credential"] = credential
    if role != "upload":
        acts["what is told of bundles"] = lambda: TOLD.read_text("ascii")
        acts["what is told of bundles, changed"] = lambda: refused(lambda: write(str(TOLD)))
    if DEVICE.exists():
        acts["a device not on the list"] = open_device
    if SERVERS.exists() and role == "upload":
        allowed, other = SERVERS.read_text("ascii").splitlines()
        acts["the clinic's server"] = lambda: connect(allowed)
        acts["another server"] = lambda: send(other)
    return {name: attempt(act) for name, act in acts.items()}


def notify(message: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.connect(os.environ["NOTIFY_SOCKET"])
        channel.send(message.encode("ascii"))


def main(role: str) -> None:
    if role == "support":
        found = {name: attempt(act) for name, act in support_acts().items()}
    else:
        found = findings(role)
    print("PROBE " + json.dumps({"role": role, "found": found}), flush=True)
    if role in {"lights-off", "support"}:
        return
    if role == "capture":
        ASKED.touch()
    notify("READY=1")
    if role == "upload":
        eat()
    began = time.monotonic()
    while True:
        time.sleep(1)
        if role == "upload" or time.monotonic() - began < FED_FOR:
            notify("WATCHDOG=1")


if __name__ == "__main__":
    main(sys.argv[1])
