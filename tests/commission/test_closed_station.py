"""Rows about the enrolment and the closed machine: green as installed, each planted fault named."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from kiosk.commission.checks import Finding, Verdict
from kiosk.commission.firewall import RULES, STATION_RULES
from kiosk.commission.root import CLOSING
from kiosk.enrol.code import Code
from kiosk.enrol.station import PENDING, RECEIPT, Home
from kiosk.enrol.station import enrol as enrol_now
from kiosk.envelope.signatures import SigningKey
from tests.commission.test_station import SIGNING, Plant, edit, findings, unlink, write

ENROLMENT_PENDING = f"/etc/kiosk/{PENDING}"
ENROLMENT_RECEIPT = f"/etc/kiosk/{RECEIPT}"
MOUNTS = "/proc/1/mounts"


def enrolled(station: Any) -> Code:  # noqa: ANN401 - conftest's StationTree
    """Enrol by the program's own hand, but for the network."""
    code = Code.generate()
    for name in ("signing-key", "ssh-key"):
        key = SigningKey.load(station.at(f"/etc/kiosk/keys/{name}"))
        station.write(f"/etc/kiosk/keys/{name}.pub", key.public_line())
    home = Home(lambda: datetime(2026, 11, 26, 8, 30, tzinfo=UTC), station.at("/etc/kiosk"))
    station.write(ENROLMENT_PENDING, "")
    enrol_now(code.text(), station.config, home, lambda *_: None)
    return code


def test_a_station_by_hand_is_enrolled_by_nobody(station: Any) -> None:  # noqa: ANN401
    assert findings(station)["enrolment"].verdict is Verdict.NOT_APPLICABLE


def test_an_enrolled_station_says_since_when(station: Any) -> None:  # noqa: ANN401
    enrolled(station)
    assert findings(station)["enrolment"] == Finding(
        Verdict.OK, "Enrolled at 192.0.2.5:22 since 2026-11-26 08:30 UTC."
    )


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        (write(ENROLMENT_PENDING, ""), "waits for its enrolment code"),
        (write(ENROLMENT_RECEIPT, "{"), "no receipt of an enrolment"),
        (write(ENROLMENT_RECEIPT, "{}"), "no receipt of an enrolment"),
        (edit(ENROLMENT_RECEIPT, '"room-2"', '"room-3"'), "with another name"),
        (edit(ENROLMENT_RECEIPT, "192.0.2.5:22", "192.0.2.5:23"), "with another server"),
        (
            lambda station: station.write(SIGNING, SigningKey.generate().private_text(), 0o600),
            "with another signing key",
        ),
        (
            lambda s: s.write(
                "/etc/kiosk/keys/ssh-key", SigningKey.generate().private_text(), 0o600
            ),
            "with another upload key",
        ),
    ],
)
def test_an_enrolment_that_does_not_fit_is_told(
    station: Any,  # noqa: ANN401 - conftest's StationTree
    plant: Plant,
    words: str,
) -> None:
    enrolled(station)
    plant(station)
    found = findings(station)["enrolment"]
    assert found.verdict is Verdict.WRONG
    assert words in found.sentence


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        (edit(MOUNTS, " / ext4 ro", " / ext4 rw"), "/ can be written to"),
        (edit(MOUNTS, "vfat ro", "vfat rw"), "/boot/firmware can be written to"),
        (
            edit(MOUNTS, "/var/spool/kiosk ext4 rw", "/var/spool/kiosk ext4 ro"),
            "/var/spool/kiosk can",
        ),
        (edit(MOUNTS, " /var/log tmpfs", " /var/elsewhere tmpfs"), "/var/log cannot be written to"),
        (edit(MOUNTS, " /etc/kiosk ext4", " /etc/other ext4"), "/etc/kiosk cannot be written to"),
        (
            unlink(f"/etc/systemd/system/sysinit.target.wants/{CLOSING}"),
            "installed with --writable-root",
        ),
    ],
)
def test_a_system_that_is_not_closed_is_told(
    station: Any,  # noqa: ANN401 - conftest's StationTree
    plant: Plant,
    words: str,
) -> None:
    assert findings(station)["read-only system"].verdict is Verdict.OK
    plant(station)
    found = findings(station)["read-only system"]
    assert found.verdict is Verdict.WRONG
    assert words in found.sentence


def test_a_machine_without_a_boot_partition_is_closed_all_the_same(station: Any) -> None:  # noqa: ANN401
    edit(MOUNTS, "/dev/mmcblk0p1 /boot/firmware vfat ro,relatime 0 0\n", "")(station)
    assert findings(station)["read-only system"].verdict is Verdict.OK


@pytest.mark.parametrize("path", [RULES, STATION_RULES])
def test_a_station_without_a_firewall_is_told_so(station: Any, path: str) -> None:  # noqa: ANN401
    """What is loaded and what not is tried with the real tool: tests/deploy/test_firewall.py."""
    station.at(path).unlink()
    found = findings(station)["firewall"]
    assert found.verdict is Verdict.WRONG
    assert "There is no firewall" in found.sentence
