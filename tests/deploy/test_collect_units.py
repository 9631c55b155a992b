"""The collector's units on a clinic's server, as systemd itself reads them."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from kiosk import cli
from tests.deploy.real_units import Tool, edit, verify

UNITS = ("kiosk-collect.service", "kiosk-collect.timer")
LIMIT = 0.5


@pytest.fixture
def server_tree(unit_tree: Path, checkout: Path) -> Path:
    for unit in UNITS:
        shutil.copy(
            checkout / "provisioning/server/systemd" / unit, unit_tree / "etc/systemd/system"
        )
    return unit_tree


def exposure(tool: Tool, unit: Path) -> Any:  # noqa: ANN401 - conftest's answer
    threshold = f"--threshold={round(LIMIT * 10)}"
    return tool(
        ["systemd-analyze", "security", "--offline=yes", "--no-pager", threshold, str(unit)]
    )


def test_systemd_has_nothing_against_the_units(tool: Tool, server_tree: Path) -> None:
    assert verify(tool, server_tree, UNITS) == ""


@pytest.mark.parametrize(
    ("unit", "old", "new"),
    [
        ("kiosk-collect.service", "ProtectHome=", "ProtecHome="),
        ("kiosk-collect.service", "/opt/kiosk/bin/kiosk clinic", "/opt/kisok/bin/kiosk clinic"),
        ("kiosk-collect.service", "@system-service", "@sytem-service"),
        ("kiosk-collect.service", "ReadWritePaths=/srv", "ReadWritePaths=srv"),
        ("kiosk-collect.timer", "OnUnitInactiveSec=10s", "OnUnitInactiveSec=soon"),
        ("kiosk-collect.timer", "WantedBy=", "WantedBay="),
    ],
)
def test_a_planted_typo_is_seen(
    tool: Tool, server_tree: Path, unit: str, old: str, new: str
) -> None:
    edit(server_tree, unit, old, new)
    assert verify(tool, server_tree, UNITS) != ""


def test_the_exposure_stays_low(tool: Tool, server_tree: Path) -> None:
    path = server_tree / "etc/systemd/system/kiosk-collect.service"
    said = exposure(tool, path)
    assert said.code == 0, said.out
    edit(server_tree, "kiosk-collect.service", "PrivateNetwork=yes\n", "")
    assert exposure(tool, path).code != 0


def test_the_command_is_one_that_the_program_understands(checkout: Path) -> None:
    text = (checkout / "provisioning/server/systemd/kiosk-collect.service").read_text("utf-8")
    (line,) = re.findall(r"^ExecStart=/opt/kiosk/bin/kiosk (.*)$", text, flags=re.MULTILINE)
    parsed = cli._parser().parse_args(shlex.split(line))
    assert parsed.identity == [Path("%d/archive.identity")]
    assert "LoadCredential=archive.identity:" in text
    written = re.findall(r"^ReadWritePaths=(.*)$", text, flags=re.MULTILINE)[0].split()
    for folder in (parsed.server, parsed.library, parsed.sealed):
        assert any(folder.is_relative_to(path) for path in written)
