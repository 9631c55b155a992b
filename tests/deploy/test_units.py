"""The units, as systemd itself reads them."""

from __future__ import annotations

import configparser
import os
import shlex
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kiosk.commission.commissioning import WAITS
from kiosk.commission.firewall import STATION_RULES
from kiosk.commission.root import KEPT
from kiosk.envelope.wrapping import new_kdf
from kiosk.records.enrolment import PENDING, SOCKET
from kiosk.service import EXIT_SIGNALLED
from kiosk.support_request import REQUEST, TOLD
from provisioning.install import __main__ as install
from provisioning.install.packages import DEBIAN
from provisioning.install.system import ENABLED
from tests.deploy.real_units import Tool, edit, verify

UNITS = (
    "kiosk.target",
    "kiosk-capture.service",
    "kiosk-upload.service",
    "kiosk-enrol.service",
    "kiosk-commission.service",
    "kiosk-commission.path",
    "kiosk-commission-letters.service",
    "kiosk-commission-letters.timer",
    "kiosk-support.service",
    "kiosk-support.path",
    "kiosk-enrol.socket",
    "kiosk-enrol@.service",
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
        ("kiosk-commission.service", "ExecStartPre=sh", "ExecStartPre=hs"),
        ("kiosk-commission.service", "RestrictNamespaces=net", "RestrictNamespaces=nets"),
        ("kiosk-commission.path", "PathExists=/etc", "PathExists=etc"),
        ("kiosk-commission-letters.service", "ExecCondition=sh", "ExecCondition=hs"),
        ("kiosk-commission-letters.timer", "=*:*:00", "=*:*:61"),
        ("kiosk-support.service", "--asked", "--asked\nExecStartPost=kisok"),
        (
            "kiosk-support.service",
            "RestrictAddressFamilies=AF_UNIX",
            "RestrictAddressFamilies=AF_UNI",
        ),
        ("kiosk-support.path", "PathExists=/run", "PathExists=run"),
        ("kiosk-enrol.service", "OnSuccess=", "OnSucces="),
        ("kiosk-enrol.socket", "=/run/kiosk-enrol.socket", "=run/kiosk-enrol.socket"),
        ("kiosk-enrol.socket", "SocketMode=0600", "SocketMode=0900"),
        ("kiosk-enrol@.service", "StandardInput=socket", "StandardInput=sockets"),
        ("kiosk-enrol@.service", "@system-service", "@sytem-service"),
        ("tmp.mount", "Where=/tmp", "Where=/temp"),
        ("kiosk.target", "WantedBy=", "WantedBay="),
    ],
)
def test_a_planted_typo_is_seen(tool: Tool, unit_tree: Path, unit: str, old: str, new: str) -> None:
    edit(unit_tree, unit, old, new)
    assert verify(tool, unit_tree, UNITS) != ""


def test_the_firewall_waits_for_what_fills_its_sets_and_does_not_depend_on_it(
    checkout: Path,
) -> None:
    (place,) = (path for path in KEPT if Path(path) in Path(STATION_RULES).parents)
    unit = f"{place.strip('/').replace('/', '-')}.mount"
    lines = configparser.ConfigParser(interpolation=None)
    lines.read(checkout / "systemd/nftables.service.d/kiosk.conf")
    assert dict(lines["Unit"]) == {"after": unit}


@pytest.mark.parametrize(
    ("unit", "limit"),
    [
        ("kiosk-capture", 0.8),
        ("kiosk-upload", 0.9),
        ("kiosk-enrol", 2.3),
        ("kiosk-commission", 3.9),
        ("kiosk-commission-letters", 1.5),
        ("kiosk-enrol@", 2.1),
        ("kiosk-support", 1.9),
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


@pytest.mark.parametrize("unit", ["kiosk-capture", "kiosk-upload", "kiosk-enrol", "kiosk-enrol@"])
def test_being_stopped_while_it_loads_is_no_failure(checkout: Path, unit: str) -> None:
    """Before its loop asks for signals, a program unwinds and ends with this code."""
    code = EXIT_SIGNALLED + signal.SIGTERM
    assert service(checkout, f"{unit}.service")["SuccessExitStatus"] == [str(code)]


def test_the_journal_stays_in_memory_and_small(checkout: Path) -> None:
    path = checkout / "systemd/journald.conf.d/90-kiosk.conf"
    settings = configparser.ConfigParser()
    settings.optionxform = str  # type: ignore[assignment, method-assign]
    settings.read(path, encoding="utf-8")
    assert dict(settings["Journal"]) == {
        "Storage": "volatile",
        "RuntimeMaxUse": "32M",
        "ForwardToSyslog": "no",
    }


def test_the_journal_knows_the_words_of_its_settings(checkout: Path) -> None:
    """It passes over others; the file that comes with it lists all that it knows."""
    shipped = Path("/etc/systemd/journald.conf")
    if not shipped.exists():
        pytest.skip(f"this machine has no {shipped}")
    known = {line.strip("#").split("=")[0] for line in shipped.read_text("utf-8").splitlines()}
    ours = (checkout / "systemd/journald.conf.d/90-kiosk.conf").read_text("utf-8").splitlines()
    words = {line.split("=")[0] for line in ours if "=" in line and not line.startswith("#")}
    assert words == {"Storage", "RuntimeMaxUse", "ForwardToSyslog"}
    assert words <= known


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


def test_the_code_is_asked_for_on_the_console_only_where_there_is_no_screen(checkout: Path) -> None:
    """And only where a card has left its mark, by which the programs too know that it waits."""
    for unit in ("kiosk-enrol.service", "kiosk-enrol.socket", "kiosk-enrol@.service"):
        text = (checkout / "systemd" / unit).read_text("utf-8")
        assert f"ConditionPathExists={install.PENDING}\n" in text
    assert f"/etc/kiosk/{PENDING}" == install.PENDING
    assert install.PENDING in (checkout / "provisioning/card/place.sh").read_text("utf-8")
    assert {"kiosk-enrol.socket"} == {unit for unit in ENABLED if "enrol" in unit}
    capture = (checkout / "systemd/kiosk-capture.service").read_text("utf-8")
    assert "OnFailure=kiosk-enrol.service\n" in capture
    enrol = service(checkout, "kiosk-enrol.service")
    text = (checkout / "systemd/kiosk-enrol.service").read_text("utf-8")
    assert "StartLimitIntervalSec=0\n" in text.partition("[Service]")[0]
    assert enrol["TimeoutStartSec"] == ["infinity"]
    assert enrol["TTYPath"] == ["/dev/tty1"]
    assert enrol["ExecCondition"] == ["/usr/bin/systemctl is-failed --quiet kiosk-capture.service"]


def test_the_screen_alone_may_hand_over_a_code_and_in_memory(checkout: Path) -> None:
    text = (checkout / "systemd/kiosk-enrol.socket").read_text("utf-8")
    capture = service(checkout, "kiosk-capture.service")
    assert f"ListenSequentialPacket={SOCKET}\n" in text
    assert SOCKET.is_relative_to("/run")
    assert f"SocketUser={capture['User'][0]}\nSocketGroup=root\nSocketMode=0600\n" in text
    assert "Before=kiosk-capture.service\n" in text
    answering = service(checkout, "kiosk-enrol@.service")
    assert answering["ExecStart"] == [
        f"/opt/kiosk/bin/kiosk enrol --screen-of {capture['User'][0]}"
    ]
    # What it says goes to the journal and not, by systemd's default, to the screen.
    assert answering["StandardOutput"] == answering["StandardError"] == ["journal"]


def test_whoever_asks_for_the_code_has_none_of_roots_powers(checkout: Path) -> None:
    console = service(checkout, "kiosk-enrol.service")
    screen = service(checkout, "kiosk-enrol@.service")
    assert console["CapabilityBoundingSet"] == [""]
    assert console["ReadWritePaths"] == ["/etc/kiosk"]
    own = {"Type", "ExecStart", "StandardInput", "StandardOutput", "StandardError"}
    of_console = {"ExecCondition", "Restart", "RestartSec", "TimeoutStartSec"}
    of_console |= {"TTYPath", "TTYReset", "TTYVHangup"}
    sandbox = {key: value for key, value in console.items() if key not in own | of_console}
    of_screen = {"RuntimeMaxSec", "PrivateDevices"}
    assert sandbox == {k: v for k, v in screen.items() if k not in own | of_screen}
    assert screen["PrivateDevices"] == ["yes"]


def test_the_screen_asks_for_a_bundle_without_any_right_more(checkout: Path) -> None:
    """By a file in the folder that it has anyway; what is told lies where it cannot write."""
    path = (checkout / "systemd/kiosk-support.path").read_text("utf-8")
    capture = service(checkout, "kiosk-capture.service")
    support = service(checkout, "kiosk-support.service")
    assert f"PathExists={REQUEST}\n" in path
    assert str(REQUEST.parent) == f"/run/{capture['RuntimeDirectory'][0]}"
    assert str(TOLD.parent) == f"/run/{support['RuntimeDirectory'][0]}"
    assert support["RuntimeDirectoryPreserve"] == ["yes"]
    assert not any("support" in value for values in capture.values() for value in values)
    assert support["ExecStart"] == ["/opt/kiosk/bin/kiosk support --asked"]
    assert "kiosk-support.path" in ENABLED


def test_whoever_makes_a_bundle_can_neither_write_what_is_others_nor_tell_anybody(
    checkout: Path,
) -> None:
    support = service(checkout, "kiosk-support.service")
    powers = {"CAP_DAC_READ_SEARCH", "CAP_SETUID", "CAP_SETGID"}
    assert set(support["CapabilityBoundingSet"][0].split()) == powers
    assert support["RestrictAddressFamilies"] == ["AF_UNIX"]
    assert support["PrivateNetwork"] == ["yes"]
    text = (checkout / "systemd/kiosk-support.service").read_text("utf-8").partition("[Service]")[0]
    assert "StartLimitIntervalSec=1h\nStartLimitBurst=20\n" in text


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


@pytest.mark.parametrize(
    ("looked", "come", "looks"),
    [
        (2, (1, 1), False),
        (2, (3, 1), True),
        (2, (1, 3), True),
        (0, (1, None), True),
        (2, (1, None), False),
    ],
)
def test_a_report_looks_at_each_letter_once(
    checkout: Path, tmp_path: Path, looked: int, come: tuple[int | None, ...], *, looks: bool
) -> None:
    """The unit's own condition, asked of the shell that systemd will ask."""
    text = (checkout / "systemd/kiosk-commission-letters.service").read_text("utf-8")
    assert f"ConditionPathExists={WAITS}\n" in text
    lines = text.replace("\\\n", " ").splitlines()
    (line,) = [line for line in lines if line.startswith("ExecCondition=")]
    words = shlex.split(line.removeprefix("ExecCondition="))
    places = (str(WAITS), "/var/spool/kiosk/inbox", "/run/kiosk-share")
    for path, when in zip(places, (looked, *come), strict=True):
        assert path in words[2]
        here = tmp_path / Path(path).name
        words[2] = words[2].replace(path, str(here))
        if when is not None:
            here.touch()
            os.utime(here, (when, when))
    done = subprocess.run(words, check=False)
    assert (done.returncode == 0) == looks


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
