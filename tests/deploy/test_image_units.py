"""The units of the image, as systemd reads them, and what they start."""

from __future__ import annotations

import io
import os
import re
import shutil
from pathlib import Path

import pytest

from provisioning.install import network
from provisioning.install.machine import InstallError, Machine
from provisioning.install.settling import DROP_IN, main, steps
from provisioning.install.steps import run_steps
from tests.deploy.real_units import Tool, edit, verify

OVERLAY = "provisioning/image/layer/capture-station.rootfs-overlay"
UNITS = (
    "capture-station-card.service",
    "capture-station-server.service",
    "capture-station-try.service",
)


@pytest.fixture
def image_tree(unit_tree: Path, checkout: Path) -> Path:
    shutil.copytree(checkout / OVERLAY, unit_tree, dirs_exist_ok=True)
    for program in ("usr/bin/python3", "usr/bin/systemctl"):
        path = unit_tree / program
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n", encoding="ascii")
        path.chmod(0o755)
    return unit_tree


def test_systemd_has_nothing_against_the_image_s_units(tool: Tool, image_tree: Path) -> None:
    assert verify(tool, image_tree, UNITS) == ""


@pytest.mark.parametrize(
    ("unit", "old", "new"),
    [
        ("capture-station-card.service", "libexec/capture-station/", "libexec/capture-staton/"),
        ("capture-station-card.service", "RemainAfterExit=yes", "RemainAfterExit=perhaps"),
        ("capture-station-card.service", "RequiresMountsFor=/boot", "RequiresMountsFor=boot"),
        ("capture-station-server.service", "Restart=on-failure", "Restart=on-falure"),
        ("capture-station-server.service", "/usr/bin/python3", "/usr/bin/pyton3"),
        ("capture-station-server.service", "RestartSec=60", "RestartSec=a while"),
        ("capture-station-try.service", "FailureAction=reboot-force", "FailureAction=go-back"),
        ("capture-station-try.service", "/usr/bin/python3", "/usr/bin/pyton3"),
        ("capture-station-try.service", "Before=", "Befor="),
        ("capture-station-try.service", "ProtectHostname=", "ProtectHostnames="),
    ],
)
def test_a_planted_typo_is_seen(
    tool: Tool, image_tree: Path, unit: str, old: str, new: str
) -> None:
    edit(image_tree, unit, old, new)
    assert verify(tool, image_tree, UNITS) != ""


def test_the_exposure_of_the_one_that_tries_everything_stays_low(
    tool: Tool, checkout: Path
) -> None:
    unit = checkout / OVERLAY / "etc/systemd/system/capture-station-try.service"
    command = ["systemd-analyze", "security", "--offline=yes", "--no-pager"]
    assert tool([*command, "--threshold=40", str(unit)]).code == 0
    assert tool([*command, "--threshold=30", str(unit)]).code != 0, "the tool judges at all"


def test_a_new_system_is_judged_before_a_patient_sees_it_and_fails_to_the_old_one(
    checkout: Path,
) -> None:
    text = (checkout / OVERLAY / "etc/systemd/system/capture-station-try.service").read_text()
    assert "\nBefore=kiosk-capture.service\n" in text
    assert "\nFailureAction=reboot-force\n" in text
    assert "\nType=oneshot\n" in text, "ordering makes others wait for a oneshot alone"
    assert " -m provisioning.install.trying\n" in text
    assert "network-online" not in text, "or every start without a cable keeps the screen dark"


def test_they_call_what_settling_knows(checkout: Path) -> None:
    asked: set[str] = set()
    for unit in UNITS:
        text = (checkout / OVERLAY / "etc/systemd/system" / unit).read_text("utf-8")
        asked |= set(re.findall(r"provisioning\.install\.settling (\w+)", text))
    assert asked == set(steps())


@pytest.fixture
def machine(tmp_path: Path, checkout: Path) -> Machine:
    settings = tmp_path / "etc/kiosk/station.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('[upload]\nhost = "box.example"\n', encoding="ascii")
    return Machine(tmp_path, checkout)


def test_the_server_is_opened_in_memory_and_again_when_it_moved(machine: Machine) -> None:
    assert DROP_IN == "/run/systemd/system/kiosk-upload.service.d/server.conf"
    assert network.DROP_IN.startswith("/etc/systemd/system/")
    first = steps(lambda _: ["192.0.2.5"])["server"][:1]
    assert run_steps(first, machine, io.StringIO()) == 1
    assert run_steps(first, machine, io.StringIO()) == 0
    assert "IPAddressAllow=192.0.2.5\n" in (machine.read(DROP_IN) or "")
    assert run_steps(steps(lambda _: ["192.0.2.6"])["server"][:1], machine, io.StringIO()) == 1
    assert "192.0.2.5" not in (machine.read(DROP_IN) or "")
    assert not machine.at("/etc/systemd").exists(), "the system itself may be read-only"


def test_a_name_without_an_address_is_tried_again_later(machine: Machine) -> None:
    def nobody(host: str) -> list[str]:
        raise InstallError(f"{host} has no address")

    with pytest.raises(InstallError, match=r"box\.example"):
        run_steps(steps(nobody)["server"], machine, io.StringIO())


def test_only_root_settles_a_station(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert main(["keys"]) == 1
    assert "expected root" in capsys.readouterr().err
