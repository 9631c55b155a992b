"""What a station may hold: out above it, in again below, and nothing that came is touched."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.errors import LoginRefused
from kiosk.upload.sftp import DropBox
from provisioning.server import limit
from tests.provisioning.server.enrolling import ROOT, Station, added, listed
from tests.provisioning.server.namespace import Machine, needs_namespace

STATE = "/var/lib/capture-stations"
BOX = "/srv/capture-stations/room-2"
NOTHING = "nothing to change\n"
GB = "0.001"

pytestmark = needs_namespace


@pytest.fixture
def room(machine: Machine, tmp_path: Path) -> Station:
    return added(machine, tmp_path / "room-2", "room-2")


def put(room: Station, name: str, size: int) -> None:
    with DropBox.connect(room.upload, lambda: False) as box:
        box.push(io.BytesIO(bytes(size)), size, name)


def test_who_holds_too_much_is_out_until_the_collector_took_it(
    machine: Machine, room: Station
) -> None:
    machine.ok("prepare", "--limit-gb", GB)
    put(room, "a.age", 900_000)
    assert machine.ok("limit") == NOTHING
    with DropBox.connect(room.upload, lambda: False) as box:
        box.push(io.BytesIO(bytes(200_000)), 200_000, "b.age")
        said = machine.ok("limit")
        assert "room-2 holds 0.0 GB, and 0.001 is the limit: it is shut out" in said
        assert "processes of its sessions were ended" in said
    assert machine.ok("limit") == NOTHING
    with pytest.raises(LoginRefused):
        room.log_in()
    assert "  2        2" in listed(machine, "room-2")
    assert "  full, SHA256:" in listed(machine, "room-2")
    # What cannot be used goes on counting, wherever it lies.
    machine.run("mv", f"{BOX}/in/a.age", f"{BOX}/quarantine")
    assert machine.ok("limit") == NOTHING
    # In only when there is room again, or it would be out with the next picture.
    machine.run("truncate", "-s", "750000", f"{BOX}/quarantine/a.age")
    assert machine.ok("limit") == NOTHING
    machine.run("rm", f"{BOX}/in/b.age")
    assert machine.ok("limit") == "room-2 holds 0.0 GB and is let in again\n"
    room.log_in()


def test_a_full_station_is_not_let_in_while_it_is_quarantined(
    machine: Machine, room: Station
) -> None:
    put(room, "a.age", 2_000_000)
    machine.ok("prepare", "--limit-gb", GB)
    machine.ok("quarantine", "room-2")
    machine.run("rm", "-r", f"{BOX}/aside")
    assert "is let in again" in machine.ok("limit")
    with pytest.raises(LoginRefused):
        room.log_in()


def test_a_check_that_is_at_work_is_not_disturbed(machine: Machine, tmp_path: Path) -> None:
    """It has shut its own station out, which holds next to nothing."""
    name = "check-0123abcd-a"
    made = added(machine, tmp_path / name, name)
    machine.run("usermod", "--append", "--groups", "stations-full", name)
    assert machine.ok("limit") == NOTHING
    with pytest.raises(LoginRefused):
        made.log_in()


def test_a_file_counts_by_what_it_takes(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with (tmp_path / "in/sparse").open("wb") as file:
        file.truncate(10**12)
    (tmp_path / ".hidden").touch()
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "in/full").write_bytes(bytes(100_000))
    assert 3 * limit.LEAST + 100_000 <= limit.held(tmp_path) < 3 * limit.LEAST + 120_000


def test_what_was_said_once_is_remembered(machine: Machine) -> None:
    assert machine.read(f"{STATE}/limit") == "50\n"
    assert machine.ok("prepare") == NOTHING
    assert machine.ok("prepare", "--limit-gb", "20") == f"{STATE}/limit was written\n"
    assert machine.ok("prepare") == NOTHING
    assert machine.read(f"{STATE}/limit") == "20\n"


@pytest.mark.parametrize("gb", ["0", "-1", "nan", "inf"])
def test_what_is_no_limit_is_refused(machine: Machine, gb: str) -> None:
    done = machine.server("prepare", f"--limit-gb={gb}")
    assert (done.returncode, "expected" in done.stderr) == (2, True)
    assert machine.read(f"{STATE}/limit") == "50\n"


def test_a_limit_that_cannot_be_read_is_said(machine: Machine) -> None:
    machine.run("sh", "-c", f"echo much > {STATE}/limit")
    done = machine.server("limit")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "expected a number of GB" in done.stderr


def test_the_timers_program_needs_no_checkout(machine: Machine, room: Station) -> None:
    """As the unit runs it, with the places that it names."""
    put(room, "a.age", 2_000_000)
    machine.run("sh", "-c", f"echo {GB} > {STATE}/limit")
    unit = machine.read("/etc/systemd/system/capture-stations-limit.service")
    (line,) = [one for one in unit.splitlines() if one.startswith("ExecStart=/usr/bin/python3 ")]
    words = line.removeprefix("ExecStart=/usr/bin/python3 ").split()
    done = subprocess.run(
        machine.inside("env", "--chdir=/", sys.executable, *words),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "room-2 holds 0.0 GB, and 0.001 is the limit: it is shut out" in done.stdout


def test_the_timer_is_started_once_and_again_where_it_is_stopped() -> None:
    machine = Machine(ROOT)
    log = "/run/systemctl.log"
    fake = (
        f'#!/bin/sh\\necho "$*" >> {log}\\n'
        "case $1 in is-active) test -e /run/active;; enable) touch /run/active;; esac\\n"
    )
    setup = (
        f"mkdir -p /run/systemd/system; printf '{fake}' > /srv/systemctl; chmod 755 /srv/systemctl;"
        "mount --bind /srv/systemctl /usr/bin/systemctl"
    )
    try:
        assert machine.run("sh", "-ec", setup).returncode == 0
        assert "capture-stations-limit.timer was started" in machine.ok("prepare")
        enabling = "daemon-reload\nenable --now capture-stations-limit.timer\n"
        assert machine.read(log) == f"reload ssh.service\n{enabling}"
        assert machine.ok("prepare") == NOTHING
        machine.run("rm", "/run/active", log)
        assert machine.ok("prepare") == "capture-stations-limit.timer was started\n"
        assert machine.read(log) == f"is-active --quiet capture-stations-limit.timer\n{enabling}"
        moved = ("--root", "/srv/elsewhere", "--enrolments", "/var/lib/other")
        machine.ok(*moved, "prepare")
        unit = machine.read("/etc/systemd/system/capture-stations-limit.service")
        assert "ExecStart=/usr/bin/python3 -I /var/lib/other/server.pyz --root /srv/elsewhere " in (
            unit
        )
        assert "/srv/capture-stations" not in unit
    finally:
        machine.close()
