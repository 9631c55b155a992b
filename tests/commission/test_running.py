"""What holds against what was installed: additions to units, kernel settings, mailbox, consoles."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from kiosk.commission.checks import Verdict, perform
from kiosk.commission.digests import RECORD
from kiosk.commission.drop_ins import ADDRESS
from kiosk.commission.running import ACTIVE, MAILBOX
from kiosk.commission.station import station_checks
from provisioning.install.settling import DROP_IN
from tests.commission.conftest import asked
from tests.commission.test_station import Plant, chmod, findings, unlink, write

ETC, RUN = "/etc/systemd/system", "/run/systemd/system"
OPEN = "[Service]\nPrivateNetwork=no\n"
ROWS = ("drop-ins", "kernel settings", "firmware mailbox", "consoles")


@pytest.fixture
def installed(station: Any) -> Any:  # noqa: ANN401 - conftest's StationTree
    """A station whose record has the units of ours, an instance's, and an addition to another's."""
    record = json.loads(station.at(RECORD).read_text("utf-8"))
    for name in ("kiosk-capture.service", "kiosk-enrol@.service", "nftables.service.d/kiosk.conf"):
        station.write(f"{ETC}/{name}", "")
        record["files"][f"{ETC}/{name}"] = (
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
    station.write(RECORD, json.dumps(record))
    return station


@pytest.mark.parametrize(
    "path",
    [
        f"{ETC}/kiosk-capture.service.d/o.conf",
        f"{RUN}/kiosk-capture.service.d/o.conf",
        f"{ETC}/kiosk-.service.d/o.conf",
        f"{ETC}/service.d/o.conf",
        f"{ETC}/kiosk-enrol@.service.d/o.conf",
        f"{RUN}/kiosk-enrol@1-2-3.service.d/o.conf",
        f"{ETC}/nftables.service.d/o.conf",
        f"{ETC}/kiosk.target.d/o.conf",
        "/etc/systemd/system.control/kiosk-capture.service.d/50-IPAddressAllow.conf",
        "/usr/local/lib/systemd/system/kiosk-capture.service.d/o.conf",
        "/usr/lib/systemd/system/kiosk-capture.service.d/o.conf",
        "/run/systemd/transient/kiosk-capture.service",
        "/etc/systemd/system.control/nftables.service",
    ],
)
def test_what_is_added_to_a_unit_is_named(installed: Any, path: str) -> None:  # noqa: ANN401
    assert findings(installed)["drop-ins"].verdict is Verdict.OK
    installed.write(path, OPEN)
    found = findings(installed)["drop-ins"]
    assert found.verdict is Verdict.WRONG
    assert found.sentence.startswith(f"{path} changes a unit")


@pytest.mark.parametrize(
    "path",
    [
        ADDRESS,
        f"{ETC}/ssh.service.d/o.conf",
        f"{ETC}/kiosk-capture.service.d/o.conf.off",
        "/usr/lib/systemd/system/service.d/10-debian.conf",
        "/usr/lib/systemd/system/nftables.service.d/10-debian.conf",
        "/usr/lib/systemd/system/user@.service.d/10-login-barrier.conf",
    ],
)
def test_what_is_ours_or_of_no_unit_of_ours_is_left_alone(installed: Any, path: str) -> None:  # noqa: ANN401
    installed.write(path, OPEN)
    assert findings(installed)["drop-ins"].verdict is Verdict.OK


def test_the_address_of_a_station_from_an_image_is_ours() -> None:
    assert DROP_IN == ADDRESS


def active(station: Any, lines: str) -> str:  # noqa: ANN401 - conftest's StationTree
    """Return what the row says while systemd names these units as active."""

    def answer(command: Sequence[str]) -> str:
        return lines if tuple(command) == ACTIVE else asked(command)

    results = perform(station_checks(station.toml, place=station.place, ask=answer))
    (found,) = [result.finding for result in results if result.name == "consoles"]
    assert found.verdict is Verdict.WRONG
    return found.sentence


def enable(unit: str, folder: str = f"{ETC}/getty.target.wants") -> Plant:
    return write(f"{folder}/{unit}", "")


def unmask(*units: str) -> Plant:
    return lambda station: [station.at(f"{ETC}/{unit}").unlink() for unit in units]


def replaced(unit: str) -> Plant:
    """A unit of its own in the place of a masked template's instance."""

    def plant(station: Any) -> None:  # noqa: ANN401 - conftest's StationTree
        enable(unit)(station)
        station.write(f"{ETC}/{unit}", "[Service]\nExecStart=/sbin/agetty ttyS0\n")

    return plant


@pytest.mark.parametrize(
    ("name", "plant", "words"),
    [
        ("kernel settings", write("/proc/sys/kernel/sysrq", "438\n"), "kernel.sysrq is '438'; exp"),
        (
            "kernel settings",
            write("/proc/sys/kernel/core_pattern", "core\n"),
            "expected '|/bin/fal",
        ),
        ("kernel settings", write("/proc/sys/kernel/yama/ptrace_scope", "0\n"), "expected '2'"),
        (
            "kernel settings",
            write("/proc/sys/net/ipv4/tcp_allowed_congestion_control", "reno vegas\n"),
            "tcp_allowed_congestion_control is 'reno vegas'",
        ),
        ("kernel settings", unlink("/etc/sysctl.d/90-kiosk.conf"), "cannot be read"),
        ("firmware mailbox", chmod(MAILBOX, 0o666), "/dev/vcio has mode 0666"),
        ("firmware mailbox", chmod(MAILBOX, 0o660), "/dev/vcio has mode 0660"),
        ("consoles", unmask("serial-getty@.service"), "serial-getty@.service may start"),
        ("consoles", unmask("debug-shell.service"), "debug-shell.service may start"),
        ("consoles", enable("getty@tty2.service"), "getty@tty2.service starts with the station"),
        ("consoles", replaced("serial-getty@ttyS0.service"), "serial-getty@ttyS0.service starts"),
        (
            "consoles",
            enable("getty@tty3.service", f"{RUN}/multi-user.target.wants"),
            "getty@tty3.service starts",
        ),
    ],
)
def test_each_planted_change_is_named(
    station: Any,  # noqa: ANN401 - conftest's StationTree
    name: str,
    plant: Plant,
    words: str,
) -> None:
    assert findings(station)[name].verdict is Verdict.OK
    plant(station)
    found = findings(station)[name]
    assert found.verdict is Verdict.WRONG
    assert words in found.sentence


def test_a_console_that_is_masked_but_still_runs_is_named(station: Any) -> None:  # noqa: ANN401
    line = "serial-getty@ttyS0.service loaded active running Serial Getty on ttyS0\n"
    assert active(station, line).startswith("serial-getty@ttyS0.service runs and asks")


def test_a_link_to_a_masked_console_starts_nothing(station: Any) -> None:  # noqa: ANN401
    enable("serial-getty@ttyS0.service")(station)
    assert findings(station)["consoles"].verdict is Verdict.OK


def test_a_kernel_without_a_module_is_not_wrong(station: Any) -> None:  # noqa: ANN401
    station.at("/proc/sys/kernel/yama/ptrace_scope").unlink()
    station.write("/proc/sys/net/ipv4/tcp_allowed_congestion_control", "reno cubic\n")
    assert findings(station)["kernel settings"].verdict is Verdict.OK


def test_a_machine_without_an_installation_or_mailbox_has_none_of_it(station: Any) -> None:  # noqa: ANN401
    for path in (RECORD, MAILBOX):
        station.at(path).unlink()
    found = findings(station)
    assert {found[name].verdict for name in ROWS} == {Verdict.NOT_APPLICABLE}
