"""The window on SDL's dummy driver."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pygame
import pytest

from kiosk.capture.ui.display import Display, Setup
from kiosk.capture.ui.entry import Character, Edit, PatientEntry
from kiosk.capture.ui.forms.actions import Ink
from kiosk.capture.ui.model import Backlog, ReviewPicture
from kiosk.capture.workflow import Event, State
from kiosk.config import Display as Section
from kiosk.errors import DisplayError
from kiosk.model import Frame
from tests.capture.ui.screen import (
    Degrees,
    Open,
    button,
    centre,
    finger,
    key,
    mouse,
    open_display,
    picture,
    touch,
)
from tests.golden.scenes import live_frame, scenes

__all__ = ["open_display"]

MODELS = {scene.name: scene.model for scene in scenes()}


def stage_of(display: Display) -> npt.NDArray[np.int64]:
    stage = display.layout.stage
    return picture(display)[stage.y : stage.bottom, stage.x : stage.right]


def frame_for(display: Display, shift: int = 0) -> Frame:
    stage = display.layout.stage
    frame = live_frame(stage.w, stage.h)
    frame.pixels[: stage.h] += np.uint8(shift)
    return frame


def test_the_window_speaks_the_stations_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    display = Display(Setup(Section(size=(540, 960), fullscreen=False, language="fr")))
    assert display.canvas.words.ready == "Prêt"
    display.close()


@pytest.mark.parametrize("rotation", [90, 180, 270])
@pytest.mark.parametrize("name", ["patient", "view", "camera_fault"])
def test_a_turned_panel_shows_the_same_picture(
    open_display: Open, rotation: Degrees, name: str
) -> None:
    upright, turned = open_display(), None
    upright.show(MODELS[name])
    wanted = picture(upright)
    upright.close()
    turned = open_display(rotation)
    turned.show(MODELS[name])
    np.testing.assert_array_equal(picture(turned), wanted)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_the_live_picture_is_turned_with_the_panel(open_display: Open, rotation: Degrees) -> None:
    shots = []
    for degrees in (0, rotation):
        display = open_display(degrees)
        display.show(MODELS["aim"])
        # The camera is mounted upright in both.
        display.show_frame(frame_for(display), MODELS["aim"])
        shots.append(picture(display))
        display.close()
    np.testing.assert_array_equal(shots[0], shots[1])


def test_the_live_picture_is_drawn_only_while_aiming(open_display: Open) -> None:
    display = open_display()
    for name in ("view", "review", "signed_out", "camera_fault"):
        display.show(MODELS[name])
        before = picture(display)
        display.show_frame(frame_for(display), MODELS[name])
        np.testing.assert_array_equal(picture(display), before)


def test_the_guide_lies_over_the_live_picture(open_display: Open) -> None:
    display = open_display()
    display.show(MODELS["aim"])
    without = replace(MODELS["aim"], progress=None)
    display.show_frame(frame_for(display), without)
    plain = stage_of(display)
    display.show_frame(frame_for(display), MODELS["aim"])
    changed = np.abs(stage_of(display) - plain).max(axis=2) > 20
    assert 0.005 < changed.mean() < 0.08


def test_the_live_picture_stays_while_the_clock_changes_and_the_picture_is_taken(
    open_display: Open,
) -> None:
    display = open_display()
    display.show(MODELS["aim"])
    display.show_frame(frame_for(display), MODELS["aim"])
    live = stage_of(display)
    display.show(replace(MODELS["aim"], clock="14:06"))
    np.testing.assert_array_equal(stage_of(display), live)
    display.show(replace(MODELS["aim"], state=State.CAPTURED))
    np.testing.assert_array_equal(stage_of(display), live)
    display.show(MODELS["view"])
    assert np.abs(stage_of(display) - live).mean() > 5


def test_a_picture_that_was_taken_takes_the_live_ones_place_on_the_same_screen(
    open_display: Open,
) -> None:
    taken = MODELS["service_scale_ended"]
    display = open_display()
    display.show(taken)
    wanted = stage_of(display)
    display.show(MODELS["service_scale"])
    display.show_frame(frame_for(display), MODELS["service_scale"])
    assert np.abs(stage_of(display) - wanted).mean() > 1
    display.show(taken)
    np.testing.assert_array_equal(stage_of(display), wanted)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_an_edge_is_touched_where_the_picture_lies(open_display: Open, rotation: Degrees) -> None:
    display = open_display(rotation)
    model = MODELS["service_scale_touched"]
    display.show(model)
    stage = display.layout.stage
    quarter = stage._replace(w=stage.w // 2, h=stage.h // 4)
    (mark,) = touch(display, model, quarter)
    assert isinstance(mark, Ink)
    assert (mark.x, mark.y) == pytest.approx((0.25, 0.125), abs=0.01)
    assert mark.begins


def test_an_unchanged_model_is_not_drawn_again(open_display: Open) -> None:
    display = open_display()
    display.show(MODELS["signed_out"])
    display.canvas.surface.fill((1, 2, 3))
    display.show(replace(MODELS["signed_out"], backlog=Backlog(0)))
    assert (picture(display) == (1, 2, 3)).all()
    display.show(replace(MODELS["signed_out"], backlog=Backlog(1)))
    assert not (picture(display) == (1, 2, 3)).all()


def test_a_signed_out_station_shows_nothing_of_a_patient(open_display: Open) -> None:
    """Whatever the model still holds, the pixels are those of a station that knows nobody."""
    display = open_display()
    display.show(MODELS["signed_out"])
    clean = picture(display)
    held = MODELS["review"]
    leftovers = replace(
        MODELS["signed_out"], entry=PatientEntry("P-204711"), review=held.review, fault="x"
    )
    display.show(leftovers)
    np.testing.assert_array_equal(picture(display), clean)


def test_forgetting_leaves_no_text_and_no_picture(open_display: Open) -> None:
    display = open_display(90)
    display.show(MODELS["aim"])
    display.show_frame(frame_for(display), MODELS["aim"])
    assert "P-204711" in repr(vars(display.canvas.type))
    display.forget()
    assert "P-204711" not in repr(vars(display.canvas.type))
    assert not picture(display).any()
    assert not any(plan.scratch.any() for plan in display._preview._plans.values())


def test_signing_out_forgets_a_number_that_was_only_typed(open_display: Open) -> None:
    display = open_display()
    display.show(replace(MODELS["patient"], entry=PatientEntry("CANARY-1")))
    assert "CANARY-1" in repr(vars(display.canvas.type))
    display.show(MODELS["signed_out"])
    assert "CANARY-1" not in repr(vars(display.canvas.type))


def test_the_picture_to_be_judged_is_whole_sharp_and_not_mirrored(open_display: Open) -> None:
    display = open_display(mirror=True)
    stage = display.layout.stage
    pixels = np.zeros((stage.h, stage.w, 3), np.uint8)
    pixels[:, : stage.w // 2] = (10, 20, 200)
    pixels[::2, stage.w // 2 :] = 255
    model = replace(MODELS["review"], review=ReviewPicture(pixels))
    display.show(model)
    np.testing.assert_array_equal(stage_of(display), pixels[..., ::-1])
    assert pixels.any(), "the program's own picture must be left as it was"


def test_a_larger_picture_is_shown_whole(open_display: Open) -> None:
    display = open_display()
    stage = display.layout.stage
    pixels = np.full((stage.h * 2, stage.w, 3), 77, np.uint8)
    display.show(replace(MODELS["review"], review=ReviewPicture(pixels)))
    shown = (stage_of(display) == 77).all(axis=2)
    assert shown.any(axis=1).all()
    assert abs(int(shown[0].sum()) - stage.w // 2) <= 1


def test_no_model_prints_a_patient() -> None:
    held = replace(MODELS["review"], entry=PatientEntry("P-204711"))
    assert "204711" not in repr(held)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_touch_reaches_the_button_under_it_on_any_panel(
    open_display: Open, rotation: Degrees
) -> None:
    display, model = open_display(rotation), MODELS["view"]
    for event in (Event.END_SESSION, Event.SKIP, Event.READY):
        at = centre(display, button(display, model, event))
        finger(pygame.FINGERDOWN, at)
        assert display.poll(model).actions == ()
        finger(pygame.FINGERUP, at)
        assert display.poll(model).actions == (event,)


def test_sliding_off_changes_nothing(open_display: Open) -> None:
    display, model = open_display(), MODELS["view"]
    finger(pygame.FINGERDOWN, centre(display, button(display, model, Event.SKIP)))
    finger(pygame.FINGERUP, centre(display, button(display, model, Event.READY)))
    assert display.poll(model).actions == ()


def test_a_touch_begun_on_one_screen_does_not_reach_the_next(open_display: Open) -> None:
    """Both screens have the very same button in the very same place."""
    display = open_display()
    camera, light = MODELS["camera_fault"], MODELS["light_fault"]
    assert button(display, camera, Event.TRY_AGAIN) == button(display, light, Event.TRY_AGAIN)
    again = centre(display, button(display, camera, Event.TRY_AGAIN))
    finger(pygame.FINGERDOWN, again)
    display.poll(camera)
    finger(pygame.FINGERUP, again)
    assert display.poll(light).actions == ()


def test_a_second_finger_is_ignored(open_display: Open) -> None:
    display, model = open_display(), MODELS["view"]
    ready = centre(display, button(display, model, Event.READY))
    skip = centre(display, button(display, model, Event.SKIP))
    finger(pygame.FINGERDOWN, ready, 1)
    finger(pygame.FINGERDOWN, skip, 2)
    finger(pygame.FINGERUP, skip, 2)
    finger(pygame.FINGERUP, ready, 1)
    assert display.poll(model).actions == (Event.READY,)


@pytest.mark.parametrize("click_first", [False, True])
def test_a_touch_that_sdl_repeats_as_a_click_counts_once(
    open_display: Open,
    click_first: bool,  # noqa: FBT001
) -> None:
    display, model = open_display(), MODELS["view"]
    at = centre(display, button(display, model, Event.READY))
    for kind, click in (
        (pygame.FINGERDOWN, pygame.MOUSEBUTTONDOWN),
        (pygame.FINGERUP, pygame.MOUSEBUTTONUP),
    ):
        if click_first:
            mouse(click, at, touch=True)
        finger(kind, at)
        if not click_first:
            mouse(click, at, touch=True)
    assert display.poll(model).actions == (Event.READY,)


def test_a_mouse_works_as_a_finger(open_display: Open) -> None:
    display, model = open_display(), MODELS["signed_out"]
    at = centre(display, button(display, model, Event.START))
    mouse(pygame.MOUSEBUTTONDOWN, at)
    mouse(pygame.MOUSEBUTTONUP, at)
    assert display.poll(model).actions == (Event.START,)


def test_a_button_that_cannot_be_used_does_not_react(open_display: Open) -> None:
    display = open_display()
    model = replace(MODELS["patient"], entry=PatientEntry(""))
    at = centre(display, button(display, model, Event.PATIENT_GIVEN))
    finger(pygame.FINGERDOWN, at)
    finger(pygame.FINGERUP, at)
    assert display.poll(model).actions == ()


def test_a_held_button_looks_pressed(open_display: Open) -> None:
    display, model = open_display(), MODELS["view"]
    display.show(model)
    before = picture(display)
    finger(pygame.FINGERDOWN, centre(display, button(display, model, Event.READY)))
    display.poll(model)
    display.show(model)
    assert (picture(display) != before).any()


def test_nothing_to_touch_takes_the_picture(open_display: Open) -> None:
    display, model = open_display(), MODELS["aim"]
    for x in range(5, 540, 20):
        for y in range(5, 960, 20):
            finger(pygame.FINGERDOWN, (x, y))
            finger(pygame.FINGERUP, (x, y))
    assert set(display.poll(model).actions) == {Event.BACK}


def test_keys_stand_in_for_pedal_and_touch_where_allowed(open_display: Open) -> None:
    display = open_display(keyboard=True)
    key(pygame.K_SPACE, " ")
    key(pygame.K_RETURN, "\r")
    assert display.poll(MODELS["view"]).actions == (Event.PEDAL, Event.READY)
    key(pygame.K_p, "p")
    key(pygame.K_MINUS, "-")
    key(pygame.K_BACKSPACE, "\b")
    assert display.poll(MODELS["patient"]).actions == (
        Character("P"),
        Character("-"),
        Edit.BACKSPACE,
    )
    key(pygame.K_ESCAPE, "\x1b")
    assert display.poll(MODELS["view"]).quit


def test_on_a_station_keys_do_nothing(open_display: Open) -> None:
    display = open_display()
    key(pygame.K_SPACE, " ")
    key(pygame.K_ESCAPE, "\x1b")
    inputs = display.poll(MODELS["aim"])
    assert inputs.actions == ()
    assert not inputs.quit


def test_closing_the_window_is_told(open_display: Open) -> None:
    display = open_display()
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    assert display.poll(MODELS["signed_out"]).quit


def test_a_missing_video_driver_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "no-such-driver")
    with pytest.raises(DisplayError, match=r"^display\.size: the panel cannot show 540 x 960: "):
        Display(Setup(Section(size=(540, 960), fullscreen=False)))
