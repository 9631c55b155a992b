"""The moment of the picture; the last live picture stays on the stage."""

from __future__ import annotations

from kiosk.capture.ui import theme
from kiosk.capture.ui.layout import Layout
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.aim import PROMPT, draw_prompt
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.screens.stage import draw_empty
from kiosk.capture.ui.widgets import Align, Button, Canvas
from kiosk.capture.ui.wording import Wording


class Captured:
    frame = Frame(stage=True, keeps_stage=True)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        del layout, words, model
        return ()

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        del model
        draw_empty(canvas)
        area = canvas.layout.panel
        canvas.text(canvas.words.captured_title, area, theme.DISPLAY, Align.TOP_LEFT)
        draw_prompt(canvas, canvas.layout.actions, "camera", canvas.words.captured_lead, PROMPT)
