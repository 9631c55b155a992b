"""Every screen with plausible contents, drawn without a window."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import cache

import cv2
import numpy as np
import pygame
import segno
from gpiozero.pins.mock import MockFactory, MockPWMPin

from kiosk import config, durable
from kiosk.capture.hardware.gpio_lights import GpioLights
from kiosk.capture.hardware.latest import FrameExchange
from kiosk.capture.hardware.picamera_modules import model_of
from kiosk.capture.hardware.press_queue import STUCK
from kiosk.capture.hardware.settings_check import check
from kiosk.capture.hardware.voice import MUTE
from kiosk.capture.progress import SessionProgress
from kiosk.capture.ui.entry import PatientEntry
from kiosk.capture.ui.guide_pictures import GuidePictures
from kiosk.capture.ui.layout import make_layout
from kiosk.capture.ui.model import Backlog, Compare, Earlier, ReviewPicture, ScreenModel
from kiosk.capture.ui.orientation import Orientation
from kiosk.capture.ui.preview import Preview
from kiosk.capture.ui.screens import SCREENS
from kiosk.capture.ui.screens.base import paint
from kiosk.capture.ui.shapes import Shapes
from kiosk.capture.ui.stage_overlay import draw_over, draw_square
from kiosk.capture.ui.text import Type
from kiosk.capture.ui.widgets import Canvas
from kiosk.capture.ui.wording import Wording, wording_by
from kiosk.capture.workflow import State
from kiosk.errors import KioskError
from kiosk.languages.catalogue import Catalogue, load_catalogue
from kiosk.languages.names import SOURCE, Language
from kiosk.model import CameraSettings, Frame, FrameMetadata, PixelLayout, Pixels
from kiosk.records.protocols import load_protocol
from kiosk.records.view_translation import protocol_by
from tests.golden.consenting import consent_scenes
from tests.golden.directed import LOOKING, OFF, OFF_OF_BODIES, guidance_of, match_of
from tests.golden.enrolling import enrol_scenes
from tests.golden.guided import baseline, match, perhaps_covered
from tests.golden.scene import Scene
from tests.golden.servicing import service_scenes
from tests.golden.signing import OPERATED, sign_in_scenes

__all__ = ["LANDSCAPE", "PORTRAIT", "Scene", "draw", "scenes"]

PORTRAIT, LANDSCAPE = (1080, 1920), (1920, 1080)


def scenes() -> Iterator[Scene]:
    """Every state, and the variants that look different."""
    out = ScreenModel(
        State.SIGNED_OUT, clinic="Rosengarten Clinic", station="room-2", clock="14:05"
    )
    base = replace(out, people=OPERATED)
    stuck = Backlog(3, "14:02")
    first = SessionProgress.begin("P-204711", load_protocol("face_5"))
    third = first.accepted().accepted()
    mixed = third.skipped()
    done = mixed.accepted().accepted()
    inside = replace(base, progress=third, backlog=Backlog(2))
    picture = ReviewPicture(mannequin(900, 1200))
    ten = SessionProgress.begin("P-204711", load_protocol("expressions_10")).accepted().accepted()

    yield Scene("signed_out", out)
    yield Scene("signed_out_stuck", replace(out, backlog=stuck, pedal_fault=PEDAL_FAULT))
    yield Scene("signed_out_stranger", replace(out, backlog=Backlog(3, "14:02", stranger=True)))
    yield from sign_in_scenes(out)
    yield from service_scenes(out, picture)
    yield from consent_scenes(out)
    yield from enrol_scenes(out)
    yield Scene("patient", replace(base, state=State.PATIENT, entry=PatientEntry("P-2047")))
    yield Scene(
        "patient_letters",
        replace(base, state=State.PATIENT, entry=PatientEntry("-", letters=True)),
    )
    yield Scene("view", replace(inside, state=State.VIEW))
    yield Scene(
        "view_front",
        replace(inside, state=State.VIEW, progress=first, earlier=Earlier(date(2026, 3, 3))),
    )
    yield Scene(
        "view_ten", replace(inside, state=State.VIEW, progress=ten, pedal_fault=PEDAL_FAULT)
    )
    yield Scene("aim", replace(inside, state=State.AIM, lights_on=True, progress=first), live=True)
    yield Scene("aim_waiting", replace(inside, state=State.AIM, pedal_fault=PEDAL_FAULT))
    aside = replace(inside, state=State.AIM, lights_on=True, voice_fault=VOICE_FAULT)
    assert aside.view is not None
    told = guidance_of("far", aside.view)
    yield Scene("aim_voiceless", replace(aside, guidance=told), live=True)
    yield from _guided(replace(inside, state=State.AIM, lights_on=True, progress=first))
    yield Scene(
        "captured", replace(inside, state=State.CAPTURED, lights_on=True, progress=first), live=True
    )
    yield Scene("review", replace(inside, state=State.REVIEW, progress=first, review=picture))
    yield from _reviewed(replace(inside, state=State.REVIEW, progress=first, review=picture))
    yield from _close_up(inside)
    yield from _body(replace(inside, review=picture))
    yield Scene("saving", replace(inside, state=State.SAVING, progress=first, review=picture))
    yield Scene("summary", replace(inside, state=State.SUMMARY, progress=done))
    yield Scene("summary_ten", replace(inside, state=State.SUMMARY, progress=ten.accepted()))
    yield Scene("confirm_end", replace(inside, state=State.CONFIRM_END, progress=mixed))
    yield Scene("confirm_discard", replace(inside, state=State.CONFIRM_DISCARD))
    for state, sentence in FAULTS.items():
        session = out if state is State.OUT_OF_ORDER else inside
        yield Scene(state.name.lower(), replace(session, state=state, fault=sentence))


def _guided(front: ScreenModel) -> Iterator[Scene]:
    """The aim screen from far off to the automatic shot, and what keeps it from judging."""
    profile = front
    while profile.view is not None and "profile" not in profile.view.silhouette:
        assert profile.progress is not None
        profile = replace(profile, progress=profile.progress.accepted())
    assert front.view is not None
    for name in (LOOKING, *OFF):
        told = replace(front, guidance=guidance_of(name, front.view))
        if name == "baseline":
            told = replace(told, drawn=baseline())
        if name == "cannot_judge":
            assert profile.view is not None
            told = replace(profile, guidance=guidance_of(name, profile.view))
        yield Scene(f"aim_{name}", told, live=True)
    holding = replace(front, guidance=guidance_of("ready", front.view, held=0.6))
    yield Scene("aim_holding", holding, live=True)


def _reviewed(alone: ScreenModel) -> Iterator[Scene]:
    """The review by how well the picture matches, and each way to compare it."""
    lined = replace(alone, drawn=baseline(), earlier=Earlier(date(2026, 3, 3)))
    yield Scene("review_within", replace(lined, match=match(within=True)))
    yield Scene("review_outside", replace(lined, match=match(within=False)))
    yield Scene("review_unjudged", replace(alone, match=match(within=None)))
    yield Scene("review_perhaps_covered", replace(lined, match=perhaps_covered()))
    then = ReviewPicture(earlier_picture())
    compared = replace(lined, match=match(within=False), comparison=then, registered=True)
    yield Scene("review_comparable", compared)
    for way, phase in (
        (Compare.SHOT, 0),
        (Compare.BESIDE, 0),
        (Compare.BLINK, 1),
        (Compare.WIPE, 90),
    ):
        name = f"review_{way.name.lower()}"
        yield Scene(name, replace(compared, compare=way, phase=phase))
    apart = replace(
        *(compared,),
        match=match(within=None),
        registered=False,
        compare=Compare.BESIDE,
        comparison=ReviewPicture(twisted(earlier_picture())),
    )
    yield Scene("review_beside_apart", apart)


def _close_up(front: ScreenModel) -> Iterator[Scene]:
    """A view that the station cannot judge, with an earlier picture of it."""
    lips = SessionProgress.begin("P-204711", load_protocol("lips"))
    while lips.remaining > 1:
        lips = lips.accepted()
    then, now = (lips_of(one) for one in (earlier_picture(), mannequin(900, 1200)))
    earlier = Earlier(date(2026, 3, 3), measured=False)
    view = replace(front, state=State.VIEW, progress=lips, earlier=earlier)
    yield Scene("view_close_up", view)
    shot = replace(view, state=State.REVIEW, review=ReviewPicture(now))
    compared = replace(shot, comparison=ReviewPicture(then))
    yield Scene("review_close_up", compared)
    yield Scene("review_close_up_beside", replace(compared, compare=Compare.BESIDE))


def _body(inside: ScreenModel) -> Iterator[Scene]:
    """A trunk from the side that leans, or shows another side."""
    body = SessionProgress.begin("P-204711", load_protocol("body"))
    while body.current is not None and body.current.id != "body_lateral_right":
        body = body.accepted()
    assert body.current is not None
    for name in OFF_OF_BODIES:
        told = replace(inside, progress=body, guidance=guidance_of(name, body.current))
        yield Scene(f"aim_{name}", replace(told, state=State.AIM, lights_on=True), live=True)
        match = match_of(name, body.current)
        yield Scene(f"review_{name}", replace(told, state=State.REVIEW, match=match))


PEDAL_FAULT = STUCK
VOICE_FAULT = MUTE.format(why="espeak-ng: No such file or directory")


def said(act: Callable[[], object]) -> str:
    """Return the sentence of the error that ``act`` really raises."""
    try:
        act()
    except KioskError as error:
        return error.sentence
    raise AssertionError("expected an error")


def _silent_camera() -> None:
    times = iter((0, 6_000_000_000))
    FrameExchange(timeout_ms=5000, clock=lambda: next(times)).take_preview()


def _broken_lamp() -> None:
    with GpioLights(LAMPS, lambda: MockFactory(pin_class=BrokenPin)) as lights:
        lights.set(1.0)


class BrokenPin(MockPWMPin):  # type: ignore[misc] # gpiozero has no types
    """A pin that can be made dark and nothing else."""

    def _set_state(self, value: float) -> None:
        if value:
            raise OSError("GPIO busy")
        super()._set_state(value)


def _other_exposure() -> None:
    asked = CameraSettings(10_000, 1.0, (2.0, 1.8), None)
    check(asked, replace(asked, exposure_us=8_000))


def _broken_disk() -> None:
    with durable.translated("saving a picture in /var/spool/kiosk"):
        raise OSError(errno.EIO, os.strerror(errno.EIO))


LAMPS = config.GpioLights(
    level=1.0, frequency_hz=1000, channels=(config.LightChannel(name="left", pin=12),)
)
FAULTS = {
    State.CAMERA_FAULT: said(_silent_camera),
    State.LIGHT_FAULT: said(_broken_lamp),
    # As Spool.require_room says it of a real disk, whose figures differ by machine.
    State.STORAGE_FAULT: "The disk of /var/spool/kiosk is too full for a picture: 180 MB are free "
    "and 321 MB are needed, 256 MB of them as a reserve; wait until pictures have been uploaded, "
    "or have space made.",
    State.SHOT_REFUSED: said(_other_exposure),
    State.SAVE_FAULT: said(_broken_disk),
    State.CONSENT_FAULT: said(_broken_disk),
    State.OUT_OF_ORDER: said(lambda: model_of([], 0, "imx708", ())),
}


@cache
def _kit() -> tuple[Type, Shapes]:
    """Fonts and shapes, read once: what is drawn does not depend on what was drawn before."""
    return Type(), Shapes()


def draw(
    scene: Scene,
    size: tuple[int, int],
    *,
    mirror: bool = True,
    language: Language = SOURCE,
    live: bool = True,
) -> Canvas:
    """Draw a scene on a surface of its own; ``live``: with the live picture, if it has one."""
    surface = pygame.Surface(size, 0, 32)
    guides = GuidePictures(mirror=mirror)
    canvas = Canvas(surface, make_layout(size), _words(language), *_kit(), guides)
    paint(canvas, SCREENS[scene.model.state], spoken(scene.model, language), None)
    if scene.live and live:
        stage = canvas.layout.stage
        frame = live_frame(stage.w, stage.h, scene.held, card=scene.card)
        place = Preview(Orientation(0, mirror)).draw(surface, frame, stage)
        if SCREENS[scene.model.state].frame.square:
            draw_square(surface, place, guides, Orientation())
        else:
            draw_over(surface, place, scene.model, guides, Orientation())
    return canvas


@cache
def _catalogue(language: Language) -> Catalogue:
    return load_catalogue(language)


@cache
def _words(language: Language) -> Wording:
    return wording_by(_catalogue(language))


def spoken(model: ScreenModel, language: Language) -> ScreenModel:
    """Return the model with the words of its views in a language."""
    if model.progress is None:
        return model
    protocol = protocol_by(_catalogue(language), model.progress.protocol)
    return replace(model, progress=replace(model.progress, protocol=protocol))


def live_frame(width: int, height: int, held: str = "", *, card: bool = False) -> Frame:
    """A preview frame of the mannequin, who may hold up a code or a grey card; full-range I420."""
    bgr = mannequin(width, height)
    if card:
        side = round(0.36 * width)
        x, y = width // 2, height // 2
        bgr[y - side : y + side, x - side : x + side] = (102, 118, 131)
    if held:
        _hold_up(bgr, held)
    ycc = cv2.cvtColor(bgr, cv2.COLOR_BGR2YCrCb)
    half = (width // 2, height // 2)
    chroma = [cv2.resize(ycc[..., i], half, interpolation=cv2.INTER_AREA) for i in (2, 1)]
    flat = np.concatenate([ycc[..., 0].ravel(), *(plane.ravel() for plane in chroma)])
    pixels = flat.astype(np.uint8).reshape(height * 3 // 2, width)
    return Frame(pixels, PixelLayout.I420, width, height, FrameMetadata(0, None))


def _hold_up(bgr: Pixels, text: str) -> None:
    """Put a card with a QR code into the middle of a picture, a little askew."""
    modules = np.array([[bool(m) for m in row] for row in segno.make_qr(text).matrix])
    printed = np.pad(np.where(modules, 30, 240).astype(np.uint8), 4, constant_values=240)
    height, width = bgr.shape[:2]
    scale = 0.42 * width / printed.shape[0]
    turn = np.asarray(cv2.getRotationMatrix2D((printed.shape[0] / 2,) * 2, 6.0, scale))
    turn[:, 2] += (width - printed.shape[0]) / 2, (height - printed.shape[0]) / 2
    card = cv2.warpAffine(printed, turn, (width, height), flags=cv2.INTER_AREA)
    where = cv2.warpAffine(np.full_like(printed, 255), turn, (width, height))
    bgr[where > 0] = np.repeat(card[..., None], 3, axis=2)[where > 0]


def earlier_picture() -> Pixels:
    """The mannequin as it was last time: a little lower, in slightly warmer light."""
    then = mannequin(900, 1200)
    then = np.roll(then, (14, 18), axis=(0, 1))
    return np.asarray((then * np.array([0.9, 0.97, 1.0])).clip(0, 255), np.uint8)


def twisted(picture: Pixels) -> Pixels:
    """A head that is held so differently that nothing lays it over the other."""
    height, width = picture.shape[:2]
    turn = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), 14.0, 1.25))
    turn[:, 2] += 0.08 * width, -0.05 * height
    return np.asarray(
        cv2.warpAffine(picture, turn, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def lips_of(picture: Pixels) -> Pixels:
    """The lower face, as a close-up shows it."""
    height, width = picture.shape[:2]
    part = picture[round(0.46 * height) : round(0.76 * height), round(0.35 * width) :]
    part = part[:, : round(0.3 * width)]
    return np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def mannequin(width: int, height: int) -> Pixels:
    """A plain face drawn with a few shapes; nobody's photograph."""
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    backdrop = 150 + 60 * (1 - np.hypot(x - 0.5, y - 0.35))
    image = np.dstack([backdrop + 6, backdrop + 2, backdrop - 4]).clip(0, 255).astype(np.uint8)
    skin, shade, dark = (150, 178, 214), (128, 152, 190), (52, 60, 78)

    def ellipse(
        centre: tuple[float, float], axes: tuple[float, float], colour: tuple[int, int, int]
    ) -> None:
        at = round(centre[0] * width), round(centre[1] * height)
        radii = round(axes[0] * width), round(axes[1] * height)
        cv2.ellipse(image, at, radii, 0, 0, 360, colour, -1, cv2.LINE_AA)

    ellipse((0.5, 1.02), (0.62, 0.32), (150, 132, 110))
    cv2.rectangle(
        image,
        (round(0.39 * width), round(0.6 * height)),
        (round(0.61 * width), round(0.8 * height)),
        shade,
        -1,
    )
    for side in (-1, 1):
        ellipse((0.5 + side * 0.29, 0.44), (0.035, 0.06), shade)
    ellipse((0.5, 0.32), (0.3, 0.27), (44, 52, 66))
    ellipse((0.5, 0.43), (0.275, 0.3), skin)
    for side in (-1, 1):
        ellipse((0.5 + side * 0.12, 0.405), (0.05, 0.015), (236, 238, 240))
        ellipse((0.5 + side * 0.12, 0.405), (0.019, 0.0145), dark)
        ellipse((0.5 + side * 0.12, 0.365), (0.062, 0.008), dark)
    ellipse((0.5, 0.5), (0.045, 0.035), shade)
    ellipse((0.5, 0.59), (0.085, 0.016), (104, 104, 176))
    return image
