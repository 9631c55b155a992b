"""The kernel's arguments: what a station's line has and has not, each fault by its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kiosk.commission.checks import Verdict
from kiosk.commission.kernel_arguments import check, wanted_arguments
from provisioning.install.firmware import merge_cmdline
from tests.commission.conftest import RUNNING
from tests.commission.test_station import Plant, edit, findings, unlink, write

WANTED = (Path(__file__).parents[2] / "firmware_config/cmdline.txt").read_text("utf-8")
STOCK = "console=serial0,115200 console=tty1 root=PARTUUID=ab-02 rootfstype=ext4 rootwait splash"
LINE = merge_cmdline(STOCK, WANTED)
CMDLINE = "/boot/firmware/cmdline.txt"
STARTED = "/proc/cmdline"


def test_what_the_installer_makes_of_the_stock_line_is_in_order() -> None:
    assert check(LINE, WANTED) == ()
    assert check(f"\n{LINE}\n\n", WANTED) == ()


@pytest.mark.parametrize("argument", wanted_arguments(WANTED))
def test_each_argument_that_is_missing_is_named(argument: str) -> None:
    words = [word for word in LINE.split() if word != argument]
    (problem,) = check(" ".join(words), WANTED)
    assert (problem.file, problem.line) == ("cmdline.txt", 1)
    assert problem.sentence.startswith(f"{argument} is missing")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("console=serial0,115200", "has console=serial0,115200; expected console=tty3 and no"),
        ("console=ttyAMA0", "has console=ttyAMA0; expected console=tty3"),
        ("loglevel=7", "has loglevel=7; expected loglevel=3"),
        ("init=/bin/sh", "has init=/bin/sh, which starts something else"),
        ("systemd.debug_shell", "opens a shell without a password"),
        ("systemd.debug-shell=1", "opens a shell without a password"),
        ("systemd.unit=rescue.target", "starts something else"),
        ("emergency", "starts something else"),
        ("-b", "starts something else"),
        ("sysrq-always-enabled", "kill programs"),
        ("kgdboc=ttyAMA0", "debugger"),
        ("earlycon=pl011", "on the header's pins"),
    ],
)
def test_what_no_station_has_is_named(more: str, words: str) -> None:
    (problem,) = check(f"{LINE.strip()} {more}\n", WANTED)
    assert problem.line == 1
    assert words in problem.sentence


def test_a_second_line_or_none_is_a_fault() -> None:
    (second,) = check(f"{LINE}\nquiet\n\n", WANTED)
    assert (second.line, second.sentence.split(",")[0]) == (3, "a second line")
    (none,) = check("\n", WANTED)
    assert "there is no line in it" in none.sentence


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        (
            write(CMDLINE, "root=PARTUUID=ab-02 rootwait\n"),
            "cmdline.txt:1: console=tty3 is missing",
        ),
        (edit(CMDLINE, "console=tty3", "console=serial0,115200"), "console=tty3 is missing"),
        (edit(CMDLINE, "quiet", "quiet\nquiet"), "cmdline.txt:2: a second line"),
        (unlink(CMDLINE), "cmdline.txt is missing"),
        (edit(STARTED, " panic=10", ""), "running kernel was started without what cmdline.txt"),
        (edit(STARTED, "quiet", "quiet init=/bin/sh"), "has init=/bin/sh"),
    ],
)
def test_a_station_says_so(station: Any, plant: Plant, words: str) -> None:  # noqa: ANN401
    before = findings(station)["kernel arguments"]
    assert before.verdict is Verdict.OK, before
    plant(station)
    found = findings(station)["kernel arguments"]
    assert found.verdict is Verdict.WRONG
    assert words in found.sentence


def test_what_the_firmware_adds_is_no_fault(station: Any) -> None:  # noqa: ANN401
    assert "vc_mem.mem_base" in RUNNING
    assert findings(station)["kernel arguments"].verdict is Verdict.OK


def test_a_machine_without_that_firmware_has_none(station: Any) -> None:  # noqa: ANN401
    unlink("/boot/firmware/kiosk-cmdline.txt")(station)
    assert findings(station)["kernel arguments"].verdict is Verdict.NOT_APPLICABLE
