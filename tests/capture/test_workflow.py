"""Whole sessions and single faults: events in, ordered acts out."""

from __future__ import annotations

import pytest

from kiosk.capture.workflow import Effect, Event, State, Workflow

E, F, S = Event, Effect, State

TO_VIEW = (E.START, E.PATIENT_GIVEN)
TO_AIM = (*TO_VIEW, E.READY)
TO_CAPTURED = (*TO_AIM, E.PEDAL)
TO_REVIEW = (*TO_CAPTURED, E.SHOT_TAKEN)
TO_SAVING = (*TO_REVIEW, E.ACCEPT)
TO_SAVE_FAULT = (*TO_SAVING, E.SAVE_FAILED)


def after(*events: Event) -> Workflow:
    workflow = Workflow()
    for event in events:
        workflow.handle(event)
    assert not workflow.ignored, "the way there must be a possible one"
    return workflow


def run(workflow: Workflow, *events: Event) -> list[Effect]:
    return [effect for event in events for effect in workflow.handle(event)]


def test_a_session_of_two_views_from_start_to_finish() -> None:
    workflow = Workflow()
    first = (E.READY, E.PEDAL, E.SHOT_TAKEN, E.ACCEPT, E.SAVED_MORE)
    second = (E.PEDAL, E.PEDAL, E.SHOT_TAKEN, E.PEDAL, E.SAVED_LAST)

    effects = run(workflow, E.START, E.PATIENT_GIVEN, *first, *second, E.FINISH)

    one_shot = [
        F.CHECK_STORAGE,
        F.LIGHTS_ON,
        F.TAKE_SHOT,
        F.LIGHTS_OFF,
        F.SEAL_SHOT,
        F.NEXT_VIEW,
    ]
    assert effects == [
        F.CHECK_STORAGE,
        F.BEGIN_SESSION,
        *one_shot,
        *one_shot,
        F.FORGET_PATIENT,
    ]
    assert workflow.state is S.STANDBY
    assert not workflow.ignored


def test_a_retake_wipes_the_picture_before_the_next_one() -> None:
    workflow = after(*TO_REVIEW)
    effects = run(workflow, E.RETAKE, E.PEDAL)
    assert effects == [F.DROP_SHOT, F.CHECK_STORAGE, F.LIGHTS_ON, F.TAKE_SHOT]


@pytest.mark.parametrize("state", [s for s in State if s is not S.AIM])
def test_the_pedal_takes_no_picture_outside_aim(state: State) -> None:
    workflow = Workflow()
    workflow.state = state
    assert F.TAKE_SHOT not in workflow.handle(E.PEDAL)


def test_two_fast_presses_take_one_picture() -> None:
    workflow = after(*TO_AIM)
    assert run(workflow, E.PEDAL, E.PEDAL) == [F.TAKE_SHOT]
    assert workflow.ignored == {(S.CAPTURED, E.PEDAL): 1}


def test_impossible_events_are_counted_and_change_nothing() -> None:
    workflow = after(*TO_VIEW)
    assert run(workflow, E.SAVED_LAST, E.SAVED_LAST, E.SHOT_TAKEN) == []
    assert workflow.state is S.VIEW
    assert workflow.ignored == {(S.VIEW, E.SAVED_LAST): 2, (S.VIEW, E.SHOT_TAKEN): 1}


@pytest.mark.parametrize(
    ("way", "event", "state", "effects"),
    [
        # Storage says no before any picture: while aiming, or right before the shot.
        (TO_AIM, E.STORAGE_REFUSED, S.STORAGE_FAULT, [F.LIGHTS_OFF]),
        (TO_CAPTURED, E.STORAGE_REFUSED, S.STORAGE_FAULT, [F.LIGHTS_OFF, F.DROP_SHOT]),
        ((E.START,), E.STORAGE_REFUSED, S.OUT_OF_ORDER, [F.FORGET_PATIENT]),
        # Devices fail.
        ((), E.CAMERA_FAILED, S.OUT_OF_ORDER, []),
        (TO_VIEW, E.CAMERA_FAILED, S.CAMERA_FAULT, []),
        (TO_AIM, E.CAMERA_FAILED, S.CAMERA_FAULT, [F.LIGHTS_OFF]),
        (TO_CAPTURED, E.CAMERA_FAILED, S.CAMERA_FAULT, [F.LIGHTS_OFF]),
        (TO_AIM, E.LIGHT_FAILED, S.LIGHT_FAULT, [F.LIGHTS_OFF]),
        (TO_CAPTURED, E.LIGHT_FAILED, S.LIGHT_FAULT, [F.LIGHTS_OFF, F.DROP_SHOT]),
        (TO_CAPTURED, E.SHOT_REFUSED, S.SHOT_REFUSED, [F.LIGHTS_OFF]),
        # A picture that could not be stored stays until a person says otherwise, twice.
        (TO_SAVE_FAULT, E.TRY_AGAIN, S.SAVING, [F.SEAL_SHOT]),
        (TO_SAVE_FAULT, E.DISCARD, S.CONFIRM_DISCARD, []),
        ((*TO_SAVE_FAULT, E.DISCARD), E.BACK, S.SAVE_FAULT, []),
        ((*TO_SAVE_FAULT, E.DISCARD), E.CONFIRM, S.VIEW, [F.DROP_SHOT]),
        ((*TO_SAVE_FAULT, E.DISCARD), E.IDLE_TIMEOUT, S.SAVE_FAULT, []),
        (TO_SAVE_FAULT, E.IDLE_TIMEOUT, S.SAVE_FAULT, []),
        # Nobody there: lights first, then everything about the patient; never while saving.
        (TO_AIM, E.IDLE_TIMEOUT, S.VIEW, [F.LIGHTS_OFF]),
        (TO_VIEW, E.IDLE_TIMEOUT, S.STANDBY, [F.FORGET_PATIENT]),
        ((E.START,), E.IDLE_TIMEOUT, S.STANDBY, [F.FORGET_PATIENT]),
        (TO_REVIEW, E.IDLE_TIMEOUT, S.STANDBY, [F.DROP_SHOT, F.FORGET_PATIENT]),
        (TO_SAVING, E.IDLE_TIMEOUT, S.SAVING, []),
        # Ending early is asked about; what was skipped can be taken after all.
        (TO_VIEW, E.END_SESSION, S.CONFIRM_END, []),
        ((*TO_VIEW, E.END_SESSION), E.BACK, S.VIEW, []),
        ((*TO_VIEW, E.END_SESSION), E.CONFIRM, S.SUMMARY, []),
        (TO_VIEW, E.SKIP, S.VIEW, [F.SKIP_VIEW]),
        ((*TO_VIEW, E.SKIP), E.VIEWS_DONE, S.SUMMARY, []),
        ((*TO_VIEW, E.SKIP, E.VIEWS_DONE), E.RETURN_TO_SKIPPED, S.VIEW, [F.REOPEN_SKIPPED]),
        # Getting out of order and back.
        ((E.CAMERA_FAILED,), E.TRY_AGAIN, S.OUT_OF_ORDER, [F.RESTART_CAMERA]),
        ((E.CAMERA_FAILED,), E.CAMERA_READY, S.STANDBY, [F.CHECK_STORAGE]),
    ],
)
def test_one_step(
    way: tuple[Event, ...], event: Event, state: State, effects: list[Effect]
) -> None:
    workflow = after(*way)
    assert run(workflow, event) == effects
    assert workflow.state is state
