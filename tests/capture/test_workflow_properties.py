"""What must hold of every way through the tables."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from kiosk.capture import flow, workflow
from kiosk.capture.flow import patients, service, session, signing
from kiosk.capture.flow.enrolling import ENROLLING
from kiosk.capture.flow.enrolling import TABLE as ENROL_TABLE
from kiosk.capture.flow.service import SERVICE
from kiosk.capture.flow.values import PERSONS
from kiosk.capture.workflow import TABLE, Effect, Event, State, Workflow

E, F, S = Event, Effect, State

LIT = {S.AIM, S.CAPTURED, *service.LIT}
HOLDING = {S.REVIEW, S.SAVING, S.SAVE_FAULT, S.CONFIRM_DISCARD}
SAVED = {E.SAVED_MORE, E.SAVED_LAST}
OUT = {
    *(S.SIGNED_OUT, S.BADGE, S.PIN, S.CHECKING, S.NEW_PIN, S.NEW_PIN_AGAIN, S.LOCKED),
    S.OUT_OF_ORDER,
}
"""Nobody is signed in."""
NOBODY = OUT | SERVICE | {S.DAY, S.SCAN_CARD}
"""No patient is known."""
CONSENTING = {
    *(S.CONSENT_TEXT, S.CONSENT_CHOICES, S.CONSENT_SIGNER, S.CONSENT_SIGN),
    *(S.CONFIRM_WITHDRAW, S.CONSENT_SAVING, S.CONSENT_FAULT),
}
"""A form may hold what a patient wrote."""
UNINTERRUPTED = {S.OPENING, S.CHECKING, S.CAPTURED, S.SAVING, S.SAVE_FAULT, S.CONSENT_SAVING}
"""Nobody is signed out by a clock: an answer is on its way, or a picture would be lost."""

ALL = frozenset(State) - ENROLLING
"""What the workflow knows; a station that is not enrolled yet has a machine of its own."""

STEPS = [(before, event, after, effects) for (before, event), (after, effects) in TABLE.items()]


def name(step: object) -> str:
    return step.name if isinstance(step, State | Event) else ""


@pytest.mark.parametrize("state", State, ids=name)
def test_no_event_raises_in_any_state(state: State) -> None:
    for event in Event:
        machine = Workflow()
        machine.state = state
        effects = machine.handle(event)
        known = (state, event) in TABLE
        assert machine.ignored.total() == (0 if known or event is E.BLANKED else 1)
        if not known:
            assert (machine.state, effects) == (state, ())


def test_no_table_speaks_for_another() -> None:
    tables = [signing.TABLE, service.TABLE, patients.TABLE, session.TABLE]
    assert sum(map(len, tables)) == len(TABLE)


def test_only_the_pedal_while_aiming_takes_a_picture() -> None:
    takers = {key for key, (_, effects) in TABLE.items() if F.TAKE_SHOT in effects}
    assert takers == {(S.AIM, E.PEDAL)}


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
        assert (before, event) == (S.CAPTURED, E.SHOT_TAKEN)


@pytest.mark.parametrize(("before", "event", "after", "effects"), STEPS, ids=name)
def test_who_leaves_is_forgotten(
    before: State, event: Event, after: State, effects: tuple[Effect, ...]
) -> None:
    """Form, patient, operator, badge: each is wiped on every way out of where it is known."""
    del event
    assert (F.FORGET_PATIENT in effects) == (before not in NOBODY and after in NOBODY)
    assert (F.SIGN_OUT in effects) == (before not in OUT and after in OUT)
    if before in CONSENTING and after not in CONSENTING:
        assert F.DROP_CONSENT in effects
    at_the_door = {S.SIGNED_OUT, S.OUT_OF_ORDER}
    if before in OUT - at_the_door and after in at_the_door:
        assert F.FORGET_BADGE in effects


def test_whoever_is_signed_in_can_be_signed_out_by_the_clock() -> None:
    states = {state for state, event in TABLE if event is E.SIGN_OUT_DUE}
    assert states == ALL - OUT - UNINTERRUPTED - {S.CONFIRM_DISCARD}


def test_a_screen_that_waits_for_nobody_knows_no_badge_for_long() -> None:
    for state in (S.BADGE, S.PIN, S.NEW_PIN, S.NEW_PIN_AGAIN, S.LOCKED):
        assert TABLE[state, E.BLANKED] == (S.SIGNED_OUT, (F.FORGET_BADGE,))


@pytest.mark.parametrize("state", sorted(SERVICE, key=name), ids=name)
def test_a_technician_gets_to_no_patient_but_by_signing_out(state: State) -> None:
    """Nor does anything there open a patient or take their picture."""
    steps = [step for (before, _), step in TABLE.items() if before is state]
    assert {after for after, _ in steps} <= SERVICE | {S.SIGNED_OUT}
    allowed = {F.SIGN_OUT, F.COUNT_PRESS, F.RUN_TESTS, F.STOP_TESTS, F.RESTART_CAMERA}
    allowed |= {F.LIGHTS_ON, F.LIGHTS_OFF}
    assert {effect for _, effects in steps for effect in effects} <= allowed


@pytest.mark.parametrize("state", sorted(SERVICE, key=name), ids=name)
def test_a_technicians_screen_is_left_with_its_tests_broken_off(state: State) -> None:
    for (before, _), (after, effects) in TABLE.items():
        if before is state and after is not state and before is not S.SERVICE:
            assert F.STOP_TESTS in effects


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
    assert reached(S.SIGNED_OUT) == ALL


@pytest.mark.parametrize("state", sorted(ALL, key=name))
def test_the_door_can_be_reached_from_every_state(state: State) -> None:
    assert S.SIGNED_OUT in reached(state)


def test_every_event_and_effect_is_used() -> None:
    assert {event for _, event in (*TABLE, *ENROL_TABLE)} == set(Event)
    assert {effect for _, effects in TABLE.values() for effect in effects} == set(Effect)


@dataclass(frozen=True, slots=True)
class World:
    """All that the station knows and has under way, beside the tables.

    Attributes:
        asked: an effect whose answer is still to come.
        allowed: whether the patient's consents, as recorded, allow the record.
        pending: what the consent that is being kept would make of ``allowed``.
    """

    operator: bool = False
    patient: bool = False
    allowed: bool = False
    lit: bool = False
    held: bool = False
    pending: bool | None = None
    asked: Effect | None = None


ANSWERS = {
    F.CHECK_PIN: {
        *(E.PIN_WRONG, E.BADGE_LOCKED, E.SIGN_IN_FAILED, E.PIN_TEMPORARY),
        *(E.PRACTITIONER_IN, E.TECHNICIAN_IN),
    },
    F.CHANGE_PIN: {
        *(E.PIN_REFUSED, E.BADGE_LOCKED, E.SIGN_IN_FAILED),
        *(E.PRACTITIONER_IN, E.TECHNICIAN_IN),
    },
    F.OPEN_PATIENT: {E.PATIENT_OPENED, E.PATIENT_REFUSED},
    F.KEEP_CONSENT: {E.CONSENT_KEPT, E.CONSENT_FAILED},
    F.TAKE_SHOT: {E.SHOT_TAKEN, E.SHOT_REFUSED, E.CAMERA_FAILED, E.STORAGE_REFUSED},
    F.SEAL_SHOT: {E.SAVED_MORE, E.SAVED_LAST, E.SAVE_FAILED},
}
"""What a promised answer may be; it comes once."""
ASKED_FOR = {event for events in ANSWERS.values() for event in events} - {
    *(E.CAMERA_FAILED, E.STORAGE_REFUSED, E.BADGE_LOCKED),
}


def heard(world: World, event: Event) -> Iterator[World]:
    """Yield what the world may be once this has happened; nothing where it cannot happen."""
    answer = world.asked is not None and event in ANSWERS[world.asked]
    if event in ASKED_FOR and not answer:
        return
    if event is E.RECORD_ALLOWED:
        return  # answered at once: see `done`
    world = replace(world, asked=None) if answer else world
    match event:
        case E.PRACTITIONER_IN | E.TECHNICIAN_IN:
            yield replace(world, operator=True)
        case E.PATIENT_OPENED:
            yield replace(world, patient=True, allowed=False)
            yield replace(world, patient=True, allowed=True)
        case E.CONSENT_KEPT:
            assert world.pending is not None
            yield replace(world, allowed=world.pending, pending=None)
        case E.SHOT_TAKEN:
            yield replace(world, held=True)
        case E.SAVED_MORE | E.SAVED_LAST:
            yield replace(world, held=False)
        case _:
            yield world


CHANGES: dict[Effect, dict[str, Any]] = {
    F.LIGHTS_ON: {"lit": True},
    F.LIGHTS_OFF: {"lit": False},
    F.DROP_SHOT: {"held": False},
    F.FORGET_PATIENT: {"patient": False, "allowed": False, "pending": None},
    F.SIGN_OUT: {"operator": False},
    F.DROP_CONSENT: {"pending": None},
}
"""What an effect makes of the world at once."""


def done(world: World, effect: Effect) -> World:
    """Carry out an effect."""
    promised(world, effect)
    asked = effect if effect in ANSWERS else world.asked
    if (effect, asked) == (F.DROP_SHOT, F.TAKE_SHOT):
        asked = None
    return replace(world, asked=asked, **CHANGES.get(effect, {}))


def promised(world: World, effect: Effect) -> None:
    """Say what must be so when an effect is carried out."""
    match effect:
        case F.TAKE_SHOT:
            assert world.operator, "a shot without an operator"
            assert world.patient, "a shot without a patient"
            assert world.allowed, "a shot without consent for the record"
            assert world.lit
            assert not world.held
        case F.SEAL_SHOT:
            assert world.held
        case F.FORGET_PATIENT:
            assert not world.held
        case F.SIGN_OUT:
            assert not world.patient
        case F.KEEP_CONSENT:
            assert world.operator
            assert world.patient
        case _:
            pass


def following(state: State, world: World, *, blanked: bool) -> Iterator[tuple[State, bool, World]]:
    """Yield wherever one event can lead, from a state of the station and the world."""
    if blanked:
        yield state, False, world
    for event in Event:
        for after in heard(world, event):
            machine = Workflow()
            machine.state, machine.blanked = state, blanked
            effects = machine.handle(event)
            assert F.TAKE_SHOT not in effects or not machine.blanked, "a shot on a dark screen"
            for one in _consents(event, after, machine.state):
                yield _carried_out(machine, effects, one)


def _consents(event: Event, world: World, state: State) -> Iterator[World]:
    """Whatever was signed or withdrawn may allow the record or bar it."""
    if state is S.CONSENT_SAVING and event in (E.CONSENT_GIVEN, E.CONFIRM):
        yield replace(world, pending=True)
        yield replace(world, pending=False)
    else:
        yield world


def _carried_out(
    machine: Workflow, effects: tuple[Effect, ...], world: World
) -> tuple[State, bool, World]:
    for effect in effects:
        world = done(world, effect)
    if F.ASSESS_CONSENT in effects and world.allowed:
        for effect in machine.handle(E.RECORD_ALLOWED):
            world = done(world, effect)
    return machine.state, machine.blanked, world


def explored() -> set[tuple[State, bool, World]]:
    """Return every reachable state of station and world together, the nearest first.

    Raises:
        AssertionError: a promise was broken on the way.
    """
    start = (S.SIGNED_OUT, False, World())
    found, waiting = {start}, deque([start])
    while waiting:
        state, blanked, world = waiting.popleft()
        for after in following(state, world, blanked=blanked):
            if after not in found:
                found.add(after)
                waiting.append(after)
    return found


def test_no_way_at_all_leads_to_a_shot_without_operator_patient_and_consent() -> None:
    """Every reachable state, so every history of any length."""
    found = explored()
    for state, _, world in found:
        assert world.operator == (state not in OUT | {S.CHECKING}), (state, world)
        assert world.lit == (state in LIT), (state, world)
        assert world.held == (state in HOLDING), (state, world)
        if state not in NOBODY | {S.PATIENT, S.OPENING}:
            assert world.patient, (state, world)
    assert {state for state, _, _ in found} == ALL


@pytest.mark.parametrize(
    ("key", "step", "said"),
    [
        ((S.CHART, E.START), (S.VIEW, (F.BEGIN_SESSION,)), "without consent"),
        ((S.DAY, E.PEDAL), (S.AIM, (F.LIGHTS_ON,)), "without a patient"),
        ((S.SIGNED_OUT, E.PEDAL), (S.AIM, (F.LIGHTS_ON,)), "without an operator"),
        ((S.AIM, E.BLANKED), (S.CAPTURED, (F.TAKE_SHOT,)), "dark screen"),
    ],
)
def test_a_planted_hole_is_found(
    key: tuple[State, Event],
    step: tuple[State, tuple[Effect, ...]],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workflow, "TABLE", {**TABLE, key: step})
    with pytest.raises(AssertionError, match=said):
        explored()


def test_what_a_person_does_is_told_apart_from_answers() -> None:
    assert {E.PEDAL, E.START, E.CONFIRM, E.FINISH, E.CONSENT_GIVEN} <= PERSONS
    assert not PERSONS & (ASKED_FOR | {E.BLANKED, E.SIGN_OUT_DUE, E.RECORD_ALLOWED})


def test_the_workflow_knows_no_device_no_screen_and_no_clock() -> None:
    files = [Path(workflow.__file__), *Path(flow.__file__).parent.glob("*.py")]
    for file in files:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        assert set(_imported(ast.walk(tree))) <= {
            "__future__",
            "collections",
            "collections.abc",
            "enum",
            "typing",
            "kiosk.capture.flow",
            "kiosk.capture.flow.values",
        }


def _imported(nodes: Iterable[ast.AST]) -> Iterable[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
