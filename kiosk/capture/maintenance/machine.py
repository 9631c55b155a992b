"""What the machine tells of itself, where it does: nothing here is an error."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HOT_C: Final = 80.0
"""From here on a Raspberry Pi slows itself down (documentation, "Frequency management")."""

_RPI_VOLT: Final = "rpi_volt"
"""The kernel's driver that notices a weak supply (Documentation/hwmon/raspberrypi-hwmon)."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What the system told; None where it does not tell.

    Attributes:
        temperature: of the processor, degrees Celsius.
        weak_supply: whether the supply is too weak at present.
        uptime: seconds since the machine was started.
    """

    temperature: float | None
    weak_supply: bool | None
    uptime: float | None


def machine(root: Path = Path("/")) -> Machine:
    """Look at what the kernel shows below ``root``."""
    zone = _number(root / "sys/class/thermal/thermal_zone0/temp")
    uptime = _text(root / "proc/uptime").partition(" ")[0]
    return Machine(
        temperature=None if zone is None else zone / 1000,
        weak_supply=_weak_supply(root / "sys/class/hwmon"),
        uptime=float(uptime) if uptime.replace(".", "", 1).isdecimal() else None,
    )


def free_bytes(folder: Path) -> int | None:
    """Return how much a folder's disk has left; None where it cannot be asked."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return None
    return disk.f_bavail * disk.f_frsize


def _weak_supply(folder: Path) -> bool | None:
    for name in sorted(folder.glob("hwmon*/name")):
        if _text(name) == _RPI_VOLT:
            alarm = _number(name.parent / "in0_lcrit_alarm")
            return None if alarm is None else alarm != 0
    return None


def _number(path: Path) -> int | None:
    text = _text(path)
    return int(text) if text.removeprefix("-").isdecimal() else None


def _text(path: Path) -> str:
    """Return a file's line; empty where it is not there or cannot be read."""
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
