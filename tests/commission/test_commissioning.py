"""The report of a station that was just enrolled: what is kept, and the one line at the console."""

from __future__ import annotations

import stat
from typing import Any

import pytest
from msgspec.structs import replace

from kiosk.commission.by_hand import by_hand
from kiosk.commission.checks import Result, ok, unchecked, wrong
from kiosk.commission.commissioning import PAGE, TABLE, file_report, verdict
from kiosk.commission.page import About, as_page
from kiosk.config import Geometry
from kiosk.errors import StorageError

GOOD = Result("swap", ok("There is no swap of any kind."))
BAD = Result("operators", wrong("Nobody can sign in yet."))
DARK = Result("lights", wrong("left (pin 12) is not seen."))
WAITS = Result("spool", unchecked("This cannot be checked."))


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ([GOOD], "commissioning: nothing is wrong; what only hands can try is on the report."),
        ([GOOD, BAD, DARK], "2 of 3 checks found something wrong: operators, lights."),
        ([GOOD, WAITS], "1 of 2 checks could not be made."),
    ],
)
def test_the_console_gets_one_line(results: list[Result], said: str) -> None:
    line = verdict(results)
    assert said in line
    assert "\n" not in line
    assert str(TABLE) in line
    assert "`sudo systemctl start kiosk-commission`" in line


def test_the_report_stays_signed_and_to_be_read_by_everybody(station: Any) -> None:  # noqa: ANN401
    file_report([GOOD, BAD], station.toml, station.place)
    folder = station.at(PAGE).parent
    names = {"check.html", "check.html.sig", "check.txt"}
    assert {path.name for path in folder.iterdir()} == names
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert "operators" in station.at(TABLE).read_text("utf-8")
    page = station.at(PAGE).read_text("utf-8")
    assert "Still to be tried by hand" in page
    assert "service screen Pedal" in page
    file_report([GOOD], station.toml, station.place)
    assert "operators" not in station.at(TABLE).read_text("utf-8")


def test_a_report_counts_as_made_by_its_page_and_that_comes_last(station: Any) -> None:  # noqa: ANN401
    """A power cut in between leaves a station that makes its report at the next start."""
    station.at(PAGE).mkdir(parents=True)
    with pytest.raises(StorageError):
        file_report([GOOD], station.toml, station.place)
    assert station.at(TABLE).exists()


def test_hands_try_what_this_station_has(station: Any) -> None:  # noqa: ANN401
    config = station.config
    plain = by_hand(config)
    assert not any("reader" in said or "ruler" in said for said in plain)
    more = replace(
        config,
        guide=replace(config.guide, voice="espeak-ng", recall=True),
        camera=replace(config.camera, geometry=Geometry(focal_px=10300, mm_per_px=0.09)),
    )
    added = set(by_hand(more)) - set(plain)
    assert len(added) == 3
    for word in ("voice", "ruler", "follow-up"):
        assert any(word in said for said in added)


def test_what_is_left_to_hands_is_a_box_each_and_no_markup() -> None:
    page = as_page([GOOD], About([], by_hand=("Press <it>.", "Look.")))
    assert page.count("<li>") == 2
    assert "Press &lt;it&gt;." in page
    assert "<h2>" not in as_page([GOOD], About([]))
