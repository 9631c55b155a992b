"""The camera's test: one picture, what it proves of its exposure, and how sharp it is."""

from __future__ import annotations

from kiosk.capture.ui import theme
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.screens.service_list import PROBLEM, draw_heading, draw_lines
from kiosk.capture.ui.screens.stage import draw_empty, draw_picture
from kiosk.capture.ui.text import Give
from kiosk.capture.ui.widgets import Align, Button, Canvas, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event


class ServiceCamera:
    frame = Frame(strip=False, stage=True)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        back, anew, take = layout.actions.columns((3, 4, 5), layout.px(20))
        said, busy = words.service, model.service.running or model.restarting
        restart = words.restarting if model.restarting else said.restart_camera
        run = said.running if model.service.running else said.take_picture
        return (
            Button(back, Event.BACK, words.back),
            Button(anew, Event.TRY_AGAIN, restart, enabled=not busy),
            Button(take, Event.RUN, run, Kind.PRIMARY, enabled=not busy),
        )

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        layout, px = canvas.layout, canvas.layout.px
        if model.review is None:
            draw_empty(canvas)
        else:
            draw_picture(canvas, model.review)
        if layout.landscape:
            top = layout.content.y
            area = Rect(layout.panel.x, top, layout.panel.w, layout.panel.bottom - top)
            y = draw_heading(canvas, model, area)
            draw_lines(canvas, model.service.lines, area._replace(y=y, h=area.bottom - y))
            return
        # The title stands where a session's progress does, the rest below the picture.
        title = canvas.words.service.headings[model.state]
        canvas.text(title.title, layout.strip, theme.TITLE)
        _draw_below(canvas, model, title.lead, layout.panel.inset(0, px(4)))


def _draw_below(canvas: Canvas, model: ScreenModel, lead: str, area: Rect) -> None:
    """Draw what was found, or what is wrong, and what the figures mean."""
    px = canvas.layout.px
    said, style = (model.fault, PROBLEM) if model.fault else (lead, theme.NOTE)
    room = area.top(px(160))
    y = area.y + canvas.text(said, room, style, Align.TOP_LEFT, Give(may_cut=bool(model.fault)))
    draw_lines(canvas, model.service.lines, area._replace(y=y + px(10), h=area.bottom - y - px(10)))
