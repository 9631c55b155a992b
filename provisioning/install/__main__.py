"""Command line of the installer; see ``--help``."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import ExitStack
from pathlib import Path

from kiosk.errors import KioskError
from kiosk.sensors import SENSORS
from provisioning.install import closing
from provisioning.install.firewall import way_to_packages
from provisioning.install.keys import enrolment
from provisioning.install.machine import InstallError, Machine
from provisioning.install.plan import Choices, steps
from provisioning.install.steps import run_steps

CHECKOUT = Path(__file__).parents[2]
PENDING = "/etc/kiosk/enrolment-pending"
"""There where a card made the station; the name is that of kiosk/records/enrolment.py."""


def main(arguments: list[str] | None = None) -> int:
    """Run the installer.

    Returns:
        The exit code: 0 done, 1 a step failed, 2 the command line is wrong.
    """
    options = _parser().parse_args(arguments)
    machine = Machine(options.root.resolve(), CHECKOUT)
    try:
        if os.geteuid() != 0 and not options.dry_run:
            raise InstallError("Installing changes the system; expected root (sudo).")
        plan = steps(machine, _choices(options))
        with ExitStack() as around:
            if not options.dry_run:
                around.enter_context(closing.opened(machine, sys.stdout))
                around.enter_context(way_to_packages(machine))
            changed = run_steps(plan, machine, sys.stdout, dry=options.dry_run)
        last = _closing(machine, changed, dry=options.dry_run)
    except KioskError as error:
        print(f"install: {error.sentence}", file=sys.stderr)
        return 1
    print(last)
    return 0


def _choices(options: argparse.Namespace) -> Choices:
    return Choices(options.camera, options.clock_battery, options.writable_root)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 -m provisioning.install",
        description="Make a Capture Station of this Debian 12 or 13 or Raspberry Pi OS machine. "
        "May be run again at any time; what is as it should be is left alone.",
    )
    parser.add_argument("--camera", choices=SENSORS, help="the camera's sensor, on a Raspberry Pi")
    parser.add_argument(
        "--clock-battery",
        action="store_true",
        help="a Raspberry Pi 5 has the rechargeable clock battery (never for a plain cell)",
    )
    parser.add_argument(
        "--root",
        type=Path,
        default=Path("/"),
        metavar="DIR",
        help="install into the tree of another machine; keys are then left to the station itself",
    )
    parser.add_argument(
        "--writable-root",
        action="store_true",
        help="leave everything writable, or make it so again; never where patients are",
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be changed")
    return parser


def _closing(machine: Machine, changed: int, *, dry: bool) -> str:
    if dry:
        return f"{changed} steps would change something."
    if not machine.live:
        return (
            f"{changed} steps changed something. No keys were made: run this on the station "
            "itself, which makes its own."
        )
    lines = [f"{changed} steps changed something." if changed else "Nothing had to be changed."]
    lines += enrolment(machine)
    lines.append(
        "Restart: the station then asks for its enrolment code."
        if machine.at(PENDING).exists()
        else "Fill in /etc/kiosk/station.toml, restart, and run `sudo kiosk check`."
    )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
