"""When the demo's operator presses by eye."""

from __future__ import annotations

import pytest

from kiosk.capture.guides.values import Cue
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.workflow import State
from provisioning.demo.script import UNJUDGED_S, Readiness
from tests.golden.guided import UNKNOWN, guidance


def told(cue: Cue) -> ScreenModel:
    return ScreenModel(State.AIM, "Clinic", "room", "10:00", guidance=guidance(cue, UNKNOWN))


@pytest.mark.parametrize(("cue", "pressed"), [(Cue.CANNOT_JUDGE, True), (Cue.LOOKING, False)])
def test_who_has_not_been_looked_at_is_waited_for(cue: Cue, *, pressed: bool) -> None:
    """On a slow machine that takes seconds, which says nothing of the pose."""
    readiness = Readiness()
    assert not readiness.told(told(cue), 1.0)
    assert readiness.told(told(cue), 1.0 + UNJUDGED_S) is pressed
