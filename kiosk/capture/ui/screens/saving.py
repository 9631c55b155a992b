"""The picture is on its way to the disk; nothing can be touched."""

from __future__ import annotations

from typing import Final

from kiosk.capture.ui import theme
from kiosk.capture.ui.layout import Layout
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.aim import PROMPT, draw_prompt
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.screens.stage import draw_picture
from kiosk.capture.ui.widgets import Align, Button, Canvas
from kiosk.capture.ui.wording import Wording

_QUIET: Final = theme.Style(PROMPT.weight, PROMPT.size, theme.MUTED)


class Saving:
    frame = Frame(stage=True)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        del layout, words, model
        return ()

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        draw_picture(canvas, model.review)
        words = canvas.words
        canvas.text(words.saving_title, canvas.layout.panel, theme.DISPLAY, Align.TOP_LEFT)
        draw_prompt(canvas, canvas.layout.actions, "lock", words.saving_lead, _QUIET)
