"""What must hold of a station that waits for its code: it takes no picture, opens nobody, ends."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from kiosk.capture import enrolling
from kiosk.capture.flow.enrolling import ENROLLING, READS, TABLE, Act, step
from kiosk.capture.ui.screens import SCREENS
from kiosk.capture.workflow import TABLE as WORKFLOW
from kiosk.capture.workflow import Event, State, Workflow

A, E, S = Act, Event, State
FOLDER = Path(enrolling.__file__).parent

OUT_OF_REACH = {
    *("kiosk.capture.app", "kiosk.capture.start", "kiosk.capture.crew"),
    *("kiosk.capture.acts", "kiosk.capture.studio", "kiosk.capture.worker", "kiosk.capture.author"),
    *("kiosk.capture.people", "kiosk.capture.guiding", "kiosk.capture.guides", "kiosk.spool"),
    *("kiosk.capture.hardware.lights", "kiosk.capture.hardware.pedals", "kiosk.envelope"),
    *("kiosk.capture.maintenance", "kiosk.capture.recall", "kiosk.capture.baselines"),
}
"""What takes, keeps and opens pictures, lights the lamps, or knows people."""


def name(one: object) -> str:
    return getattr(one, "name", "")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.name)
def test_it_reaches_nothing_that_could_take_a_picture_or_open_a_patient(path: Path) -> None:
    """Its loop is given no studio, no spool and no office; here no file even names one."""
    named = {
        node.module
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module
    }
    reached = {one for one in named for far in OUT_OF_REACH if f"{one}.".startswith(f"{far}.")}
    assert reached == set()
    text = path.read_text(encoding="utf-8")
    assert ".capture(" not in text
    assert ".restart(" not in text


@pytest.mark.parametrize("state", sorted(ENROLLING, key=name), ids=name)
def test_neither_machine_knows_the_others_states(state: State) -> None:
    assert not [key for key in WORKFLOW if key[0] is state]
    assert not [key for key, (after, _) in WORKFLOW.items() if after is state]
    workflow = Workflow()
    workflow.state = state
    for event in Event:
        assert workflow.handle(event) == ()
        assert workflow.state is state


def test_no_row_leads_out_of_it_but_by_ending_the_process() -> None:
    assert {after for after, _ in TABLE.values()} == ENROLLING
    leaving = {key for key, (_, acts) in TABLE.items() if A.LEAVE in acts}
    assert {state for state, _ in leaving} == {S.ENROLLED}
    assert {key for key, (after, _) in TABLE.items() if after is S.ENROLLED} - leaving == {
        (state, E.ENROLLED) for state in ENROLLING - {S.ENROLLED}
    }


def test_every_screen_is_reached_and_every_act_used() -> None:
    found = {S.ENROL}
    for _ in TABLE:
        found |= {after for (before, _), (after, _) in TABLE.items() if before in found}
    assert found == ENROLLING
    assert {act for _, acts in TABLE.values() for act in acts} == set(Act)
    assert set(SCREENS) >= ENROLLING
    assert READS < ENROLLING


@pytest.mark.parametrize("state", sorted(ENROLLING - {S.ENROLLED}, key=name), ids=name)
def test_an_enrolment_by_another_way_is_noticed_everywhere(state: State) -> None:
    assert step(state, E.ENROLLED) == (S.ENROLLED, (A.FORGET,))


def test_no_code_is_kept_for_nobody() -> None:
    """Where one can be, either an answer is on its way or time wipes it."""
    for state in (S.ENROL_TYPE, S.ENROL_REFUSED):
        assert A.FORGET in step(state, E.SIGN_OUT_DUE)[1]
    for (before, event), (after, acts) in TABLE.items():
        if after is S.ENROL and before is not S.ENROL:
            assert A.FORGET in acts, (before, event)


@pytest.mark.parametrize("state", sorted(ENROLLING, key=name), ids=name)
def test_what_means_nothing_changes_nothing(state: State) -> None:
    for event in set(Event) - {event for before, event in TABLE if before is state}:
        assert step(state, event) == (state, ())
