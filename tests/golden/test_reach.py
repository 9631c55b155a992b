"""Whatever a person may do on a screen can be done by touch alone."""

from __future__ import annotations

from collections import defaultdict

import pytest

from kiosk.capture.ui.layout import make_layout
from kiosk.capture.ui.screens import SCREENS
from kiosk.capture.ui.wording import ENGLISH
from kiosk.capture.workflow import TABLE, Event, State
from tests.golden.scenes import LANDSCAPE, PORTRAIT, scenes

BY_OTHER_TOUCHES = {
    (State.DAY, Event.PATIENT_GIVEN),  # a patient's line: tests/capture/test_people_session.py
    (State.SCAN_CARD, Event.PATIENT_GIVEN),  # by a card; without one, back and "Type number"
}


def offered(size: tuple[int, int]) -> dict[State, set[Event]]:
    """Return what the buttons of each screen mean, over all the ways it may look."""
    found: dict[State, set[Event]] = defaultdict(set)
    layout = make_layout(size)
    for scene in scenes():
        buttons = SCREENS[scene.model.state].buttons(layout, ENGLISH, scene.model)
        found[scene.model.state] |= {
            button.action for button in buttons if isinstance(button.action, Event)
        }
    return found


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
def test_every_act_is_offered_on_its_screen(size: tuple[int, int]) -> None:
    found = offered(size)
    acts = {act for actions in found.values() for act in actions}
    missing = [
        (state.name, event.name)
        for state, event in TABLE
        if event in acts and event not in found[state]
    ]
    assert set(missing) == {(state.name, event.name) for state, event in BY_OTHER_TOUCHES}


def test_the_pedal_means_nothing_that_a_touch_cannot() -> None:
    found = offered(PORTRAIT)
    by_foot = {
        (state, TABLE[state, event])
        for state, event in TABLE
        if event in (Event.PEDAL, Event.PEDAL_HELD)
    }
    alone = {
        state.name
        for state, step in by_foot
        if step not in [TABLE[state, act] for act in found[state] if (state, act) in TABLE]
    }
    # Taking the picture is the pedal's, on purpose: nobody presses it by mistake.
    assert alone == {"AIM", "SERVICE_PEDAL"}
