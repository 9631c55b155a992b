"""``kiosk protocols list|show|check`` as a person runs them."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from kiosk.errors import ConfigError, UsageError
from kiosk.languages.names import Language
from kiosk.records.cli import add_parser
from kiosk.records.protocols import Protocol, available, load_protocol
from tests.records.conftest import Change
from tests.test_config import GOOD

ROOT = Path(__file__).parents[2]
Run = Callable[..., int]


def sheet(protocol: Protocol, path: Path, language: Language) -> Sequence[Path]:
    return (path, path.with_name(f"{protocol.name}-{language}-2.png"))


@pytest.fixture
def run() -> Run:
    """Run ``kiosk protocols ARGUMENTS`` in this process and return its exit code."""

    def command(*arguments: object) -> int:
        parser = argparse.ArgumentParser(prog="kiosk")
        add_parser(parser.add_subparsers(required=True), sheet)
        parsed = parser.parse_args(["protocols", *map(str, arguments)])
        return int(parsed.handler(parsed))

    return command


@pytest.fixture
def station(own: Path, tmp_path: Path) -> Path:
    """A configuration that names the clinic's folder."""
    path = tmp_path / "station.toml"
    path.write_text(GOOD.replace("[session]", f'[session]\nprotocols = "{own}"'))
    return path


def test_list_names_every_set_and_where_it_is_from(
    run: Run, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("list", "--folder", own) == 0
    rows = [line.split("  ") for line in capsys.readouterr().out.splitlines()[1:]]
    assert [row[0] for row in rows] == list(available(own))
    found = {row[0]: [cell.strip() for cell in row if cell] for row in rows}
    assert found["face_5"] == ["face_5", "Face, five views", "5", "with the program"]
    assert found["neck"] == ["neck", "Neck, all round", "2", str(own / "neck.toml")]


def test_list_knows_the_folder_of_a_station(
    run: Run, station: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("list", "--config", station) == 0
    assert "Neck, all round" in capsys.readouterr().out


def test_list_shows_the_others_beside_a_file_that_is_wrong(
    run: Run, own: Path, change: Change, capsys: pytest.CaptureFixture[str]
) -> None:
    change("neck.toml", '"nape"', '"neck"')
    (own / "Arm.toml").write_text("title = 3\n")
    assert run("list", "--folder", own) == 1
    said = capsys.readouterr().out
    assert "face_5" in said
    wrong = [line for line in said.splitlines() if line.startswith("WRONG  ")]
    assert [line.split(": ")[0] for line in wrong] == [
        f"WRONG  {own / 'Arm.toml'}",
        f"WRONG  {own / 'neck.toml'}",
    ]


@pytest.mark.parametrize("name", available())
def test_show_says_everything_that_is_said_of_a_view(
    run: Run, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("show", name) == 0
    said = capsys.readouterr().out
    protocol = load_protocol(name)
    assert f"{protocol.title} ({name}), {len(protocol.views)} views" in said
    assert protocol.source in said
    assert "from: with the program" in said
    for number, view in enumerate(protocol.views, start=1):
        assert f"\n{number}. {view.title} ({view.id})\n" in said
        for text in (view.instruction, view.operator_note, view.code.value, view.code.meaning):
            assert text in said
    # The framing, the tolerance and the light of every view still wait for a clinician.
    assert said.count("for a clinician to confirm") == len(protocol.views)


def test_show_tells_left_from_right_and_what_the_station_cannot_judge(
    run: Run, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("show", "neck", "--folder", own) == 0
    said = capsys.readouterr().out
    assert "the patient's back; the patient turns round" in said
    assert "by the operator's eye: the station cannot" in said
    assert "as the operator sees fit" in said
    assert "proposed     tolerance; for a clinician to confirm" in said
    assert f"from: {own / 'neck.toml'}" in said
    assert run("show", "face_5") == 0
    said = capsys.readouterr().out
    assert "the patient's left side; the patient turns to their right" in said
    assert "yaw \N{MINUS SIGN}90°, pitch 0°, roll 0°" in said
    assert "yaw 3°, pitch 3°, roll 3°; position 3 % of the picture's height" in said


def test_show_does_not_call_confirmed_what_only_nobody_marked(
    run: Run, own: Path, change: Change, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = "yaw = 1.0, pitch = 1.0, roll = 1.0, position = 0.1, scale = 0.1, stillness = 0.1"
    change("views.toml", "[codes]", f"[tolerances]\nours = {{ {figures} }}\n[codes]")
    change("views.toml", 'tolerance = "head"', 'tolerance = "ours"')
    assert run("show", "neck", "--folder", own) == 0
    said = capsys.readouterr().out
    assert "proposed     nothing is marked as such" in said
    assert "confirmed" not in said


@pytest.mark.parametrize(
    ("name", "unmeasured"),
    [
        ("expressions_10", {"frontal_lower_teeth", "frontal_snarl"}),
        ("toxin", {"frontal_animated", "frontal_frown"}),
        ("face_5", {"profile_left", "profile_right"}),
        ("lips", set()),
        ("body", set()),
    ],
)
def test_show_says_where_the_expression_is_left_to_the_operator(
    run: Run, name: str, unmeasured: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """As docs/practitioner.md does under what the station cannot judge."""
    assert run("show", name) == 0
    said = re.split(r"\n\d+\. .* \((\w+)\)\n", capsys.readouterr().out)
    told = dict(zip(said[1::2], said[2::2], strict=True))
    marked = {view for view, text in told.items() if "; the expression by the operator's" in text}
    assert marked == unmeasured


def test_show_draws_where_a_file_is_named(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("show", "face_5", "-o", tmp_path / "sheet.png") == 0
    said = capsys.readouterr().out
    assert said == f"{tmp_path / 'sheet.png'}\n{tmp_path / 'face_5-en-2.png'}\n"


def test_show_speaks_the_language_that_is_asked_for_else_the_stations(
    run: Run, station: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    german = station.read_text().replace("[display]", '[display]\nlanguage = "de"')
    station.write_text(german)
    page = tmp_path / "sheet.png"
    assert run("show", "lips", "--config", station, "-o", page) == 0
    assert "lips-de-2.png" in capsys.readouterr().out
    assert run("show", "lips", "--config", station, "--language", "fr", "-o", page) == 0
    assert "lips-fr-2.png" in capsys.readouterr().out
    assert run("show", "lips", "--config", station) == 0
    assert "2. Von vorn, lächelnd (frontal_smile)" in capsys.readouterr().out


def test_show_of_an_unknown_set_names_those_there_are(run: Run) -> None:
    with pytest.raises(ConfigError, match="there is no protocol 'face_6'; expected one of body,"):
        run("show", "face_6")


def test_show_of_a_file_that_is_wrong_ends_as_check_does(
    run: Run, own: Path, change: Change, capsys: pytest.CaptureFixture[str]
) -> None:
    change("neck.toml", '"nape"', '"neck"')
    assert run("check", own) == 1
    (wrong,) = (one for one in capsys.readouterr().out.splitlines() if one.startswith("WRONG"))
    assert run("show", "neck", "--folder", own) == 1
    assert capsys.readouterr().out == f"{wrong}\n"
    assert run("show", "face_5", "--folder", own) == 0


def test_one_view_is_not_views(
    run: Run, own: Path, change: Change, capsys: pytest.CaptureFixture[str]
) -> None:
    change("neck.toml", '"frontal_rest", ', "")
    assert run("show", "neck", "--folder", own) == 0
    assert capsys.readouterr().out.startswith("Neck, all round (neck), 1 view\n")


def test_check_names_what_is_not_read(
    run: Run, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (own / "arm.toml.txt").write_text("")
    assert run("check", own) == 0
    assert capsys.readouterr().out.splitlines()[-1] == (
        f"unread {own / 'arm.toml.txt'}: this is not read; expected a name that ends in .toml, "
        "in small letters"
    )


def test_check_says_a_line_for_each_file_that_is_right(
    run: Run, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("check", own) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"right  {own / 'neck.toml'}: Neck, all round, 2 views",
        f"right  {own / 'views.toml'}: 1 view of your own",
    ]


def test_check_says_a_sentence_for_each_file_that_is_wrong(
    run: Run, own: Path, change: Change, capsys: pytest.CaptureFixture[str]
) -> None:
    change("neck.toml", '"nape"', '"neck"')
    (own / "arm.toml").write_text("")
    assert run("check", own / "arm.toml", own / "neck.toml", own / "views.toml") == 1
    lines = capsys.readouterr().out.splitlines()
    assert (
        lines[0]
        == f"WRONG  {own / 'arm.toml'}: this file says nothing; expected title, source and views"
    )
    assert lines[1].startswith(f"WRONG  {own / 'neck.toml'}: views[1]: there is no view 'neck'; ")
    assert lines[2].startswith("right  ")
    assert len(lines) == 3


@pytest.mark.parametrize("arguments", [("--folder", "own"), ("--config", "station")])
def test_check_without_files_takes_the_clinics_folder(
    run: Run,
    own: Path,
    station: Path,
    arguments: tuple[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("check", arguments[0], {"own": own, "station": station}[arguments[1]]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_check_of_nothing_is_wrong_usage(run: Run, tmp_path: Path) -> None:
    plain = tmp_path / "plain.toml"
    plain.write_text(GOOD)
    with pytest.raises(UsageError, match="There is nothing to check: expected files or folders"):
        run("check", "--config", plain)


def desk(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the front door where none of a station's libraries are installed."""
    code = (
        "import sys\n"
        "for name in ('numpy', 'cv2', 'pygame', 'gpiozero', 'paramiko'): sys.modules[name] = None\n"
        "from kiosk import cli\n"
        f"sys.exit(cli.main({['protocols', *map(str, arguments)]!r}))"
    )
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )


def test_a_desk_without_a_stations_libraries_lists_shows_and_checks(own: Path) -> None:
    for arguments in (("list", "--folder", own), ("show", "lips"), ("check", own)):
        done = desk(*arguments)
        assert (done.returncode, done.stderr) == (0, "")


def test_a_desk_without_a_stations_libraries_says_what_drawing_needs(tmp_path: Path) -> None:
    done = desk("show", "lips", "-o", tmp_path / "lips.png")
    assert done.returncode == 2
    assert done.stderr.startswith("kiosk: This is not installed as a station: the library ")
    assert done.stderr.count("\n") == 1


def test_a_folder_that_is_not_there_is_exit_code_2(tmp_path: Path) -> None:
    done = desk("list", "--folder", tmp_path / "gone")
    assert done.returncode == 2
    assert done.stderr.startswith(f"kiosk: {tmp_path / 'gone'}: expected a folder with a clinic's")
