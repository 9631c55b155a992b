"""Checks are run to the end, whatever one of them does, and reported as one table."""

from __future__ import annotations

import io
import json
from functools import partial

from kiosk.commission.checks import (
    Check,
    Finding,
    Verdict,
    exit_code,
    from_probe,
    not_applicable,
    ok,
    perform,
    unchecked,
    wrong,
)
from kiosk.commission.report import WIDTH, as_json, as_text
from kiosk.errors import CameraError


def crash() -> Finding:
    raise ZeroDivisionError("never to be seen by a technician without its place")


def no_camera() -> str:
    raise CameraError("There is no camera; check its cable.")


FINE = Check("fine", lambda: ok("All is well."))
BROKEN = Check("broken", crash)
BAD = Check("bad", lambda: wrong("This is not as it should be; put it right."))
ELSEWHERE = Check("elsewhere", lambda: not_applicable("This is another machine."))


def test_a_check_that_crashes_is_wrong_and_the_next_one_still_runs() -> None:
    results = perform([FINE, BROKEN])
    assert [result.finding.verdict for result in results] == [Verdict.OK, Verdict.WRONG]
    sentence = results[1].finding.sentence
    assert "ZeroDivisionError: never to be seen" in sentence
    assert "test_checks.py, line" in sentence


def test_what_takes_long_comes_first_and_the_report_has_the_usual_order() -> None:
    ran: list[str] = []

    def look(name: str) -> Finding:
        ran.append(name)
        return ok(f"{len(ran)}")

    names = ("operators", "camera", "test object")
    results = perform([Check(name, partial(look, name)) for name in names])
    assert ran == ["test object", "camera", "operators"]
    assert tuple(result.name for result in results) == names


def test_a_probe_that_raises_our_error_is_wrong_with_its_sentence() -> None:
    results = perform([from_probe("camera", no_camera), from_probe("lamps", lambda: "Two lamps.")])
    assert [(r.name, r.finding) for r in results] == [
        ("camera", wrong("There is no camera; check its cable.")),
        ("lamps", ok("Two lamps.")),
    ]


def test_the_exit_code_says_whether_anything_is_wrong() -> None:
    assert exit_code(perform([FINE, ELSEWHERE])) == 0
    assert exit_code(perform([])) == 0
    assert exit_code(perform([FINE, BAD, FINE])) == 1
    assert exit_code(perform([BROKEN])) == 1


def test_the_table_has_a_row_for_each_and_counts_at_the_end() -> None:
    out = io.StringIO()
    out.write(as_text(perform([FINE, BAD, ELSEWHERE])))
    assert out.getvalue().splitlines() == [
        "fine       ok     All is well.",
        "bad        WRONG  This is not as it should be; put it right.",
        "elsewhere  -      This is another machine.",
        "",
        "1 of 3 checks found something wrong.",
    ]


def test_what_waits_for_the_configuration_is_counted_too() -> None:
    waits = Check("waits", lambda: unchecked("This cannot be checked yet."))
    out = io.StringIO()
    out.write(as_text(perform([BAD, waits, ELSEWHERE, waits])))
    assert out.getvalue().splitlines()[1:] == [
        "waits      -      This cannot be checked yet.",
        "elsewhere  -      This is another machine.",
        "waits      -      This cannot be checked yet.",
        "",
        "1 of 4 checks found something wrong; 2 could not be checked.",
    ]


def test_when_nothing_is_wrong_the_last_line_says_so() -> None:
    out = io.StringIO()
    out.write(as_text(perform([FINE, ELSEWHERE])))
    assert out.getvalue().splitlines()[-1] == "Nothing is wrong: 1 ok, 1 not applicable here."


def test_a_long_sentence_wraps_under_itself_and_loses_nothing() -> None:
    words = [f"word-{number}" for number in range(60)]
    text = as_text(perform([Check("long", lambda: ok(" ".join(words)))]))
    table = text.split("\n\n")[0].splitlines()
    assert len(table) > 3
    assert all(len(line) <= WIDTH for line in table)
    column = table[0].index("word-0")
    assert all(line.index("word-") == column for line in table)
    assert " ".join(line[column:] for line in table).split() == words


def test_json_carries_the_same() -> None:
    document = json.loads(as_json(perform([FINE, BAD])))
    assert document == {
        "wrong": 1,
        "checks": [
            {"name": "fine", "verdict": "ok", "sentence": "All is well."},
            {
                "name": "bad",
                "verdict": "wrong",
                "sentence": "This is not as it should be; put it right.",
            },
        ],
    }
