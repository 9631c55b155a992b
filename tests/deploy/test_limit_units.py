"""The units that look after the stations' limit on a server, as systemd itself reads them."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from provisioning.server import __main__ as server
from provisioning.server.limit import UNITS
from provisioning.server.place import Place
from tests.deploy.real_units import Tool, edit, verify

SERVICE, TIMER = UNITS


@pytest.fixture
def server_tree(unit_tree: Path, checkout: Path) -> Path:
    for unit in UNITS:
        shutil.copy(
            checkout / "provisioning/server/systemd" / unit, unit_tree / "etc/systemd/system"
        )
    python = unit_tree / "usr/bin/python3"
    python.write_text("#!/bin/sh\n", encoding="ascii")
    python.chmod(0o755)
    return unit_tree


def test_systemd_has_nothing_against_the_units(tool: Tool, server_tree: Path) -> None:
    assert verify(tool, server_tree, UNITS) == ""


@pytest.mark.parametrize(
    ("unit", "old", "new"),
    [
        (SERVICE, "ProtectHome=", "ProtecHome="),
        (SERVICE, "/usr/bin/python3", "/usr/bin/pyhton3"),
        (SERVICE, "MemoryMax=512M", "MemoryMax=half"),
        (TIMER, "OnUnitInactiveSec=1min", "OnUnitInactiveSec=soon"),
        (TIMER, "WantedBy=", "WantedBay="),
    ],
)
def test_a_planted_typo_is_seen(
    tool: Tool, server_tree: Path, unit: str, old: str, new: str
) -> None:
    edit(server_tree, unit, old, new)
    assert verify(tool, server_tree, UNITS) != ""


def test_the_command_is_one_that_the_program_understands(checkout: Path) -> None:
    text = (checkout / "provisioning/server/systemd" / SERVICE).read_text("utf-8")
    (line,) = re.findall(r"^ExecStart=/usr/bin/python3 -I (\S+) (.*)$", text, flags=re.MULTILINE)
    parsed = server._parser().parse_args(shlex.split(line[1]))
    usual = Place()
    assert Path(line[0]) == usual.program
    assert (parsed.root, parsed.keys, parsed.config, parsed.enrolments, parsed.command) == (
        usual.root,
        usual.keys,
        usual.config,
        usual.enrolments,
        "limit",
    )
