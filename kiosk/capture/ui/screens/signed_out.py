"""Nobody is signed in: the clinic, the time, and nothing about any patient."""

from __future__ import annotations

from typing import Final

from kiosk.capture.ui import theme
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.text import Give
from kiosk.capture.ui.widgets import Align, Button, Canvas, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event


class SignedOut:
    frame = Frame(strip=False)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        del model
        px = layout.px
        width = min(layout.content.w, px(900))
        x, _ = layout.content.centre
        bottom = layout.content.bottom - px(10 if layout.landscape else 140)
        rect = Rect(x - width // 2, bottom - px(180), width, px(180))
        return (Button(rect, Event.START, words.sign_in.sign_in, Kind.PRIMARY),)

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        words, px, area = canvas.words, canvas.layout.px, canvas.layout.content
        wide = canvas.layout.landscape
        clock = Rect(area.x, area.y + px(10 if wide else 240), area.w, px(240 if wide else 300))
        canvas.text(model.clock, clock, theme.CLOCK, Align.CENTRE)
        y = clock.bottom + px(10 if wide else 30)
        clinic = Rect(area.x, y, area.w, px(200 if wide else 300))
        y += canvas.text(model.clinic, clinic, theme.TITLE, Align.TOP_CENTRE, Give(least=0.5))
        style = theme.Style(theme.LEAD.weight, theme.LEAD.size, theme.MUTED)
        lead = Rect(area.x, y + px(14), area.w, px(134))
        y = lead.y + canvas.text(words.sign_in.signed_out_lead, lead, style, Align.TOP_CENTRE)
        width = min(area.w, px(1500))
        room = Rect(area.x + (area.w - width) // 2, y + px(30), width, px(150))
        for warning in _warnings(canvas, model):
            used = canvas.text(warning, room, _WARNING, Align.TOP_CENTRE)
            room = room._replace(y=room.y + used + px(16))


_WARNING: Final = theme.Style(theme.BODY.weight, theme.BODY.size, theme.WARNING)


def _warnings(canvas: Canvas, model: ScreenModel) -> tuple[str, ...]:
    """What the technician should see while nobody is photographed."""
    backlog = model.backlog
    stuck = canvas.words.backlog(backlog) if backlog.troubled else ""
    return tuple(said for said in (canvas.words.devices.said(model.device_fault), stuck) if said)
