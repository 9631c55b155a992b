"""The loop: what was pressed and touched, against what the workflow, the studio and the disk do."""

from __future__ import annotations

import threading
import time

import pytest

from kiosk.capture.app import STUCK_NS
from kiosk.capture.crew import News
from kiosk.capture.foot import HOLD_NS
from kiosk.capture.start import _finish
from kiosk.capture.ui.entry import Character
from kiosk.capture.ui.model import Compare
from kiosk.capture.workflow import Event, State
from kiosk.errors import (
    CameraError,
    EnvelopeError,
    FrameRefused,
    LightError,
    StorageFailed,
    StorageFull,
)
from kiosk.model import Frame, Pixels
from tests.capture.bench import DEADLINE_S, HOLD_OFF_MS, LIMITS, PATIENT, VIEWS, Bench, small


def test_a_whole_session_by_touch_and_pedal(bench: Bench) -> None:
    bench.begin()
    for _ in range(VIEWS):
        bench.shoot()
        bench.step_on_pedal()
        bench.until(lambda: bench.state in (State.VIEW, State.SUMMARY))
        bench.app.step()
    assert bench.shots() == VIEWS
    bench.until_state(State.SUMMARY)
    bench.touch(Event.FINISH)
    bench.until_state(State.DAY)
    bench.touch(Event.SIGN_OUT)
    bench.until_state(State.SIGNED_OUT)
    assert bench.screen.shown[-1].progress is None
    assert bench.screen.shown[-1].entry.text == ""
    one_view = [State.AIM, State.CAPTURED, State.REVIEW, State.SAVING]
    middle = [state for _ in range(VIEWS) for state in (State.VIEW, *one_view)]
    way_in = [State.SIGNED_OUT, State.BADGE, State.PIN, State.CHECKING, State.DAY, State.PATIENT]
    page = [State.OPENING, State.CHART_ALLOWED]
    way_out = [State.SUMMARY, State.DAY, State.SIGNED_OUT]
    assert bench.screen.states() == [*way_in, *page, *middle, *way_out]
    assert bench.lights.level() == 0.0


def test_the_capture_loop_by_pedal_alone(bench: Bench) -> None:
    bench.begin()
    bench.camera.may_finish.set()
    for _ in range(VIEWS):
        for state in (State.AIM, State.REVIEW):
            bench.step_on_pedal()
            bench.until_state(state)
        bench.hold_pedal()
        bench.until_state(State.AIM)  # taken again
        bench.step_on_pedal()
        bench.until_state(State.REVIEW)
        bench.step_on_pedal()
        bench.until(lambda: bench.state in (State.VIEW, State.SUMMARY))
        bench.app.step()
    bench.until_state(State.SUMMARY)
    assert bench.shots() == VIEWS


@pytest.mark.parametrize(
    "state",
    [State.SIGNED_OUT, State.DAY, State.PATIENT, State.CHART_ALLOWED, State.VIEW, State.SUMMARY],
)
def test_the_pedal_takes_no_picture_on_another_screen(bench: Bench, state: State) -> None:
    bench.camera.may_finish.set()
    bench.until_state(State.SIGNED_OUT)
    if state in (State.DAY, State.PATIENT, State.CHART_ALLOWED):
        bench.sign_in()
        if state is State.PATIENT:
            bench.touch(Event.TYPE_NUMBER)
        elif state is State.CHART_ALLOWED:
            bench.open_patient()
    elif state is not State.SIGNED_OUT:
        bench.begin()
        if state is State.SUMMARY:
            bench.touch(Event.END_SESSION)
            bench.until_state(State.CONFIRM_END)
            bench.step_on_pedal()
            bench.settle()
            bench.touch(Event.CONFIRM)
    bench.until_state(state)
    bench.step_on_pedal()
    bench.settle()
    assert bench.camera.captures == 0


def test_while_a_picture_is_being_taken_the_pedal_does_nothing(bench: Bench) -> None:
    bench.begin()
    bench.aim()
    bench.step_on_pedal()
    bench.until_state(State.CAPTURED)
    for _ in range(3):
        bench.step_on_pedal()
    bench.camera.may_finish.set()
    bench.until_state(State.REVIEW)
    bench.settle()
    assert bench.camera.captures == 1
    assert bench.workflow.ignored[State.CAPTURED, Event.PEDAL] == 3


@pytest.mark.parametrize("apart_ms", [1, 30, 150, HOLD_OFF_MS - 50])
def test_pressed_twice_fast_makes_one_picture(bench: Bench, apart_ms: int) -> None:
    bench.begin()
    bench.aim()
    bench.camera.may_finish.set()
    bench.clock.ahead_ns += 1_000_000_000
    first = bench.clock()
    bench.pedal.press(first)
    bench.pedal.press(first + apart_ms * 1_000_000)
    bench.until_state(State.REVIEW)
    bench.settle()
    # Kept by nobody, and the second press did not accept it unseen.
    assert bench.state is State.REVIEW
    assert bench.camera.captures == 1
    assert bench.shots() == 0


def test_two_presses_before_the_next_frame_do_not_take_a_picture_unseen(bench: Bench) -> None:
    bench.begin()
    bench.camera.may_finish.set()
    bench.clock.ahead_ns += 5_000_000_000
    late = bench.clock()
    bench.pedal.press(late - 2_000_000_000)
    bench.pedal.press(late)
    bench.until_state(State.AIM)
    bench.settle()
    assert bench.state is State.AIM
    assert bench.camera.captures == 0


def test_a_press_from_before_the_screen_appeared_does_not_count(bench: Bench) -> None:
    bench.begin()
    bench.camera.may_finish.set()
    bench.clock.ahead_ns += 5_000_000_000
    before = bench.clock()
    bench.aim()
    bench.pedal.press(before)
    bench.settle()
    assert bench.state is State.AIM
    assert bench.camera.captures == 0


def test_the_screen_goes_on_while_camera_and_disk_take_their_time(bench: Bench) -> None:
    bench.begin()
    bench.aim()
    bench.step_on_pedal()
    bench.until_state(State.CAPTURED)
    before = bench.screen.ticks
    bench.settle(100)  # the worker waits inside capture() all the while
    assert bench.screen.ticks == before + 100
    assert bench.worker.busy_ns() > 0


def test_a_worker_that_hangs_starves_the_watchdog(bench: Bench) -> None:
    bench.begin()
    bench.aim()
    bench.step_on_pedal()
    bench.until(lambda: bench.camera.captures == 1)
    bench.app.step()
    fed = bench.service.fed
    bench.app.step()
    assert bench.service.fed == fed + 1
    bench.clock.ahead_ns += STUCK_NS
    bench.app.step()
    assert bench.service.fed == fed + 1


def test_a_fault_of_the_program_ends_the_loop(bench: Bench) -> None:
    def fail() -> None:
        raise ZeroDivisionError("planted")

    bench.until_state(State.SIGNED_OUT)
    bench.worker.submit(fail)
    with pytest.raises(ZeroDivisionError):
        bench.settle(2000)


def test_retake_wipes_what_was_shown_and_what_was_kept(bench: Bench) -> None:
    bench.begin()
    bench.shoot()
    shown = bench.screen.shown[-1].review
    assert shown is not None
    assert shown.pixels.any()
    bench.touch(Event.RETAKE)
    bench.until_state(State.AIM)
    assert not shown.pixels.any()
    bench.until(lambda: bench.acts._crew.studio._held is None)
    assert bench.shots() == 0


def test_a_held_pedal_takes_the_picture_again(bench: Bench) -> None:
    bench.begin()
    bench.shoot()
    shown = bench.screen.shown[-1].review
    assert shown is not None
    assert shown.pixels.any()
    bench.clock.ahead_ns += 1_000_000_000
    bench.pedal.down(bench.clock())
    bench.settle(3)
    assert bench.state is State.REVIEW
    assert bench.screen.shown[-1].holding
    bench.clock.ahead_ns += HOLD_NS
    bench.until_state(State.AIM)
    bench.pedal.up(bench.clock())
    assert not shown.pixels.any()
    bench.settle(30)
    last = bench.screen.shown[-1]
    assert (last.state, last.holding) == (State.AIM, False)
    assert bench.shots() == 0


def test_a_refused_frame_says_why_and_leads_back(bench: Bench) -> None:
    bench.camera.failure = FrameRefused("exposure: asked 20000 µs, got 10000 µs")
    bench.begin()
    bench.aim()
    bench.camera.may_finish.set()
    bench.step_on_pedal()
    bench.until_state(State.SHOT_REFUSED)
    assert "got 10000" in bench.screen.shown[-1].fault
    bench.touch(Event.TRY_AGAIN)
    bench.until_state(State.AIM)


def test_a_dead_camera_is_said_and_tried_again(bench: Bench) -> None:
    bench.until_state(State.SIGNED_OUT)
    bench.camera.live_failure = CameraError("The camera does not answer.")
    bench.until_state(State.OUT_OF_ORDER)
    assert bench.screen.shown[-1].fault == "The camera does not answer."
    bench.camera.failure = CameraError("Still no camera.")
    bench.touch(Event.TRY_AGAIN)
    bench.until(lambda: bench.screen.shown[-1].fault == "Still no camera.")
    bench.camera.failure = None
    bench.touch(Event.TRY_AGAIN)
    bench.until_state(State.SIGNED_OUT)


def test_a_camera_is_started_again_once_however_often_it_is_asked(bench: Bench) -> None:
    bench.until_state(State.SIGNED_OUT)
    bench.camera.live_failure = CameraError("The camera does not answer.")
    bench.until_state(State.OUT_OF_ORDER)
    bench.camera.may_restart.clear()
    for _ in range(3):
        bench.touch(Event.TRY_AGAIN)
    assert bench.screen.shown[-1].restarting
    bench.camera.may_restart.set()
    bench.until_state(State.SIGNED_OUT)
    bench.settle()
    assert bench.camera.restarts == 1
    assert not bench.screen.shown[-1].restarting


def test_broken_lamps_are_said(bench: Bench) -> None:
    bench.lights.broken = True
    bench.begin()
    bench.touch(Event.READY)
    bench.until_state(State.LIGHT_FAULT)
    assert bench.screen.shown[-1].fault == "The left lamp does not answer."


def test_a_picture_that_cannot_be_saved_stays_until_it_can(bench: Bench) -> None:
    bench.begin()
    bench.shoot()
    bench.root.rename(bench.root.with_name("gone"))
    bench.step_on_pedal()
    bench.until_state(State.SAVE_FAULT)
    bench.root.with_name("gone").rename(bench.root)
    bench.touch(Event.TRY_AGAIN)
    bench.until_state(State.VIEW)
    assert bench.shots() == 1


def test_a_spool_that_cannot_be_used_is_said_before_anybody_sits_down(bench: Bench) -> None:
    bench.until_state(State.SIGNED_OUT)
    bench.root.rename(bench.root.with_name("gone"))
    bench.until_state(State.OUT_OF_ORDER)
    assert str(bench.root) in bench.screen.shown[-1].fault


def test_an_idle_station_forgets_the_patient(bench: Bench) -> None:
    bench.begin()
    assert bench.acts.progress is not None
    bench.clock.ahead_ns += LIMITS.sign_out_ns + 1_000_000_000
    bench.until_state(State.SIGNED_OUT)
    assert bench.acts.progress is None
    assert bench.screen.shown[-1].entry.text == ""
    assert bench.screen.forgotten == 1
    assert bench.screen.shown[-1].blanked


def test_nothing_of_a_patient_is_in_any_text_of_the_loop(bench: Bench) -> None:
    bench.begin()
    assert bench.acts.progress is not None
    assert bench.acts.progress.patient == PATIENT
    assert PATIENT not in repr(bench.screen.shown)
    assert PATIENT not in repr(bench.acts.progress)


def test_an_unfinished_number_starts_no_session(bench: Bench) -> None:
    bench.sign_in()
    bench.touch(Event.TYPE_NUMBER)
    bench.until_state(State.PATIENT)
    bench.touch(Character("4"), Character("-"), Event.PATIENT_GIVEN)
    bench.settle()
    assert bench.state is State.PATIENT


def test_skipped_views_can_be_taken_later(bench: Bench) -> None:
    bench.begin()
    for _ in range(VIEWS):
        bench.until_state(State.VIEW)
        bench.touch(Event.SKIP)
    bench.until_state(State.SUMMARY)
    bench.touch(Event.RETURN_TO_SKIPPED)
    bench.until_state(State.VIEW)
    progress = bench.screen.shown[-1].progress
    assert progress is not None
    assert progress.remaining == VIEWS


def test_the_preview_runs_only_while_aiming(bench: Bench) -> None:
    bench.begin()
    bench.settle()
    assert bench.screen.previews == 0
    bench.aim()
    bench.settle(5)
    assert bench.screen.previews >= 5


def test_a_touch_meant_for_the_screen_before_is_left_out(bench: Bench) -> None:
    bench.sign_in()
    bench.touch(Event.TYPE_NUMBER, Event.TYPE_NUMBER, Character("9"))
    bench.until_state(State.PATIENT)
    assert bench.screen.shown[-1].entry.text == ""


def test_a_press_while_the_picture_is_taken_does_not_keep_it_unseen(bench: Bench) -> None:
    """The press and the picture arrive in one frame; the review was never shown."""
    bench.begin()
    bench.aim()
    bench.step_on_pedal()
    bench.until_state(State.CAPTURED)
    bench.clock.ahead_ns += 1_000_000_000
    bench.camera.may_finish.set()
    deadline = time.monotonic() + DEADLINE_S
    while bench.worker.busy_ns() and time.monotonic() < deadline:
        time.sleep(0.001)
    bench.pedal.press(bench.clock())
    bench.settle()
    assert bench.state is State.REVIEW
    assert bench.shots() == 0


def test_a_touch_while_the_picture_is_taken_does_not_keep_it_unseen(bench: Bench) -> None:
    bench.begin()
    bench.aim()
    bench.step_on_pedal()
    bench.until_state(State.CAPTURED)
    bench.camera.may_finish.set()
    bench.screen.touches[State.REVIEW] = [Event.ACCEPT]
    bench.until_state(State.REVIEW)
    bench.settle()
    assert bench.screen.let_go_of == [Event.ACCEPT]
    assert bench.state is State.REVIEW


def test_a_double_tap_does_not_discard_a_picture(bench: Bench) -> None:
    bench.begin()
    bench.shoot()
    bench.root.rename(bench.root.with_name("gone"))
    bench.step_on_pedal()
    bench.until_state(State.SAVE_FAULT)
    bench.clock.ahead_ns += 1_000_000_000
    bench.screen.touches = {
        State.SAVE_FAULT: [Event.DISCARD],
        State.CONFIRM_DISCARD: [Event.CONFIRM],
    }
    bench.settle(10)
    bench.root.with_name("gone").rename(bench.root)
    assert bench.state is State.CONFIRM_DISCARD
    assert bench.acts._crew.studio._held is not None


def test_the_picture_of_a_withdrawn_shot_is_never_judged(bench: Bench) -> None:
    """The lamps fail while it is taken; it arrives when the next one is under way."""
    bench.camera.grey = [50, 200]
    made: list[Pixels] = []

    def remembered(frame: Frame) -> Pixels:
        made.append(small(frame))
        return made[-1]

    bench.acts._review_picture = remembered
    bench.begin()
    bench.aim()
    bench.step_on_pedal()
    bench.until_state(State.CAPTURED)
    bench.until(lambda: bench.camera.captures == 1)
    bench.acts._crew.inbox.post(News(Event.LIGHT_FAILED, LightError("The lamps went out.")))
    bench.until_state(State.LIGHT_FAULT)
    bench.touch(Event.TRY_AGAIN)
    bench.until_state(State.VIEW)
    bench.aim()
    bench.step_on_pedal()
    bench.until_state(State.CAPTURED)
    bench.camera.may_finish.set()
    bench.until_state(State.REVIEW)
    bench.settle()
    shown = bench.screen.shown[-1].review
    assert shown is not None
    assert shown.pixels[0, 0, 0] == 200
    assert len(made) == 2
    assert not made[0].any()
    assert bench.screen.states().count(State.REVIEW) == 1


def test_a_shot_withdrawn_before_its_turn_is_not_taken(bench: Bench) -> None:
    bench.begin()
    bench.aim()
    held = threading.Event()

    def hold() -> None:
        held.wait(DEADLINE_S)

    bench.worker.submit(hold)
    bench.step_on_pedal()
    bench.until_state(State.CAPTURED)
    bench.acts._crew.inbox.post(News(Event.STORAGE_REFUSED, StorageFull("full")))
    bench.until_state(State.STORAGE_FAULT)
    held.set()
    bench.until(lambda: not bench.worker.busy_ns())
    bench.settle()
    assert bench.camera.captures == 0


def test_lamps_that_stay_on_are_said(bench: Bench) -> None:
    bench.begin()
    bench.lights.stuck = True
    bench.shoot()
    assert bench.screen.shown[-1].lights_on
    bench.step_on_pedal()
    bench.until_state(State.LIGHT_FAULT)
    assert bench.screen.shown[-1].fault == "The left lamp does not go out."
    assert bench.shots() == 1


def test_lamps_that_go_out_at_the_second_try_stop_nobody(bench: Bench) -> None:
    bench.begin()
    bench.lights.stuck = True
    bench.shoot()
    bench.until(lambda: bench.app._burning)
    bench.lights.stuck = False
    bench.step_on_pedal()
    bench.until_state(State.VIEW)
    bench.until(lambda: not bench.acts.lights_on)
    assert bench.lights.level() == 0.0
    assert State.LIGHT_FAULT not in bench.screen.states()


def test_the_lamp_on_screen_is_the_one_that_burns_whatever_the_order(bench: Bench) -> None:
    """Taken again while the lamps of the picture before are still on their way to dark."""
    bench.begin()
    bench.lights.slow.clear()
    bench.shoot()
    bench.touch(Event.RETAKE)
    bench.until_state(State.AIM)
    bench.lights.slow.set()
    bench.until(lambda: not bench.worker.busy_ns() and bench.lights.level() == 1.0)
    bench.settle()
    assert bench.screen.shown[-1].lights_on


def test_the_frame_is_asked_for_after_the_press(bench: Bench) -> None:
    bench.begin()
    bench.aim()
    bench.camera.may_finish.set()
    before = bench.clock()
    bench.step_on_pedal()
    bench.until_state(State.REVIEW)
    assert bench.camera.asked_after[0] >= before


def test_leaving_the_last_view_out_ends_the_views_at_once(bench: Bench) -> None:
    bench.begin()
    for _ in range(VIEWS - 1):
        bench.touch(Event.SKIP)
    bench.touch(Event.SKIP, Event.READY)
    assert bench.state is State.SUMMARY


@pytest.mark.parametrize("nothing", [Event.BACK, Compare.BLINK], ids=["back", "blink"])
def test_touches_count_against_idling(bench: Bench, nothing: Event | Compare) -> None:
    bench.begin()
    for _ in range(4):
        bench.clock.ahead_ns += LIMITS.blank_ns - 2_000_000_000
        bench.touch(nothing)  # means nothing to the session here, but somebody is there
    assert bench.state is State.VIEW


@pytest.mark.parametrize(
    ("state", "said"), [(State.DAY, State.OUT_OF_ORDER), (State.VIEW, State.CAMERA_FAULT)]
)
def test_a_camera_that_dies_in_a_session_is_noticed(
    bench: Bench, state: State, said: State
) -> None:
    bench.sign_in()
    if state is State.VIEW:
        bench.begin()
    bench.camera.live_failure = CameraError("The camera does not answer.")
    bench.until_state(said)


def test_a_counter_that_is_gone_is_said_before_anybody_is_photographed(bench: Bench) -> None:
    bench.sign_in()
    bench.until_idle()  # the check that came with signing in is over
    (bench.root.parent / "sequence").unlink()
    bench.open_patient()
    bench.touch(Event.START)
    bench.until_state(State.STORAGE_FAULT)
    assert "sequence" in bench.screen.shown[-1].fault
    assert bench.camera.captures == 0


def test_forgetting_the_patient_wipes_the_picture_too(bench: Bench) -> None:
    bench.begin()
    bench.shoot()
    shown = bench.screen.shown[-1].review
    assert shown is not None
    bench.clock.ahead_ns += LIMITS.sign_out_ns + 1_000_000_000
    bench.until_state(State.SIGNED_OUT)
    assert not shown.pixels.any()
    bench.until(lambda: bench.acts._crew.studio._held is None)


def test_a_kept_picture_is_wiped_from_the_screens_memory(bench: Bench) -> None:
    bench.begin()
    bench.shoot()
    shown = bench.screen.shown[-1].review
    assert shown is not None
    bench.step_on_pedal()
    bench.until_state(State.VIEW)
    assert not shown.pixels.any()


def test_a_seal_that_fails_keeps_the_picture(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.begin()
    bench.shoot()

    def refuse() -> str:
        raise EnvelopeError("The recipients cannot be used.")

    monkeypatch.setattr(bench.acts._crew.studio, "seal", refuse)
    bench.step_on_pedal()
    bench.until_state(State.SAVE_FAULT)
    assert bench.screen.shown[-1].fault == "The recipients cannot be used."


def test_a_spool_that_fills_up_at_the_press_is_said(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.begin()
    bench.aim()
    bench.settle()

    def full(_size: int) -> None:
        raise StorageFull("The disk is full.")

    monkeypatch.setattr(bench.spool, "require_room", full)
    bench.step_on_pedal()
    bench.until_state(State.STORAGE_FAULT)
    assert bench.camera.captures == 0


def test_a_fault_is_forgotten_with_its_screen(bench: Bench) -> None:
    bench.lights.broken = True
    bench.begin()
    bench.touch(Event.READY)
    bench.until_state(State.LIGHT_FAULT)
    bench.touch(Event.TRY_AGAIN)
    bench.until_state(State.VIEW)
    assert bench.screen.shown[-1].fault == ""


def test_a_backlog_that_is_no_longer_counted_ends_the_loop(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("planted")

    bench.until_state(State.SIGNED_OUT)
    monkeypatch.setattr(bench.spool, "backlog", fail)
    with pytest.raises(ZeroDivisionError):
        bench.settle(3000)


def test_a_save_that_fails_on_the_way_out_is_told(bench: Bench) -> None:
    bench.begin()
    bench.shoot()
    bench.root.rename(bench.root.with_name("gone"))
    bench.touch(Event.ACCEPT)
    with pytest.raises(StorageFailed):
        _finish(bench.acts._crew, bench.acts)
    bench.root.with_name("gone").rename(bench.root)


def test_a_picture_being_saved_is_saved_on_the_way_out(bench: Bench) -> None:
    bench.begin()
    bench.shoot()
    bench.touch(Event.ACCEPT)
    _finish(bench.acts._crew, bench.acts)
    assert bench.shots() == 1


def test_a_picture_nobody_kept_is_wiped_on_the_way_out(bench: Bench) -> None:
    bench.begin()
    bench.shoot()
    studio = bench.acts._crew.studio
    bench.until(lambda: studio._held is not None)
    shown, held = bench.screen.shown[-1].review, studio._held
    assert shown is not None
    assert held is not None
    _finish(bench.acts._crew, bench.acts)
    assert not shown.pixels.any()
    assert not any(held.image)
    assert bench.shots() == 0


def test_a_fault_of_the_program_on_the_way_out_is_told(bench: Bench) -> None:
    def fail() -> None:
        raise ZeroDivisionError("planted")

    bench.until_state(State.SIGNED_OUT)
    bench.worker.submit(fail)
    with pytest.raises(ZeroDivisionError):
        _finish(bench.acts._crew, bench.acts)
