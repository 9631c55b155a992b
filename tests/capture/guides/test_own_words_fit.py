"""What a clinic may write at most fits the screens that show it."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from kiosk.capture.progress import SessionProgress
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.workflow import State
from kiosk.records.protocols import View, load_protocol
from tests.golden.scenes import LANDSCAPE, PORTRAIT, Scene, draw

WORDS = "Turn your shoulders to the window and look straight ahead of you, chin level, mouth shut. "
MOST = 16
"""Views of a set; see ``kiosk.records.protocol_parsing``."""

LONGEST = {
    "title": "Upper body, three-quarter, left side",
    "short": "Right shoulder",
    "instruction": (WORDS * 2)[:127] + ".",
    "operator_note": (WORDS * 2)[:127] + ".",
}


@pytest.mark.parametrize("field", LONGEST)
def test_these_are_the_longest(field: str) -> None:
    view = load_protocol("face_5").views[1]
    fields = msgspec.to_builtins(view)
    assert msgspec.convert({**fields, field: LONGEST[field]}, View)
    with pytest.raises(msgspec.ValidationError, match="of length <="):
        msgspec.convert({**fields, field: LONGEST[field] + "x"}, View)


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE, (1280, 720), (800, 480)], ids=str)
@pytest.mark.parametrize("state", [State.VIEW, State.AIM, State.SUMMARY])
def test_the_longest_words_fit_the_screens(state: State, size: tuple[int, int]) -> None:
    protocol = load_protocol("face_5")
    turning = protocol.views[1]
    views = tuple(msgspec.structs.replace(turning, id=f"v{n}", **LONGEST) for n in range(MOST))
    progress = SessionProgress.begin("P-204711", msgspec.structs.replace(protocol, views=views))
    for _ in range(MOST - 1 if state is not State.SUMMARY else MOST):
        progress = progress.accepted()
    model = ScreenModel(state, clinic="Clinic", station="room-1", clock="14:05")
    assert draw(Scene("longest", replace(model, progress=progress)), size).overflows == []
