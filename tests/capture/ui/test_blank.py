"""A dark screen: black, free, awake to any touch and deaf to what it would mean."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pygame
import pytest

from kiosk.capture.ui.entry import PatientEntry
from kiosk.capture.workflow import Event
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
)
from tests.golden.scenes import live_frame, scenes

__all__ = ["open_display"]

MODELS = {scene.name: scene.model for scene in scenes()}
NUMBER = replace(MODELS["patient"], entry=PatientEntry("CANARY-1"))


@pytest.mark.parametrize("rotation", [0, 90])
def test_nothing_of_a_patient_is_left_on_the_screen_or_behind_it(
    open_display: Open, rotation: Degrees
) -> None:
    display = open_display(rotation)
    display.show(MODELS["view"])
    display.show(NUMBER)
    assert picture(display).any()
    display.show(replace(NUMBER, blanked=True))
    assert not picture(display).any()
    assert not any(pygame.image.tobytes(display.canvas.surface, "RGB"))
    kept = repr(vars(display.canvas.type))
    assert "CANARY" not in kept
    assert "P-204711" not in kept
    assert display._shown is None


def test_it_costs_nothing_as_long_as_it_stays(
    open_display: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    display = open_display()
    flips: list[int] = []
    monkeypatch.setattr(pygame.display, "flip", lambda: flips.append(1))
    display.show(MODELS["view"])
    display.show(replace(MODELS["view"], blanked=True))
    shown = len(flips)
    assert shown >= 4, "the picture, and each of the driver's buffers black"
    for clock in ("14:06", "14:07"):
        display.show(replace(MODELS["view"], blanked=True, clock=clock))
    assert len(flips) == shown
    display.show(MODELS["view"])
    display.show(replace(MODELS["view"], blanked=True))
    assert len(flips) == 2 * shown, "the second time too"


def test_no_live_picture_lights_it(open_display: Open) -> None:
    display = open_display()
    dark = replace(MODELS["badge"], blanked=True)
    display.show(dark)
    stage = display.layout.stage
    display.show_frame(live_frame(stage.w, stage.h), dark)
    assert not picture(display).any()


def test_awake_again_it_looks_as_before(open_display: Open) -> None:
    display = open_display()
    display.show(MODELS["view"])
    before = picture(display)
    display.show(replace(MODELS["view"], blanked=True))
    display.show(MODELS["view"])
    np.testing.assert_array_equal(picture(display), before)


def test_a_touch_is_told_and_does_nothing(open_display: Open) -> None:
    """Also where the button is; and letting go on the lit screen does nothing either."""
    display, model = open_display(), MODELS["view"]
    dark = replace(model, blanked=True)
    display.show(dark)
    assert not display.poll(dark).touched
    at = centre(display, button(display, model, Event.READY))
    finger(pygame.FINGERDOWN, at)
    inputs = display.poll(dark)
    assert (inputs.touched, inputs.actions) == (True, ())
    display.show(model)
    finger(pygame.FINGERUP, at)
    assert display.poll(model).actions == ()
    finger(pygame.FINGERDOWN, at)
    finger(pygame.FINGERUP, at)
    assert display.poll(model).actions == (Event.READY,)


def test_a_button_that_is_held_while_it_goes_dark_is_let_go_of(open_display: Open) -> None:
    display, model = open_display(), MODELS["view"]
    at = centre(display, button(display, model, Event.READY))
    display.show(model)
    finger(pygame.FINGERDOWN, at)
    display.poll(model)
    display.show(replace(model, blanked=True))
    display.show(model)
    finger(pygame.FINGERUP, at)
    assert display.poll(model).actions == ()


def test_touches_beside_every_button_are_told_on_lit_screens_too(open_display: Open) -> None:
    display, model = open_display(), MODELS["view"]
    for kind in (pygame.FINGERDOWN, pygame.FINGERMOTION, pygame.FINGERUP):
        finger(kind, (270, 300))
        inputs = display.poll(model)
        assert (inputs.touched, inputs.actions) == (True, ())
    for kind in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
        mouse(kind, (270, 300))
        inputs = display.poll(model)
        assert (inputs.touched, inputs.actions) == (True, ())
    assert not display.poll(model).touched


@pytest.mark.parametrize(("held", "told"), [((0, 0, 0), False), ((1, 0, 0), True)])
def test_a_mouse_that_only_passes_by_touches_nothing(
    open_display: Open, held: tuple[int, int, int], *, told: bool
) -> None:
    display = open_display()
    moved = pygame.event.Event(pygame.MOUSEMOTION, pos=(9, 9), rel=(1, 1), buttons=held)
    pygame.event.post(moved)
    assert display.poll(MODELS["view"]).touched is told


def test_a_developers_key_lights_it_and_does_no_more(open_display: Open) -> None:
    dark = replace(MODELS["pin"], blanked=True)
    display = open_display(keyboard=True)
    key(pygame.K_SPACE, " ")
    key(pygame.K_5, "5")
    inputs = display.poll(dark)
    assert (inputs.touched, inputs.actions, inputs.quit) == (True, (), False)
    key(pygame.K_ESCAPE, "\x1b")
    assert display.poll(dark).quit
    station = open_display()
    key(pygame.K_SPACE, " ")
    assert not station.poll(dark).touched
