"""``kiosk firmware`` on the bench: the same checks, on files."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from kiosk.cli import main
from tests.commission.conftest import ARGUMENTS
from tests.commission.test_station import STATION_TOML

SHIPPED = Path(__file__).parents[2] / "firmware_config"


@pytest.fixture
def card(tmp_path: Path) -> Path:
    folder = tmp_path / "bootfs"
    folder.mkdir()
    for name in ("kiosk.txt", "kiosk-imx477.txt", "kiosk-imx708.txt"):
        shutil.copy(SHIPPED / name, folder / name)
    (folder / "config.txt").write_text("include kiosk.txt\ninclude kiosk-imx477.txt\n", "utf-8")
    (folder / "cmdline.txt").write_text(f"{ARGUMENTS}\n", "utf-8")
    shutil.copy(SHIPPED / "cmdline.txt", folder / "kiosk-cmdline.txt")
    shutil.copy(SHIPPED / "eeprom.conf", folder / "kiosk-eeprom.conf")
    return folder


def said(capsys: pytest.CaptureFixture[str], *arguments: Path | str, code: int = 0) -> list[str]:
    assert main(["firmware", *map(str, arguments)]) == code
    return capsys.readouterr().out.splitlines()


def test_every_file_of_a_card_gets_its_line(card: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, *sorted(card.iterdir()))
    assert len(lines) == 7
    assert all(line.startswith(f"right  {card}/") for line in lines)
    assert lines[1].endswith("config.txt (pins and which camera: with --config)")


def test_every_file_that_we_ship_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    files = sorted(path for path in SHIPPED.iterdir() if path.suffix in {".txt", ".conf"})
    assert len(said(capsys, *files)) == len(files) > 5


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        (
            "config.txt",
            ("imx477", "imx478"),
            "config.txt:2: includes kiosk-imx478.txt, which is not",
        ),
        (
            "config.txt",
            ("include kiosk-imx477.txt", "dtoverlay=imx219"),
            "config.txt:2: loads the ca",
        ),
        (
            "kiosk-imx708.txt",
            ("dtoverlay=imx708", "dtoverlay=imx47"),
            "kiosk-imx708.txt:4: imx47 is",
        ),
        ("kiosk.txt", ("dtoverlay=vc4-kms", "dtoverlay=vc4-fkms"), "perhaps vc4-kms-v3d was meant"),
        ("cmdline.txt", ("panic=10", ""), "cmdline.txt:1: panic=10 is missing"),
        ("kiosk-cmdline.txt", ("quiet", "init=/bin/sh"), "has init=/bin/sh"),
        ("kiosk-eeprom.conf", ("BOOT_ORDER", "BOOT_ODER"), "perhaps BOOT_ORDER was meant"),
    ],
)
def test_a_fault_is_told_with_file_and_line(
    card: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    change: tuple[str, str],
    words: str,
) -> None:
    text = (card / name).read_text("utf-8")
    assert change[0] in text
    (card / name).write_text(text.replace(*change), "utf-8")
    lines = said(capsys, card / name, code=1)
    assert any(line.startswith(f"WRONG  {card}/") and words in line for line in lines), lines


def test_what_is_included_is_named_by_its_own_file(
    card: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (card / "kiosk.txt").read_text("utf-8")
    (card / "kiosk.txt").write_text(text.replace("audio=off", "audo=off"), "utf-8")
    (line,) = said(capsys, card / "config.txt", code=1)
    assert line.startswith(f"WRONG  {card}/kiosk.txt:9: audo is no parameter")


@pytest.mark.parametrize("line", ["include", "include .", "include os/kiosk.txt"])
def test_an_include_of_no_file_is_told_as_any_other_fault(
    card: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    (card / "config.txt").write_text(f"include kiosk.txt\n{line}\n", "utf-8")
    lines = said(capsys, card / "config.txt", code=1)
    assert any(f"WRONG  {card}/config.txt:2: includes " in line for line in lines), lines


def test_a_fault_in_a_folders_include_names_its_place(
    card: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (card / "os").mkdir()
    (card / "os/more.txt").write_text("[all]\nkernl=x\n", "utf-8")
    with (card / "config.txt").open("a", encoding="utf-8") as file:
        file.write("include os/more.txt\n")
    (line,) = said(capsys, card / "config.txt", code=1)
    assert line.startswith(f"WRONG  {card}/os/more.txt:2: kernl is no setting")


def test_with_a_stations_settings_camera_and_pins_are_compared(
    station: Any,  # noqa: ANN401 - conftest's StationTree
    card: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = station.at(STATION_TOML)
    (line,) = said(capsys, "--config", settings, card / "config.txt")
    assert line == f"right  {card}/config.txt"
    (card / "config.txt").write_text("include kiosk.txt\ninclude kiosk-imx708.txt\n", "utf-8")
    lines = said(capsys, "--config", settings, card / "config.txt", code=1)
    assert "loads the camera imx708, and this station has imx477" in lines[0]


def test_a_line_with_nothing_to_compare_with_says_so(
    card: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (card / "kiosk-cmdline.txt").unlink()
    (line,) = said(capsys, card / "cmdline.txt")
    assert line.endswith("(what is missing in it: with kiosk-cmdline.txt beside it)")


def test_a_file_that_is_not_there_is_wrong_usage(
    card: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["firmware", str(card / "nothing.txt")]) == 2
    assert "expected a file to check" in capsys.readouterr().err
