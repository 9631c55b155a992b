"""The whole loop on the test's table: a real workflow, studio and disk, scripted devices."""

from __future__ import annotations

import dataclasses
import io
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from kiosk import config, moment
from kiosk.capture.acts import Acts
from kiosk.capture.app import App
from kiosk.capture.attention import Limits
from kiosk.capture.author import Author
from kiosk.capture.backlog import BacklogWatch
from kiosk.capture.baselines import PoseKeyring
from kiosk.capture.calibrated import Calibrated
from kiosk.capture.codes import Codes
from kiosk.capture.crew import Crew, News
from kiosk.capture.earlier import EarlierShots
from kiosk.capture.flow.service import LIT
from kiosk.capture.foot import HOLD_NS
from kiosk.capture.guides.announcer import Announcer
from kiosk.capture.guides.values import Deviation
from kiosk.capture.guiding.guide import Guide
from kiosk.capture.guiding.looking import Look as Looked
from kiosk.capture.guiding.shots import ShotPose
from kiosk.capture.hardware.interfaces import CameraIdentity
from kiosk.capture.hardware.lights import SimulatedLights
from kiosk.capture.hardware.simulated_pedal import SimulatedPedal
from kiosk.capture.maintenance.brightness import Pace
from kiosk.capture.maintenance.desk import Hands, Maintenance
from kiosk.capture.maintenance.looks import Parts
from kiosk.capture.maintenance.sending import Sender
from kiosk.capture.maintenance.trials import Tools as Trying
from kiosk.capture.people.asking import Asking
from kiosk.capture.people.door import Door
from kiosk.capture.people.filled import Filled
from kiosk.capture.people.lobby import SCANNED, Lobby
from kiosk.capture.people.reception import Around, Reception
from kiosk.capture.people.showing import Known
from kiosk.capture.picture.jpeg import Encoding
from kiosk.capture.pose.descriptor import PoseDescriptor
from kiosk.capture.studio import Devices, Look, PoseOf, Studio, Tools
from kiosk.capture.surroundings import Names, Surroundings, Touches
from kiosk.capture.ui.entry import Character
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.widgets import Action
from kiosk.capture.worker import Inbox, Worker
from kiosk.capture.workflow import Event, State, Workflow
from kiosk.clinic.kinds import KINDS
from kiosk.config_reading import parse
from kiosk.durable import Counter
from kiosk.envelope.bundle import Kind, read_bundle
from kiosk.envelope.container import SHOT
from kiosk.envelope.recipients import Identity, generate_identity
from kiosk.envelope.seal import open_sealed
from kiosk.envelope.signatures import SigningKey
from kiosk.errors import (
    CameraError,
    LightError,
)
from kiosk.model import CameraSettings, Frame, FrameMetadata, Moment, PixelLayout, Pixels
from kiosk.records.protocols import View, load_protocol
from kiosk.spool import Spool
from kiosk.spool.trials import Trials
from kiosk.support_request import SupportRequest
from tests.capture.guiding.fakes import RecordingVoice
from tests.capture.people.clinic_keys import Person
from tests.capture.people.house import House, found

ASKED = CameraSettings(20_000, 1.0, (2.0, 1.5))
HOLD_OFF_MS = 400
PATIENT = "ZQ-9"
DEADLINE_S = 20.0
S = 1_000_000_000
LIMITS = Limits(blank_ns=60 * S, sign_out_ns=180 * S, shift_ns=8 * 3600 * S)
VIEWS = len(load_protocol("face_5").views)


class Clock:
    """Real time and whatever the test adds to it."""

    def __init__(self) -> None:
        self.ahead_ns = 0

    def __call__(self) -> int:
        return time.monotonic_ns() + self.ahead_ns

    def now(self) -> Moment:
        return dataclasses.replace(moment.now(), monotonic_ns=self())


@dataclass
class FakeScreen:
    """Remembers what was shown; gives the touches that the test queued for a state."""

    touches: dict[State, list[Action]] = field(default_factory=dict)
    shown: list[ScreenModel] = field(default_factory=list)
    previews: int = 0
    forgotten: int = 0
    let_go_of: list[Action] = field(default_factory=list)
    ticks: int = 0

    def poll(self, model: ScreenModel) -> Touches:
        actions = self.touches.pop(model.state, [])
        return Touches(() if model.blanked else actions, touched=bool(actions))

    def let_go(self, model: ScreenModel) -> bool:
        touches = self.touches.pop(model.state, [])
        self.let_go_of += touches
        return bool(touches)

    def show(self, model: ScreenModel) -> None:
        if not self.shown or self.shown[-1] != model:
            self.shown.append(model)

    def show_frame(self, frame: Frame, model: ScreenModel) -> None:
        assert frame.width == 64
        assert model.state in SCANNED | {State.AIM, *LIT}
        self.previews += model.state in {State.AIM, *LIT}

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
    rests: list[PoseDescriptor | None] = field(default_factory=list)
    offered: int = 0
    forgotten: int = 0
    looks: list[Looked] = field(default_factory=list)
    failure: Exception | None = None

    def aim(self, view: View, baseline: PoseDescriptor | None, rest: PoseDescriptor | None) -> None:
        self.aims.append((view.id, baseline))
        self.rests.append(rest)

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
    glow: Callable[[], int] = lambda: 90
    now: Callable[[], int] = time.monotonic_ns
    asked: CameraSettings = ASKED
    card: Callable[[CameraSettings], tuple[int, int, int]] | None = None
    identity = CameraIdentity("fake", "", "fake")
    still_size = (64, 48)
    still_layout = PixelLayout.I420

    def start(self) -> None: ...
    def close(self) -> None: ...

    def apply(self, settings: CameraSettings) -> None:
        self.asked = settings

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
        pixels = np.full((72, 64), self.glow(), dtype=np.uint8)
        return Frame(pixels, PixelLayout.I420, 64, 48, FrameMetadata(self.now(), ASKED))

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
        if self.card is not None:
            pixels[:48], pixels[48:60], pixels[60:] = self.card(self.asked)
        return Frame(pixels, PixelLayout.I420, 64, 48, FrameMetadata(at_ns, self.asked))


class FakeLights(SimulatedLights):
    """Lamps that can break, and lamps that stay on."""

    broken = False
    stuck = False

    def __init__(self, names: tuple[str, ...] = ("lamp",)) -> None:
        super().__init__(names)
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

    def set_one(self, name: str, level: float) -> None:
        if self.broken and level:
            raise LightError("The left lamp does not answer.")
        super().set_one(name, level)


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
    voice: RecordingVoice
    identity: Identity
    house: House
    journal: list[str]
    author: Author

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

    def touch(self, *touches: Action) -> None:
        """Touch as a person would: after having seen the screen."""
        self.clock.ahead_ns += 1_000_000_000
        self.screen.touches[self.state] = list(touches)
        self.app.step()

    def step_on_pedal(self) -> None:
        """Press as a person would: after having seen the screen, and after a pause."""
        self.clock.ahead_ns += 1_000_000_000
        self.pedal.press(self.clock())
        self.app.step()

    def hold_pedal(self) -> None:
        """Hold it down for as long as it takes to mean something else, then let go."""
        self.clock.ahead_ns += 1_000_000_000
        self.pedal.down(self.clock())
        self.app.step()
        self.clock.ahead_ns += HOLD_NS
        self.app.step()
        self.pedal.up(self.clock())

    def containers(self, kind: Kind) -> list[bytes]:
        """Return the opened objects of one kind in the spool, oldest first."""
        found = []
        for entry in self.spool.entries():
            with self.spool.open(entry.name) as source:
                content = open_sealed(source, [self.identity]).read()
            if read_bundle(io.BytesIO(content), KINDS).kind is kind:
                found.append(content)
        return found

    def shots(self) -> int:
        """Return how many pictures are in the spool, among whatever else is."""
        return len(self.containers(SHOT))

    def until_idle(self) -> None:
        """Wait until the worker has done all that it was asked for so far."""
        done = threading.Event()
        self.worker.submit(done.set)
        self.until(done.is_set)
        self.app.step()

    def settle(self, steps: int = 30) -> None:
        for _ in range(steps):
            self.app.step()

    def scan(self, text: str) -> None:
        """Hold a badge or a card to the reader."""
        self.clock.ahead_ns += 1_000_000_000
        self.house.reader.scan(text)
        self.app.step()

    def sign_in(self) -> None:
        self.sign_in_as(self.house.ada, State.DAY)

    def sign_in_as(self, person: Person, state: State) -> None:
        """Sign somebody in who gets to ``state``."""
        self.until_state(State.SIGNED_OUT)
        self.scan(person.badge.text())
        self.until_state(State.PIN)
        self.touch(*map(Character, person.pin), Event.PIN_GIVEN)
        self.until_state(state)

    @property
    def maintenance(self) -> Maintenance:
        return self.app._around.maintenance

    def open_patient(self) -> None:
        """Open the patient's page; consent is on record."""
        self.touch(Event.TYPE_NUMBER)
        self.until_state(State.PATIENT)
        self.touch(*map(Character, PATIENT), Event.PATIENT_GIVEN)
        self.until_state(State.CHART_ALLOWED)

    def begin(self) -> None:
        if self.state is not State.DAY:
            self.sign_in()
        self.open_patient()
        self.touch(Event.START)
        self.until_state(State.VIEW)

    def aim(self) -> None:
        self.touch(Event.READY)
        self.until_state(State.AIM)

    def shoot(self) -> None:
        self.aim()
        self.camera.may_finish.set()
        self.step_on_pedal()
        self.until_state(State.REVIEW)

    def finish(self) -> None:
        """End the session and have the patient forgotten."""
        self.touch(Event.END_SESSION)
        self.until_state(State.CONFIRM_END)
        self.touch(Event.CONFIRM)
        self.until_state(State.SUMMARY)
        self.touch(Event.FINISH)
        self.until_state(State.DAY)

    def rest(self) -> None:
        """Let the worker finish what it was given, and take in what came of it."""
        done = threading.Event()
        self.worker.submit(done.set)
        self.until(done.is_set)
        self.settle(2)


def settings(folder: Path, spool: Path) -> config.StationConfig:
    """Return the settings of a station with what this one has, as far as a technician is told."""
    return parse(
        f"""
[station]
name = "room-2"
clinic = "Lakeside Clinic"
signing_key = "/nowhere"
state = "{folder}"
[sealing]
recipients = "/nowhere"
[spool]
path = "{spool}"
[camera]
kind = "simulated"
pictures = "/nowhere"
size = [64, 64]
preview = [64, 64]
exposure = {{ exposure_us = 20000, red_gain = 2.0, blue_gain = 1.5 }}
[lights]
kind = "simulated"
channels = [{{ name = "left", pin = 12 }}, {{ name = "right", pin = 13 }}]
[pedal]
kind = "simulated"
[display]
size = [1080, 1920]
[session]
protocol = "face_5"
[people]
desk = "ssh-ed25519 AAAA"
mailbox = "{"0" * 32}"
[upload]
host = "192.0.2.5"
user = "room-2"
key = "/nowhere"
host_key = "ssh-ed25519 AAAA"
[metrics]
folder = "{folder}"
""",
        source="the bench",
    )


def unjudged(_frame: Frame, _view: View) -> ShotPose | None:
    return None


def small(frame: Frame) -> Pixels:
    return np.full((4, 3, 3), frame.pixels[0, 0], dtype=np.uint8)


@contextmanager
def set_up(  # noqa: PLR0913 - a station's parts
    tmp_path: Path,
    earlier: EarlierShots | None = None,
    pose_of: PoseOf = unjudged,
    keyring: PoseKeyring | None = None,
    *,
    consents: bool = True,
    people: Sequence[Person] = (),
    views: str = "face_5",
) -> Iterator[Bench]:
    """Set up a station with one operator and one patient, both real but for their devices.

    Args:
        tmp_path: an empty folder.
        earlier: what it remembers; nothing where it is left out.
        pose_of: how shots are judged.
        keyring: of the baselines in ``earlier``.
        consents: whether the patient's consent to the record is there already.
        people: operators beside Ada.
        views: name of the protocol.
    """
    root = tmp_path / "spool"
    root.mkdir()
    counter = Counter(tmp_path / "sequence")
    counter.create()
    clock = Clock()
    lights, spool = FakeLights(("left", "right")), Spool(root, 0)
    camera = FakeCamera(now=clock)
    pedal = SimulatedPedal(config.SimulatedPedal(hold_off_ms=HOLD_OFF_MS), clock)
    key, identity = SigningKey.generate(), generate_identity()
    author = Author("room-2", "Lakeside Clinic", key, [identity.recipient()], counter)
    worker, watch, screen, service = (
        Worker(clock),
        BacklogWatch(spool, lambda: "14:05"),
        FakeScreen(),
        Feeder(),
    )
    protocol = load_protocol(views)
    with ThreadPoolExecutor(1) as pool:
        house = found(tmp_path, spool, author, clock, keyring, people)
        if consents:
            house.consent_to_record(PATIENT)
        calibrated = Calibrated(ASKED, tmp_path / "calibration.json")
        look = Look(
            lambda: calibrated.settings(camera.identity), 1.0, 0, 0, Encoding(95, "4:4:4", 0)
        )
        author = dataclasses.replace(author, anchor=house.trail.anchor)
        studio = Studio(
            Devices(camera, lights, spool), look, author, Tools(pool, moment.now, pose_of)
        )
        remembers = earlier or EarlierShots(None, "Lakeside Clinic")
        inbox = Inbox[News]()
        crew = Crew(
            studio, camera, worker, inbox, remembers, house.office.note, house.office.note_uploaded
        )
        acts = Acts(crew, protocol, small)
        workflow, looker, voice = Workflow(), ScriptedLooker(), RecordingVoice()
        journal: list[str] = []
        announcer = Announcer(lambda instruction: instruction.cue.name)
        around = Surroundings(
            screen=screen,
            pedal=pedal,
            codes=Codes(house.scanner, house.reader),
            watch=watch,
            guide=Guide(looker, voice, announcer, shoot_by_itself=True),
            maintenance=Maintenance(
                Parts(
                    settings(tmp_path, root),
                    *(camera, lights, pedal, house.reader, spool, moment.now, clock()),
                    calibrated,
                    SupportRequest(tmp_path / "support-asked", tmp_path / "told.json"),
                ),
                Trying(
                    *(studio.require_room, small, Pace(0, S, clock)),
                    Sender(author, spool, Trials(spool.root), house.office.note, clock.now),
                    lambda: house.office.operator,
                ),
                Hands(worker, inbox, lambda: tuple(journal), clock),
            ),
            service=service,
            clock=clock,
            time_of_day=lambda: "14:05",
            limits=LIMITS,
            known=Known(house.uses, protocol.views, house.instant),
            names=Names("Lakeside Clinic", "room-2"),
        )
        reception = Reception(
            house.office,
            Asking(worker, inbox),
            Around(house.instant, lambda: acts.session, house.languages),
        )
        door = Door(house.office, Asking(worker, inbox), clock)
        lobby = Lobby(door, reception, Filled())
        app = App(workflow, acts, lobby, crew, around)
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
            voice,
            identity,
            house,
            journal,
            author,
        )
        camera.may_finish.set()
        watch.close()
        assert worker.close(DEADLINE_S)
