"""Ways to fail, each in a process of its own, looked at from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.children import INTERRUPTIBLE

HERE = Path(__file__).parent
SECRET = "Annegret-Mustermann-4711"
CHILD = str(HERE / "guarded_child.py")
JOURNAL = str(HERE / "journal_child.py")

ENVIRONMENT = {
    key: value
    for key, value in os.environ.items()
    if key not in ("JOURNAL_STREAM", "NOTIFY_SOCKET")
} | {"PYTHONPATH": str(HERE.parents[1])}


def run(way: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*INTERRUPTIBLE, sys.executable, CHILD, way, SECRET],
        capture_output=True,
        text=True,
        env=ENVIRONMENT | environment,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("way", "code"),
    [
        ("fine", 0),
        ("ours", 1),
        ("configuration", 2),
        ("foreign", 1),
        ("foreign_in_thread", 0),
        ("foreign_at_exit", 0),
        ("foreign_in_del", 0),
        ("logged", 0),
        ("warned", 0),
        ("interrupted", 128 + signal.SIGINT),
        ("terminated_twice", 128 + signal.SIGTERM),
        ("thread_that_exits", 0),
    ],
)
def test_exit_code_and_not_a_word_of_what_it_worked_on(way: str, code: int) -> None:
    done = run(way)
    assert done.returncode == code
    assert SECRET not in done.stdout + done.stderr


def test_an_error_of_ours_is_its_sentence_alone() -> None:
    expected = "kiosk: The disk of this station is full: press continue when there is room.\n"
    assert run("ours").stderr == expected
    assert run("configuration").stderr == (
        "kiosk: /etc/kiosk/station.toml: pedal.pin: expected a pin\n"
    )


@pytest.mark.parametrize(
    "way", ["foreign", "foreign_in_thread", "foreign_at_exit", "foreign_in_del"]
)
def test_a_foreign_exception_is_its_class_and_its_place(way: str) -> None:
    lines = run(way).stderr.splitlines()
    assert lines[:2] == ["kiosk: stopped by a fault in this program", "ValueError"]
    assert lines[-1].startswith(f"  {CHILD}:")
    assert lines[-1].endswith(" in foreign")


@pytest.mark.parametrize(("way", "code"), [("ours", 1), ("configuration", 2), ("foreign", 1)])
def test_every_error_is_returned_as_a_code(way: str, code: int) -> None:
    assert run(way).stdout == f"returned {code}\n"


def test_a_second_stop_signal_does_not_disturb_the_first() -> None:
    assert run("terminated_twice").stdout == "finished\n"


@pytest.mark.parametrize("way", ["interrupted", "thread_that_exits", "fine"])
def test_what_is_no_fault_is_not_called_one(way: str) -> None:
    assert run(way).stderr == ""


def test_off_systemd_the_log_is_standard_error() -> None:
    lines = run("logged").stderr.splitlines()
    assert lines[0] == "3 pictures of [withheld]"
    assert lines[1].startswith("paramiko.transport (guarded_child.py:")
    assert lines[2:4] == ["reading failed", "ValueError"]


def test_a_journal_stream_of_another_program_is_not_ours() -> None:
    assert run("logged", JOURNAL_STREAM="1:2").stderr == run("logged").stderr


@pytest.fixture(scope="module")
def namespace() -> list[str]:
    """Return the command that runs another in a mount namespace of its own."""
    command = ["unshare", "--mount", "--map-root-user"] if os.getuid() else ["unshare", "--mount"]
    tried = subprocess.run(
        [*command, "mount", "-t", "tmpfs", "none", "/run"], capture_output=True, check=False
    )
    if tried.returncode:
        pytest.skip(f"no mount namespace can be made here: {tried.stderr.decode().strip()}")
    return command


def journalled(namespace: list[str], way: str) -> tuple[int, list[dict[str, str]]]:
    done = subprocess.run(
        [*namespace, *INTERRUPTIBLE, sys.executable, JOURNAL, sys.executable, CHILD, way, SECRET],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
        timeout=60,
    )
    assert SECRET not in done.stdout
    assert done.stderr == ""
    return done.returncode, [
        json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")
    ]


def test_the_journal_gets_the_code_in_a_field(namespace: list[str]) -> None:
    code, records = journalled(namespace, "ours")
    assert code == 1
    (one,) = records
    assert one["MESSAGE"].startswith("The disk of this station is full")
    assert one["KIOSK_CODE"] == "storage-full"
    assert one["PRIORITY"] == "3"
    assert one["SYSLOG_IDENTIFIER"] == "kiosk-test"


def test_the_journal_gets_a_fault_without_its_values(namespace: list[str]) -> None:
    code, records = journalled(namespace, "foreign")
    assert code == 1
    (one,) = records
    assert one["MESSAGE"].startswith("stopped by a fault in this program\nValueError\n")
    assert one["PRIORITY"] == "2"


def test_the_journal_gets_what_is_logged(namespace: list[str]) -> None:
    code, records = journalled(namespace, "logged")
    assert code == 0
    assert [one["PRIORITY"] for one in records] == ["6", "4", "3"]
    assert records[0]["MESSAGE"] == "3 pictures of [withheld]"
    assert records[0]["LOGGER"] == "kiosk.test"
    assert records[0]["CODE_FUNC"] == "logged"
    allowed = {"MESSAGE", "PRIORITY", "LOGGER", "SYSLOG_IDENTIFIER", "CODE_FILE", "CODE_LINE"}
    assert all(set(one) <= allowed | {"CODE_FUNC", "KIOSK_CODE"} for one in records)
