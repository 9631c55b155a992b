"""Whole sessions and single faults: events in, ordered acts out."""

from __future__ import annotations

import pytest

from kiosk.capture.workflow import Effect, Event, State, Workflow
from tests.capture.ways import (
    TO_AIM,
    TO_ALLOWED,
    TO_CAPTURED,
    TO_CHART,
    TO_DAY,
    TO_PIN,
    TO_REVIEW,
    TO_SAVE_FAULT,
    TO_SAVING,
    TO_SIGN,
    TO_VIEW,
)

E, F, S = Event, Effect, State

OUT = [F.FORGET_PATIENT, F.SIGN_OUT]


def after(*events: Event) -> Workflow:
    workflow = Workflow()
    for event in events:
        workflow.handle(event)
    assert not workflow.ignored, "the way there must be a possible one"
    return workflow


def run(workflow: Workflow, *events: Event) -> list[Effect]:
    return [effect for event in events for effect in workflow.handle(event)]


def test_a_session_of_two_views_from_badge_to_sign_out() -> None:
    workflow = Workflow()
    first = (E.READY, E.PEDAL, E.SHOT_TAKEN, E.ACCEPT, E.SAVED_MORE)
    second = (E.PEDAL, E.PEDAL, E.SHOT_TAKEN, E.PEDAL, E.SAVED_LAST)

    effects = run(workflow, *TO_VIEW, *first, *second, E.FINISH, E.SIGN_OUT)

    one_shot = [
        F.CHECK_STORAGE,
        F.LIGHTS_ON,
        F.TAKE_SHOT,
        F.LIGHTS_OFF,
        F.SEAL_SHOT,
        F.NEXT_VIEW,
    ]
    assert effects == [
        F.LOOK_UP_BADGE,
        F.CHECK_PIN,
        F.CHECK_STORAGE,
        F.OPEN_PATIENT,
        F.ASSESS_CONSENT,
        F.CHECK_STORAGE,
        F.BEGIN_SESSION,
        *one_shot,
        *one_shot,
        F.FORGET_PATIENT,
        F.SIGN_OUT,
    ]
    assert workflow.state is S.SIGNED_OUT
    assert not workflow.ignored


def test_consent_is_asked_for_and_opens_the_way() -> None:
    workflow = after(*TO_SIGN)
    effects = run(workflow, E.CONSENT_GIVEN, E.CONSENT_KEPT, E.RECORD_ALLOWED, E.PEDAL)
    assert effects == [
        F.KEEP_CONSENT,
        F.DROP_CONSENT,
        F.ASSESS_CONSENT,
        F.CHECK_STORAGE,
        F.BEGIN_SESSION,
    ]
    assert workflow.state is S.VIEW


def test_withdrawing_the_record_within_a_session_closes_the_pedal() -> None:
    workflow = after(*TO_VIEW)
    away = (E.OPEN_CHART, E.RECORD_ALLOWED, E.ASK_WITHDRAWAL, E.PURPOSE_CHOSEN, E.CONFIRM)
    effects = run(workflow, *away, E.CONSENT_KEPT)
    assert effects == [F.ASSESS_CONSENT, F.KEEP_CONSENT, F.DROP_CONSENT, F.ASSESS_CONSENT]
    assert workflow.state is S.CHART
    assert run(workflow, E.PEDAL, E.START, E.READY) == []
    assert run(workflow, E.BACK) == [F.FORGET_PATIENT]


def test_a_session_is_gone_on_with_after_a_look_at_the_chart() -> None:
    workflow = after(*TO_VIEW, E.OPEN_CHART, E.RECORD_ALLOWED)
    assert run(workflow, E.START) == [F.CHECK_STORAGE, F.BEGIN_SESSION]
    assert workflow.state is S.VIEW


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


def test_on_a_dark_screen_nothing_that_a_person_does_counts() -> None:
    workflow = after(*TO_REVIEW)
    assert run(workflow, E.BLANKED, E.PEDAL, E.ACCEPT, E.RETAKE) == []
    assert (workflow.state, workflow.blanked) == (S.REVIEW, True)
    workflow.wake()
    assert run(workflow, E.PEDAL) == [F.SEAL_SHOT]


def test_on_a_dark_screen_devices_and_time_go_on() -> None:
    workflow = after(*TO_SAVING)
    assert run(workflow, E.BLANKED, E.SAVED_MORE) == [F.NEXT_VIEW]
    assert run(workflow, E.SIGN_OUT_DUE) == OUT
    assert workflow.blanked


@pytest.mark.parametrize(
    ("way", "event", "state", "effects"),
    [
        # Storage says no before any picture: while aiming, or right before the shot.
        (TO_AIM, E.STORAGE_REFUSED, S.STORAGE_FAULT, [F.LIGHTS_OFF]),
        (TO_CAPTURED, E.STORAGE_REFUSED, S.STORAGE_FAULT, [F.LIGHTS_OFF, F.DROP_SHOT]),
        (TO_DAY, E.STORAGE_REFUSED, S.OUT_OF_ORDER, [F.SIGN_OUT]),
        # Devices fail.
        ((), E.CAMERA_FAILED, S.OUT_OF_ORDER, []),
        ((E.START,), E.CAMERA_FAILED, S.OUT_OF_ORDER, [F.FORGET_BADGE]),
        (TO_DAY, E.CAMERA_FAILED, S.OUT_OF_ORDER, [F.SIGN_OUT]),
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
        ((*TO_SAVE_FAULT, E.DISCARD), E.BLANKED, S.SAVE_FAULT, []),
        (TO_SAVE_FAULT, E.SIGN_OUT_DUE, S.SAVE_FAULT, []),
        # Nobody there: lights first, then everything about the patient; never while saving.
        (TO_AIM, E.BLANKED, S.VIEW, [F.LIGHTS_OFF]),
        (TO_AIM, E.SIGN_OUT_DUE, S.SIGNED_OUT, [F.LIGHTS_OFF, *OUT]),
        (TO_VIEW, E.SIGN_OUT_DUE, S.SIGNED_OUT, OUT),
        (TO_CHART, E.SIGN_OUT_DUE, S.SIGNED_OUT, OUT),
        (TO_DAY, E.SIGN_OUT_DUE, S.SIGNED_OUT, [F.SIGN_OUT]),
        (TO_REVIEW, E.SIGN_OUT_DUE, S.SIGNED_OUT, [F.DROP_SHOT, *OUT]),
        (TO_SAVING, E.SIGN_OUT_DUE, S.SAVING, []),
        (TO_SIGN, E.SIGN_OUT_DUE, S.SIGNED_OUT, [F.DROP_CONSENT, *OUT]),
        ((*TO_SIGN, E.CONSENT_GIVEN), E.SIGN_OUT_DUE, S.CONSENT_SAVING, []),
        # Signing in.
        (TO_PIN, E.BLANKED, S.SIGNED_OUT, [F.FORGET_BADGE]),
        ((*TO_PIN, E.PIN_GIVEN), E.PIN_WRONG, S.PIN, []),
        ((*TO_PIN, E.PIN_GIVEN), E.BADGE_LOCKED, S.LOCKED, []),
        ((*TO_PIN, E.PIN_GIVEN), E.SIGN_IN_FAILED, S.BADGE, [F.FORGET_BADGE]),
        ((*TO_PIN, E.PIN_GIVEN), E.TECHNICIAN_IN, S.SERVICE, []),
        ((*TO_PIN, E.PIN_GIVEN, E.PIN_TEMPORARY), E.PIN_GIVEN, S.NEW_PIN_AGAIN, []),
        (
            (*TO_PIN, E.PIN_GIVEN, E.PIN_TEMPORARY, E.PIN_GIVEN),
            E.PIN_GIVEN,
            S.CHECKING,
            [F.CHANGE_PIN],
        ),
        ((E.START, E.BADGE_READ, E.BADGE_LOCKED), E.BADGE_READ, S.LOCKED, [F.RELEASE_BADGE]),
        ((E.START, E.BADGE_READ, E.BADGE_LOCKED), E.BADGE_RELEASED, S.PIN, []),
        # Ending early is asked about; what was skipped can be taken after all.
        (TO_VIEW, E.END_SESSION, S.CONFIRM_END, []),
        ((*TO_VIEW, E.END_SESSION), E.BACK, S.VIEW, []),
        ((*TO_VIEW, E.END_SESSION), E.CONFIRM, S.SUMMARY, []),
        (TO_VIEW, E.SKIP, S.VIEW, [F.SKIP_VIEW]),
        ((*TO_VIEW, E.SKIP), E.VIEWS_DONE, S.SUMMARY, []),
        ((*TO_VIEW, E.SKIP, E.VIEWS_DONE), E.RETURN_TO_SKIPPED, S.VIEW, [F.REOPEN_SKIPPED]),
        # Without consent for the record nothing begins.
        (TO_CHART, E.START, S.CHART, []),
        (TO_CHART, E.PEDAL, S.CHART, []),
        (TO_ALLOWED, E.PEDAL, S.VIEW, [F.CHECK_STORAGE, F.BEGIN_SESSION]),
        # Getting out of order and back.
        ((E.CAMERA_FAILED,), E.TRY_AGAIN, S.OUT_OF_ORDER, [F.RESTART_CAMERA]),
        ((E.CAMERA_FAILED,), E.CAMERA_READY, S.SIGNED_OUT, [F.CHECK_STORAGE]),
        ((*TO_AIM, E.CAMERA_FAILED), E.TRY_AGAIN, S.CAMERA_FAULT, [F.RESTART_CAMERA]),
        ((*TO_AIM, E.CAMERA_FAILED), E.CAMERA_READY, S.VIEW, []),
    ],
)
def test_one_step(
    way: tuple[Event, ...], event: Event, state: State, effects: list[Effect]
) -> None:
    workflow = after(*way)
    assert run(workflow, event) == effects
    assert workflow.state is state
