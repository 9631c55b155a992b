"""A grey card is held to the camera: live picture, a square for the card, what was found."""

from __future__ import annotations

from kiosk.capture.ui import theme
from kiosk.capture.ui.layout import Layout
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.screens.service_lines import run_label
from kiosk.capture.ui.screens.service_list import draw_lines
from kiosk.capture.ui.screens.stage import draw_empty
from kiosk.capture.ui.service import Mark
from kiosk.capture.ui.widgets import Align, Button, Canvas, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event


class ServiceCard:
    frame = Frame(strip=False, stage=True, live=True, square=True)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        back, run = layout.actions.columns((2, 3), layout.px(20))
        idle = not model.service.running
        return (
            Button(back, Event.BACK, words.back),
            Button(run, Event.RUN, run_label(words, model), Kind.PRIMARY, "pedal", enabled=idle),
        )

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        draw_empty(canvas)
        layout, px = canvas.layout, canvas.layout.px
        heading = canvas.words.service.headings[model.state]
        canvas.text(heading.title, layout.strip, theme.TITLE)
        # What was found takes the place of the words.
        room = layout.panel.inset(0, px(4))
        if any(line.mark is not Mark.PLAIN for line in model.service.lines):
            draw_lines(canvas, model.service.lines, room)
        else:
            canvas.text(heading.lead, room, theme.BODY, Align.TOP_LEFT)
