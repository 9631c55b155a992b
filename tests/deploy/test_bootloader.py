"""The installer's step for the bootloader, with the board's tools in their places."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kiosk.commission.eeprom import effective
from provisioning.install.bootloader import SOURCE, TOOL, BootloaderStep, main, step
from provisioning.install.machine import InstallError, Machine
from provisioning.install.plan import Choices, steps
from provisioning.install.steps import run_steps

STOCK = "[all]\nBOOT_UART=1\nBOOT_ORDER=0xf461\nNET_INSTALL_AT_POWER_ON=1\nPCIE_PROBE=1\n"
PENDING = "boot/firmware/pieeprom.upd"


@dataclass
class Board:
    """Stands for rpi-eeprom-config and rpi-eeprom-update: an update waits for the next start."""

    root: Path
    running: str = STOCK
    applied: list[str] = field(default_factory=list)

    def __call__(self, command: Sequence[str], environment: Mapping[str, str]) -> str:
        match list(command)[2:]:
            case ["rpi-eeprom-update", "-b"]:
                return "/boot/firmware\n"
            case [tool, "--apply", path] if tool == TOOL:
                assert environment == {"RPI_EEPROM_IMMEDIATE_UPDATE": "0"}
                self.applied.append(Path(path).read_text("utf-8"))
                (self.root / PENDING).write_text(self.applied[-1], encoding="utf-8")
                return "EEPROM updates pending. Please reboot to apply the update.\n"
            case [tool, "/boot/firmware/pieeprom.upd"] if tool == TOOL:
                return (self.root / PENDING).read_text("utf-8")
            case [tool] if tool == TOOL:
                return self.running
        raise AssertionError(command)

    def restart(self) -> None:
        if (self.root / PENDING).exists():
            self.running = (self.root / PENDING).read_text("utf-8")
            (self.root / PENDING).unlink()


@pytest.fixture
def board(tmp_path: Path) -> Board:
    (tmp_path / "boot/firmware").mkdir(parents=True)
    (tmp_path / "usr/bin").mkdir(parents=True)
    (tmp_path / "usr/bin" / TOOL).touch()
    return Board(tmp_path)


def install(board: Board, checkout: Path) -> tuple[int, str]:
    machine = Machine(board.root, checkout, board)
    out = io.StringIO()
    return run_steps([step(machine)], machine, out), out.getvalue()


def test_it_is_asked_for_once_before_and_after_the_restart(board: Board, checkout: Path) -> None:
    assert install(board, checkout)[0] == 1
    assert install(board, checkout)[0] == 0
    board.restart()
    assert install(board, checkout)[0] == 0
    assert len(board.applied) == 1
    has = effective(board.running, "pi5")
    assert has["BOOT_ORDER"] == "0xf1"
    assert has["PCIE_PROBE"] == "1", "what is not ours stays"


def test_an_update_that_waits_already_is_built_upon(board: Board, checkout: Path) -> None:
    (board.root / PENDING).write_text("[all]\nSD_QUIRKS=0x1\n", encoding="ascii")
    assert install(board, checkout)[0] == 1
    assert "SD_QUIRKS=0x1\n" in board.applied[0]
    assert "PCIE_PROBE" not in board.applied[0]


def test_without_the_tool_nothing_is_done_and_the_step_says_so(
    board: Board, checkout: Path
) -> None:
    (board.root / "usr/bin" / TOOL).unlink()
    changed, said = install(board, checkout)
    assert changed == 0
    assert "left alone: no rpi-eeprom-config here" in said
    assert board.applied == []


def test_a_board_that_starts_only_what_is_signed_is_left_alone(
    board: Board, checkout: Path
) -> None:
    board.running += "SIGNED_BOOT=1\n"
    with pytest.raises(InstallError, match="signing bench"):
        install(board, checkout)
    assert board.applied == []


def test_a_shipped_file_with_a_typing_error_never_reaches_the_board(
    board: Board, tmp_path: Path, checkout: Path
) -> None:
    wrong = tmp_path / "checkout" / SOURCE
    wrong.parent.mkdir(parents=True)
    text = (checkout / SOURCE).read_text("utf-8").replace("BOOT_ORDER", "BOOT_ODER")
    wrong.write_text(text, encoding="utf-8")
    with pytest.raises(InstallError, match="perhaps BOOT_ORDER was meant"):
        install(board, tmp_path / "checkout")
    assert board.applied == []


def test_the_installer_asks_for_it_last_and_never_in_a_tree(
    board: Board, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("config.txt", "cmdline.txt"):
        (board.root / "boot/firmware" / name).write_text("", encoding="ascii")
    machine = Machine(board.root, checkout, board)
    assert not [s for s in steps(machine, Choices("imx708")) if isinstance(s, BootloaderStep)]
    monkeypatch.setattr(Machine, "live", property(lambda _: True))
    assert isinstance(steps(machine, Choices("imx708"))[-1], BootloaderStep)


def test_the_installer_needs_the_standard_library_alone(checkout: Path) -> None:
    """It runs on a machine that has nothing else yet."""
    line = "import sys; sys.path.insert(0, sys.argv[1]); import provisioning.install.__main__"
    command = [sys.executable, "-I", "-S", "-B", "-c", line, str(checkout)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_by_itself_it_says_where_it_cannot_be_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("provisioning.install.bootloader._PLACES", ())
    assert main() == 1
    assert "expected a Raspberry Pi 4 or 5" in capsys.readouterr().err
