"""The report of a station that was just enrolled: what is kept, and the one line at the console."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from kiosk.commission import commissioning
from kiosk.commission.by_hand import by_hand
from kiosk.commission.checks import Result, ok, perform, unchecked, wrong
from kiosk.commission.commissioning import (
    BY_LETTER,
    PAGE,
    RECORD,
    TABLE,
    WAITS,
    complete,
    file_report,
    verdict,
)
from kiosk.commission.page import NAMESPACE, About, as_page
from kiosk.commission.station import station_checks
from kiosk.config import Geometry
from kiosk.envelope.letter import Kind
from kiosk.envelope.signatures import SigningKey
from kiosk.errors import StorageError
from kiosk.records.receipts import Taken, body_of
from kiosk.spool.trials import Trials
from tests.capture.people.clinic_keys import Person
from tests.commission.conftest import clinic_desk, send

GOOD = Result("swap", ok("There is no swap of any kind."))
BAD = Result("operators", wrong("Nobody can sign in yet."))
DARK = Result("lights", wrong("left (pin 12) is not seen."))
UNMADE = Result("spool", unchecked("This cannot be checked."))


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ([GOOD], "commissioning: nothing is wrong; what only hands can try is on the report."),
        ([GOOD, BAD, DARK], "2 of 3 checks found something wrong: operators, lights."),
        ([GOOD, UNMADE], "1 of 2 checks could not be made: spool."),
    ],
)
def test_the_console_gets_one_line(results: list[Result], said: str) -> None:
    line = verdict(results)
    assert said in line
    assert "\n" not in line
    assert str(TABLE) in line
    assert ("completed by itself" in line) == (BAD in results)
    assert "`sudo systemctl start kiosk-commission`" in line


def test_the_report_stays_signed_and_to_be_read_by_everybody(station: Any) -> None:  # noqa: ANN401
    file_report([GOOD, BAD], station.toml, station.place)
    folder = station.at(PAGE).parent
    names = {"check.html", "check.html.sig", "check.txt", "check.json", "check.json.sig"}
    assert {path.name for path in folder.iterdir()} - {WAITS.name} == names
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


TRIAL = Taken(f"{'1' * 32}.age", "a" * 64)
INBOX = "/var/spool/kiosk/inbox"


def green(station: Any) -> bool:  # noqa: ANN401
    good = "Nothing is wrong" in station.at(PAGE).read_text("utf-8")
    assert good == ("Nothing is wrong" in station.at(TABLE).read_text("utf-8"))
    return good


@pytest.fixture
def unstaffed(station: Any) -> Any:  # noqa: ANN401
    """A station whose desk has sent nothing yet, and its report."""
    for path in station.at("/var/lib/kiosk/capture/operators").iterdir():
        path.unlink()
    Trials(station.at("/var/spool/kiosk")).note(TRIAL)
    file_report([GOOD, *by_letter(station)], station.toml, station.place)
    return station


def by_letter(station: Any) -> tuple[Result, ...]:  # noqa: ANN401
    names = ("operators", "opened by clinic")
    checks = station_checks(station.toml, place=station.place)
    return perform([check for check in checks if check.name in names])


def operators_come(station: Any) -> None:  # noqa: ANN401
    body = clinic_desk().body([Person()])
    send(station, station.desk, Kind.OPERATORS, body, f"{INBOX}/operators.letter")


def answer_comes(station: Any) -> None:  # noqa: ANN401
    send(station, station.desk, Kind.RECEIPTS, body_of([TRIAL]), f"{INBOX}/receipts.letter")


def test_a_report_turns_green_once_the_letters_have_come(unstaffed: Any) -> None:  # noqa: ANN401
    assert unstaffed.at(WAITS).read_text().split("\n") == ["operators", "opened by clinic", ""]
    first = json.loads(unstaffed.at(RECORD).read_text("utf-8"))
    assert complete(unstaffed.toml, unstaffed.place) == ""
    operators_come(unstaffed)
    assert "1 of 3 checks could not be made" in complete(unstaffed.toml, unstaffed.place)
    assert not green(unstaffed)
    answer_comes(unstaffed)
    assert "nothing is wrong" in complete(unstaffed.toml, unstaffed.place)
    assert green(unstaffed)
    assert not unstaffed.at(WAITS).exists()
    last = json.loads(unstaffed.at(RECORD).read_text("utf-8"))
    assert last["checked_at"] == first["checked_at"]
    assert last["checks"][0] == first["checks"][0]
    assert "letters_read_at" not in first
    assert "Letters read at" in unstaffed.at(PAGE).read_text("utf-8")
    assert complete(unstaffed.toml, unstaffed.place) == ""


def test_the_rows_that_letters_answer_are_rows_of_a_check(station: Any) -> None:  # noqa: ANN401
    checks = station_checks(station.toml, place=station.place)
    assert {*BY_LETTER} <= {check.name for check in checks}


def test_what_letters_do_not_answer_is_not_looked_at_again(unstaffed: Any) -> None:  # noqa: ANN401
    file_report([DARK, by_letter(unstaffed)[0]], unstaffed.toml, unstaffed.place)
    operators_come(unstaffed)
    assert "1 of 2 checks found something wrong: lights." in complete(
        unstaffed.toml, unstaffed.place
    )
    assert not unstaffed.at(WAITS).exists()


def test_a_letter_that_comes_during_a_look_is_seen_by_the_next(unstaffed: Any) -> None:  # noqa: ANN401
    """The unit compares the folder's time with the mark's."""
    waits, inbox = unstaffed.at(WAITS), unstaffed.at(INBOX)

    def newer() -> bool:
        return bool(inbox.stat().st_mtime_ns > waits.stat().st_mtime_ns)

    assert newer()
    complete(unstaffed.toml, unstaffed.place)
    assert not newer()
    operators_come(unstaffed)
    os.utime(inbox, ns=(0, waits.stat().st_mtime_ns + 1))
    complete(unstaffed.toml, unstaffed.place)
    assert newer()


def test_a_letter_of_somebody_else_answers_nothing(unstaffed: Any) -> None:  # noqa: ANN401
    body = clinic_desk().body([Person()])
    send(unstaffed, SigningKey.generate(), Kind.OPERATORS, body, f"{INBOX}/operators.letter")
    assert "operators" in complete(unstaffed.toml, unstaffed.place)
    assert not green(unstaffed)
    operators_come(unstaffed)
    assert "operators" not in complete(unstaffed.toml, unstaffed.place)


def test_both_forms_of_the_report_are_signed(unstaffed: Any, tmp_path: Path) -> None:  # noqa: ANN401
    key = SigningKey.load(unstaffed.at("/etc/kiosk/keys/signing-key"))
    allowed = tmp_path / "allowed"
    allowed.write_text(f"room-2 {key.public_line()}\n", encoding="ascii")
    verify = ["ssh-keygen", "-Y", "verify", "-f", str(allowed), "-I", "room-2", "-n", NAMESPACE]
    for path in (unstaffed.at(PAGE), unstaffed.at(RECORD)):
        command = [*verify, "-s", f"{path}.sig"]
        good = path.read_bytes()
        for data, code in ((good, 0), (good.replace(b"kiosk", b"koisk", 1) + b" ", 255)):
            done = subprocess.run(command, input=data, capture_output=True, check=False)
            assert done.returncode == code


def test_a_report_that_is_damaged_is_said(unstaffed: Any) -> None:  # noqa: ANN401
    for text in ("", "[]", '{"checks": [{}]}', '{"checks": 3}'):
        unstaffed.at(RECORD).write_text(text)
        with pytest.raises(StorageError, match="no report of this program"):
            complete(unstaffed.toml, unstaffed.place)


def test_a_completion_that_was_cut_off_is_done_again(
    unstaffed: Any,  # noqa: ANN401
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    operators_come(unstaffed)
    answer_comes(unstaffed)
    with monkeypatch.context() as patch:

        def cut(*_: object) -> None:
            raise StorageError("The power is gone.")

        patch.setattr(commissioning, "file_page", cut)
        with pytest.raises(StorageError, match="power"):
            complete(unstaffed.toml, unstaffed.place)
    assert "nothing is wrong" in complete(unstaffed.toml, unstaffed.place)
    assert green(unstaffed)
