"""What somebody can do with a code that was not used: hand in one request, and no more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.records.enrolment_code import Code
from provisioning.server.check.client import Login
from tests.provisioning.server.enrolling import (
    ROOT,
    expect,
    host_key,
    listed,
    station,
)
from tests.provisioning.server.namespace import Machine, needs_namespace, prepared

STATE = "/var/lib/capture-stations"

pytestmark = needs_namespace


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with prepared(ROOT) as made:
        yield made


def thief_of(machine: Machine, folder: Path, name: str, code: Code) -> Login:
    """Log in with a code's key by the stock client, to ask for anything."""
    key, known = folder / "stolen", folder / "known_hosts"
    key.write_text(code.key(name).private_text(), encoding="ascii")
    key.chmod(0o600)
    known.write_text(f"[127.0.0.1]:{machine.port} {host_key(machine)}\n", encoding="ascii")
    return Login("127.0.0.1", machine.port, "enrol", key, known)


@pytest.fixture
def thief(machine: Machine, tmp_path: Path) -> Login:
    """With a valid code that was not used: the most that anybody can have of the account."""
    code = Code.generate()
    machine.run("sh", "-c", f"rm -f {STATE}/*/room-20*")
    assert expect(machine, tmp_path, "room-20", code).returncode == 0
    return thief_of(machine, tmp_path, "room-20", code)


@pytest.mark.parametrize("words", [("id",), ("sh", "-c", "id"), ("scp", "-t", "/"), ()])
def test_nothing_runs_but_the_receiver(thief: Login, words: tuple[str, ...]) -> None:
    done = thief.run(*words)
    assert done.stdout == b"malformed\n"
    assert b"uid=" not in done.stderr


def test_neither_sftp_nor_a_terminal_nor_forwarding(thief: Login) -> None:
    sftp = thief.run("sftp", before=("-s",), sent=b"\0\0\0\5\1\0\0\0\3")
    assert sftp.stdout == b"malformed\n"
    assert b"PTY allocation request failed" in thief.run(before=("-tt",)).stderr
    assert thief.run(before=("-W", "127.0.0.1:22")).returncode != 0
    assert thief.run(before=("-N", "-R", "0:127.0.0.1:9")).returncode != 0


@pytest.mark.parametrize("user", ["root", "ingest", "room-20", "room-5"])
def test_a_code_lets_nobody_into_another_account(thief: Login, user: str) -> None:
    assert b"Permission denied" in replace(thief, user=user).run().stderr


@pytest.mark.parametrize("method", ["password", "keyboard-interactive", "none"])
def test_a_card_without_the_code_gets_nothing(thief: Login, method: str) -> None:
    options = ("PubkeyAuthentication=no", f"PreferredAuthentications={method}")
    assert b"Permission denied" in thief.run(options=options).stderr


def test_a_stolen_stations_key_cannot_enrol(machine: Machine, tmp_path: Path) -> None:
    here, code = station(machine, tmp_path / "s", "room-13"), Code.generate()
    expect(machine, tmp_path, "room-13", code)
    here.enrol(code.text())
    thief = thief_of(machine, tmp_path, "room-13", code)
    assert b"Permission denied" in replace(thief, key=here.upload.key).run().stderr


def _request(name: str, ssh_key: str, signing_key: str, code: Code) -> bytes:
    line = {"version": 1, "station": name, "ssh_key": ssh_key, "signing_key": signing_key}
    head = json.dumps(line, separators=(",", ":")).encode() + b"\n"
    return head + code.key(name).sign(head, "enrol@capture-station").encode()


GOOD = "ssh-ed25519 " + "A" * 68


@pytest.mark.parametrize(
    ("name", "ssh_key", "signing_key"),
    [
        ("room-5", GOOD, GOOD),
        ("../room-20", GOOD, GOOD),
        ("room-20", f'command="id" {GOOD}', GOOD),
        ("room-20", f"{GOOD}\n{GOOD}", GOOD),
        ("room-20", f"{GOOD} comment", GOOD),
        ("room-20", "ssh-rsa " + "A" * 68, GOOD),
        ("room-20", GOOD, "cert-authority ssh-ed25519 " + "A" * 68),
    ],
)  # fmt: skip
def test_a_request_of_another_form_is_refused(
    machine: Machine, thief: Login, name: str, ssh_key: str, signing_key: str
) -> None:
    sent = _request(name, ssh_key, signing_key, Code.generate())
    assert thief.run(sent=sent).stdout == b"malformed\n"
    assert "may enrol until" in listed(machine, "room-20")


def test_a_request_that_is_too_long_is_refused(thief: Login) -> None:
    sent = _request("room-20", GOOD, GOOD, Code.generate())
    assert thief.run(sent=sent + b"\n" * 8192).stdout == b"malformed\n"
    assert thief.run(sent=b"\xff" * 100_000).stdout == b"malformed\n"
    assert thief.run(sent=sent).stdout == b"enrolled\n"


def test_half_an_enrolment_of_a_power_cut_is_none(
    machine: Machine, thief: Login, tmp_path: Path
) -> None:
    sent = _request("room-20", GOOD, GOOD, Code.generate())
    half = tmp_path / "half"
    half.write_bytes(sent[:150])
    machine.run("sh", "-c", f"cat {half} > {STATE}/enrolled/room-20")
    assert replace(thief, user="room-20").run().returncode != 0
    assert thief.run(sent=sent).stdout == b"enrolled\n"


def test_the_account_may_write_nothing_but_what_is_expected(machine: Machine, thief: Login) -> None:
    assert thief.key.exists()
    for act in (
        f"touch {STATE}/enrolled/new",
        f"rm {STATE}/enrolled/room-20",
        f"echo > {STATE}/tickets/room-20.json",
        f"echo > {STATE}/receive",
        "echo > /etc/ssh/capture-stations/room-20",
        "ls /srv/capture-stations/room-20/in",
    ):
        as_enrol = ["setpriv", "--reuid=enrol", "--regid=enrol", "--clear-groups", "sh", "-c", act]
        assert machine.run(*as_enrol).returncode != 0, act
