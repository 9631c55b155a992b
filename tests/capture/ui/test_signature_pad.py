"""Signing with a finger: what the pad is told, and that only it is drawn again."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pygame
import pytest

from kiosk.capture.ui import display as display_module
from kiosk.capture.ui.forms.actions import Ink, Sign
from kiosk.capture.ui.forms.consent import ConsentForm
from kiosk.capture.ui.forms.signature import Pad
from kiosk.capture.ui.inputs import Touches
from kiosk.capture.ui.layout import Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.people import ConsentModel, People
from kiosk.capture.ui.screens import PADS, base
from kiosk.capture.ui.widgets import Action, Button
from kiosk.capture.workflow import Event, State
from kiosk.records.consent import MOST_STROKES
from tests.capture.ui.screen import Degrees, Open, open_display, picture
from tests.golden.consenting import all_answered, begun, signed

__all__ = ["open_display"]

PAD = Rect(100, 200, 300, 100)
BUTTON = Button(Rect(100, 400, 120, 120), Event.BACK, "Back")


def finger(kind: int, x: float, y: float, number: int = 1) -> pygame.event.Event:
    return pygame.event.Event(kind, {"finger_id": number, "x": x / 1000, "y": y / 1000})


def down(x: float, y: float, number: int = 1) -> pygame.event.Event:
    return finger(pygame.FINGERDOWN, x, y, number)


def moved(x: float, y: float, number: int = 1) -> pygame.event.Event:
    return finger(pygame.FINGERMOTION, x, y, number)


def up(x: float, y: float, number: int = 1) -> pygame.event.Event:
    return finger(pygame.FINGERUP, x, y, number)


class Desk:
    """Touches on a canvas of 1000 by 1000 with a pad and a button."""

    def __init__(self) -> None:
        self.now_ns = 5_000_000_000
        self.touches = Touches(keyboard=False, clock=lambda: self.now_ns)

    def read(
        self, *events: pygame.event.Event, state: State = State.CONSENT_SIGN, pad: Rect | None = PAD
    ) -> tuple[Action, ...]:
        self.now_ns += 16_000_000
        read = self.touches.read(events, (BUTTON,), state, lambda u, v: (u * 1000, v * 1000), pad)
        return read.actions


def ink(actions: tuple[Action, ...]) -> list[tuple[float, float, bool]]:
    assert all(isinstance(one, Ink) for one in actions)
    return [(round(i.x, 3), round(i.y, 3), i.begins) for i in actions if isinstance(i, Ink)]


def test_a_finger_on_the_pad_is_told_with_every_place_and_time() -> None:
    desk = Desk()
    first = desk.read(down(100, 200), moved(250, 250))
    assert ink(first) == [(0.0, 0.0, True), (0.5, 0.5, False)]
    second = desk.read(moved(399, 299), up(399, 299))
    assert ink(second) == [(0.997, 0.99, False)]
    times = [i.at_ms for i in (*first, *second) if isinstance(i, Ink)]
    assert times == [5016, 5016, 5032]
    assert desk.read(moved(250, 250)) == ()


def test_beside_the_pad_nothing_is_drawn_and_back_on_it_a_stroke_begins() -> None:
    desk = Desk()
    drawn = desk.read(down(150, 250), moved(50, 250), moved(40, 250), moved(160, 250))
    assert [begins for *_, begins in ink(drawn)] == [True, True]


def test_a_finger_that_came_down_beside_the_pad_never_draws() -> None:
    desk = Desk()
    assert desk.read(down(50, 50), moved(200, 250), up(200, 250)) == ()
    # One that drew does not press the button that it is lifted on.
    assert ink(desk.read(down(200, 250), moved(150, 450), up(150, 450))) == [(0.333, 0.5, True)]
    assert desk.read(down(150, 450), up(150, 450)) == (Event.BACK,)


def test_another_finger_and_the_click_that_sdl_adds_draw_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pygame.display, "get_window_size", lambda: (1000, 1000))
    desk = Desk()
    desk.read(down(150, 250))
    click = pygame.event.Event(pygame.MOUSEMOTION, pos=(200, 250), buttons=(1, 0, 0))
    assert desk.read(down(300, 250, 2), moved(310, 250, 2), click) == ()


def test_a_screen_that_changes_takes_the_pen_away() -> None:
    desk = Desk()
    desk.read(down(150, 250))
    assert desk.read(moved(160, 250), state=State.CONSENT_SAVING, pad=None) == ()
    assert desk.read(moved(170, 250)) == ()


def test_a_mouse_draws_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pygame.display, "get_window_size", lambda: (1000, 1000))
    desk = Desk()
    pressed = pygame.event.Event(pygame.MOUSEBUTTONDOWN, button=1, pos=(250, 250))
    along = pygame.event.Event(pygame.MOUSEMOTION, pos=(310, 250), buttons=(1, 0, 0))
    assert len(ink(desk.read(pressed, along))) == 2
    # Without a pressed button nothing moves a pen.
    assert Desk().read(along) == ()


def test_pads_are_equal_where_the_rest_of_the_screen_looks_the_same() -> None:
    empty = Pad()
    dot = empty.inked(Ink(0.5, 0.5, 10, begins=True))
    line = dot.inked(Ink(0.6, 0.5, 20, begins=False))
    longer = line.inked(Ink(0.7, 0.5, 30, begins=False))
    assert empty == dot != line == longer
    assert len({one.key for one in (empty, dot, line, longer)}) == 4
    assert (dot.drawn, line.drawn) == (False, True)
    assert dot.inked(Ink(0.5, 0.5, 20, begins=False)).drawn is False


def test_a_full_pad_joins_nothing_to_its_last_stroke() -> None:
    pad = Pad()
    for n in range(MOST_STROKES + 1):
        pad = pad.inked(Ink(0.1, 0.1, n, begins=True))
    after = pad.inked(Ink(0.9, 0.9, 100, begins=False))
    assert len(after.strokes) == MOST_STROKES
    assert all(len(stroke) == 1 for stroke in after.strokes)


def model_of(form: ConsentForm) -> ScreenModel:
    people = People(operator="Dr. A", consent=ConsentModel(form, (), "P-1", "A"))
    return ScreenModel(State.CONSENT_SIGN, "Clinic", "room-2", "14:05", people=people)


@pytest.mark.parametrize("rotation", [0, 90])
def test_a_signature_grows_without_the_screen_being_drawn_again(
    open_display: Open, rotation: Degrees, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = all_answered(begun()).pressed(Sign.PATIENT).pressed(Sign.UNDERSTOOD)
    points = [Ink(0.1 + 0.02 * i, 0.3 + 0.01 * i, 16 * i, begins=i % 10 == 0) for i in range(30)]
    drawn: list[State] = []
    whole = base.paint

    def counted(*args: object) -> None:
        drawn.append(State.CONSENT_SIGN)
        whole(*args)  # type: ignore[arg-type] # as they came

    monkeypatch.setattr(display_module, "paint", counted)
    display, shots = open_display(rotation), []
    display.show(model_of(form))
    for point in points:
        form = form.pressed(point)
        display.show(model_of(form))
        shots.append(picture(display))
    # The empty screen, and once more when signing became possible.
    assert len(drawn) == 2
    assert all((one != other).any() for one, other in pairwise(shots))
    pad = PADS[State.CONSENT_SIGN](display.layout)
    beside = (shots[-1] != shots[5]).any(axis=2)
    beside[pad.y : pad.bottom, pad.x : pad.right] = False
    assert not beside.any()
    display.forget()
    display.show(model_of(form))
    np.testing.assert_array_equal(picture(display), shots[-1])


def test_a_cleared_pad_is_empty_again(open_display: Open) -> None:
    form = all_answered(begun()).pressed(Sign.PATIENT).pressed(Sign.UNDERSTOOD)
    display = open_display(0)
    display.show(model_of(form))
    empty = picture(display)
    display.show(model_of(signed(form)))
    assert (picture(display) != empty).any()
    display.show(model_of(signed(form).pressed(Sign.CLEAR)))
    np.testing.assert_array_equal(picture(display), empty)


def test_touching_the_pad_of_the_window_signs(open_display: Open) -> None:
    form = all_answered(begun())
    display = open_display(90)
    display.show(model_of(form))
    pygame.event.clear()
    pad = PADS[State.CONSENT_SIGN](display.layout)
    width, height = display.layout.size
    for kind, share in ((pygame.FINGERDOWN, 0.25), (pygame.FINGERMOTION, 0.75)):
        x, y = (pad.x + share * pad.w) / width, (pad.y + 0.5 * pad.h) / height
        # The panel is mounted turned by a quarter: the window's right is the picture's top.
        pygame.event.post(pygame.event.Event(kind, finger_id=1, x=1 - y, y=x))
    inked = [one for one in display.poll(model_of(form)).actions if isinstance(one, Ink)]
    assert [round(one.x, 2) for one in inked] == [0.25, 0.75]
    assert replace(form, pad=form.pad.inked(inked[0]).inked(inked[1])).pad.drawn
