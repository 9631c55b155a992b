"""The pedal's test: a lamp on the screen burns after each press, and presses are counted."""

from __future__ import annotations

from typing import Final

from kiosk.capture.ui import theme
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.screens.service_list import PROBLEM, draw_heading, list_area
from kiosk.capture.ui.widgets import Align, Button, Canvas, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event

_COUNT: Final = theme.HEADING


class ServicePedal:
    frame = Frame(strip=False)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        del model
        return (Button(layout.content_actions, Event.BACK, words.back, Kind.PRIMARY),)

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        px, words, pedal = canvas.layout.px, canvas.words, model.service.pedal
        area = list_area(canvas.layout, draw_heading(canvas, model, canvas.layout.content))
        fault = words.devices.said(model.pedal_fault)
        if fault:
            room = Rect(area.x, area.y, area.w, px(150))
            area = area.below(canvas.text(fault, room, PROBLEM, Align.TOP_LEFT) + px(16))
        lamp = area.above(px(110))
        fill, ink = (theme.READY, theme.GOOD) if pedal.lit else (theme.PANEL, theme.LINE)
        canvas.panel(lamp, fill, theme.GOOD if pedal.lit else None, 6)
        side = min(lamp.w, lamp.h) * 3 // 5
        x, y = lamp.centre
        canvas.icon("pedal", Rect(x - side // 2, y - side // 2, side, side), ink, 0.06)
        said = words.service.presses.of(pedal.presses) if pedal.presses else words.service.no_press
        canvas.text(said, area.foot(px(90)), _COUNT, Align.CENTRE)
