"""The technician's screens, for the scenes and tests of screens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from msgspec import structs

from kiosk import config
from kiosk.capture.hardware.simulated_pedal import UNPLUGGED
from kiosk.capture.maintenance.brightness import Light
from kiosk.capture.maintenance.helping import asked_line, told_lines
from kiosk.capture.maintenance.looks import (
    clock_line,
    halved,
    power_line,
    staff_lines,
    temperature_line,
)
from kiosk.capture.maintenance.ruler import scale_line
from kiosk.capture.maintenance.staff import Staff
from kiosk.capture.maintenance.trials import light_line
from kiosk.capture.ui.model import ReviewPicture, ScreenModel
from kiosk.capture.ui.people import People
from kiosk.capture.ui.service import (
    Item,
    JournalModel,
    Line,
    Mark,
    PedalModel,
    Remark,
    ServiceModel,
)
from kiosk.capture.workflow import State
from kiosk.model import ClockState
from kiosk.support_request import Stage, Told
from tests.golden.scene import Scene

TECHNICIAN = People(operator="Tom Technician")
AGO = (("span", "4 min"),)
PROVEN = Line(
    Item.CAMERA,
    Remark.PROVEN,
    (("exposure", "10000 µs"), ("gain", "1.00"), ("sharpness", "38.4")),
    mark=Mark.GOOD,
)
UNREACHED = (
    "The clinic's server sftp.rosengarten.example:22 does not answer (Connection timed out); "
    "expected it to be switched on and reachable from this room."
)
CALIBRATED = (("day", "2026-03-03"), ("red", "2.32"), ("blue", "1.60"), ("model", "imx477"))
_BUNDLE = Told(
    stage=Stage.SEALED,
    at=0,
    name="7c1d0f6be2a94c53b8e6a1f0d92c4e75.age",
    filed="trials/room-2/000214_2026-11-26.support.tar.gz",
)
_FOUND = Told(
    stage=Stage.REFUSED,
    at=0,
    why="No bundle is made: journal-kiosk-capture.service.txt, line 214, has a word that may be a "
    "name. Look at it on the station, and leave that part out by `sudo kiosk support --out "
    "bundle.tar.gz --without journal-kiosk-capture.service.txt`.",
)
SUPPORT = {
    "never": told_lines(None, frozenset(), 0),
    "asked": (asked_line(1),),
    "unanswered": (asked_line(100),),
    "making": told_lines(Told(stage=Stage.MAKING, at=0), frozenset(), 1),
    "broken_off": told_lines(Told(stage=Stage.MAKING, at=0), frozenset(), 300_000_000_000),
    "refused": told_lines(_FOUND, frozenset(), 240_000_000_000),
    "waits": told_lines(_BUNDLE, frozenset({_BUNDLE.name}), 42_000_000_000),
    "sent": told_lines(_BUNDLE, frozenset(), 240_000_000_000),
}
UNMEASURED = config.CameraCommon(
    size=(4056, 3040),
    preview=(1280, 960),
    rotation=90,
    exposure=config.Exposure(exposure_us=10_000),
)
MEASURED = structs.replace(
    UNMEASURED, geometry=config.Geometry(focal_px=10_323.0, mm_per_px=0.09009)
)
NO_CARD = (
    "No grey card fills the square: expected one smooth surface, without hand, edge or gloss, as "
    "large as the square."
)
STATE = (
    Line(Item.STATION, text="room-2"),
    Line(Item.VERSION, text="0.4.0"),
    Line(Item.UPTIME, Remark.UPTIME, (("machine", "3 d 4 h"), ("program", "5 h 10 min"))),
    Line(Item.WAITING, text="2"),
    Line(Item.OLDEST, Remark.AGO, AGO),
    Line(Item.DISK, Remark.FREE, (("size", "23 GB"),)),
    Line(Item.ARRIVED, Remark.AGO, AGO),
    clock_line(ClockState.SYNCHRONISED),
    temperature_line(54.2),
    power_line(weak=False),
    Line(Item.CAMERA, text="imx477 /base/soc/i2c0mux/i2c@1/imx477@1a"),
    Line(Item.CAMERA_MODE, text="4056 x 3040, 1280 x 960"),
    Line(Item.BALANCE, Remark.BALANCED_ON, CALIBRATED, mark=Mark.GOOD),
    Line(Item.LIGHT, text="left (12), right (13)"),
    Line(Item.PEDAL, Remark.THERE, mark=Mark.GOOD),
    Line(Item.READER, Remark.NO_READER),
    *staff_lines(Staff(6, 14, 203)),
)
WORRIED = (
    *STATE[:3],
    Line(Item.WAITING, text="128"),
    Line(Item.OLDEST, Remark.AGO, (("span", "2 d 3 h"),)),
    Line(Item.DISK, Remark.FREE, (("size", "240 MB"),)),
    Line(Item.ARRIVED, Remark.NO_REPORT),
    clock_line(ClockState.UNSYNCHRONISED),
    temperature_line(83.0),
    power_line(weak=True),
    *STATE[10:12],
    Line(Item.BALANCE, Remark.NEVER_BALANCED, mark=Mark.UNSURE),
    STATE[13],
    Line(Item.PEDAL, text=UNPLUGGED, mark=Mark.BAD),
    Line(Item.READER, Remark.THERE, mark=Mark.GOOD),
    *staff_lines(Staff()),
)
LEFT = light_line("left", Light.SEEN, 41.3, 12.0)
LIGHTS = (LEFT, light_line("right", Light.NOT_SEEN, 0.4, 12.0))
NETWORK = (
    Line(Item.SERVER, text="sftp.rosengarten.example:22"),
    Line(Item.HOST_KEY, text=halved("SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8")),
    Line(Item.REACHED, Remark.AGO, AGO, mark=Mark.GOOD),
    Line(Item.ARRIVED, Remark.AGO, AGO),
    Line(Item.TROUBLE, Remark.NO_TROUBLE),
    Line(Item.TOLD, Remark.AGO, (("span", "3 s"),), mark=Mark.GOOD),
)
CUT_OFF = (
    *NETWORK[:2],
    Line(Item.REACHED, Remark.NOT_YET, mark=Mark.UNSURE),
    Line(Item.ARRIVED, Remark.NOT_YET),
    Line(Item.TROUBLE, text=UNREACHED, mark=Mark.BAD),
    Line(Item.TOLD, Remark.OLD_REPORT, AGO, mark=Mark.BAD),
)
TESTS = (
    LEFT,
    light_line("right", Light.SEEN, 38.0, 12.0),
    PROVEN,
    Line(Item.PEDAL, Remark.THERE, mark=Mark.GOOD),
    Line(Item.READER, Remark.NO_READER),
    Line(Item.DISK, Remark.THERE, mark=Mark.GOOD),
    Line(Item.SWAP, Remark.NO_SWAP, mark=Mark.GOOD),
    clock_line(ClockState.SYNCHRONISED),
    temperature_line(54.2),
    power_line(weak=None),
    Line(Item.SERVER, Remark.AGO, AGO, mark=Mark.GOOD),
    Line(Item.OPERATORS, text="6", mark=Mark.GOOD),
    Line(Item.WAY, Remark.ARRIVED, mark=Mark.GOOD),
)
FAILING = (
    *LIGHTS,
    replace(PROVEN, remark=Remark.UNPROVEN, values=(("sharpness", "38.4"),), mark=Mark.UNSURE),
    Line(Item.PEDAL, text=UNPLUGGED, mark=Mark.BAD),
    *TESTS[4:7],
    clock_line(ClockState.UNSYNCHRONISED),
    temperature_line(83.0),
    power_line(weak=True),
    Line(Item.TROUBLE, text=UNREACHED, mark=Mark.BAD),
    Line(Item.OPERATORS, Remark.NOBODY_ENROLLED, mark=Mark.BAD),
    Line(Item.WAY, Remark.NOT_ARRIVED, (("span", "30 s"),), mark=Mark.BAD),
)
JOURNAL = (
    "14:04:58 warning: The clinic's server does not answer; next try in 8 seconds",
    "14:03:12 info: presses or answers that came when they meant nothing: 3",
    "14:02:40 warning: The camera gave no picture within 5 s; check its cable and restart it.",
    "14:01:07 warning: removed 1 unfinished pictures of an interrupted run",
)


def _balance_scenes(out: ScreenModel) -> Iterator[Scene]:
    """The white balance before, while and after it is set, and where it cannot be."""
    items = (Item.EXPOSURE, Item.EVENNESS, Item.BALANCE)

    def at(*lines: Line, running: bool = False) -> ScreenModel:
        return replace(out, lights_on=True, service=ServiceModel(lines, running=running))

    untried = tuple(Line(item, Remark.UNTRIED) for item in items)
    yield Scene("service_balance", at(*untried), live=True, card=True)
    exposed = Line(
        Item.EXPOSURE,
        Remark.CARD_EXPOSED,
        (("red", "131"), ("green", "118"), ("blue", "102")),
        mark=Mark.GOOD,
    )
    even = Line(Item.EVENNESS, Remark.EVEN, (("percent", "6"),), mark=Mark.GOOD)
    found = (("tint", "8.4"), ("count", "3"), ("red", "2.214"), ("blue", "1.655"))
    begun = Line(Item.BALANCE, Remark.BALANCING, found, mark=Mark.PENDING)
    yield Scene(
        "service_balance_running", at(exposed, even, begun, running=True), live=True, card=True
    )
    done = (("tint", "0.4"), ("count", "5"), ("red", "2.318"), ("blue", "1.597"))
    kept = Line(Item.BALANCE, Remark.BALANCED, done, mark=Mark.GOOD)
    yield Scene("service_balance_ended", at(exposed, even, kept), live=True, card=True)
    limits = (("least", "84"), ("most", "162"))
    levels = (("red", "62"), ("green", "55"), ("blue", "47"), *limits)
    pale = replace(exposed, remark=Remark.CARD_NOT_MIDDLE, values=levels, mark=Mark.UNSURE)
    uneven = replace(even, remark=Remark.UNEVEN, values=(("percent", "31"),), mark=Mark.BAD)
    lost = (("tint", "12.6"), ("count", "12"), *done[2:])
    failed = Line(Item.BALANCE, Remark.NOT_BALANCED, lost, mark=Mark.BAD)
    yield Scene("service_balance_failed", at(pale, uneven, failed), live=True, card=True)
    refused = Line(Item.EXPOSURE, text=NO_CARD, mark=Mark.BAD)
    skipped = (Line(item, Remark.UNTRIED, mark=Mark.UNSURE) for item in items[1:])
    yield Scene("service_balance_no_card", at(refused, *skipped), live=True)


def _scale_scenes(out: ScreenModel, picture: ReviewPicture) -> Iterator[Scene]:
    """The scale before a picture, with one edge touched, and with both."""
    untried = (Line(Item.SCALE, Remark.UNTRIED),)
    live = replace(out, lights_on=True, service=ServiceModel(untried))
    yield Scene("service_scale", live, live=True)
    touched = (0.31, 0.45), (0.69, 0.45)
    held = picture.pixels.copy()
    height, width = held.shape[:2]
    card = np.s_[round(0.36 * height) : round(0.54 * height)]
    held[card, round(0.31 * width) : round(0.69 * width)] = (96, 70, 44)
    shown = ReviewPicture(held)

    def at(line: Line, count: int) -> ScreenModel:
        return replace(live, review=shown, service=ServiceModel((line,), marks=touched[:count]))

    half = Line(Item.SCALE, Remark.SCALE_RIGHT, mark=Mark.UNSURE)
    yield Scene("service_scale_touched", at(half, 1))
    yield Scene("service_scale_ended", at(scale_line(MEASURED, (900, 1200), 281.0), 2))
    yield Scene("service_scale_apart", at(scale_line(MEASURED, (900, 1200), 262.0), 2))
    yield Scene("service_scale_unknown", at(scale_line(UNMEASURED, (900, 1200), 281.0), 2))


def service_scenes(out: ScreenModel, picture: ReviewPicture) -> Iterator[Scene]:
    """Every screen of a technician's, while all is well and where something is not."""

    def at(state: State, **shown: object) -> ScreenModel:
        service = ServiceModel(**shown)  # type: ignore[arg-type] # fields of the model
        return replace(out, state=state, people=TECHNICIAN, service=service)

    yield Scene("service", at(State.SERVICE))
    yield Scene("service_state", at(State.SERVICE_STATE, lines=STATE))
    yield Scene("service_state_worried", at(State.SERVICE_STATE, lines=WORRIED))
    yield Scene("service_pedal", at(State.SERVICE_PEDAL))
    pressed = at(State.SERVICE_PEDAL, pedal=PedalModel(3, lit=True))
    yield Scene("service_pedal_pressed", pressed)
    missing = replace(at(State.SERVICE_PEDAL), pedal_fault=UNPLUGGED)
    yield Scene("service_pedal_missing", missing)
    still = tuple(Line(line.item, Remark.UNTRIED, name=line.name) for line in LIGHTS)
    yield Scene("service_lights", at(State.SERVICE_LIGHTS, lines=still))
    runs = (LEFT, Line(Item.LIGHT, Remark.RUNS, mark=Mark.PENDING, name="right"))
    yield Scene("service_lights_running", at(State.SERVICE_LIGHTS, lines=runs, running=True))
    yield Scene("service_lights_ended", at(State.SERVICE_LIGHTS, lines=LIGHTS))
    untried = (Line(Item.CAMERA, Remark.UNTRIED),)
    yield Scene("service_camera", at(State.SERVICE_CAMERA, lines=untried))
    shot = replace(at(State.SERVICE_CAMERA, lines=(PROVEN,)), review=picture)
    yield Scene("service_camera_ended", shot)
    yield Scene("service_touch", at(State.SERVICE_TOUCH))
    yield Scene("service_touch_begun", at(State.SERVICE_TOUCH, touched=frozenset({0, 1, 2, 14})))
    yield Scene("service_touch_ended", at(State.SERVICE_TOUCH, touched=frozenset(range(15)) - {7}))
    yield Scene("service_network", at(State.SERVICE_NETWORK, lines=NETWORK))
    yield Scene("service_network_cut_off", at(State.SERVICE_NETWORK, lines=CUT_OFF))
    yield Scene("service_journal", at(State.SERVICE_JOURNAL, journal=JournalModel(JOURNAL)))
    pages = JournalModel(JOURNAL * 9, page=1)
    yield Scene("service_journal_pages", at(State.SERVICE_JOURNAL, journal=pages))
    for name, lines in SUPPORT.items():
        yield Scene(f"service_support_{name}", at(State.SERVICE_SUPPORT, lines=lines))
    yield from _balance_scenes(at(State.SERVICE_BALANCE))
    yield from _scale_scenes(at(State.SERVICE_SCALE), picture)
    yield Scene("service_tests", at(State.SERVICE_TESTS, lines=TESTS))
    yield Scene("service_tests_failing", at(State.SERVICE_TESTS, lines=FAILING))
