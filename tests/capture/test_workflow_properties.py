"""What must hold of every way through the table."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.capture import workflow as module
from kiosk.capture.workflow import TABLE, Effect, Event, State, Workflow

F, S = Effect, State

LIT = {S.AIM, S.CAPTURED}
HOLDING = {S.REVIEW, S.SAVING, S.SAVE_FAULT, S.CONFIRM_DISCARD}
SAVED = {Event.SAVED_MORE, Event.SAVED_LAST}
INSIDE = set(State) - {S.STANDBY, S.PATIENT, S.OUT_OF_ORDER}

STEPS = [(before, event, after, effects) for (before, event), (after, effects) in TABLE.items()]


def name(step: object) -> str:
    return step.name if isinstance(step, State | Event) else ""


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", Event)
def test_no_event_raises_in_any_state(state: State, event: Event) -> None:
    workflow = Workflow()
    workflow.state = state
    effects = workflow.handle(event)
    known = (state, event) in TABLE
    assert workflow.ignored.total() == (0 if known else 1)
    if not known:
        assert (workflow.state, effects) == (state, ())


def test_only_the_pedal_while_aiming_takes_a_picture() -> None:
    takers = {key for key, (_, effects) in TABLE.items() if F.TAKE_SHOT in effects}
    assert takers == {(S.AIM, Event.PEDAL)}


@pytest.mark.parametrize(("before", "event", "after", "effects"), STEPS, ids=name)
def test_lights_follow_the_state(
    before: State, event: Event, after: State, effects: tuple[Effect, ...]
) -> None:
    del event
    switched = [e for e in effects if e in (F.LIGHTS_ON, F.LIGHTS_OFF)]
    if before in LIT and after not in LIT:
        assert switched == [F.LIGHTS_OFF]
    elif before not in LIT and after in LIT:
        assert switched == [F.LIGHTS_ON]
    else:
        assert not switched


@pytest.mark.parametrize(("before", "event", "after", "effects"), STEPS, ids=name)
def test_a_picture_in_memory_is_saved_or_wiped_before_it_is_left(
    before: State, event: Event, after: State, effects: tuple[Effect, ...]
) -> None:
    if before in HOLDING and after not in HOLDING:
        assert event in SAVED or F.DROP_SHOT in effects
    if before not in HOLDING and after in HOLDING:
        assert (before, event) == (S.CAPTURED, Event.SHOT_TAKEN)


@pytest.mark.parametrize(("before", "event", "after", "effects"), STEPS, ids=name)
def test_leaving_a_session_forgets_the_patient(
    before: State, event: Event, after: State, effects: tuple[Effect, ...]
) -> None:
    del event
    left = before in INSIDE | {S.PATIENT} and after not in INSIDE | {S.PATIENT}
    assert (F.FORGET_PATIENT in effects) == left


def test_views_are_counted_only_by_saving_or_skipping() -> None:
    assert {key for key, (_, effects) in TABLE.items() if F.NEXT_VIEW in effects} == {
        (S.SAVING, event) for event in SAVED
    }


def reached(start: State) -> set[State]:
    found, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        for (before, _), (after, _) in TABLE.items():
            if before is here and after not in found:
                found.add(after)
                waiting.append(after)
    return found


def test_every_state_can_be_reached() -> None:
    assert reached(S.STANDBY) == set(State)


@pytest.mark.parametrize("state", State)
def test_standby_can_be_reached_from_every_state(state: State) -> None:
    assert S.STANDBY in reached(state)


def test_every_event_and_effect_is_used() -> None:
    assert {event for _, event in TABLE} == set(Event)
    assert {effect for _, effects in TABLE.values() for effect in effects} == set(Effect)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(list(Event)), max_size=60))
def test_any_history_keeps_lights_pictures_and_patients_straight(history: list[Event]) -> None:
    """A model of the world beside the table: what is lit, held and known after each event."""
    workflow, world = Workflow(), World()
    for event in history:
        armed = workflow.state is S.AIM and event is Event.PEDAL
        world.hear(workflow.state, event)
        for effect in workflow.handle(event):
            world.act(effect, armed=armed)
        assert world.lit == (workflow.state in LIT)
        assert world.held == (workflow.state in HOLDING)
        assert world.known == (workflow.state in INSIDE)


@dataclass(slots=True)
class World:
    """Lamps, a picture in memory, and a patient."""

    lit: bool = False
    held: bool = False
    known: bool = False

    def hear(self, state: State, event: Event) -> None:
        if (state, event) == (S.CAPTURED, Event.SHOT_TAKEN):
            self.held = True
        if state is S.SAVING and event in SAVED:
            self.held = False

    def act(self, effect: Effect, *, armed: bool) -> None:
        match effect:
            case F.LIGHTS_ON | F.LIGHTS_OFF:
                self.lit = effect is F.LIGHTS_ON
            case F.TAKE_SHOT:
                assert (armed, self.lit, self.known, self.held) == (True, True, True, False)
            case F.SEAL_SHOT:
                assert self.held
            case F.DROP_SHOT:
                self.held = False
            case F.BEGIN_SESSION:
                self.known = True
            case F.FORGET_PATIENT:
                assert not self.held
                self.known = False
            case _:
                pass


def test_the_workflow_knows_no_device_no_screen_and_no_clock() -> None:
    source = Path(module.__file__).read_text(encoding="utf-8")
    assert set(_imported(ast.walk(ast.parse(source)))) <= {
        "__future__",
        "collections",
        "collections.abc",
        "enum",
    }


def _imported(nodes: Iterable[ast.AST]) -> Iterable[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
