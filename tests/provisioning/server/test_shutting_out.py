"""A station that is set aside and let in again, and one that is cut off, on a real sshd."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest

from kiosk.errors import LoginRefused, ServerUnreachable, TransferRefused
from kiosk.records.enrolment_code import Code
from kiosk.upload.sftp import DropBox
from tests.provisioning.server.enrolling import Station, added, expect, listed, station
from tests.provisioning.server.namespace import Machine, needs_namespace
from tests.provisioning.server.weakening import RULES

NAME = "room-2"
BOX = f"/srv/capture-stations/{NAME}"
NOTHING = "nothing to change\n"

pytestmark = needs_namespace


@pytest.fixture
def room(machine: Machine, tmp_path: Path) -> Station:
    """A station that was added by hand and has sent two things, one of them a request."""
    made = added(machine, tmp_path / NAME, NAME)
    put(made, "a.age", "b.ask")
    return made


def put(room: Station, *names: str) -> None:
    with DropBox.connect(room.upload, lambda: False) as box:
        for name in names:
            assert box.push(io.BytesIO(b"sealed"), 6, name) == name


def files(machine: Machine) -> list[str]:
    listing = "find . -type f -printf '%p %s %m %u %g\\n'"
    return sorted(machine.run("sh", "-ec", f"cd {BOX} && {listing}").stdout.splitlines())


def wait(machine: Machine) -> None:
    """As the desk leaves letters, and a copying that was cut off half of them."""
    ingest = "setpriv --reuid=ingest --regid=ingest --clear-groups"
    act = "mkdir -p .new && echo share > .new/x.age && cp .new/x.age . && chmod 640 x.age"
    assert machine.run(*ingest.split(), "sh", "-ec", f"cd {BOX}/out && {act}").returncode == 0


def test_who_is_quarantined_is_out_and_keeps_everything(machine: Machine, room: Station) -> None:
    wait(machine)
    before = files(machine)
    with DropBox.connect(room.upload, lambda: False) as box:
        said = machine.ok("quarantine", NAME)
        with pytest.raises((ServerUnreachable, TransferRefused)):
            box.push(io.BytesIO(b"late"), 4, "late.age")
    assert said.splitlines()[0] == "room-2 is quarantined: its logins are refused"
    assert "processes of its sessions were ended" in said
    assert f"2 files that waited for the collector were set aside in {BOX}/aside" in said
    with pytest.raises(LoginRefused):
        room.log_in()
    # The same files with the same modes and owners; the collector finds none, and cannot look.
    assert [one.replace("./aside/", "./in/") for one in files(machine)] == before
    assert machine.run("stat", "-c", "%a %U %G", f"{BOX}/aside").stdout == "700 root root\n"
    assert "  0        -       quarantined, 2 files aside, SHA256:" in listed(machine, NAME)
    assert machine.ok("quarantine", NAME) == NOTHING


def test_who_is_released_is_as_before(machine: Machine, room: Station) -> None:
    wait(machine)
    before, in_list = files(machine), listed(machine, NAME)
    machine.ok("quarantine", NAME)
    assert machine.ok("release", NAME) == (
        "2 files were put back for the collector\n"
        "room-2 is released: its logins are accepted again\n"
    )
    assert machine.ok("release", NAME) == NOTHING
    assert (files(machine), listed(machine, NAME)) == (before, in_list)
    assert machine.run("test", "-e", f"{BOX}/aside").returncode == 1
    room.log_in()


@pytest.mark.usefixtures("room")
def test_nothing_is_replaced_by_what_is_put_back(machine: Machine) -> None:
    """Somebody has put a file of the same name into ``in`` meanwhile."""
    machine.ok("quarantine", NAME)
    machine.run("sh", "-c", f"echo other > {BOX}/in/a.age")
    machine.ok("release", NAME)
    assert machine.read(f"{BOX}/in/a.age") == "other\n"
    assert machine.read(f"{BOX}/in/a.age.2") == "sealed"


def test_a_station_that_enrolled_by_a_code_is_quarantined_too(
    machine: Machine, tmp_path: Path
) -> None:
    here, code = station(machine, tmp_path / "s", "room-4"), Code.generate()
    expect(machine, tmp_path, "room-4", code)
    here.enrol(code.text())
    here.log_in()
    machine.ok("quarantine", "room-4")
    with pytest.raises(LoginRefused):
        here.log_in()
    asked = expect(machine, tmp_path, "room-4", Code.generate())
    assert (asked.returncode, "`release` first" in asked.stderr) == (2, True)
    machine.ok("release", "room-4")
    here.log_in()


def test_a_station_in_quarantine_gets_no_key(machine: Machine, room: Station) -> None:
    machine.ok("quarantine", NAME)
    done = machine.server("add", NAME, str(room.upload.key.with_suffix(".pub")))
    assert (done.returncode, "room-2 is quarantined" in done.stderr) == (2, True)


def test_what_waited_is_gone_with_the_key(machine: Machine, room: Station) -> None:
    wait(machine)
    machine.run("ln", "-s", "/etc/passwd", f"{BOX}/out/link")
    said = machine.ok("revoke", NAME)
    assert "the key of room-2 was removed" in said
    assert "3 files that waited for room-2 were removed" in said
    assert machine.run("ls", "-A", f"{BOX}/out").stdout == ""
    assert machine.read("/etc/passwd") != ""
    assert [one.split()[0] for one in files(machine)] == ["./in/a.age", "./in/b.ask"]
    assert machine.ok("revoke", NAME) == NOTHING
    with pytest.raises(LoginRefused):
        room.log_in()


def test_rules_that_keep_nobody_out_are_not_relied_upon(machine: Machine, room: Station) -> None:
    """A server that was prepared by an earlier version."""
    machine.run("sed", "-i", "/DenyGroups/d", RULES)
    done = machine.server("quarantine", NAME)
    assert done.returncode == 1
    assert "DenyGroups stations-quarantined stations-full" in done.stderr
    assert "`prepare` to have been run with this version" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    room.log_in()


def test_groups_that_an_administrator_denies_stay_denied(machine: Machine, room: Station) -> None:
    machine.run("sed", "-i", "s/DenyGroups .*/& games/", RULES)
    machine.ok("quarantine", NAME)
    with pytest.raises(LoginRefused):
        room.log_in()
    assert " games\n" in machine.read(RULES)


@pytest.mark.parametrize("command", ["quarantine", "release", "revoke"])
def test_nobody_else_is_shut_out(machine: Machine, command: str) -> None:
    done = machine.server(command, "games")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "no station of this server" in done.stderr


def test_a_process_of_nobody_else_is_ended(machine: Machine, room: Station) -> None:
    """By its title alone: a station of a longer name, and who calls itself like a session."""
    names = ("sshd: room-2x [priv]", "room-2 [priv]")
    others = [
        subprocess.Popen(machine.inside("bash", "-c", 'exec -a "$1" sleep 600', "bash", name))
        for name in names
    ]
    try:
        room.log_in()
        machine.ok("quarantine", NAME)
        assert [one.poll() for one in others] == [None, None]
    finally:
        for one in others:
            one.kill()
            one.wait()
