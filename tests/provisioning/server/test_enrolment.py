"""Enrolment by a one-time code, by the station's own function against a real sshd."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from kiosk.enrol.request import parse_ticket, read_request
from kiosk.envelope.signatures import PublicKey
from kiosk.errors import (
    ClockLost,
    EnrolmentCodeMistyped,
    EnrolmentError,
    EnrolmentRefused,
    KioskError,
    LoginRefused,
    ServerIdentityChanged,
    ServerUnreachable,
    SignatureError,
)
from kiosk.records.enrolment import PENDING, RECEIPT
from kiosk.records.enrolment_code import Code
from tests.provisioning.server.enrolling import (
    ROOT,
    expect,
    host_key,
    listed,
    station,
    ticket,
)
from tests.provisioning.server.namespace import Machine, needs_namespace, prepared

STATE = "/var/lib/capture-stations"

pytestmark = needs_namespace


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with prepared(ROOT) as made:
        yield made


def test_the_whole_way_of_a_code(machine: Machine, tmp_path: Path) -> None:
    """One test in order, because each step stands on the one before."""
    here, code = station(machine, tmp_path / "room-1", "room-1"), Code.generate()
    done = expect(machine, tmp_path, "room-1", code)
    assert done.returncode == 0, done.stderr
    assert "room-1 may enrol until" in done.stdout
    assert "may enrol until" in listed(machine, "room-1")
    with pytest.raises(LoginRefused):
        here.log_in()

    enrolled = here.enrol(code.text())
    here.log_in()
    assert enrolled.ssh_key in listed(machine, "room-1")
    assert not (here.folder / PENDING).exists()
    receipt = json.loads((here.folder / RECEIPT).read_text(encoding="utf-8"))
    assert receipt["signing_key"] == enrolled.signing_key
    assert code.secret not in (here.folder / RECEIPT).read_text(encoding="utf-8")

    # The answer may have been lost on its way.
    assert here.enrol(code.text()) == enrolled
    # Somebody else with the same code is too late.
    thief = station(machine, tmp_path / "thief", "room-1")
    with pytest.raises(EnrolmentRefused, match="was used already"):
        thief.enrol(code.text())
    with pytest.raises(LoginRefused):
        thief.log_in()

    taken = expect(machine, tmp_path, "room-1", Code.generate())
    assert (taken.returncode, "room-1 is taken" in taken.stderr) == (2, True)
    machine.ok("revoke", "room-1")
    assert "revoked" in listed(machine, "room-1")
    with pytest.raises(LoginRefused):
        here.log_in()
    with pytest.raises(EnrolmentRefused, match="does not know this code"):
        here.enrol(code.text())
    again = Code.generate()
    assert expect(machine, tmp_path, "room-1", again).returncode == 0
    assert thief.enrol(again.text()).ssh_key in listed(machine, "room-1")


def test_what_came_is_settled_and_proven_by_the_ticket(machine: Machine, tmp_path: Path) -> None:
    here, code = station(machine, tmp_path / "s", "room-4"), Code.generate()
    expect(machine, tmp_path, "room-4", code)
    enrolled = here.enrol(code.text())
    state = machine.run("stat", "-c", "%U %a", f"{STATE}/enrolled/room-4").stdout
    assert state == "enrol 600\n"
    assert "the enrolment of room-4 was settled" in machine.ok("prepare")
    state = machine.run("stat", "-c", "%U %a", f"{STATE}/enrolled/room-4").stdout
    assert state == "root 644\n"
    here.log_in()
    assert here.enrol(code.text()) == enrolled, "asked again, answered again"
    with pytest.raises(EnrolmentRefused, match="was used already"):
        station(machine, tmp_path / "other", "room-4").enrol(code.text())

    sent = machine.ok("enrolment", "room-4").encode()
    kept = parse_ticket((tmp_path / "room-4.ticket").read_bytes(), "ticket")
    request = read_request(sent, kept)
    assert PublicKey.parse(request.signing_key).fingerprint == enrolled.signing_key
    # An administrator who exchanges the key is found by whoever has the ticket.
    forged = sent.replace(request.signing_key.encode(), request.ssh_key.encode())
    assert forged != sent
    with pytest.raises(SignatureError):
        read_request(forged, kept)


def test_a_code_is_for_one_station(machine: Machine, tmp_path: Path) -> None:
    code = Code.generate()
    expect(machine, tmp_path, "room-5", code)
    with pytest.raises(EnrolmentRefused, match="for room-6"):
        station(machine, tmp_path / "s", "room-6").enrol(code.text())


def test_a_wrong_code_is_refused_and_changes_nothing(machine: Machine, tmp_path: Path) -> None:
    here, code = station(machine, tmp_path / "s", "room-7"), Code.generate()
    expect(machine, tmp_path, "room-7", code)
    with pytest.raises(EnrolmentRefused, match="does not know this code for room-7"):
        here.enrol(Code.generate().text())
    with pytest.raises(EnrolmentCodeMistyped):
        here.enrol(code.text()[:-1] + ("0" if code.text()[-1] != "0" else "1"))
    assert (here.folder / PENDING).exists()
    assert not (here.folder / RECEIPT).exists()
    here.enrol(code.text())


def test_an_expired_code_is_refused(machine: Machine, tmp_path: Path) -> None:
    here, code = station(machine, tmp_path / "s", "room-8"), Code.generate()
    expect(machine, tmp_path, "room-8", code)
    path = f"{STATE}/tickets/room-8.json"
    age = f'sed -i \'s/"expires_at": "20[0-9][0-9]/"expires_at": "2025/\' {path}'
    assert machine.run("sh", "-ec", age).returncode == 0
    with pytest.raises(EnrolmentRefused, match="has expired"):
        here.enrol(code.text())
    assert "code expired at 2025" in listed(machine, "room-8")
    with pytest.raises(LoginRefused):
        here.log_in()
    fresh = Code.generate()
    assert "is refused now" in expect(machine, tmp_path, "room-8", fresh).stdout
    with pytest.raises(EnrolmentRefused, match="does not know this code"):
        here.enrol(code.text())
    here.enrol(fresh.text())


@pytest.mark.parametrize(
    ("hours", "sentence"),
    [(-1, "expired at"), (24 * 30, "one of the two clocks is wrong")],
)
def test_a_ticket_with_an_impossible_end_is_refused(
    machine: Machine, tmp_path: Path, hours: float, sentence: str
) -> None:
    path = tmp_path / "ticket"
    path.write_bytes(ticket("room-9", Code.generate(), hours))
    done = machine.server("expect", str(path))
    assert (done.returncode, sentence in done.stderr) == (2, True)
    assert "Traceback" not in done.stderr
    assert "room-9" not in machine.ok("list")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"{}",
        b'{"version":1,"station":"room-9","key":"ssh-ed25519 AAAA","expires_at":"2026-11-27"}',
        b'{"version":1,"station":"../x","key":"ssh-ed25519 A","expires_at":"2026-11-27T00:00Z"}',
    ],
)
def test_what_is_no_ticket_is_refused(machine: Machine, tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "ticket"
    path.write_bytes(text)
    done = machine.server("expect", str(path))
    assert (done.returncode, "Traceback" in done.stderr, done.stdout) == (2, False, "")


def test_another_server_gets_nothing(machine: Machine, tmp_path: Path) -> None:
    here, code = station(machine, tmp_path / "s", "room-10"), Code.generate()
    expect(machine, tmp_path, "room-10", code)
    other = tmp_path / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(other)], check=True)
    wrong = other.with_suffix(".pub").read_text(encoding="ascii").strip()
    upload = msgspec.structs.replace(here.config.upload, host_key=wrong)
    config = msgspec.structs.replace(here.config, upload=upload)
    with pytest.raises(ServerIdentityChanged, match="nothing was sent"):
        replace(here, config=config).enrol(code.text())
    assert "may enrol until" in listed(machine, "room-10")


def test_a_dead_network_is_said(machine: Machine, tmp_path: Path) -> None:
    here = station(machine, tmp_path / "s", "room-10")
    upload = msgspec.structs.replace(here.config.upload, port=1)
    config = msgspec.structs.replace(here.config, upload=upload)
    with pytest.raises(ServerUnreachable, match=r"127\.0\.0\.1:1 cannot be reached"):
        replace(here, config=config).enrol(Code.generate().text())


def test_a_clock_in_1970_is_said_and_nothing_is_sent(machine: Machine, tmp_path: Path) -> None:
    here, code = station(machine, tmp_path / "s", "room-11"), Code.generate()
    expect(machine, tmp_path, "room-11", code)
    with pytest.raises(ClockLost, match="This station's clock says 1970-01-01"):
        here.enrol(code.text(), datetime.fromtimestamp(60, UTC))
    assert "may enrol until" in listed(machine, "room-11")


def test_a_station_without_keys_is_told(machine: Machine, tmp_path: Path) -> None:
    here = station(machine, tmp_path / "s", "room-12")
    (here.folder / "keys/signing-key.pub").unlink()
    with pytest.raises(EnrolmentError, match=r"signing-key\.pub cannot be read"):
        here.enrol(Code.generate().text())


def test_a_key_by_hand_ends_the_one_by_code(machine: Machine, tmp_path: Path) -> None:
    here, code = station(machine, tmp_path / "s", "room-14"), Code.generate()
    expect(machine, tmp_path, "room-14", code)
    here.enrol(code.text())
    other = station(machine, tmp_path / "other", "room-14")
    machine.ok("add", "room-14", str(other.folder / "keys/ssh-key.pub"))
    other.log_in()
    with pytest.raises(LoginRefused):
        here.log_in()


def test_the_command_on_the_station(machine: Machine, tmp_path: Path) -> None:
    """`kiosk enrol` on a terminal: a typing error, a wrong code, then the right one."""
    here, code = station(machine, tmp_path / "s", "room-15"), Code.generate()
    expect(machine, tmp_path, "room-15", code)
    example = (ROOT / "provisioning/install/station.toml.example").read_text(encoding="utf-8")
    settings = {
        'host = "CHANGE-ME"': f'host = "127.0.0.1"\nport = {machine.port}',
        'host_key = "CHANGE-ME"': f'host_key = "{host_key(machine)}"',
        'desk = "CHANGE-ME"': 'desk = "ssh-ed25519 AAAA"',
        'mailbox = "CHANGE-ME"': f'mailbox = "{"0" * 32}"',
        "/run/credentials/kiosk-upload.service/ssh-key": str(here.upload.key),
        "CHANGE-ME": "room-15",
    }
    for old, new in settings.items():
        example = example.replace(old, new)
    path = here.folder / "station.toml"
    path.write_text(example, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "kiosk.cli", "enrol", "--config", str(path)],
        input=f"hello\n\n{Code.generate().text()}\n{code.text().lower().replace('-', ' ')}\n",
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for said in ("not a whole enrolment code", "does not know this code", "lets room-15 in"):
        assert said in done.stdout
    assert code.secret not in done.stdout


def test_sentences_carry_no_code(machine: Machine, tmp_path: Path) -> None:
    here, code = station(machine, tmp_path / "s", "room-16"), Code.generate()
    for typed in (code.text(), code.text()[:-2] + "00", code.text()[5:12]):
        with pytest.raises(KioskError) as caught:
            here.enrol(typed)
        assert not any(group in caught.value.sentence for group in code.text().split("-")[1:])
    assert code.secret not in repr(code)
