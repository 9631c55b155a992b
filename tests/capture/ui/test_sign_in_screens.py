"""Badge, PIN and the day's list: what can be touched, and what is never shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pygame
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.capture.flow.values import Event, State
from kiosk.capture.ui import theme
from kiosk.capture.ui.entry import Character, Edit
from kiosk.capture.ui.forms.actions import Chosen, Turn
from kiosk.capture.ui.forms.day import DayForm
from kiosk.capture.ui.forms.pin import PinEntry
from kiosk.capture.ui.layout import make_layout
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.people import DayModel, DayNote, DayRow, People, SignInModel
from kiosk.capture.ui.screens import SCREENS
from kiosk.capture.ui.screens.day import note, page, pages
from kiosk.capture.ui.widgets import Button
from kiosk.capture.ui.wording import ENGLISH
from kiosk.capture.workflow import TABLE
from tests.capture.ui.screen import Degrees, Open, key, open_display, picture, touch
from tests.golden.scenes import LANDSCAPE, PORTRAIT, Scene, draw, live_frame, scenes
from tests.golden.signing import day

__all__ = ["open_display"]

MODELS = {scene.name: scene.model for scene in scenes()}
PINS = (State.PIN, State.NEW_PIN, State.NEW_PIN_AGAIN)
CODES = (State.BADGE, State.LOCKED, State.SCAN_CARD)
SIGNING = {s for s in State if s.value <= State.OPENING.value}
NAMED = {name: model for name, model in MODELS.items() if model.state in SIGNING}


def buttons(model: ScreenModel, size: tuple[int, int] = PORTRAIT) -> tuple[Button, ...]:
    return SCREENS[model.state].buttons(make_layout(size), ENGLISH, model)


def test_every_state_has_a_scene() -> None:
    assert {model.state for model in NAMED.values()} == SIGNING


@pytest.mark.parametrize("rotation", [0, 90])
@pytest.mark.parametrize("name", NAMED)
def test_every_button_is_reached_by_touch(open_display: Open, rotation: Degrees, name: str) -> None:
    display, model = open_display(rotation), NAMED[name]
    for one in SCREENS[model.state].buttons(display.layout, ENGLISH, model):
        expected = (one.action,) if one.enabled else ()
        assert touch(display, model, one.rect) == expected


@pytest.mark.parametrize("name", NAMED)
def test_what_a_button_says_is_known_to_the_table(name: str) -> None:
    model = NAMED[name]
    told = {b.action for b in buttons(model) if isinstance(b.action, Event)}
    assert {event for event in told if (model.state, event) not in TABLE} == set()


@pytest.mark.parametrize("state", PINS)
@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE], ids=str)
def test_the_digits_of_a_pin_are_never_shown(state: State, size: tuple[int, int]) -> None:
    def shown(digits: str) -> bytes:
        sign_in = SignInModel(PinEntry(digits))
        model = replace(MODELS["pin"], state=state, people=People(sign_in=sign_in))
        return pygame.image.tobytes(draw(Scene("", model), size).surface, "RGB")

    assert shown("314159") == shown("271828")
    accented = [_accented(shown("31415"[:count])) for count in range(6)]
    assert accented[1] > 500
    assert accented == [count * accented[1] for count in range(6)], "but counted"


def _accented(rgb: bytes) -> int:
    """Count the pixels of the accent's colour."""
    return int((np.frombuffer(rgb, np.uint8).reshape(-1, 3) == theme.ACCENT).all(axis=1).sum())


def pin(digits: str, **told: int) -> ScreenModel:
    sign_in = SignInModel(PinEntry(digits), **told)
    return replace(MODELS["pin"], people=People(sign_in=sign_in))


@pytest.mark.parametrize(
    ("model", "keys", "forward"),
    [
        (pin(""), True, False),
        (pin("27182"), True, False),
        (pin("271828"), True, True),
        (pin("27182818"), True, True),
        (pin("271828", wait_s=1), False, False),
    ],
)
def test_the_pad_waits_and_only_a_whole_pin_goes_on(
    model: ScreenModel, *, keys: bool, forward: bool
) -> None:
    found = {b.action: b.enabled for b in buttons(model)}
    assert {found[Character(d)] for d in "0123456789"} == {keys}
    assert found[Edit.BACKSPACE] is found[Edit.CLEAR] is keys
    assert found[Event.PIN_GIVEN] is forward
    assert found[Event.BACK], "one can always go back"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({}, set()),
        ({"left": 9}, set()),
        ({"left": 4}, set()),
        ({"left": 3}, {"3 tries are left before this badge is locked."}),
        ({"left": 1}, {"1 try is left before this badge is locked."}),
        ({"left": 5, "wait_s": 1}, {"The next try is possible in 1 second."}),
        ({"left": 5, "wait_s": 16}, {"The next try is possible in 16 seconds."}),
    ],
)
def test_tries_and_seconds_are_said(told: dict[str, int], said: set[str]) -> None:
    canvas = draw(Scene("", pin("", **told)), PORTRAIT)
    canvas.type.forget()
    SCREENS[State.PIN].draw(canvas, pin("", **told))
    drawn = {str(entry[0]) for entry in canvas.type._fitted}
    assert {t for t in drawn if "tr" in t} == said


@pytest.mark.parametrize("state", PINS)
def test_a_developers_keys_type_a_pin(open_display: Open, state: State) -> None:
    display = open_display(keyboard=True)
    model = replace(pin("271828"), state=state)
    for code, text in (
        (pygame.K_7, "7"),
        (pygame.K_a, "a"),
        (pygame.K_MINUS, "-"),
        (pygame.K_LSHIFT, ""),
        (pygame.K_BACKSPACE, "\b"),
        (pygame.K_RETURN, "\r"),
    ):
        key(code, text)
    assert display.poll(model).actions == (Character("7"), Edit.BACKSPACE, Event.PIN_GIVEN)
    waiting = replace(pin("271828", wait_s=8), state=state)
    for code, text in ((pygame.K_7, "7"), (pygame.K_BACKSPACE, "\b"), (pygame.K_RETURN, "\r")):
        key(code, text)
    assert display.poll(waiting).actions == (), "while the pad waits, so do they"


def test_keys_write_nowhere_else(open_display: Open) -> None:
    display = open_display(keyboard=True)
    for name in ("badge", "day", "service", "signed_out", "checking"):
        key(pygame.K_7, "7")
        assert display.poll(MODELS[name]).actions == ()


@pytest.mark.parametrize("state", CODES)
@pytest.mark.parametrize("mirror", [False, True])
def test_a_code_is_held_into_a_square_over_the_live_picture(
    open_display: Open, state: State, *, mirror: bool
) -> None:
    display = open_display(mirror=mirror)
    model = replace(MODELS["badge"], state=state)
    display.show(model)
    stage = display.layout.stage
    frame = live_frame(stage.w, stage.h)
    frame.pixels[: stage.h, : stage.w // 2] = 30
    frame.pixels[: stage.h, stage.w // 2 :] = 220
    display.show_frame(frame, model)
    shown = picture(display)[stage.y : stage.bottom, stage.x : stage.right].mean(axis=2)
    dark = shown[5, :40].mean() < shown[5, -40:].mean()
    assert dark is np.bool_(not mirror)
    inner = shown[stage.h // 2 - 20 : stage.h // 2 + 20, stage.w // 4]
    assert np.ptp(inner) < 12, "the square's sides are open"
    rows = np.flatnonzero(np.ptp(shown[:, : stage.w // 2 - 6], axis=1) > 40)
    columns = np.flatnonzero(np.ptp(shown[:, : stage.w // 2 - 6], axis=0) > 40)
    side = stage.w // 2 - columns.min()
    assert rows.min() == pytest.approx(stage.h / 2 - side, abs=4), "and it is one, in the middle"
    assert rows.max() == pytest.approx(stage.h / 2 + side, abs=4)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_the_square_turns_with_the_panel(open_display: Open, rotation: Degrees) -> None:
    shots = []
    for degrees in (0, rotation):
        display = open_display(degrees)
        display.show(MODELS["badge"])
        stage = display.layout.stage
        display.show_frame(live_frame(stage.w, stage.h), MODELS["badge"])
        shots.append(picture(display))
        display.close()
    np.testing.assert_array_equal(shots[0], shots[1])


def test_nothing_is_kept_of_a_badge_that_was_held_up(open_display: Open) -> None:
    display = open_display(90)
    display.show(MODELS["badge"])
    stage = display.layout.stage
    display.show_frame(live_frame(stage.w, stage.h), MODELS["badge"])
    assert any(plan.scratch.any() for plan in display._preview._plans.values())
    display.show(MODELS["pin"])
    assert not any(plan.scratch.any() for plan in display._preview._plans.values())
    after = picture(display)
    fresh = open_display(90)
    fresh.show(MODELS["pin"])
    np.testing.assert_array_equal(after, picture(fresh))


def test_back_on_the_days_list_the_last_patient_is_forgotten(open_display: Open) -> None:
    display = open_display()
    display.show(MODELS["view"])
    assert "P-204711" in repr(vars(display.canvas.type))
    display.show(replace(MODELS["day"], people=People()))
    assert "P-204711" not in repr(vars(display.canvas.type))


def test_the_numbers_of_the_list_are_nowhere_on_the_screen_or_in_repr() -> None:
    model = MODELS["day"]
    canvas = draw(Scene("", model), PORTRAIT)
    drawn = repr(vars(canvas.type))
    for row in model.people.day.rows:
        assert row.number not in drawn
        assert row.number not in repr(buttons(model))
        assert row.name not in repr(buttons(model))


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE, (1280, 720), (800, 480)], ids=str)
@settings(max_examples=40, deadline=None)
@given(count=st.integers(0, 60), asked=st.integers(0, 80))
def test_turning_the_pages_shows_everybody_once(
    size: tuple[int, int], count: int, asked: int
) -> None:
    layout, whole = make_layout(size), day(count)
    shown: list[str] = []
    for number in range(pages(layout, whole)):
        model = replace(MODELS["day"], people=People(day=replace(whole, form=DayForm(number))))
        found = {b.action: b for b in buttons(model, size)}
        shown += [action.number for action in found if isinstance(action, Chosen)]
        if pages(layout, whole) > 1:
            assert found[Turn(-1)].enabled is (number > 0)
            assert found[Turn(1)].enabled is (number < pages(layout, whole) - 1)
    assert shown == [row.number for row in whole.rows]
    assert page(layout, replace(whole, form=DayForm(asked))) < pages(layout, whole)


def test_from_a_page_beyond_a_list_that_became_shorter_one_touch_leads_back() -> None:
    layout, whole = make_layout(PORTRAIT), day(23)
    last = pages(layout, whole) - 1
    beyond = replace(whole, form=DayForm(last + 4))
    model = replace(MODELS["day"], people=People(day=beyond))
    found = buttons(model)
    shown = [b.action.number for b in found if isinstance(b.action, Chosen)]
    assert shown, "the last page"
    assert shown[-1] == whole.rows[-1].number
    back, on = (b for b in found if isinstance(b.action, Turn))
    assert not on.enabled
    assert isinstance(back.action, Turn)
    turned = replace(whole, form=beyond.form.pressed(back.action))
    assert page(layout, turned) == last - 1


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (day(2), "Touch the line of the patient who is here."),
        (day(0), "Nobody is on this list."),
        (DayModel(), "The clinic has sent no list yet."),
        (
            day(2, note=DayNote.OTHER_DAY, day=date(2026, 3, 1)),
            "This is the list of 1 March 2026, not today's.",
        ),
        (DayModel(note=DayNote.UNUSABLE), "The list that came cannot be used."),
    ],
)
def test_the_state_of_the_list_is_said(model: DayModel, said: str) -> None:
    assert note(ENGLISH, model).startswith(said)


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE, (1280, 720), (800, 480)], ids=str)
def test_long_names_and_sentences_fit(size: tuple[int, int]) -> None:
    row = DayRow("W" * 32, " ".join("W…" for _ in range(9)), "…WWW", "12:00")
    listed = DayModel((row,) * 30, date(2026, 9, 30), DayNote.OTHER_DAY, DayForm(1))
    problem = "This code is too long; expected at most 128 characters, as on an operator's badge "
    problem += "or a patient's card. Hold up another one, or have the clinic's desk print it again."
    people = People(
        operator="Professor Dr. Maximiliane Freifrau von Wolkenstein-Trostburg",
        problem=problem,
        day=listed,
    )
    late = replace(people, sign_in=SignInModel(wait_s=256, left=1))
    for state in SIGNING:
        # Nothing is waited for once the PIN was right.
        shown = late if state is State.PIN else people
        model = replace(MODELS["signed_out"], state=state, people=shown)
        assert draw(Scene("", model), size).overflows == []


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE], ids=str)
def test_who_is_signed_in_is_said_as_far_as_there_is_room(size: tuple[int, int]) -> None:
    def said(operator: str) -> set[str]:
        people = replace(MODELS["day"].people, operator=operator)
        draw(Scene("", MODELS["day"]), size).type.forget()
        canvas = draw(Scene("", replace(MODELS["day"], people=people)), size)
        drawn = {str(entry[0]) for entry in canvas.type._fitted}
        assert canvas.overflows == []
        return {text for text in drawn if text and text in operator}

    assert said("Dr. Helene Marchetti") == {"Dr. Helene Marchetti"}
    assert said(f"{'Wilhelmina ' * 6}Marchetti") == {"Marchetti"}
    assert said("W" * 60) == set()
