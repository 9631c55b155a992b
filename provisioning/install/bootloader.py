"""The step for the bootloader's settings in a Raspberry Pi's EEPROM.

Everything is left to the board's own tools: they know which file fits which board, and write it
only at the next start, by a way that a power cut does not break.
"""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.commission import eeprom
from kiosk.errors import KioskError
from provisioning.install.machine import InstallError, Machine
from provisioning.install.steps import run_steps

SOURCE: Final = "firmware_config/eeprom.conf"
TOOL: Final = "rpi-eeprom-config"
_PLACES: Final = ("/usr/bin", "/usr/sbin", "/bin")


@dataclass(frozen=True, slots=True)
class BootloaderStep:
    """Settings that the bootloader has, or will have after the next start.

    ``present``: whether the tool is on this machine; without it nothing can be done, and the name
    says so.
    """

    present: bool

    @property
    def name(self) -> str:
        return "bootloader" if self.present else f"bootloader (left alone: no {TOOL} here)"

    def missing(self, machine: Machine) -> str:
        if not self.present:
            return ""
        wanted = machine.source(SOURCE)
        return ", ".join(eeprom.differences(_settings(machine), wanted))

    def apply(self, machine: Machine) -> None:
        wanted = machine.source(SOURCE)
        faults = eeprom.check(wanted, SOURCE)
        if faults:
            raise InstallError(f"{faults[0]}. Nothing was written to the bootloader.")
        present = _settings(machine)
        if eeprom.signed(present):
            # The tool would write settings without their signature, and the board not start again.
            raise InstallError(
                "This board starts only what is signed, so the installer leaves its bootloader "
                f"alone; it has {', '.join(eeprom.differences(present, wanted))}. Sign the "
                "settings at the signing bench."
            )
        with tempfile.TemporaryDirectory(prefix="kiosk-eeprom-") as folder:
            merged = Path(folder) / "boot.conf"
            merged.write_text(eeprom.merge(present, wanted), encoding="utf-8")
            # At the next start and not now: what was written at once would not show before it.
            machine.run(TOOL, "--apply", str(merged), RPI_EEPROM_IMMEDIATE_UPDATE="0")


def step(machine: Machine) -> BootloaderStep:
    """Return the step for this machine, whose own board it is."""
    return BootloaderStep(any(machine.at(f"{folder}/{TOOL}").exists() for folder in _PLACES))


def _settings(machine: Machine) -> str:
    """Return what the bootloader will have after the next start, as ``--edit`` finds it.

    Raises:
        InstallError: the board's tools do not say.
    """
    boot = machine.run("rpi-eeprom-update", "-b").strip()
    pending = f"{boot}/pieeprom.upd"
    if machine.at(pending).exists():
        return machine.run(TOOL, pending)
    return machine.run(TOOL)


def main() -> int:
    """Set the bootloader of this board, and nothing else.

    Returns:
        The exit code: 0 done, 1 it could not be.
    """
    machine = Machine(Path("/"), Path(__file__).parents[2])
    here = step(machine)
    try:
        if not here.present:
            raise InstallError(f"There is no {TOOL} here; expected a Raspberry Pi 4 or 5.")
        if os.geteuid() != 0:
            raise InstallError("This changes the bootloader; expected root (sudo).")
        changed = run_steps([here], machine, sys.stdout)
    except KioskError as error:
        print(f"bootloader: {error.sentence}", file=sys.stderr)
        return 1
    print("Restart: the bootloader takes them then." if changed else "Nothing had to be changed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
