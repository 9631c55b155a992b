"""docs/server.md says what the program does."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from provisioning.server import __main__ as server
from provisioning.server import limit
from provisioning.server.check import running
from provisioning.server.check.attacks import ATTACKS
from provisioning.server.dropbox import ASIDE, station_folders

PAGE = (Path(__file__).parents[3] / "docs/server.md").read_text(encoding="utf-8")
PROVING = PAGE.split("\n## Prove it\n")[1].split("\n## ")[0]


def rows(text: str) -> list[tuple[str, str]]:
    found = re.findall(r"^\| (.+?) \| (.+?) \|$", text, flags=re.MULTILINE)
    return [(one, other) for one, other in found if not one.startswith("-")]


def test_the_table_of_attacks_is_the_list() -> None:
    table = rows(PROVING)[rows(PROVING).index(("kind", "attack")) + 1 :]
    assert table == [(attack.kind, attack.name) for attack in ATTACKS]


def test_the_exit_codes_are_these() -> None:
    codes = [int(code) for code, _ in rows(PROVING) if code.isdecimal()]
    assert codes == [running.HELD, running.BROKEN, server.USAGE, running.NOT_TRIED]
    assert f"`{running.SUCCEEDED}`" in PROVING
    assert f"`{running.UNTRIED}`" in PROVING


def test_every_command_on_the_page_is_one() -> None:
    lines = re.findall(r"^ {4}sudo python3 -m provisioning\.server (.*)$", PAGE, re.MULTILINE)
    commands = {server._parser().parse_args(shlex.split(line)).command for line in lines}
    assert commands == {
        "prepare",
        "check",
        "add",
        "expect",
        "enrolment",
        "list",
        "quarantine",
        "release",
        "revoke",
    }
    assert "`python3 -m provisioning.server limit`" in PAGE


def test_the_figures_and_places_are_these() -> None:
    assert f"may hold {limit.USUAL_GB:g} GB" in PAGE
    assert f"{limit.LEAST // 1024} kB" in PAGE
    assert limit.LET_IN == 9 / 10
    assert "less than nine tenths" in PAGE
    assert f"/srv/capture-stations/kiosk-01/{ASIDE}" in PAGE
    assert "in `in`, `out`, `quarantine` and `aside` together" in PAGE.replace("\n", " ")
    assert [one.path for one in station_folders("x")[1:]] == ["x/in", "x/out", "x/quarantine"]
