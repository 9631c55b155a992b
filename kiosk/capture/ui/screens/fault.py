"""What went wrong and what to do, in words that a patient may read as well."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kiosk.capture.ui.layout import Layout
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.screens.notice import Said, draw_notice, one_button, two_buttons
from kiosk.capture.ui.widgets import Button, Canvas
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event, State

_ICONS: Final = {
    State.CAMERA_FAULT: "camera",
    State.SHOT_REFUSED: "camera",
    State.LIGHT_FAULT: "lamp",
}


class Fault:
    """One class for every fault state; the words differ, the shape does not."""

    frame = Frame()

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        *others, again = self._choices(layout, words, model)
        # Touched again meanwhile, it would start the camera that just came back once more.
        return (*others, replace(again, enabled=not model.restarting))

    def _choices(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        """Return the buttons, the obvious one last."""
        again = (Event.TRY_AGAIN, words.restarting if model.restarting else words.try_again)
        match model.state:
            case State.OUT_OF_ORDER:
                return one_button(layout, again)
            case State.SAVE_FAULT:
                return two_buttons(layout, (Event.DISCARD, words.discard), again)
            case State.CONSENT_FAULT:
                return two_buttons(layout, (Event.BACK, words.back), again)
            case State.SHOT_REFUSED:
                icon = "" if model.pedal_fault else "pedal"
                return two_buttons(layout, (Event.BACK, words.back), again, icon)
            case _:
                return two_buttons(layout, (Event.END_SESSION, words.end_session), again)

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        notice = canvas.words.notices[model.state]
        words = canvas.words
        detail = words.problems.said(model.fault) or words.unknown_fault
        icon = _ICONS.get(model.state, "notice")
        draw_notice(canvas, Said(notice.title, notice.advice, detail, icon))
