"""The units, as systemd itself reads them."""

from __future__ import annotations

import configparser
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kiosk.enrol.station import PENDING
from kiosk.envelope.wrapping import new_kdf
from provisioning.install import __main__ as install
from provisioning.install.packages import DEBIAN
from tests.deploy.real_units import Tool, edit, verify

UNITS = (
    "kiosk.target",
    "kiosk-capture.service",
    "kiosk-upload.service",
    "kiosk-enrol.service",
    "kiosk-commission.service",
    "kiosk-commission.path",
    "tmp.mount",
    "var-tmp.mount",
)


def test_systemd_has_nothing_against_the_units(tool: Tool, unit_tree: Path) -> None:
    assert verify(tool, unit_tree, UNITS) == ""


@pytest.mark.parametrize(
    ("unit", "old", "new"),
    [
        ("kiosk-capture.service", "ProtectHome=", "ProtecHome="),
        ("kiosk-capture.service", "WatchdogSec=10", "WatchdogSec=soon"),
        ("kiosk-capture.service", "[Service]", "[Servise]"),
        ("kiosk-capture.service", "@system-service", "@sytem-service"),
        ("kiosk-capture.service", "AF_NETLINK", "AF_NETLNK"),
        ("kiosk-capture.service", "/opt/kiosk/bin/kiosk capture", "/opt/kisok/bin/kiosk capture"),
        ("kiosk-upload.service", "IPAddressDeny=any", "IPAddressDeny=everything"),
        ("kiosk-upload.service", "MemoryMax=256M", "MemoryMax=256Q"),
        ("kiosk-upload.service", "ReadWritePaths=-/run", "ReadWritePaths=-run"),
        ("kiosk-upload.service", "BindPaths=/var/spool/kiosk", "BindPaths=var/spool/kiosk"),
        ("kiosk-enrol.service", "TTYPath=/dev/tty1", "TTYPath=dev/tty1"),
        ("kiosk-enrol.service", "tty-force", "tty-forced"),
        ("kiosk-enrol.service", "Before=", "Befor="),
        ("kiosk-commission.service", "ExecStartPre=sh", "ExecStartPre=hs"),
        ("kiosk-commission.service", "RestrictNamespaces=net", "RestrictNamespaces=nets"),
        ("kiosk-commission.path", "PathExists=/etc", "PathExists=etc"),
        ("tmp.mount", "Where=/tmp", "Where=/temp"),
        ("kiosk.target", "WantedBy=", "WantedBay="),
    ],
)
def test_a_planted_typo_is_seen(tool: Tool, unit_tree: Path, unit: str, old: str, new: str) -> None:
    edit(unit_tree, unit, old, new)
    assert verify(tool, unit_tree, UNITS) != ""


@pytest.mark.parametrize(
    ("unit", "limit"),
    [
        ("kiosk-capture", 0.8),
        ("kiosk-upload", 0.9),
        ("kiosk-enrol", 2.3),
        ("kiosk-commission", 3.9),
    ],
)
def test_the_exposure_stays_low(tool: Tool, checkout: Path, unit: str, limit: float) -> None:
    said = rate(tool, checkout / "systemd" / f"{unit}.service", limit)
    assert said.code == 0, said.out


@pytest.mark.parametrize(
    ("unit", "limit", "line"),
    [
        ("kiosk-capture", 0.8, "PrivateNetwork=yes"),
        ("kiosk-capture", 0.8, "NoNewPrivileges=yes"),
        ("kiosk-capture", 0.8, "SystemCallFilter=~@privileged @resources @keyring"),
        ("kiosk-upload", 0.9, "PrivateDevices=yes"),
        ("kiosk-upload", 0.9, "IPAddressDeny=any"),
        ("kiosk-upload", 0.9, "ProtectSystem=strict"),
    ],
)
def test_a_lost_line_is_seen_in_the_exposure(
    tool: Tool, unit_tree: Path, unit: str, limit: float, line: str
) -> None:
    edit(unit_tree, f"{unit}.service", f"{line}\n", "")
    path = unit_tree / f"etc/systemd/system/{unit}.service"
    assert rate(tool, path, limit).code != 0


def rate(tool: Tool, unit: Path, limit: float) -> Any:  # noqa: ANN401 - conftest's answer
    threshold = f"--threshold={round(limit * 10)}"
    return tool(
        ["systemd-analyze", "security", "--offline=yes", "--no-pager", threshold, str(unit)]
    )


def service(checkout: Path, unit: str) -> dict[str, list[str]]:
    """Read one unit; a setting may be given more than once."""

    class Many(dict[str, Any]):
        def __setitem__(self, key: str, value: Any) -> None:  # noqa: ANN401 - as configparser has it
            if isinstance(value, list) and key in self:
                self[key].extend(value)
            else:
                super().__setitem__(key, value)

    parser = configparser.RawConfigParser(strict=False, dict_type=Many, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(checkout / "systemd" / unit, encoding="utf-8")
    return {key: value.split("\n") for key, value in parser["Service"].items()}


@pytest.mark.parametrize("unit", ["kiosk-capture.service", "kiosk-upload.service"])
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Type", "notify"),
        ("LimitCORE", "0"),
        ("MemorySwapMax", "0"),
        # SIGABRT would dump the memory of a hung process.
        ("WatchdogSignal", "SIGKILL"),
        ("RestartPreventExitStatus", "2"),
        ("PrivateTmp", "yes"),
        ("ProtectSystem", "strict"),
        ("InaccessiblePaths", "-/etc/kiosk/keys"),
    ],
)
def test_both_services_keep_the_promises(checkout: Path, unit: str, key: str, value: str) -> None:
    assert value in " ".join(service(checkout, unit)[key]).split()


def test_the_capture_process_has_no_network_and_its_lights_go_off(checkout: Path) -> None:
    capture = service(checkout, "kiosk-capture.service")
    assert capture["PrivateNetwork"] == ["yes"]
    assert capture["RestrictAddressFamilies"] == ["AF_UNIX AF_NETLINK"]
    assert capture["ExecStopPost"] == ["/opt/kiosk/bin/kiosk lights-off"]
    assert capture["LimitMEMLOCK"] == ["infinity"]
    assert capture["WorkingDirectory"] == ["%t/" + capture["RuntimeDirectory"][0]]


def test_each_process_gets_its_own_key_only(checkout: Path) -> None:
    keys = {
        unit: service(checkout, f"kiosk-{unit}.service")["LoadCredential"]
        for unit in ("capture", "upload")
    }
    assert keys == {
        "capture": ["signing-key:/etc/kiosk/keys/signing-key"],
        "upload": ["ssh-key:/etc/kiosk/keys/ssh-key"],
    }


def test_the_code_is_asked_for_before_the_screen_is_drawn_on(checkout: Path) -> None:
    """And only where a card has left its mark, by which the program too knows that it waits."""
    text = (checkout / "systemd/kiosk-enrol.service").read_text("utf-8")
    assert "Before=kiosk-capture.service kiosk-upload.service\n" in text
    assert f"/etc/kiosk/{PENDING}" == install.PENDING
    assert f"ConditionPathExists={install.PENDING}\n" in text
    assert install.PENDING in (checkout / "provisioning/card/place.sh").read_text("utf-8")
    enrol = service(checkout, "kiosk-enrol.service")
    # Ordering makes others wait for a oneshot alone.
    assert enrol["Type"] == ["oneshot"]
    assert enrol["TimeoutStartSec"] == ["infinity"]
    assert enrol["CapabilityBoundingSet"] == [""]
    assert enrol["ReadWritePaths"] == ["/etc/kiosk"]


WAIT = "while [ -e {0}/kiosk-capture ] && [ {0}/enrolled.json -nt {0}/kiosk-capture ]"


@pytest.mark.parametrize(
    ("started", "enrolled", "waits"),
    [(None, 2, False), (1, 2, True), (3, 2, False), (1, None, False)],
)
def test_a_report_waits_for_who_was_there_before_the_enrolment(
    checkout: Path, tmp_path: Path, started: int | None, enrolled: int | None, *, waits: bool
) -> None:
    """The unit's own words, asked of the shell that systemd will ask."""
    text = (checkout / "systemd/kiosk-commission.service").read_text("utf-8")
    words = " ".join(text.replace("\\\n", " ").split())
    asked = WAIT.format(tmp_path)
    here = asked.replace(f"{tmp_path}/kiosk-capture", "/run/kiosk-capture")
    assert here.replace(f"{tmp_path}/enrolled.json", "/etc/kiosk/enrolled.json") in words
    if started is not None:
        (tmp_path / "kiosk-capture").mkdir()
        os.utime(tmp_path / "kiosk-capture", (started, started))
    if enrolled is not None:
        (tmp_path / "enrolled.json").touch()
        os.utime(tmp_path / "enrolled.json", (enrolled, enrolled))
    done = subprocess.run(["sh", "-c", f"{asked}; do exit 7; done"], check=False)
    assert (done.returncode == 7) == waits


def test_only_who_brings_the_share_may_write_it(checkout: Path) -> None:
    """The other process sees it to be read, and no more, whatever `ProtectSystem=` does to /run."""
    writable = {
        unit: " ".join(service(checkout, f"kiosk-{unit}.service")["ReadWritePaths"]).split()
        for unit in ("capture", "upload")
    }
    assert writable == {
        "capture": ["/var/spool/kiosk", "-/run/kiosk-metrics"],
        "upload": ["-/run/kiosk-share", "-/run/kiosk-metrics"],
    }
    assert service(checkout, "kiosk-capture.service")["ReadOnlyPaths"] == ["-/run/kiosk-share"]


def test_a_try_of_a_pin_has_room_in_memory(checkout: Path) -> None:
    """Argon2id's memory is locked with the rest, and no limit ends the process that takes it."""
    capture = service(checkout, "kiosk-capture.service")
    assert capture["LimitMEMLOCK"] == ["infinity"]
    assert not {"MemoryMax", "MemoryHigh", "TasksMax"} & set(capture)
    text = (checkout / "systemd/kiosk-capture.service").read_text("utf-8")
    assert f"{new_kdf().memory_kib // 1024} MiB more (Argon2id)" in text.replace("\n# ", " ")


def test_the_upload_process_has_no_devices(checkout: Path) -> None:
    upload = service(checkout, "kiosk-upload.service")
    assert upload["PrivateDevices"] == ["yes"]
    assert "DeviceAllow" not in upload
    assert upload["IPAddressDeny"] == ["any"]
    assert "IPAddressAllow" not in upload


def test_the_screen_is_drawn_by_a_library_that_is_installed(checkout: Path) -> None:
    """SDL loads it by name, so no package asks for it, and without it the screen stays black."""
    environment = " ".join(service(checkout, "kiosk-capture.service")["Environment"]).split()
    assert "SDL_VIDEODRIVER=kmsdrm" in environment
    assert "SDL_FRAMEBUFFER_ACCELERATION=opengles2" in environment
    assert {"libegl1", "libgles2", "libgl1-mesa-dri"} <= set(DEBIAN)
