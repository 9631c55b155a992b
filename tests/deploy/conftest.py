"""What the tests of the operating system's side share."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from provisioning.install.machine import Machine

ROOT = Path(__file__).parents[2]
HOST_UNITS = Path("/usr/lib/systemd/system")


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str


Tool = Callable[[Sequence[str]], Said]


class Running(Machine):
    """A tree that is taken for the running machine."""

    __slots__ = ()

    @property
    def live(self) -> bool:
        return True


@pytest.fixture
def checkout() -> Path:
    return ROOT


@pytest.fixture
def tool() -> Tool:
    """Run one of systemd's own tools, or say why it cannot be."""

    def run(command: Sequence[str]) -> Said:
        if shutil.which(command[0]) is None:
            pytest.skip(f"{command[0]} is not installed on this machine")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return Said(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def unit_tree(tmp_path: Path) -> Path:
    """A small root with our units, the machine's own, and programs where they will be."""
    if not HOST_UNITS.is_dir():
        pytest.skip(f"this machine has no systemd units in {HOST_UNITS}")
    shutil.copytree(HOST_UNITS, tmp_path / "usr/lib/systemd/system", symlinks=True)
    ours = tmp_path / "etc/systemd/system"
    ours.mkdir(parents=True)
    for unit in sorted((ROOT / "systemd").iterdir()):
        if unit.is_file():
            shutil.copy(unit, ours)
    for name in (
        "opt/kiosk/bin/kiosk",
        *(f"usr/bin/{tool}" for tool in ("sh", "systemctl", "timeout", "udevadm")),
    ):
        program = tmp_path / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n", encoding="ascii")
        program.chmod(0o755)
    return tmp_path
