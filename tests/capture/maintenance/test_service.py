"""The technician's screens through the whole loop: real sign-in, real worker, simulated devices."""

from __future__ import annotations

import io
import logging
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kiosk import moment
from kiosk.capture.flow.service import LIT, PAGES
from kiosk.capture.maintenance.desk import LIT_NS, REFRESH_NS
from kiosk.capture.maintenance.helping import MADE_NS, TAKEN_S, asked_line, told_lines
from kiosk.capture.maintenance.sending import PATIENCE_NS
from kiosk.capture.ui.forms.actions import Ink, Target, Turn
from kiosk.capture.ui.layout import make_layout
from kiosk.capture.ui.screens import SCREENS
from kiosk.capture.ui.screens.service_touch import TARGETS
from kiosk.capture.ui.service import Item, Line, Mark, Remark, ServiceModel
from kiosk.capture.ui.wording import ENGLISH
from kiosk.capture.workflow import Event, State
from kiosk.clinic.kinds import KINDS, filing_of
from kiosk.envelope.audit import AUDIT, as_segment
from kiosk.envelope.bundle import read_bundle
from kiosk.envelope.container import SHOT, as_shot
from kiosk.envelope.trial import TRIAL, as_trial
from kiosk.errors import CameraError
from kiosk.logs import RingHandler
from kiosk.model import CameraSettings, Frame, Pixels, Role
from kiosk.records.audit import Act, Entry
from kiosk.records.calibration import Calibration, read_calibration
from kiosk.spool.report import UploadReport, leave
from kiosk.support_request import Stage, SupportRequest, Told
from tests.capture.bench import ASKED, LIMITS, PATIENT, Bench, set_up
from tests.capture.people.clinic_keys import Person

TOM = Person(id="tom", name="Tom Technician", role=Role.TECHNICIAN)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with set_up(tmp_path, people=(TOM,)) as made:
        made.camera.glow = lambda: 10 + round(80 * made.lights.level())
        made.camera.may_finish.set()
        yield made


def enter(bench: Bench, page: Event | None = None) -> None:
    if bench.state is not State.SERVICE:
        bench.until_state(State.SIGNED_OUT)
        bench.sign_in_as(TOM, State.SERVICE)
    if page is not None:
        bench.touch(page)
        bench.until_state(PAGES[page])


def shown(bench: Bench) -> ServiceModel:
    return bench.screen.shown[-1].service


def until(bench: Bench, reached: Callable[[ServiceModel], bool]) -> ServiceModel:
    bench.until(lambda: reached(shown(bench)))
    return shown(bench)


def sent(bench: Bench) -> list[bytes]:
    """Take every test object from the spool, as the upload process does once it has arrived."""
    found = bench.containers(TRIAL)
    if found:
        for name in bench.spool.names():
            bench.spool.remove(name)
    return found


def ran(bench: Bench) -> dict[tuple[Item, str], Line]:
    """Run the tests of a screen; whatever is sealed arrives at once."""
    bench.touch(Event.RUN)

    def ended(model: ServiceModel) -> bool:
        if any(line.remark is Remark.UNDER_WAY for line in model.lines):
            sent(bench)
        return model.ended and not model.running

    model = until(bench, ended)
    return {(line.item, line.name): line for line in model.lines}


def test_every_page_is_opened_and_left(bench: Bench) -> None:
    for event in PAGES:
        enter(bench, event)
        bench.touch(Event.BACK)
        bench.until_state(State.SERVICE)
    bench.touch(Event.SIGN_OUT)
    bench.until_state(State.SIGNED_OUT)


def test_the_pedal_lights_a_lamp_on_the_screen_and_takes_no_picture(bench: Bench) -> None:
    enter(bench, Event.TEST_PEDAL)
    assert (shown(bench).pedal.presses, shown(bench).pedal.lit) == (0, False)
    for count in (1, 2, 3):
        bench.step_on_pedal()
        bench.app.step()
        assert (shown(bench).pedal.presses, shown(bench).pedal.lit) == (count, True)
    bench.clock.ahead_ns += LIT_NS
    bench.app.step()
    assert (shown(bench).pedal.presses, shown(bench).pedal.lit) == (3, False)
    assert bench.state is State.SERVICE_PEDAL
    assert bench.camera.captures == 0
    assert bench.shots() == 0
    bench.touch(Event.BACK)
    bench.until_state(State.SERVICE)
    enter(bench, Event.TEST_PEDAL)
    assert shown(bench).pedal.presses == 0, "each visit counts anew"


@pytest.mark.parametrize("page", [page for page in PAGES if PAGES[page] not in LIT])
def test_no_press_takes_a_picture(bench: Bench, page: Event) -> None:
    enter(bench, page)
    for _ in range(3):
        bench.step_on_pedal()
    bench.rest()
    assert bench.camera.captures == 0
    assert bench.screen.shown[-1].progress is None


def test_each_lamp_is_looked_at(bench: Bench) -> None:
    enter(bench, Event.TEST_LIGHTS)
    assert [line.name for line in shown(bench).lines] == ["left", "right"]
    found = ran(bench)
    for name in ("left", "right"):
        line = found[Item.LIGHT, name]
        assert (line.remark, line.mark) == (Remark.SEEN, Mark.GOOD)
        assert dict(line.values) == {"levels": "40"}
    assert bench.lights.level() == 0.0


def test_a_lamp_that_does_not_shine_is_found(bench: Bench) -> None:
    def glow() -> int:
        return 10 + round(40 * bench.lights.lamps["left"])

    bench.camera.glow = glow
    enter(bench, Event.TEST_LIGHTS)
    found = ran(bench)
    assert found[Item.LIGHT, "left"].mark is Mark.GOOD
    assert found[Item.LIGHT, "right"].remark is Remark.NOT_SEEN
    assert shown(bench).wrong == 1


def test_a_lamp_that_cannot_be_driven_is_said_and_the_rest_goes_on(bench: Bench) -> None:
    bench.lights.broken = True
    enter(bench, Event.TEST_LIGHTS)
    found = ran(bench)
    for name in ("left", "right"):
        assert found[Item.LIGHT, name].text == "The left lamp does not answer."
    assert bench.lights.level() == 0.0


def test_the_cameras_picture_is_shown_proven_and_wiped(bench: Bench) -> None:
    enter(bench, Event.TEST_CAMERA)
    line = ran(bench)[Item.CAMERA, ""]
    assert line.remark is Remark.PROVEN
    assert dict(line.values)["exposure"] == "20000 µs"
    review = bench.screen.shown[-1].review
    assert review is not None
    assert review.pixels.any()
    assert bench.lights.level() == 0.0
    bench.touch(Event.BACK)
    bench.until_state(State.SERVICE)
    assert bench.screen.shown[-1].review is None
    assert not review.pixels.any()
    assert bench.shots() == 0


def test_a_picture_that_comes_after_one_has_left_is_wiped(bench: Bench) -> None:
    enter(bench, Event.TEST_CAMERA)
    bench.camera.may_finish.clear()
    bench.touch(Event.RUN)
    bench.until(lambda: bench.camera.captures == 1)
    bench.touch(Event.BACK)
    bench.until_state(State.SERVICE)
    bench.camera.may_finish.set()
    bench.rest()
    assert bench.maintenance.picture is None
    assert bench.screen.shown[-1].review is None
    assert bench.lights.level() == 0.0


def test_a_camera_that_fails_is_said_and_started_anew(bench: Bench) -> None:
    enter(bench, Event.TEST_CAMERA)
    bench.camera.failure = CameraError("The cable is loose.")
    assert ran(bench)[Item.CAMERA, ""].text == "The cable is loose."
    bench.touch(Event.TRY_AGAIN)
    bench.until(lambda: bench.screen.shown[-1].fault == "The cable is loose.")
    assert bench.state is State.SERVICE_CAMERA
    bench.camera.failure = None
    bench.touch(Event.TRY_AGAIN)
    model = until(bench, lambda m: m.ended and not m.running)
    assert model.lines[0].remark is Remark.PROVEN, "which also takes a picture"


def test_all_tests_end_in_a_list(bench: Bench) -> None:
    now = bench.clock()
    boot = moment.now().boot_id
    leave(
        bench.house.root,
        UploadReport(boot=boot, written=now, server="s:22", host_key="SHA256:x", reached=now),
    )
    enter(bench, Event.TEST_ALL)
    found = ran(bench)
    assert list(found) == [
        *((Item.LIGHT, "left"), (Item.LIGHT, "right"), (Item.CAMERA, ""), (Item.PEDAL, "")),
        *((Item.READER, ""), (Item.DISK, ""), (Item.SWAP, ""), (Item.CLOCK, "")),
        *((Item.TEMPERATURE, ""), (Item.POWER, ""), (Item.REACHED, ""), (Item.OPERATORS, "")),
        (Item.WAY, ""),
    ]
    good = (Item.LIGHT, "left"), (Item.CAMERA, ""), (Item.PEDAL, ""), (Item.REACHED, "")
    assert {found[one].mark for one in good} == {Mark.GOOD}
    assert found[Item.WAY, ""] == Line(Item.WAY, Remark.ARRIVED, mark=Mark.GOOD)
    assert found[Item.OPERATORS, ""] == Line(Item.OPERATORS, text="2", mark=Mark.GOOD)


def test_a_test_object_is_sealed_signed_and_opened_at_the_clinic_alone(bench: Bench) -> None:
    enter(bench, Event.TEST_ALL)
    bench.touch(Event.RUN)
    until(bench, lambda model: any(line.remark is Remark.UNDER_WAY for line in model.lines))
    (container,) = sent(bench)
    opened = as_trial(read_bundle(io.BytesIO(container), KINDS))
    opened.verify([bench.author.key.public_key()])
    assert (opened.record.station, opened.record.clinic) == ("room-2", "Lakeside Clinic")
    assert opened.manifest.sequence >= 1
    assert opened.manifest.audit is not None
    assert filing_of(TRIAL.format).place(opened)[0] == ("trials", "room-2")
    model = until(bench, lambda m: m.ended and not m.running)
    assert model.lines[-1].remark is Remark.ARRIVED


def test_a_test_object_that_stays_is_said(bench: Bench) -> None:
    enter(bench, Event.TEST_ALL)
    bench.touch(Event.RUN)
    until(bench, lambda model: any(line.remark is Remark.UNDER_WAY for line in model.lines))
    bench.clock.ahead_ns += PATIENCE_NS
    model = until(bench, lambda m: m.ended and not m.running)
    assert model.lines[-1].remark is Remark.NOT_ARRIVED
    assert model.lines[-1].mark is Mark.BAD
    assert len(bench.containers(TRIAL)) == 1, "and is sent later, as everything is"


def test_a_full_disk_is_said_of_the_way_too(bench: Bench) -> None:
    bench.root.chmod(0o500)
    bench.root.rename(bench.root.with_name("gone"))
    enter(bench, Event.TEST_ALL)
    bench.touch(Event.RUN)
    model = until(bench, lambda m: m.ended and not m.running)
    bench.root.with_name("gone").rename(bench.root)
    bench.root.chmod(0o700)
    assert {line.item for line in model.lines if line.mark is Mark.BAD} >= {Item.WAY, Item.DISK}


def break_off(bench: Bench, page: Event) -> None:
    """Begin what a page tries, and leave the station alone while its first picture is taken."""
    enter(bench, page)
    bench.camera.may_finish.clear()
    bench.touch(Event.RUN)
    bench.until(lambda: bench.camera.captures == 1)
    bench.clock.ahead_ns += LIMITS.sign_out_ns + 1
    bench.until_state(State.SIGNED_OUT)
    bench.camera.may_finish.set()
    bench.rest()
    assert bench.lights.level() == 0.0


def test_what_is_broken_off_ends_and_leaves_the_lamps_dark(bench: Bench) -> None:
    break_off(bench, Event.TEST_ALL)
    assert bench.screen.shown[-1].service == ServiceModel()
    enter(bench, Event.TEST_ALL)
    assert {line.remark for line in shown(bench).lines} == {Remark.UNTRIED}


def test_a_test_that_runs_is_not_begun_twice(bench: Bench) -> None:
    enter(bench, Event.TEST_CAMERA)
    bench.camera.may_finish.clear()
    bench.touch(Event.RUN)
    bench.until(lambda: bench.camera.captures == 1)
    bench.touch(Event.RUN)
    bench.camera.may_finish.set()
    until(bench, lambda m: m.ended and not m.running)
    bench.rest()
    assert bench.camera.captures == 1


def test_the_touch_screen_is_tried_field_by_field(bench: Bench) -> None:
    enter(bench, Event.TEST_TOUCH)
    bench.touch(*(Target(number) for number in sorted(TARGETS)[:-1]))
    assert shown(bench).touched == TARGETS - {max(TARGETS)}
    bench.touch(Target(max(TARGETS)))
    assert shown(bench).touched == TARGETS
    bench.step_on_pedal()
    bench.until_state(State.SERVICE)


def test_state_and_network_are_looked_at_again_and_again(bench: Bench) -> None:
    enter(bench, Event.SHOW_STATE)

    def waiting(count: str) -> Callable[[ServiceModel], bool]:
        line = Line(Item.WAITING, text=count)
        return lambda model: line in model.lines

    before = str(bench.spool.count())
    until(bench, waiting(before))
    with bench.spool.put() as writer:
        writer.write(b"one more")
    bench.clock.ahead_ns += 3_000_000_000
    until(bench, waiting(str(bench.spool.count())))
    bench.touch(Event.BACK)
    bench.until_state(State.SERVICE)
    enter(bench, Event.SHOW_NETWORK)
    until(bench, lambda model: any(line.item is Item.TOLD for line in model.lines))


def test_the_journal_is_the_programs_own_and_says_nothing_of_a_patient(bench: Bench) -> None:
    ring = RingHandler(size=3)
    log = logging.getLogger("kiosk.capture")
    log.addHandler(ring)
    try:
        log.warning("patient %s came", PATIENT)
        log.warning("number %d", 7)
        log.warning("a fault", exc_info=KeyError(PATIENT))
        log.error("the last")
    finally:
        log.removeHandler(ring)
    assert [line[9:] for line in ring.lines] == [
        "error: the last",
        "warning: a fault",
        "warning: number 7",
    ]
    bench.journal.extend(ring.lines)
    enter(bench, Event.SHOW_JOURNAL)
    assert shown(bench).journal.lines == ring.lines
    bench.touch(Turn(1), Turn(1), Turn(-3))
    assert shown(bench).journal.page == 0


def test_nothing_of_a_patient_is_left_for_a_technician(bench: Bench) -> None:
    bench.begin()
    bench.finish()
    bench.touch(Event.SIGN_OUT)
    for event in PAGES:
        enter(bench, event)
        bench.rest()
        model = bench.screen.shown[-1]
        assert (model.progress, model.people.chart, model.review) == (None, None, None)
        assert PATIENT not in str(model.service)
        bench.touch(Event.BACK)
        bench.until_state(State.SERVICE)


GREY = 118


def tinted(settings: CameraSettings) -> tuple[int, int, int]:
    """A card that is neutral under the gains 2.4 and 1.2, as Y, Cb and Cr."""
    red, blue = settings.colour_gains
    return (
        GREY,
        128 + round(40 * math.log(blue / 1.2)),
        128 + round(40 * math.log(red / 2.4)),
    )


def calibrated(bench: Bench) -> Calibration | None:
    return read_calibration(bench.root.parent / "calibration.json")


def noted(bench: Bench, act: Act = Act.CALIBRATED) -> list[Entry]:
    """Return the entries of one act in the trail, once its open segment was sent."""
    bench.rest()
    bench.house.trail.close()
    segments = [as_segment(read_bundle(io.BytesIO(c), KINDS)) for c in bench.containers(AUDIT)]
    entries = [entry for segment in segments for entry in segment.entries]
    return [entry for entry in entries if entry.act is act]


def test_the_white_balance_is_set_by_foot_and_shots_are_taken_with_it(bench: Bench) -> None:
    bench.camera.card = tinted
    enter(bench, Event.SET_BALANCE)
    bench.rest()
    assert bench.lights.level() == 1.0, "the card is seen in the light of shots"
    assert {line.remark for line in shown(bench).lines} == {Remark.UNTRIED}
    bench.step_on_pedal()
    model = until(bench, lambda m: m.ended and not m.running)
    exposure, evenness, balance = model.lines
    assert (exposure.remark, evenness.remark) == (Remark.CARD_EXPOSED, Remark.EVEN)
    assert (balance.remark, balance.mark) == (Remark.BALANCED, Mark.GOOD)
    kept = calibrated(bench)
    assert kept is not None
    assert kept.colour_gains == pytest.approx((2.4, 1.2), rel=0.03)
    assert kept.operator == "tom"
    assert "Tom" not in (bench.root.parent / "calibration.json").read_text("utf-8")
    assert bench.screen.shown[-1].review is None
    bench.touch(Event.BACK)
    bench.until_state(State.SERVICE)
    bench.rest()
    assert bench.lights.level() == 0.0
    bench.touch(Event.SIGN_OUT)
    bench.begin()
    bench.shoot()
    bench.touch(Event.ACCEPT)
    bench.until(lambda: bench.shots() == 1)
    (container,) = bench.containers(SHOT)
    record = as_shot(read_bundle(io.BytesIO(container), KINDS)).record
    assert record.asked.colour_gains == kept.colour_gains
    assert record.applied is not None
    assert record.applied.colour_gains == kept.colour_gains
    (entry,) = noted(bench)
    assert entry.operator == "tom"
    red, blue = kept.colour_gains
    assert entry.detail == f"red {red:.3f} blue {blue:.3f} before red 2.000 blue 1.500"


def test_whoever_leaves_in_the_middle_changes_nothing(bench: Bench) -> None:
    bench.camera.card = tinted
    break_off(bench, Event.SET_BALANCE)
    bench.rest()
    assert calibrated(bench) is None
    assert bench.lights.level() == 0.0
    assert bench.camera.asked == ASKED


def test_the_state_says_whether_colours_were_measured(bench: Bench) -> None:
    bench.camera.card = tinted

    def said(model: ServiceModel) -> list[Remark | None]:
        return [line.remark for line in model.lines if line.item is Item.BALANCE]

    enter(bench, Event.SHOW_STATE)
    assert said(until(bench, lambda m: bool(said(m)))) == [Remark.NEVER_BALANCED]
    bench.touch(Event.BACK)
    bench.until_state(State.SERVICE)
    enter(bench, Event.SET_BALANCE)
    bench.touch(Event.RUN)
    until(bench, lambda m: m.ended and not m.running)
    bench.touch(Event.BACK)
    bench.until_state(State.SERVICE)
    enter(bench, Event.SHOW_STATE)
    assert said(until(bench, lambda m: bool(said(m)))) == [Remark.BALANCED_ON]


def test_a_camera_that_fails_there_leads_to_its_own_screen(bench: Bench) -> None:
    enter(bench, Event.SET_BALANCE)
    bench.camera.live_failure = CameraError("The cable is loose.")
    bench.until_state(State.SERVICE_CAMERA)
    assert bench.screen.shown[-1].fault == "The cable is loose."
    bench.rest()
    assert bench.lights.level() == 0.0


def test_lamps_that_fail_there_lead_to_theirs(bench: Bench) -> None:
    bench.lights.broken = True
    enter(bench)
    bench.touch(Event.SET_BALANCE)
    bench.until_state(State.SERVICE_LIGHTS)
    assert bench.screen.shown[-1].fault == "The left lamp does not answer."


def with_card(_: Frame) -> Pixels:
    """What the screen shows: a card 300 pixels wide."""
    picture = np.full((800, 600, 3), 40, np.uint8)
    picture[400:600, 150:450] = 200
    return picture


def test_the_scale_is_measured_between_two_touched_edges(bench: Bench) -> None:
    bench.maintenance._tools = replace(bench.maintenance._tools, reduced=with_card)
    enter(bench, Event.MEASURE_SCALE)
    bench.step_on_pedal()
    until(bench, lambda m: m.ended and not m.running)
    assert shown(bench).lines[0].remark is Remark.SCALE_LEFT
    picture = bench.maintenance.picture
    assert picture is not None
    bench.screen.previews = 0
    bench.settle()
    assert bench.screen.previews == 0, "the picture stays"
    bench.touch(Ink(154 / 600, 0.6, 0, begins=True), Ink(160 / 600, 0.6, 1, begins=False))
    assert shown(bench).lines[0].remark is Remark.SCALE_RIGHT
    assert len(shown(bench).marks) == 1
    bench.touch(Ink(446 / 600, 0.6, 0, begins=True))
    (line,) = shown(bench).lines
    # 300 of 600 pixels, that is 32 of the 64 of the whole picture.
    assert (line.remark, dict(line.values)["mm"]) == (Remark.SCALE_UNTOLD, f"{85.60 / 32:.5f}")
    assert [round(600 * x) for x, _ in shown(bench).marks] == [150, 450]
    bench.touch(Ink(0.05, 0.1, 0, begins=True))
    bench.touch(Ink(0.95, 0.1, 0, begins=True))
    (line,) = shown(bench).lines
    assert line.mark is Mark.BAD
    assert "no edge of a card" in line.text
    bench.touch(Event.BACK)
    bench.until_state(State.SERVICE)
    bench.rest()
    assert not picture.any()
    assert bench.lights.level() == 0.0


def test_a_touch_before_there_is_a_picture_means_nothing(bench: Bench) -> None:
    enter(bench, Event.MEASURE_SCALE)
    bench.touch(Ink(0.3, 0.5, 0, begins=True))
    assert shown(bench).marks == ()
    assert {line.remark for line in shown(bench).lines} == {Remark.UNTRIED}


def support(bench: Bench) -> SupportRequest:
    """What root's unit has of it; here a test takes that unit's part."""
    return SupportRequest(bench.house.root / "support-asked", bench.house.root / "told.json")


def looked_again(bench: Bench, *remarks: Remark) -> ServiceModel:
    bench.clock.ahead_ns += REFRESH_NS
    return until(
        bench, lambda model: tuple(line.remark for line in model.lines if line.remark) == remarks
    )


def asks(bench: Bench) -> bool:
    """Whether the screen lets another bundle be asked for."""
    return any(
        button.action is Event.RUN and button.enabled
        for button in SCREENS[State.SERVICE_SUPPORT].buttons(
            make_layout((1080, 1920)), ENGLISH, bench.screen.shown[-1]
        )
    )


def test_a_support_bundle_is_followed_from_the_press_to_the_server(bench: Bench) -> None:
    unit, clock = support(bench), bench.clock
    enter(bench, Event.SHOW_SUPPORT)
    looked_again(bench, Remark.SUPPORT_NEVER)
    assert asks(bench)
    bench.touch(Event.RUN)
    looked_again(bench, Remark.SUPPORT_ASKED)
    assert not asks(bench)
    assert unit.take()
    unit.tell(Told(stage=Stage.MAKING, at=clock()))
    looked_again(bench, Remark.SUPPORT_MAKING)
    assert not asks(bench)
    with bench.spool.put() as writer:
        writer.write(b"sealed")
    told = Told(
        stage=Stage.SEALED, at=clock(), name=writer.name, filed="trials/room-2/7.support.tar.gz"
    )
    unit.tell(told)
    model = looked_again(bench, Remark.SUPPORT_WAITS, Remark.AGO)
    said = ["".join(line.text.split()) for line in model.lines[2:]]
    assert said == [told.filed, told.name]
    assert not asks(bench), "one at a time"
    bench.touch(Event.BACK)
    bench.until_state(State.SERVICE)
    bench.spool.remove(writer.name)
    enter(bench, Event.SHOW_SUPPORT)
    assert looked_again(bench, Remark.SUPPORT_SENT, Remark.AGO).lines[0].mark is Mark.GOOD
    assert asks(bench)


def test_why_there_is_no_bundle_is_said(bench: Bench) -> None:
    enter(bench, Event.SHOW_SUPPORT)
    why = "No bundle is made: journal.txt, line 3, has a word that may be a name."
    support(bench).tell(Told(stage=Stage.REFUSED, at=bench.clock(), why=why))
    model = looked_again(bench, Remark.SUPPORT_REFUSED, Remark.AGO)
    assert model.lines[-1] == Line(Item.REASON, text=why, mark=Mark.BAD)
    assert asks(bench)


def test_who_asked_stands_in_the_trail_and_before_the_request(bench: Bench) -> None:
    enter(bench, Event.SHOW_SUPPORT)
    bench.touch(Event.RUN)
    bench.until(lambda: support(bench).asked() is not None)
    assert [entry.operator for entry in noted(bench, Act.SUPPORT_ASKED)] == ["tom"]


def test_what_cannot_be_asked_is_said_and_stays_said(bench: Bench) -> None:
    enter(bench, Event.SHOW_SUPPORT)
    looked_again(bench, Remark.SUPPORT_NEVER)
    trail = bench.house.root / "audit"
    trail.rename(trail.with_name("gone"))
    bench.touch(Event.RUN)
    until(bench, lambda model: model.wrong == 1)
    bench.clock.ahead_ns += REFRESH_NS
    bench.rest()
    trail.with_name("gone").rename(trail)
    assert shown(bench).wrong == 1
    assert support(bench).asked() is None, "nobody asks unnoted"
    bench.touch(Event.RUN)
    looked_again(bench, Remark.SUPPORT_ASKED)


def test_a_request_that_nobody_takes_and_a_bundle_that_never_ends_are_said() -> None:
    assert asked_line(TAKEN_S / 2).mark is Mark.PENDING
    assert asked_line(TAKEN_S + 1).remark is Remark.SUPPORT_NOT_TAKEN
    begun = Told(stage=Stage.MAKING, at=5)
    assert told_lines(begun, frozenset(), MADE_NS)[0].remark is Remark.SUPPORT_MAKING
    assert told_lines(begun, frozenset(), MADE_NS + 6)[0].remark is Remark.SUPPORT_BROKEN_OFF


def test_a_note_that_cannot_be_understood_is_said(bench: Bench) -> None:
    support(bench).told.write_bytes(b"\0")
    enter(bench, Event.SHOW_SUPPORT)
    model = until(bench, lambda model: model.wrong == 1)
    assert "cannot be understood" in model.lines[0].text
