"""Which of two system partitions starts, as ``autoboot.txt`` says it. Pure: text in, text out.

Source: Raspberry Pi documentation, "autoboot.txt" and "Fail-safe OS updates (tryboot)".
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from provisioning.install.machine import InstallError

LIMIT_BYTES: Final = 512
"""The firmware reads no more of ``autoboot.txt``."""


@dataclass(frozen=True, slots=True)
class Slots:
    """Numbers of the boot partitions, from 1: the one that starts, and the one to be tried."""

    default: int
    tried: int


@dataclass(frozen=True, slots=True)
class Start:
    """How the running system was started: from which boot partition, and whether as a try."""

    partition: int
    as_a_try: bool


class Verdict(enum.Enum):
    """What is to be done about the system that runs."""

    NOTHING = "this system was started as always"
    FELL_BACK = "the system to be tried did not start; this is the one of before"
    TO_BE_TRIED = "this system was started to be tried"


def judge(start: Start, slots: Slots) -> Verdict:
    """Say what a start means.

    Raises:
        InstallError: it was started from a partition that ``autoboot.txt`` does not name.
    """
    if not start.as_a_try:
        return Verdict.NOTHING
    if start.partition == slots.tried:
        return Verdict.TO_BE_TRIED
    if start.partition == slots.default:
        return Verdict.FELL_BACK
    raise InstallError(
        f"This system was started from partition {start.partition}; expected {slots.default} or "
        f"{slots.tried}, which autoboot.txt names."
    )


def read(text: str) -> Slots:
    """Read ``autoboot.txt`` as the firmware does.

    Raises:
        InstallError: it does not name two partitions, or not in the way of two systems.
    """
    found: dict[str, dict[str, str]] = {"[all]": {}, "[tryboot]": {}}
    section = "[all]"
    for line in (raw.strip() for raw in text.splitlines()):
        if line.startswith("["):
            section = line
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(section, {})[key] = value
    always, tried = found["[all]"], found["[tryboot]"]
    numbers = (always.get("boot_partition", ""), tried.get("boot_partition", ""))
    if always.get("tryboot_a_b") != "1" or not all(number.isdecimal() for number in numbers):
        raise InstallError(
            "autoboot.txt does not name two systems; expected tryboot_a_b=1 and boot_partition "
            "under [all], and another boot_partition under [tryboot]."
        )
    slots = Slots(int(numbers[0]), int(numbers[1]))
    if slots.default == slots.tried:
        raise InstallError(
            f"autoboot.txt names partition {slots.default} twice; expected two systems."
        )
    return slots


def render(slots: Slots) -> str:
    """Return ``autoboot.txt`` for these."""
    text = (
        f"[all]\ntryboot_a_b=1\nboot_partition={slots.default}\n"
        f"[tryboot]\nboot_partition={slots.tried}\n"
    )
    if len(text.encode()) > LIMIT_BYTES:
        raise InstallError(f"autoboot.txt would be longer than {LIMIT_BYTES} bytes.")
    return text


def kept(slots: Slots) -> Slots:
    """Return what makes the tried system the one that starts, and the one of before the other."""
    return Slots(slots.tried, slots.default)
