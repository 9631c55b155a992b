"""The closed system: units of a table, put in place once, taken away for a bench."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kiosk.commission.machine_paths import UNITS
from kiosk.commission.root import CLOSING, IN_MEMORY, KEPT, mounts
from provisioning.install import closing
from provisioning.install.closing import IDLE, NETWORK_MANAGERS, RESOLV, mount_units, opened
from provisioning.install.machine import InstallError, Machine
from provisioning.install.steps import run_steps
from tests.deploy.conftest import ROOT, Running, Tool
from tests.deploy.real_units import verify

OPEN = "/dev/root / ext4 rw,noatime 0 0\n"
CLOSED = "/dev/root / ext4 ro,noatime 0 0\n"
LINK = f"{UNITS}/sysinit.target.wants/{CLOSING}"

needs_mounts = pytest.mark.skipif(
    os.geteuid() != 0
    or subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode
    != 0,
    reason="mounting needs root and a mount namespace of its own",
)


@dataclass
class Recorder:
    """Notes each command; ``failing``: words of one that fails."""

    commands: list[str] = field(default_factory=list)
    failing: str = "nothing"

    def __call__(self, command: Sequence[str], environment: Mapping[str, str]) -> str:
        said = " ".join(command)
        self.commands.append(said)
        if self.failing in said:
            raise InstallError(f"`{said}` ended with code 32 {environment or ''}")
        return ""


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def machine(tmp_path: Path, recorder: Recorder) -> Machine:
    for name, text in {
        "proc/1/mounts": OPEN,
        "etc/fstab": "PARTUUID=ab-02 / ext4 ro 0 1\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="ascii")
    return Running(tmp_path, ROOT, recorder)


def install(machine: Machine, *, writable: bool = False) -> int:
    return run_steps(closing.steps(machine, writable=writable), machine, io.StringIO())


def test_it_is_closed_once_and_opened_once(machine: Machine) -> None:
    assert install(machine) > 2
    assert install(machine) == 0
    assert machine.at(LINK).is_symlink()
    for unit in IDLE:
        assert str(machine.at(f"{UNITS}/{unit}").readlink()) == "/dev/null"
    assert install(machine, writable=True) == 1
    assert install(machine, writable=True) == 0
    assert not machine.at(LINK).is_symlink()
    assert not any(machine.at(f"{UNITS}/{unit}").is_symlink() for unit in IDLE)


def test_a_mask_of_somebody_elses_stays_when_it_is_opened(machine: Machine) -> None:
    install(machine)
    other = machine.at(f"{UNITS}/{IDLE[0]}")
    other.unlink()
    other.symlink_to("/etc/elsewhere")
    install(machine, writable=True)
    assert other.is_symlink()


def test_every_place_is_a_mount_and_a_partition_of_its_own_stays_one(machine: Machine) -> None:
    """Who gives the state a partition says so in fstab; a unit of ours would hide it."""
    units = mount_units(machine)
    assert len(units) == len(KEPT) + len(IN_MEMORY)
    assert "What=/var/lib/kiosk\nType=none\nOptions=bind\n" in units["var-lib-kiosk.mount"]
    assert "What=tmpfs" in units["var-log.mount"]
    with machine.at("/etc/fstab").open("a", encoding="ascii") as fstab:
        fstab.write("LABEL=state /var/lib/kiosk ext4 nodev 0 2\n# x /var/log tmpfs\n")
    assert set(units) - set(mount_units(machine)) == {"var-lib-kiosk.mount"}


def test_name_servers_are_network_managers_where_it_runs(machine: Machine) -> None:
    machine.write(RESOLV, "nameserver 10.0.0.1\n", 0o644)
    install(machine)
    assert not machine.at(RESOLV).is_symlink()
    machine.write(NETWORK_MANAGERS, "nameserver 10.0.0.2\n", 0o644)
    assert install(machine) == 1
    assert str(machine.at(RESOLV).readlink()) == NETWORK_MANAGERS


def fail(recorder: Recorder) -> None:
    assert recorder.commands == [f"systemctl stop {CLOSING}"]
    raise InstallError("a step failed")


def test_the_installer_opens_and_closes_what_was_closed(
    machine: Machine, recorder: Recorder
) -> None:
    out = io.StringIO()
    with opened(machine, out):
        pass
    assert recorder.commands == []
    install(machine)
    recorder.commands.clear()
    machine.write("/proc/1/mounts", CLOSED, 0o644)
    with pytest.raises(InstallError), opened(machine, out):
        fail(recorder)
    assert recorder.commands[1:] == [f"systemctl start {CLOSING}"]
    assert out.getvalue() == ""


def test_what_cannot_be_closed_now_is_said(machine: Machine, recorder: Recorder) -> None:
    """A program that still has a file open which was replaced; the next start closes."""
    out = io.StringIO()
    install(machine)
    machine.write("/proc/1/mounts", CLOSED, 0o644)
    recorder.failing = "systemctl start"
    with opened(machine, out):
        pass
    assert out.getvalue() == "The system stays writable until the next start.\n"


def test_a_bench_that_asked_for_it_stays_open(machine: Machine, recorder: Recorder) -> None:
    install(machine)
    machine.write("/proc/1/mounts", CLOSED, 0o644)
    recorder.commands.clear()
    with opened(machine, io.StringIO()):
        install(machine, writable=True)
    assert recorder.commands == [f"systemctl stop {CLOSING}"]


def placed(machine: Machine, tree: Path) -> list[str]:
    units = mount_units(machine)
    for name, text in units.items():
        (tree / UNITS[1:] / name).write_text(text, encoding="ascii")
    return [*units, CLOSING]


def test_systemd_itself_finds_nothing_wrong(tool: Tool, unit_tree: Path, machine: Machine) -> None:
    for name in ("mount", "umount"):
        shutil.copy("/bin/true", unit_tree / "usr/bin" / name)
    assert verify(tool, unit_tree, placed(machine, unit_tree)) == ""


@pytest.mark.parametrize(
    "fault",
    [
        ("var-log.mount", "Where=/var/log", "Where=/var/logs"),
        ("var-lib-kiosk.mount", "What=", "Wath="),
        (CLOSING, "ExecStart=mount", "ExecStart=mouth"),
    ],
)
def test_systemd_finds_a_planted_fault(
    tool: Tool, unit_tree: Path, machine: Machine, fault: tuple[str, str, str]
) -> None:
    for name in ("mount", "umount"):
        shutil.copy("/bin/true", unit_tree / "usr/bin" / name)
    units = placed(machine, unit_tree)
    unit, old, new = fault
    path = unit_tree / UNITS[1:] / unit
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert verify(tool, unit_tree, units) != ""


PROOF = """
mount -t tmpfs tmpfs "$1"
mkdir -p "$1/var/spool"
mount --bind "$1/var/spool" "$1/var/spool"
mount -o remount,bind,ro "$1"
echo sealed > "$1/var/spool/picture"
if echo leaked > "$1/elsewhere" 2> /dev/null; then echo open; fi
cat /proc/self/mounts
mount -o remount,bind,rw "$1"
echo installed > "$1/elsewhere"
"""


@needs_mounts
def test_a_place_stays_open_on_the_very_file_system_whose_mount_is_closed(tmp_path: Path) -> None:
    """By the commands of the unit; what the check reads of it is what the kernel says."""
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-ec", PROOF, "sh", str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not done.stdout.startswith("open")
    options = mounts(done.stdout)
    assert "ro" in options[str(tmp_path)]
    assert "rw" in options[f"{tmp_path}/var/spool"]
    unit = (ROOT / "systemd" / CLOSING).read_text("utf-8")
    assert "ExecStart=mount -o remount,bind,ro /\n" in unit
    assert "ExecStop=mount -o remount,bind,rw /\n" in unit
