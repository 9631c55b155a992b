"""Keeps a new system that was started to be tried, if ``kiosk check`` finds nothing wrong.

Run as ``python3 -m provisioning.install.trying`` by a unit of the image. The firmware forgets the
try with the start: whatever ends this program, or keeps it from ending, the next start is the
system of before, and the unit makes that start when this program fails.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.errors import KioskError
from provisioning.install import slots
from provisioning.install.machine import InstallError, Machine
from provisioning.install.slots import Slots, Start, Verdict

AUTOBOOT: Final = "/bootfs/autoboot.txt"
"""On the partition that both systems share; see the image's layout (image-rota)."""

CHECK: Final = ("/opt/kiosk/bin/kiosk", "check", "--json")

_RUN: Final = 'cd "${RUNTIME_DIRECTORY:-/}" && { "$@" || [ $? -eq 1 ]; }'
"""Where lgpio can write. The exit code 1 says no more than the rows do, and is no failure."""

_CHOSEN: Final = "/proc/device-tree/chosen/bootloader"
_CHECKOUT: Final = Path(__file__).parents[2]
_PAUSE_S: Final = 20.0
_PATIENCE_S: Final = 600.0
"""A clock takes minutes to be right, and a server may be busy for one."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Time, in seconds; tests put their own in its place."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def keep(machine: Machine, check: Callable[[], list[str]], clock: Clock) -> str:
    """Find out how this system was started, and keep it if it is to be.

    Args:
        machine: whose device tree and ``autoboot.txt`` are read.
        check: tries the station; returns a sentence for each thing that is wrong.
        clock: how long to go on trying.

    Returns:
        A sentence that says what became of it.

    Raises:
        InstallError: it is not to be kept; the next start is the system of before.
    """
    start = _start(machine)
    if start is None or not start.as_a_try:
        return f"{Verdict.NOTHING.value}."
    text = machine.read(AUTOBOOT)
    if text is None:
        raise InstallError(f"{AUTOBOOT} is not there; expected the partition of both systems.")
    found = slots.read(text)
    verdict = slots.judge(start, found)
    if verdict is not Verdict.TO_BE_TRIED:
        return f"{verdict.value}."
    wrong = _patiently(check, clock)
    if wrong:
        raise InstallError(
            f"The new system is not kept, because after {_PATIENCE_S / 60:.0f} minutes "
            f"{len(wrong)} checks still find something wrong: {' / '.join(wrong)}"
        )
    return _commit(machine, slots.kept(found))


def ask(machine: Machine) -> list[str]:
    """Run the new system's own ``kiosk check``; a program that cannot run is a fault as well."""
    command = ["timeout", "5m", *CHECK]
    try:
        said = machine.run("sh", "-c", _RUN, "check", *command)
        rows = json.loads(said)["checks"]
        return [f"{r['name']}: {r['sentence']}" for r in rows if r["verdict"] == "wrong"]
    except InstallError as error:
        return [error.sentence]
    except (ValueError, KeyError, TypeError) as error:
        return [f"kiosk check did not say what it found ({error})"]


def main() -> int:
    """Keep this system, or say why not.

    Returns:
        The exit code: 0 nothing to do, or kept; 1 the system of before is to be started.
    """
    machine = Machine(Path("/"), _CHECKOUT)
    try:
        if os.geteuid() != 0:
            raise InstallError("Keeping a system changes what starts; expected root (sudo).")
        print(keep(machine, lambda: ask(machine), Clock()))
    except KioskError as error:
        print(f"trying: {error.sentence}", file=sys.stderr)
        return 1
    return 0


def _patiently(check: Callable[[], list[str]], clock: Clock) -> list[str]:
    end = clock.now() + _PATIENCE_S
    wrong = check()
    while wrong and clock.now() < end:
        clock.sleep(_PAUSE_S)
        wrong = check()
    return wrong


def _commit(machine: Machine, wanted: Slots) -> str:
    machine.write(AUTOBOOT, slots.render(wanted), 0o644)
    written = slots.read(machine.read(AUTOBOOT) or "")
    if written != wanted:
        raise InstallError(f"{AUTOBOOT} was written, and still says {written}.")
    return f"The new system is kept: partition {wanted.default} starts from now on."


def _start(machine: Machine) -> Start | None:
    """Read what the firmware tells: 32 bits each, the highest first (device tree)."""
    found = []
    for name in ("partition", "tryboot"):
        try:
            found.append(int.from_bytes(machine.at(f"{_CHOSEN}/{name}").read_bytes(), "big"))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InstallError(f"{_CHOSEN}/{name} cannot be read: {error.strerror}.") from error
    return Start(found[0], as_a_try=found[1] == 1)


if __name__ == "__main__":
    sys.exit(main())
