"""Between sessions: the clinic, the time, and nothing about any patient."""

from __future__ import annotations

from kiosk.capture.ui import theme
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.text import Give
from kiosk.capture.ui.widgets import Align, Button, Canvas, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event


class Standby:
    frame = Frame(strip=False)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        del model
        px = layout.px
        width = min(layout.content.w, px(900))
        x, _ = layout.content.centre
        bottom = layout.content.bottom - px(10 if layout.landscape else 140)
        rect = Rect(x - width // 2, bottom - px(180), width, px(180))
        return (Button(rect, Event.START, words.start, Kind.PRIMARY),)

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        words, px, area = canvas.words, canvas.layout.px, canvas.layout.content
        wide = canvas.layout.landscape
        clock = Rect(area.x, area.y + px(0 if wide else 240), area.w, px(230 if wide else 290))
        canvas.text(model.clock, clock, theme.CLOCK, Align.CENTRE)
        clinic = Rect(area.x, clock.bottom + px(10), area.w, px(200 if wide else 220))
        canvas.text(model.clinic, clinic, theme.TITLE, Align.CENTRE, Give(least=0.5))
        lead = Rect(area.x, clinic.bottom + px(6), area.w, px(80))
        style = theme.Style(theme.LEAD.weight, theme.LEAD.size, theme.MUTED)
        canvas.text(words.standby_lead, lead, style, Align.CENTRE)
        top = lead.bottom + px(20)
        width = min(area.w, px(1500))
        room = Rect(area.x + (area.w - width) // 2, top, width, px(150))
        style = theme.Style(theme.BODY.weight, theme.BODY.size, theme.WARNING)
        for warning in filter(None, (model.pedal_fault, model.backlog.stuck)):
            used = canvas.text(warning, room, style, Align.TOP_CENTRE)
            room = room._replace(y=room.y + used + px(16))
