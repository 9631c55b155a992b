"""A test object's way and back: what the clinic's collector says of it, as `kiosk check` tells."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import Any

import pytest

from kiosk.commission.checks import Finding, Verdict
from kiosk.commission.receipts import opened_by_clinic
from kiosk.envelope.letter import Kind
from kiosk.errors import LetterRefused
from kiosk.records.receipts import Taken, body_of
from kiosk.spool.trials import Trials
from tests.commission.conftest import send

SPOOL = "/var/spool/kiosk"
LETTER = f"{SPOOL}/inbox/receipts.letter"
FIRST = Taken(f"{'1' * 32}.age", "a" * 64)
SECOND = Taken(f"{'2' * 32}.age", "b" * 64)


def sent(station: Any, *trials: Taken, seconds: float = 0.0) -> None:  # noqa: ANN401
    for one in trials:
        Trials(station.at(SPOOL)).note(one)
    then = time.time() - seconds
    os.utime(station.at(f"{SPOOL}/trials/newest.sha256"), (then, then))


def answer(station: Any, *named: Taken) -> None:  # noqa: ANN401 - conftest's StationTree
    send(station, station.desk, Kind.RECEIPTS, body_of(named), LETTER)


def look(station: Any, wait_s: float = 0.0, pauses: Sequence[object] = ()) -> Finding:  # noqa: ANN401
    """Ask; each pause does what comes next, and one more than there are fails."""
    acts: Any = iter(pauses)
    return opened_by_clinic(station.config, station.place, wait_s, lambda _: next(acts)())


def test_a_receipt_with_the_same_bytes_is_the_answer(station: Any) -> None:  # noqa: ANN401
    sent(station, FIRST)
    answer(station, SECOND, FIRST)
    assert look(station) == Finding(
        Verdict.OK,
        "The clinic has opened the test object, proven it by this station's key and filed it.",
    )


def test_an_earlier_one_counts_where_the_newest_still_waits(station: Any) -> None:  # noqa: ANN401
    sent(station, FIRST, SECOND)
    answer(station, FIRST)
    assert "opened an earlier test object" in look(station).sentence


def test_the_answer_is_waited_for(station: Any) -> None:  # noqa: ANN401
    sent(station, FIRST, SECOND)
    answer(station, FIRST)
    late = [lambda: None, lambda: answer(station, FIRST, SECOND)]
    assert "opened the test object" in look(station, 60.0, late).sentence


def test_nobody_waits_for_what_was_sent_long_ago(station: Any) -> None:  # noqa: ANN401
    sent(station, FIRST, seconds=61.0)
    finding = look(station, 60.0)
    assert finding.verdict is Verdict.UNCHECKED
    assert "has not answered the test object yet" in finding.sentence
    assert "kiosk clinic collect --desk" in finding.sentence


def test_another_content_under_its_name_is_wrong(station: Any) -> None:  # noqa: ANN401
    sent(station, FIRST)
    answer(station, Taken(FIRST.name, "c" * 64))
    finding = look(station)
    assert finding.verdict is Verdict.WRONG
    assert "another content of the test object" in finding.sentence


def test_what_has_not_left_the_station_is_not_waited_for(station: Any) -> None:  # noqa: ANN401
    assert look(station, 60.0).verdict is Verdict.UNCHECKED
    sent(station, FIRST)
    station.at(f"{SPOOL}/{FIRST.name}").write_bytes(b"sealed")
    finding = look(station, 60.0)
    assert finding == Finding(
        Verdict.UNCHECKED,
        "No test object has reached the server yet, which the clinic could open.",
    )


def test_a_letter_of_somebody_else_answers_nothing(station: Any) -> None:  # noqa: ANN401
    sent(station, FIRST)
    answer(station, FIRST)
    letter = station.at(LETTER)
    letter.write_bytes(letter.read_bytes().replace(b"aaaa", b"bbbb", 1))
    with pytest.raises(LetterRefused):
        look(station)
