"""Text fits, on every screen, with the longest words that the rules allow."""

from __future__ import annotations

from dataclasses import replace

import pygame
import pytest

from kiosk.capture.progress import SessionProgress
from kiosk.capture.ui.entry import PatientEntry
from kiosk.capture.ui.model import Backlog, ScreenModel
from kiosk.capture.ui.text import Type
from kiosk.capture.ui.theme import BODY, Style, Weight
from kiosk.capture.workflow import State
from kiosk.records.protocols import available, load_protocol
from tests.golden.scenes import LANDSCAPE, PORTRAIT, Scene, draw, scenes

LONG_SENTENCE = (
    "The frame was exposed for 8,000 microseconds with a gain of 1.00 and colour gains of 2.10 and "
    "1.70, where 10,000 microseconds with a gain of 1.00 and colour gains of 2.00 and 1.80 were "
    "asked for; leave the lamps and the camera as they are and try again."
)
CLINIC = "Practice for Aesthetic Medicine and Plastic Surgery Professor Wolkenstein & Partners"[:80]


def long(model: ScreenModel) -> ScreenModel:
    progress = model.progress
    if progress is not None:
        progress = replace(progress, patient="W" * 32)
    return replace(
        model,
        clinic=CLINIC,
        station="treatment-room-2-on-the-third-floor",
        backlog=Backlog(1234, "14:02"),
        entry=PatientEntry("W" * 32, letters=model.entry.letters),
        progress=progress,
        fault=LONG_SENTENCE if model.fault else "",
        pedal_fault="The foot pedal is not connected: plug its cable into any USB socket.",
    )


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE, (1280, 720), (800, 480)], ids=str)
@pytest.mark.parametrize("scene", list(scenes()), ids=lambda scene: scene.name)
def test_long_texts_fit_every_screen(scene: Scene, size: tuple[int, int]) -> None:
    canvas = draw(replace(scene, model=long(scene.model), live=False), size)
    assert canvas.overflows == []


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
@pytest.mark.parametrize("name", available())
def test_every_view_of_every_protocol_fits(name: str, size: tuple[int, int]) -> None:
    progress = SessionProgress.begin("P-204711", load_protocol(name))
    model = ScreenModel(State.VIEW, clinic="Clinic", station="room-1", clock="14:05")
    while progress.current is not None:
        for state in (State.VIEW, State.AIM):
            scene = Scene(name, replace(model, state=state, progress=progress))
            assert draw(scene, size).overflows == []
        progress = progress.accepted()
    assert draw(Scene(name, replace(model, state=State.SUMMARY, progress=progress)), size)


def test_a_text_that_cannot_fit_is_reported_and_not_drawn_outside() -> None:
    model = ScreenModel(State.CAMERA_FAULT, clinic="C", station="s", clock="14:05")
    canvas = draw(Scene("", replace(model, fault="word " * 400)), PORTRAIT)
    assert canvas.overflows


@pytest.fixture
def type_() -> Type:
    return Type()


def test_wrapping_keeps_every_word_and_stays_within_the_width(type_: Type) -> None:
    text = "Look straight into the camera. Let your face and lips rest."
    fitted = type_.fit(text, BODY, 1.0, (500, 400))
    assert " ".join(fitted.lines) == text
    assert fitted.px == BODY.size
    assert all(type_.width(line, BODY.weight, fitted.px) <= 500 for line in fitted.lines)


def test_text_becomes_smaller_before_it_is_cut(type_: Type) -> None:
    text = "Press the pedal to take the picture"
    room = (type_.width(text, BODY.weight, BODY.size) - 40, 60)
    fitted = type_.fit(text, BODY, 1.0, room)
    assert fitted.complete
    assert fitted.lines == (text,)
    assert fitted.px < BODY.size


def test_what_is_too_long_ends_in_an_ellipsis(type_: Type) -> None:
    fitted = type_.fit("one two three four five six", BODY, 1.0, (150, 60))
    assert not fitted.complete
    assert fitted.lines[-1].endswith("…")
    assert all(type_.width(line, BODY.weight, fitted.px) <= 150 for line in fitted.lines)


def test_a_word_that_is_wider_than_the_room_is_broken(type_: Type) -> None:
    """And told of, so that no translation is: what cannot be broken well is for people to see."""
    text = "3. " + "W" * 36 + " at rest"
    fitted = type_.fit(text, BODY, 1.0, (500, 300))
    assert not fitted.complete
    assert "".join(fitted.lines).replace(" ", "") == text.replace(" ", "")
    assert fitted.lines[0].startswith("3. WWWW")
    assert len(fitted.lines) * fitted.leading <= 300
    assert all(type_.width(line, BODY.weight, fitted.px) <= 500 for line in fitted.lines)
    cut = type_.fit(text, BODY, 1.0, (500, 60))
    assert len(cut.lines) == 1
    assert cut.lines[0].startswith("3. WWWW")
    assert cut.lines[0].endswith("…")
    assert type_.width(cut.lines[0], BODY.weight, cut.px) <= 500


def test_no_word_is_left_alone_on_the_last_line(type_: Type) -> None:
    style = Style(Weight.BOLD, 76)
    text = "The picture is not stored yet"
    width = type_.width("The picture is not stored", style.weight, 76) + 10
    fitted = type_.fit(text, style, 1.0, (width, 300))
    assert len(fitted.lines) == 2
    assert " " in fitted.lines[1]


def test_forgetting_drops_every_rendered_text(type_: Type) -> None:
    drawn = type_.render("CANARY", Weight.REGULAR, 40, (255, 255, 255))
    type_.fit("CANARY", BODY, 1.0, (400, 100))
    assert any(pygame.image.tobytes(drawn, "RGBA"))
    type_.forget()
    assert "CANARY" not in repr(vars(type_))
    assert not any(pygame.image.tobytes(drawn, "RGBA"))


def test_a_text_that_makes_room_for_others_is_wiped(type_: Type) -> None:
    drawn = type_.render("CANARY", Weight.REGULAR, 40, (255, 255, 255))
    for number in range(401):
        type_.render(str(number), Weight.REGULAR, 8, (255, 255, 255))
    assert not any(pygame.image.tobytes(drawn, "RGBA"))


def test_what_is_compared_letter_by_letter_is_drawn_letter_by_letter(type_: Type) -> None:
    """The font draws the x between digits as a multiplication sign."""

    def drawn(text: str, weight: Weight) -> bytes:
        return pygame.image.tobytes(type_.render(text, weight, 40, (255, 255, 255)), "RGBA")

    times = "6\N{MULTIPLICATION SIGN}4"
    assert drawn("6x4", Weight.REGULAR) == drawn(times, Weight.REGULAR)
    assert drawn("6x4", Weight.LITERAL) != drawn(times, Weight.LITERAL)
    surface = type_.render("a6x4b", Weight.LITERAL, 40, (255, 255, 255))
    assert type_.width("a6x4b", Weight.LITERAL, 40) == surface.get_width()
