"""The whole table over a station in a tree: green as installed, and each planted fault is named."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kiosk.commission.checks import Finding, Verdict, perform
from kiosk.commission.machine import clock
from kiosk.commission.station import station_checks
from kiosk.errors import KioskError, ServerUnreachable
from kiosk.model import ClockState

Plant = Callable[[Any], object]


def findings(station: Any) -> dict[str, Finding]:  # noqa: ANN401 - conftest's StationTree
    checks = station_checks(station.toml, place=station.place)
    return {result.name: result.finding for result in perform(checks)}


def test_a_station_as_installed_has_nothing_wrong(station: Any) -> None:  # noqa: ANN401
    found = findings(station)
    # The clock is the test machine's own; root is who runs the tests, or not.
    wrong = {name for name, finding in found.items() if finding.verdict is not Verdict.OK}
    assert wrong <= {"clock", "user"}, found
    assert list(found)[:3] == ["configuration", "signing key", "upload key"]
    assert "room-2 of Clinic by the Park" in found["configuration"].sentence
    assert "SHA256:" in found["signing key"].sentence
    assert "2 recipients" in found["recipients"].sentence


def edit(path: str, old: str, new: str) -> Plant:
    def plant(station: Any) -> None:  # noqa: ANN401 - conftest's StationTree
        text = station.at(path).read_text(encoding="utf-8")
        assert old in text
        station.write(path, text.replace(old, new))

    return plant


def write(path: str, text: str, mode: int = 0o644) -> Plant:
    return lambda station: station.write(path, text, mode)


def chmod(path: str, mode: int) -> Plant:
    return lambda station: station.at(path).chmod(mode)


def unlink(path: str) -> Plant:
    return lambda station: station.at(path).unlink()


SIGNING = "/etc/kiosk/keys/signing-key"
POSE_KEY = "/etc/kiosk/keys/pose-key"
RECIPIENTS = "/etc/kiosk/recipients.txt"


def one_recipient(station: Any) -> None:  # noqa: ANN401 - conftest's StationTree
    first = station.at(RECIPIENTS).read_text("utf-8").splitlines()[0]
    station.write(RECIPIENTS, first)


def link_instead_of_key(station: Any) -> None:  # noqa: ANN401 - conftest's StationTree
    station.at(SIGNING).rename(station.at("/etc/elsewhere"))
    station.at(SIGNING).symlink_to(station.at("/etc/elsewhere"))


def no_spool(station: Any) -> None:  # noqa: ANN401 - conftest's StationTree
    station.at("/var/spool/kiosk").rmdir()


@pytest.mark.parametrize(
    ("name", "plant", "words"),
    [
        ("configuration", edit("/etc/kiosk/station.toml", '"room-2"', '"CHANGE-ME"'), "CHANGE-ME"),
        (
            "configuration",
            edit("/etc/kiosk/station.toml", "Clinic by the Park", "CHANGE-ME"),
            "line 9",
        ),
        ("configuration", edit("/etc/kiosk/station.toml", "pin = 17", "pin = 12"), "pin 12"),
        ("configuration", unlink("/etc/kiosk/station.toml"), "No such file"),
        ("signing key", unlink(SIGNING), "is missing"),
        ("signing key", chmod(SIGNING, 0o640), "mode 0640"),
        ("signing key", write(SIGNING, "not a key", 0o600), "cannot be read as one"),
        ("signing key", link_instead_of_key, "is no regular file"),
        ("upload key", chmod("/etc/kiosk/keys/ssh-key", 0o604), "mode 0604"),
        ("pose key", unlink(POSE_KEY), "is missing"),
        ("pose key", chmod(POSE_KEY, 0o640), "mode 0640"),
        ("pose key", write(POSE_KEY, "age1nonsense", 0o600), "line 1"),
        ("recipients", unlink(RECIPIENTS), "No such file"),
        ("recipients", write(RECIPIENTS, "age1nonsense"), "line 1"),
        ("recipients", one_recipient, "one recipient"),
        ("recipients", chmod(RECIPIENTS, 0o666), "can be changed by others"),
        ("spool", no_spool, "/var/spool/kiosk"),
        ("spool", chmod("/var/spool/kiosk", 0o2775), "mode 2775"),
        ("spool", write("/var/spool/kiosk/holiday.jpg", "x"), "holiday.jpg"),
        (
            "spool",
            edit("/etc/kiosk/station.toml", "reserve_mb = 1", "reserve_mb = 999999999"),
            "MB",
        ),
        ("firmware", edit("/boot/firmware/config.txt", "include kiosk.txt\n", ""), "not include"),
        ("firmware", edit("/boot/firmware/kiosk.txt", "gpio=12,13=op,dl", ""), "nothing holds pin"),
        ("firmware", edit("/boot/firmware/kiosk.txt", "disable_splash", "disable_spash"), "spash"),
        ("firmware", unlink("/boot/firmware/kiosk-imx477.txt"), "which is not there"),
        (
            "firmware",
            edit("/boot/firmware/config.txt", "[all]", "dtoverlay=pwm-2chan,pin=12\n[all]"),
            "takes pin 12",
        ),
        ("swap", write("/proc/swaps", "Filename\n/dev/zram0 partition 1 0 100\n"), "/dev/zram0"),
        ("swap", write("/var/swap", ""), "/var/swap"),
        ("swap", write("/swapfile", ""), "/swapfile exists"),
        ("swap", write("/sys/block/zram0/backing_dev", "/dev/loop0\n"), "/dev/loop0"),
        ("core dumps", write("/proc/sys/kernel/core_pattern", "core\n"), "'core'"),
        ("core dumps", write("/proc/sys/fs/suid_dumpable", "2\n"), "suid_dumpable=0"),
        ("temporary files", edit("/proc/mounts", "tmpfs /var/tmp tmpfs", "a /b ext4"), "/var/tmp"),
        (
            "temporary files",
            edit("/proc/mounts", "/var/tmp tmpfs", "/var/tmp tmpfs\nd /tmp ext4"),
            "/tmp would",
        ),
        ("installed files", write("/etc/systemd/system/kiosk.target", "[Unit]\n#"), "was changed"),
        ("installed files", unlink("/etc/systemd/system/kiosk.target"), "cannot be read now"),
        ("installed files", write("/opt/kiosk/share/installed.json", "{"), "is no record"),
        ("program", write("/opt/kiosk/share/installed.json", '{"files": {}}'), "is no record"),
        (
            "program",
            write("/opt/kiosk/lib/python3.11/site-packages/kiosk/__init__.py", "# another"),
            "was changed",
        ),
        (
            "program",
            write("/opt/kiosk/lib/python3.11/site-packages/kiosk/more.py", "import os"),
            "was changed",
        ),
    ],
)
def test_each_planted_fault_is_named(station: Any, name: str, plant: Plant, words: str) -> None:  # noqa: ANN401
    plant(station)
    finding = findings(station)[name]
    assert finding.verdict is Verdict.WRONG, finding
    assert words in finding.sentence


def test_a_station_without_a_pose_key_is_not_wrong(station: Any) -> None:  # noqa: ANN401
    edit("/etc/kiosk/station.toml", "pose_key = ", "#pose_key = ")(station)
    station.at(POSE_KEY).unlink()
    finding = findings(station)["pose key"]
    assert finding.verdict is Verdict.NOT_APPLICABLE
    assert "as if it were the first" in finding.sentence


def test_without_a_configuration_the_rest_is_still_checked(station: Any) -> None:  # noqa: ANN401
    station.write(station.toml, "[station]\n")
    found = findings(station)
    assert found["configuration"].verdict is Verdict.WRONG
    waiting = ("signing key", "upload key", "pose key", "recipients", "spool", "firmware")
    assert {found[name].verdict for name in waiting} == {Verdict.UNCHECKED}
    assert found["swap"].verdict is Verdict.OK


def test_a_machine_that_is_no_station_gets_plain_findings(tmp_path: Path) -> None:
    """The real machine under the tests: whatever is found, nothing crashes."""
    results = perform(station_checks(tmp_path / "station.toml"))
    for result in results:
        assert "itself failed" not in result.finding.sentence, result
    found = {result.name: result.finding for result in results}
    assert found["configuration"].verdict is Verdict.WRONG


def test_probes_are_run_after_the_rest(station: Any) -> None:  # noqa: ANN401
    def unreachable() -> str:
        raise ServerUnreachable("The server does not answer.")

    probes = {"camera": lambda: "imx477 gives pictures.", "server": unreachable}
    results = perform(station_checks(station.toml, probes, station.place))
    assert [(r.name, r.finding.verdict) for r in results[-2:]] == [
        ("camera", Verdict.OK),
        ("server", Verdict.WRONG),
    ]


def test_another_user_is_told_to_become_root(station: Any) -> None:  # noqa: ANN401
    somebody = replace(station, place=replace(station.place, uid=os.geteuid() + 4242))
    found = findings(somebody)
    assert "sudo kiosk check" in found["user"].sentence
    assert found["signing key"].verdict is Verdict.WRONG


def test_the_clock_is_what_the_kernel_says() -> None:
    assert clock(lambda: ClockState.SYNCHRONISED).verdict is Verdict.OK
    assert clock(lambda: ClockState.UNSYNCHRONISED).verdict is Verdict.WRONG


def test_a_file_that_cannot_be_read_is_our_error(station: Any) -> None:  # noqa: ANN401
    with pytest.raises(KioskError, match=r"/proc/nothing cannot be read: No such file"):
        station.place.read("/proc/nothing")
