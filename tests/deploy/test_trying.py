"""A new system is kept if nothing is wrong; whatever else happens, the next start is the old one.

The boot partition and what the firmware tells are stand-ins in a tree.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from provisioning.install import slots
from provisioning.install.machine import InstallError, Machine, run
from provisioning.install.slots import Slots, Start, Verdict
from provisioning.install.trying import AUTOBOOT, Clock, ask, keep, main

OLD_STARTS = slots.render(Slots(2, 3))


@dataclass
class Board:
    """A station with two systems; ``wrong``: what each check finds, the last one ever again."""

    machine: Machine
    wrong: list[list[str]] = field(default_factory=lambda: [[]])
    seconds: float = 0.0
    asked: int = 0

    def started(self, partition: int, *, as_a_try: bool) -> None:
        chosen = self.machine.at("/proc/device-tree/chosen/bootloader")
        chosen.mkdir(parents=True, exist_ok=True)
        (chosen / "partition").write_bytes(partition.to_bytes(4, "big"))
        (chosen / "tryboot").write_bytes(int(as_a_try).to_bytes(4, "big"))

    def check(self) -> list[str]:
        self.asked += 1
        return self.wrong[min(self.asked, len(self.wrong)) - 1]

    def keep(self) -> str:
        return keep(self.machine, self.check, Clock(lambda: self.seconds, self._sleep))

    def _sleep(self, seconds: float) -> None:
        self.seconds += seconds

    @property
    def next_start(self) -> int:
        """The firmware's own rule: what is under [all], because a try is forgotten."""
        return slots.read(self.machine.read(AUTOBOOT) or "").default


@pytest.fixture
def board(tmp_path: Path, checkout: Path) -> Board:
    (tmp_path / "bootfs").mkdir()
    (tmp_path / AUTOBOOT[1:]).write_text(OLD_STARTS, encoding="ascii")
    made = Board(Machine(tmp_path, checkout))
    made.started(3, as_a_try=True)
    return made


def test_a_system_with_nothing_wrong_is_kept(board: Board) -> None:
    assert "partition 3 starts from now on" in board.keep()
    assert board.next_start == 3
    board.started(3, as_a_try=False)
    assert Verdict.NOTHING.value in board.keep()
    assert board.asked == 1


def test_and_the_next_update_goes_the_other_way(board: Board) -> None:
    board.keep()
    board.started(2, as_a_try=True)
    board.keep()
    assert board.machine.read(AUTOBOOT) == OLD_STARTS


def test_what_needs_a_while_is_waited_for(board: Board) -> None:
    board.wrong = [["clock: not synchronised"], ["server: busy"], []]
    board.keep()
    assert board.asked == 3
    assert board.next_start == 3


def test_what_stays_wrong_goes_back(board: Board) -> None:
    board.wrong = [["camera: there is none"]]
    with pytest.raises(InstallError, match="camera: there is none"):
        board.keep()
    assert board.asked == 31, "ten minutes, every twenty seconds"
    assert board.machine.read(AUTOBOOT) == OLD_STARTS


def test_a_check_that_breaks_goes_back(board: Board) -> None:
    def broken() -> list[str]:
        raise InstallError("no program")

    with pytest.raises(InstallError):
        keep(board.machine, broken, Clock())
    assert board.next_start == 2


def test_a_usual_start_checks_and_changes_nothing(board: Board) -> None:
    board.started(2, as_a_try=False)
    board.keep()
    assert board.asked == 0
    assert board.machine.read(AUTOBOOT) == OLD_STARTS


def test_a_try_that_fell_back_changes_nothing(board: Board) -> None:
    board.started(2, as_a_try=True)
    assert "did not start" in board.keep()
    assert board.asked == 0
    assert board.next_start == 2


def test_a_machine_without_such_firmware_is_left_alone(board: Board) -> None:
    board.machine.at("/proc/device-tree/chosen/bootloader/tryboot").unlink()
    board.keep()
    assert board.asked == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "is not there"),
        ("", "does not name two systems"),
        ("[all]\nboot_partition=2\n[tryboot]\nboot_partition=3\n", "does not name two systems"),
        ("[all]\ntryboot_a_b=1\nboot_partition=2\n", "does not name two systems"),
        (OLD_STARTS.replace("=3", "=three"), "does not name two systems"),
        (OLD_STARTS.replace("=3", "=2"), "twice"),
        (OLD_STARTS.replace("=3", "=4"), "started from partition 3; expected 2 or 4"),
    ],
)
def test_an_autoboot_that_makes_no_sense_keeps_nothing(
    board: Board, text: str | None, words: str
) -> None:
    path = board.machine.at(AUTOBOOT)
    path.unlink() if text is None else path.write_text(text, encoding="ascii")
    with pytest.raises(InstallError, match=words):
        board.keep()
    assert board.asked == 0
    assert (path.read_text("ascii") if path.exists() else None) == text


def test_a_write_that_fails_leaves_the_old_one(board: Board) -> None:
    folder = board.machine.at("/bootfs")
    folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to("/proc/self")  # where nothing can be made
    with pytest.raises(InstallError):
        board.keep()
    assert (folder.with_name("elsewhere") / "autoboot.txt").read_text("ascii") == OLD_STARTS


def test_the_image_s_own_autoboot_is_understood() -> None:
    """As image-rota writes it, and the documentation's example."""
    text = "[all]\ntryboot_a_b=1\nboot_partition=2\n[tryboot]\nboot_partition=3\n"
    assert slots.read(text) == Slots(2, 3)
    assert slots.render(Slots(2, 3)) == text
    assert slots.judge(Start(3, as_a_try=True), Slots(2, 3)) is Verdict.TO_BE_TRIED


@dataclass
class Program:
    """Runs commands for real, with a stand-in for the station's program."""

    path: Path

    def __call__(self, command: Sequence[str], environment: Mapping[str, str]) -> str:
        inside = list(command)[2:]
        wanted = [str(self.path) if word == "/opt/kiosk/bin/kiosk" else word for word in inside]
        return run(wanted, environment)


ROWS = {
    "wrong": 1,
    "checks": [
        {"name": "clock", "verdict": "ok", "sentence": "Right."},
        {"name": "camera", "verdict": "wrong", "sentence": "There is none."},
    ],
}


@pytest.mark.parametrize(
    ("script", "answer"),
    [
        (f"echo '{json.dumps(ROWS)}'; exit 1", ["camera: There is none."]),
        (f"echo '{json.dumps({**ROWS, 'checks': ROWS['checks'][:1]})}'", []),  # type: ignore[index]
        ("echo no module named kiosk >&2; exit 3", ["no module named kiosk"]),
        ("echo oops; exit 1", ["did not say what it found"]),
        ("", ["did not say what it found"]),
        ("kill -9 $$", ["ended with code"]),
    ],
)
def test_the_station_s_own_check_is_asked(
    tmp_path: Path, checkout: Path, script: str, answer: list[str]
) -> None:
    program = tmp_path / "kiosk"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    said = ask(Machine(tmp_path, checkout, Program(program)))
    assert len(said) == len(answer)
    assert all(words in sentence for words, sentence in zip(answer, said, strict=True))


def test_only_root_decides(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert main() == 1
    assert "expected root" in capsys.readouterr().err
