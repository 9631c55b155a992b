"""The loop: what was pressed and touched, against what the workflow, the studio and the disk do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from kiosk import config, moment
from kiosk.capture.acts import Acts
from kiosk.capture.app import IDLE_NS, STUCK_NS, App
from kiosk.capture.backlog import BacklogWatch
from kiosk.capture.crew import Crew, News
from kiosk.capture.earlier import EarlierShots
from kiosk.capture.guides.announcer import Announcer
from kiosk.capture.guides.values import Deviation
from kiosk.capture.guiding.guide import Guide
from kiosk.capture.guiding.looking import Look as Looked
from kiosk.capture.hardware.interfaces import CameraIdentity
from kiosk.capture.hardware.lights import SimulatedLights
from kiosk.capture.hardware.simulated_pedal import SimulatedPedal
from kiosk.capture.hardware.voice import SilentVoice
from kiosk.capture.picture.jpeg import Encoding
from kiosk.capture.pose.descriptor import PoseDescriptor
from kiosk.capture.start import _finish
from kiosk.capture.studio import Author, Devices, Look, Studio, Tools
from kiosk.capture.surroundings import Names, Surroundings
from kiosk.capture.ui.entry import Character, Key
from kiosk.capture.ui.model import Compare, ScreenModel
from kiosk.capture.worker import Inbox, Worker
from kiosk.capture.workflow import Event, State, Workflow
from kiosk.durable import Counter
from kiosk.envelope.recipients import generate_identity
from kiosk.envelope.signatures import SigningKey
from kiosk.errors import (
    CameraError,
    EnvelopeError,
    FrameRefused,
    LightError,
    StorageFailed,
    StorageFull,
)
from kiosk.model import CameraSettings, Frame, FrameMetadata, PixelLayout, Pixels
from kiosk.records.protocols import View, load_protocol
from kiosk.spool import Spool

ASKED = CameraSettings(20_000, 1.0, (2.0, 1.5))
HOLD_OFF_MS = 400
PATIENT = "ZQ-9"
DEADLINE_S = 20.0
VIEWS = len(load_protocol("face_5").views)


class Clock:
    """Real time and whatever the test adds to it."""

    def __init__(self) -> None:
        self.ahead_ns = 0

    def __call__(self) -> int:
        return time.monotonic_ns() + self.ahead_ns


@dataclass
class FakeScreen:
    """Remembers what was shown; gives the touches that the test queued for a state."""

    touches: dict[State, list[Event | Key | Compare]] = field(default_factory=dict)
    shown: list[ScreenModel] = field(default_factory=list)
    previews: int = 0
    forgotten: int = 0
    let_go_of: list[Event | Key | Compare] = field(default_factory=list)
    ticks: int = 0

    def poll(self, model: ScreenModel) -> Iterable[Event | Key | Compare]:
        return self.touches.pop(model.state, [])

    def let_go(self, model: ScreenModel) -> None:
        self.let_go_of += self.touches.pop(model.state, [])

    def show(self, model: ScreenModel) -> None:
        if not self.shown or self.shown[-1] != model:
            self.shown.append(model)

    def show_frame(self, frame: Frame, model: ScreenModel) -> None:
        assert frame.width == 64
        assert model.state is State.AIM
        self.previews += 1

    def forget(self) -> None:
        self.forgotten += 1

    def tick(self) -> None:
        self.ticks += 1
        time.sleep(0.001)

    def states(self) -> list[State]:
        found: list[State] = []
        for model in self.shown:
            if not found or found[-1] is not model.state:
                found.append(model.state)
        return found


@dataclass
class ScriptedLooker:
    """Sees what the test says, in the frames that it is offered."""

    seen: Deviation | None = None
    aims: list[tuple[str, PoseDescriptor | None]] = field(default_factory=list)
    offered: int = 0
    forgotten: int = 0
    looks: list[Looked] = field(default_factory=list)
    failure: Exception | None = None

    def aim(self, view: View, baseline: PoseDescriptor | None) -> None:
        self.aims.append((view.id, baseline))

    def offer(self, frame: Frame) -> None:
        self.offered += 1
        if self.seen is not None:
            self.looks.append(Looked(self.seen, frame.metadata.exposed_from_ns))

    def drain(self) -> tuple[Looked, ...]:
        looks, self.looks = tuple(self.looks), []
        return looks

    def forget(self) -> None:
        self.forgotten += 1

    def check(self) -> None:
        if self.failure is not None:
            raise self.failure


@dataclass
class FakeCamera:
    """A camera whose next picture the test can hold back or let fail."""

    may_finish: threading.Event = field(default_factory=threading.Event)
    may_restart: threading.Event = field(default_factory=threading.Event)
    captures: int = 0
    asked_after: list[int] = field(default_factory=list)
    grey: list[int] = field(default_factory=lambda: [90])
    failure: CameraError | None = None
    live_failure: CameraError | None = None
    restarts: int = 0
    identity = CameraIdentity("fake", "", "fake")
    still_size = (64, 48)
    still_layout = PixelLayout.I420

    def start(self) -> None: ...
    def close(self) -> None: ...
    def apply(self, settings: CameraSettings) -> None: ...

    def __post_init__(self) -> None:
        self.may_restart.set()

    def restart(self) -> None:
        self.restarts += 1
        assert self.may_restart.wait(DEADLINE_S)
        if self.failure is not None:
            raise self.failure
        self.live_failure = None

    def preview(self) -> Frame | None:
        if self.live_failure is not None:
            raise self.live_failure
        pixels = np.full((72, 64), 90, dtype=np.uint8)
        return Frame(pixels, PixelLayout.I420, 64, 48, FrameMetadata(0, ASKED))

    def capture(self, after_ns: int) -> Frame:
        self.captures += 1
        self.asked_after.append(after_ns)
        assert self.may_finish.wait(DEADLINE_S)
        if self.failure is not None:
            raise self.failure
        return self.frame(after_ns)

    def frame(self, at_ns: int) -> Frame:
        grey = self.grey.pop(0) if len(self.grey) > 1 else self.grey[0]
        pixels = np.full((72, 64), grey, dtype=np.uint8)
        return Frame(pixels, PixelLayout.I420, 64, 48, FrameMetadata(at_ns, ASKED))


class FakeLights(SimulatedLights):
    """Lamps that can break, and lamps that stay on."""

    broken = False
    stuck = False

    def __init__(self) -> None:
        super().__init__()
        self.slow = threading.Event()
        self.slow.set()

    def set(self, level: float) -> None:
        if self.broken and level:
            raise LightError("The left lamp does not answer.")
        if not level:
            assert self.slow.wait(DEADLINE_S)
        if self.stuck and not level:
            raise LightError("The left lamp does not go out.")
        super().set(level)


class Feeder:
    fed = 0

    def feed(self) -> None:
        self.fed += 1


@dataclass
class Bench:
    """The whole loop on the test's table."""

    app: App
    workflow: Workflow
    acts: Acts
    screen: FakeScreen
    camera: FakeCamera
    lights: FakeLights
    pedal: SimulatedPedal
    spool: Spool
    root: Path
    clock: Clock
    service: Feeder
    worker: Worker
    looker: ScriptedLooker

    @property
    def state(self) -> State:
        return self.workflow.state

    def until(self, reached: Callable[[], bool]) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not reached():
            assert time.monotonic() < deadline, f"stuck in {self.state}"
            self.app.step()

    def until_state(self, state: State) -> None:
        self.until(lambda: self.screen.shown != [] and self.screen.shown[-1].state is state)

    def touch(self, *touches: Event | Key | Compare) -> None:
        """Touch as a person would: after having seen the screen."""
        self.clock.ahead_ns += 1_000_000_000
        self.screen.touches[self.state] = list(touches)
        self.app.step()

    def step_on_pedal(self) -> None:
        """Press as a person would: after having seen the screen, and after a pause."""
        self.clock.ahead_ns += 1_000_000_000
        self.pedal.press(self.clock())
        self.app.step()

    def settle(self, steps: int = 30) -> None:
        for _ in range(steps):
            self.app.step()

    def begin(self) -> None:
        self.until_state(State.STANDBY)
        self.touch(Event.START)
        self.until_state(State.PATIENT)
        self.touch(*map(Character, PATIENT), Event.PATIENT_GIVEN)
        self.until_state(State.VIEW)

    def aim(self) -> None:
        self.touch(Event.READY)
        self.until_state(State.AIM)

    def shoot(self) -> None:
        self.aim()
        self.camera.may_finish.set()
        self.step_on_pedal()
        self.until_state(State.REVIEW)


def small(frame: Frame) -> Pixels:
    return np.full((4, 3, 3), frame.pixels[0, 0], dtype=np.uint8)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    root = tmp_path / "spool"
    root.mkdir()
    counter = Counter(tmp_path / "sequence")
    counter.create()
    clock = Clock()
    camera, lights, spool = FakeCamera(), FakeLights(), Spool(root, 0)
    pedal = SimulatedPedal(config.SimulatedPedal(hold_off_ms=HOLD_OFF_MS), clock)
    key = SigningKey.generate()
    author = Author("room-2", "Clinic", key, [generate_identity().recipient()], counter)
    worker, watch, screen, service = (
        Worker(clock),
        BacklogWatch(spool, lambda: "14:05"),
        FakeScreen(),
        Feeder(),
    )
    with ThreadPoolExecutor(1) as pool:
        look = Look(ASKED, 1.0, 0, 0, Encoding(95, "4:4:4", 0))
        tools = Tools(pool, moment.now, lambda _frame, _view: None)
        studio = Studio(Devices(camera, lights, spool), look, author, tools)
        crew = Crew(studio, camera, worker, Inbox[News](), EarlierShots(None, "Clinic"))
        acts = Acts(crew, load_protocol("face_5"), small)
        workflow, looker = Workflow(), ScriptedLooker()
        announcer = Announcer(lambda instruction: instruction.cue.name)
        guide = Guide(looker, SilentVoice(), announcer, shoot_by_itself=True)
        around = Surroundings(screen, pedal, watch, guide, service, clock, lambda: "14:05")
        app = App(workflow, acts, crew, around, Names("Clinic", "room-2"))
        worker.start()
        watch.start()
        yield Bench(
            app,
            workflow,
            acts,
            screen,
            camera,
            lights,
            pedal,
            spool,
            root,
            clock,
            service,
            worker,
            looker,
        )
        camera.may_finish.set()
        watch.close()
        assert worker.close(DEADLINE_S)


def test_a_whole_session_by_touch_and_pedal(bench: Bench) -> None:
    bench.begin()
    for _ in range(VIEWS):
        bench.shoot()
        bench.step_on_pedal()
        bench.until(lambda: bench.state in (State.VIEW, State.SUMMARY))
        bench.app.step()
    assert bench.spool.count() == VIEWS
    bench.until_state(State.SUMMARY)
    bench.touch(Event.FINISH)
    bench.until_state(State.STANDBY)
    assert bench.screen.shown[-1].progress is None
    assert bench.screen.shown[-1].entry.text == ""
    one_view = [State.AIM, State.CAPTURED, State.REVIEW, State.SAVING]
    middle = [state for _ in range(VIEWS) for state in (State.VIEW, *one_view)]
    expected = [State.STANDBY, State.PATIENT, *middle, State.SUMMARY, State.STANDBY]
    assert bench.screen.states() == expected
    assert bench.lights.level() == 0.0


@pytest.mark.parametrize("state", [State.STANDBY, State.PATIENT, State.VIEW, State.SUMMARY])
def test_the_pedal_takes_no_picture_on_another_screen(bench: Bench, state: State) -> None:
    bench.camera.may_finish.set()
    bench.until_state(State.STANDBY)
    if state is State.PATIENT:
        bench.touch(Event.START)
    elif state is not State.STANDBY:
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
    assert bench.spool.count() == 0


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

    bench.until_state(State.STANDBY)
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
    assert bench.spool.count() == 0


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
    bench.until_state(State.STANDBY)
    bench.camera.live_failure = CameraError("The camera does not answer.")
    bench.until_state(State.OUT_OF_ORDER)
    assert bench.screen.shown[-1].fault == "The camera does not answer."
    bench.camera.failure = CameraError("Still no camera.")
    bench.touch(Event.TRY_AGAIN)
    bench.until(lambda: bench.screen.shown[-1].fault == "Still no camera.")
    bench.camera.failure = None
    bench.touch(Event.TRY_AGAIN)
    bench.until_state(State.STANDBY)


def test_a_camera_is_started_again_once_however_often_it_is_asked(bench: Bench) -> None:
    bench.until_state(State.STANDBY)
    bench.camera.live_failure = CameraError("The camera does not answer.")
    bench.until_state(State.OUT_OF_ORDER)
    bench.camera.may_restart.clear()
    for _ in range(3):
        bench.touch(Event.TRY_AGAIN)
    assert bench.screen.shown[-1].restarting
    bench.camera.may_restart.set()
    bench.until_state(State.STANDBY)
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
    assert bench.spool.count() == 1


def test_a_spool_that_cannot_be_used_is_said_before_anybody_sits_down(bench: Bench) -> None:
    bench.until_state(State.STANDBY)
    bench.root.rename(bench.root.with_name("gone"))
    bench.until_state(State.OUT_OF_ORDER)
    assert str(bench.root) in bench.screen.shown[-1].fault


def test_an_idle_station_forgets_the_patient(bench: Bench) -> None:
    bench.begin()
    assert bench.acts.visit is not None
    bench.clock.ahead_ns += IDLE_NS + 1_000_000_000
    bench.until_state(State.STANDBY)
    assert bench.acts.visit is None
    assert bench.screen.shown[-1].entry.text == ""
    assert bench.screen.forgotten == 1


def test_nothing_of_a_patient_is_in_any_text_of_the_loop(bench: Bench) -> None:
    bench.begin()
    assert bench.acts.visit is not None
    assert bench.acts.visit.progress.patient == PATIENT
    assert PATIENT not in repr(bench.screen.shown)
    assert PATIENT not in repr(bench.acts.visit)


def test_an_unfinished_number_starts_no_session(bench: Bench) -> None:
    bench.until_state(State.STANDBY)
    bench.touch(Event.START)
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
    bench.until_state(State.STANDBY)
    bench.touch(Event.START, Event.START, Character("9"))
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
    assert bench.spool.count() == 0


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
    assert bench.spool.count() == 1


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
        bench.clock.ahead_ns += IDLE_NS - 2_000_000_000
        bench.touch(nothing)  # means nothing to the session here, but somebody is there
    assert bench.state is State.VIEW


@pytest.mark.parametrize(
    ("state", "said"), [(State.PATIENT, State.OUT_OF_ORDER), (State.VIEW, State.CAMERA_FAULT)]
)
def test_a_camera_that_dies_in_a_session_is_noticed(
    bench: Bench, state: State, said: State
) -> None:
    bench.until_state(State.STANDBY)
    if state is State.VIEW:
        bench.begin()
    else:
        bench.touch(Event.START)
        bench.until_state(State.PATIENT)
    bench.camera.live_failure = CameraError("The camera does not answer.")
    bench.until_state(said)


def test_a_counter_that_is_gone_is_said_before_anybody_is_photographed(bench: Bench) -> None:
    (bench.root.parent / "sequence").unlink()
    bench.until_state(State.STANDBY)
    bench.touch(Event.START)
    bench.until_state(State.OUT_OF_ORDER)
    assert "sequence" in bench.screen.shown[-1].fault
    assert bench.camera.captures == 0


def test_forgetting_the_patient_wipes_the_picture_too(bench: Bench) -> None:
    bench.begin()
    bench.shoot()
    shown = bench.screen.shown[-1].review
    assert shown is not None
    bench.clock.ahead_ns += IDLE_NS + 1_000_000_000
    bench.until_state(State.STANDBY)
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

    bench.until_state(State.STANDBY)
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
    assert bench.spool.count() == 1


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
    assert bench.spool.count() == 0


def test_a_fault_of_the_program_on_the_way_out_is_told(bench: Bench) -> None:
    def fail() -> None:
        raise ZeroDivisionError("planted")

    bench.until_state(State.STANDBY)
    bench.worker.submit(fail)
    with pytest.raises(ZeroDivisionError):
        _finish(bench.acts._crew, bench.acts)
