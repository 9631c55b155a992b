"""A code is held to the camera: the operator's badge, a supervisor's, the patient's card."""

from __future__ import annotations

from typing import Final

from kiosk.capture.ui import theme
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.aim import PROMPT, draw_prompt
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.screens.stage import draw_empty
from kiosk.capture.ui.widgets import Align, Button, Canvas
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event

_PROBLEM: Final = theme.Style(theme.BODY.weight, theme.BODY.size, theme.WARNING)


class HoldUp:
    """One class for every code; the words differ, the shape does not."""

    frame = Frame(strip=False, stage=True, live=True, square=True)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        del model
        return (Button(_split(layout)[0], Event.BACK, words.back),)

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        draw_empty(canvas)
        layout, px = canvas.layout, canvas.layout.px
        said = canvas.words.sign_in.hold_ups[model.state]
        area = layout.panel
        title = theme.TITLE if layout.landscape else theme.HEADING
        used = canvas.text(said.title, area.top(px(200 if layout.landscape else 80)), title, _TOP)
        y = area.y + used + px(24 if layout.landscape else 8)
        room = Rect(area.x, y, area.w, area.bottom - y)
        problem = canvas.words.problems.said(model.people.problem)
        canvas.text(problem or said.lead, room, _PROBLEM if problem else theme.BODY, _TOP)
        draw_prompt(canvas, _split(layout)[1], "camera", said.prompt, PROMPT)


_TOP: Final = Align.TOP_LEFT


def _split(layout: Layout) -> tuple[Rect, ...]:
    return layout.actions.columns((22, 78), layout.px(20))
