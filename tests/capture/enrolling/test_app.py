"""The loop of the enrolment screen, turn by turn, with devices that do as they are told."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from kiosk.capture.codes import Codes
from kiosk.capture.enrolling.app import LOOK_NS, Around, EnrolApp
from kiosk.capture.enrolling.link import Link
from kiosk.capture.flow.enrolling import READS
from kiosk.capture.hardware.simulated_reader import SimulatedReader
from kiosk.capture.scanning.scanned import Scanned, Source
from kiosk.capture.surroundings import TOUCH_DWELL_NS, Names, Touches
from kiosk.capture.ui.entry import Character
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.widgets import Action
from kiosk.capture.workflow import Event, State
from kiosk.errors import CameraError, CameraTimeout
from kiosk.model import Frame
from kiosk.records.enrolment import PENDING, RECEIPT, Done, write
from tests.golden.enrolling import CODE, ENROLLED
from tests.golden.scenes import live_frame

S, E = State, Event
IDLE_NS = 180_000_000_000


@dataclass
class Fakes:
    """Screen, camera, scanner and service in one; each does as its attribute says."""

    touches: list[Action] = field(default_factory=list)
    shown: list[ScreenModel] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    read: list[Scanned] = field(default_factory=list)
    offered: int = 0
    forgotten: int = 0
    let_gone: int = 0
    fed: int = 0
    looking: bool = False
    faults: dict[str, CameraError] = field(default_factory=dict)

    def poll(self, _model: ScreenModel) -> Touches:
        actions, self.touches = self.touches, []
        return Touches(actions, touched=bool(actions))

    def let_go(self, _model: ScreenModel) -> bool:
        self.let_gone += 1
        return bool(self.poll(_model).actions)

    def show(self, model: ScreenModel) -> None:
        self.shown.append(model)

    def show_frame(self, frame: Frame, _model: ScreenModel) -> None:
        self.frames.append(frame)

    def forget(self) -> None:
        self.forgotten += 1
        self.looking = False

    def tick(self) -> None: ...

    def start(self) -> None:
        if "start" in self.faults:
            raise self.faults["start"]
        self.looking = True

    def preview(self) -> Frame | None:
        if "preview" in self.faults:
            raise self.faults["preview"]
        return live_frame(64, 48)

    def offer(self, _frame: Frame) -> None:
        self.offered += 1

    def codes(self) -> tuple[Scanned, ...]:
        found, self.read = tuple(self.read), []
        return found

    def check(self) -> None: ...

    def feed(self) -> None:
        self.fed += 1


class Never:
    """Nobody asks it to stop."""

    def is_set(self) -> bool:
        return False


class Bench:
    """A loop with its fakes and a clock that goes when it is told."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, 1
        (folder / PENDING).touch()
        self.fakes = Fakes()
        self.reader = SimulatedReader(lambda: self.now)
        codes = Codes(self.fakes, self.reader, frozenset({S.ENROL}), READS)
        around = Around(
            screen=self.fakes,
            camera=self.fakes,
            codes=codes,
            link=Link(folder / "nobody"),
            folder=folder,
            service=self.fakes,
            clock=lambda: self.now,
            time_of_day=lambda: "14:05",
            names=Names("Clinic", "kiosk-01"),
            idle_ns=IDLE_NS,
        )
        self.app = EnrolApp(around)
        self.app.begin()
        self.step()

    def step(self, *touches: Action, after_ns: int = TOUCH_DWELL_NS) -> ScreenModel:
        self.now += after_ns
        self.fakes.touches += touches
        return self.app.step()

    def type(self, text: Sequence[str]) -> ScreenModel:
        return self.step(*(Character(one) for one in text))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_it_shows_the_camera_and_looks_for_a_code_there_alone(bench: Bench) -> None:
    assert bench.step().state is S.ENROL
    seen, offered = len(bench.fakes.frames), bench.fakes.offered
    assert seen == offered > 0
    bench.step(E.TYPE_CODE)
    bench.step()
    assert (len(bench.fakes.frames), bench.fakes.offered) == (seen, offered)


def test_the_service_manager_is_told_at_each_turn(bench: Bench) -> None:
    before = bench.fakes.fed
    bench.step()
    assert bench.fakes.fed == before + 1


@pytest.mark.parametrize("when", ["start", "preview"])
def test_a_camera_that_is_not_there_is_said_and_the_code_typed(tmp_path: Path, when: str) -> None:
    fault = CameraTimeout("no frame")
    bench = Bench(tmp_path)
    if when == "start":
        bench.fakes.faults["start"] = fault
        bench.app.begin()
    bench.fakes.faults["preview"] = fault
    assert bench.step().enrol.blind
    assert bench.step(E.TYPE_CODE).state is S.ENROL_TYPE
    assert bench.type(CODE.text().replace("CSE1", "")).enrol.entry.valid


def test_a_reader_that_is_missing_is_said(bench: Bench) -> None:
    bench.reader.unplug()
    assert "not plugged in" in bench.step().enrol.reader_fault


def test_the_readers_code_counts_while_it_is_typed_too(bench: Bench) -> None:
    bench.step(E.TYPE_CODE)
    bench.step()
    bench.reader.scan(CODE.text())
    # Handed over, and answered in the same turn: nobody listens here.
    assert bench.step().state is S.ENROL_REFUSED


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * 4000, b"https://example.org"])
def test_a_code_of_another_kind_is_said_and_never_followed(bench: Bench, content: bytes) -> None:
    bench.fakes.read = [Scanned(content, Source.QR)]
    model = bench.step()
    assert (model.state, model.enrol.misread) == (S.ENROL, True)


def test_a_touch_on_a_screen_that_has_just_appeared_does_not_count(bench: Bench) -> None:
    bench.step(E.TYPE_CODE)
    assert bench.step(E.BACK, after_ns=TOUCH_DWELL_NS - 1).state is S.ENROL_TYPE
    assert bench.fakes.let_gone == 1
    assert bench.step(E.BACK).state is S.ENROL


def test_half_a_code_that_nobody_goes_on_with_is_wiped(bench: Bench) -> None:
    bench.step(E.TYPE_CODE)
    bench.step()
    bench.type("FSNLM5")
    assert bench.step(after_ns=IDLE_NS - TOUCH_DWELL_NS).enrol.entry.body == "FSNLM5"
    before = bench.fakes.forgotten
    model = bench.step(after_ns=TOUCH_DWELL_NS)
    assert (model.state, model.enrol.entry.body) == (S.ENROL, "")
    assert bench.fakes.forgotten == before + 1, "and what was drawn of it"


def test_another_way_is_noticed_and_left_for_the_ordinary_start(bench: Bench) -> None:
    (bench.folder / RECEIPT).write_bytes(write(ENROLLED))
    (bench.folder / PENDING).unlink()
    model = bench.step(after_ns=LOOK_NS)
    assert (model.state, model.enrol.enrolled) == (S.ENROLLED, ENROLLED)

    bench.fakes.touches = [E.FINISH]
    bench.now += TOUCH_DWELL_NS
    bench.app.run(Never())


def test_while_the_server_is_asked_its_answer_says_more_than_the_marks(bench: Bench) -> None:
    """The mark goes before the answer comes, which may tell of a login that did not succeed."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.bind(str(bench.folder / "nobody"))
        listening.listen()
        bench.reader.scan(CODE.text())
        assert bench.step().state is S.ENROL_ASKING
        (bench.folder / PENDING).unlink()
        assert bench.step(after_ns=LOOK_NS).state is S.ENROL_ASKING
        assert bench.step(after_ns=IDLE_NS).state is S.ENROL_ASKING, "nor does time end it"
        asked, _ = listening.accept()
        with asked:
            asked.send(write(Done(enrolled=ENROLLED, fault="no login yet")))
            model = bench.step()
    assert (model.state, model.enrol.sentence) == (S.ENROLLED, "no login yet")


def test_it_goes_on_by_itself_when_nobody_touches_continue(bench: Bench) -> None:
    (bench.folder / PENDING).unlink()
    assert bench.step(after_ns=LOOK_NS).state is S.ENROLLED

    bench.now += IDLE_NS
    bench.app.run(Never())


def test_it_stops_when_it_is_asked_to(bench: Bench) -> None:
    class Now:
        def is_set(self) -> bool:
            return True

    shown = len(bench.fakes.shown)
    bench.app.run(Now())
    assert len(bench.fakes.shown) == shown


def test_nothing_of_a_patient_or_an_operator_is_ever_shown(bench: Bench) -> None:
    bench.step(E.TYPE_CODE)
    for model in bench.fakes.shown:
        assert not model.personal
        bare = ScreenModel(model.state, "Clinic", "kiosk-01", "14:05")
        assert replace(model, enrol=bare.enrol) == bare
