"""The row *bootloader* of ``kiosk check``, in a tree as firmware and installer leave it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.commission.bootloader import WANTED, bootloader
from kiosk.commission.checks import Verdict
from kiosk.commission.eeprom import merge
from kiosk.commission.place import Place
from tests.commission.boards import ALIAS, SETTINGS, SHIPPED, plant_bootloader


@pytest.fixture
def board(tmp_path: Path) -> Place:
    plant_bootloader(tmp_path)
    return Place(tmp_path, uid=0)


def settings(place: Place, text: str) -> None:
    (place.root / SETTINGS).write_text(text, encoding="utf-8")


def test_a_station_s_bootloader_is_in_order(board: Place) -> None:
    found = bootloader(board)
    assert found.verdict is Verdict.OK
    assert "6 settings" in found.sentence


def test_each_setting_that_differs_is_named(board: Place) -> None:
    settings(board, "[all]\nBOOT_ORDER=0xf14\nBOOT_UART=0\n")
    found = bootloader(board)
    assert found.verdict is Verdict.WRONG
    assert "BOOT_ORDER=0xf14 instead of 0xf1" in found.sentence
    assert "ENABLE_SELF_UPDATE not set instead of 0" in found.sentence
    assert "BOOT_UART" not in found.sentence


def test_what_the_bootloader_adds_to_config_txt_is_seen(board: Place) -> None:
    settings(board, merge("", SHIPPED) + "[config.txt]\n# a note\nenable_uart=1\n")
    found = bootloader(board)
    assert found.verdict is Verdict.WRONG
    assert "'enable_uart=1'" in found.sentence


def test_only_root_sees_them(board: Place) -> None:
    assert bootloader(Place(board.root, uid=1000)).verdict is Verdict.UNCHECKED


def test_other_machines_have_none(board: Place) -> None:
    (board.root / ALIAS).unlink()
    assert bootloader(board).verdict is Verdict.NOT_APPLICABLE
    board.at(WANTED).unlink()
    assert bootloader(board).verdict is Verdict.NOT_APPLICABLE
