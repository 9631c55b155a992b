"""A technician is signed in: what there is to know of the station."""

from __future__ import annotations

from typing import Final

from kiosk.capture.ui import theme
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.people import Fact
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.widgets import Align, Button, Canvas, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event

_LABEL: Final = theme.NOTE
_VALUE: Final = theme.STATUS_STRONG
_PROBLEM: Final = theme.Style(theme.NOTE.weight, theme.NOTE.size, theme.WARNING)


class Service:
    frame = Frame(strip=False)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        camera, out = layout.content_actions.columns((1, 1), layout.px(20))
        again = words.restarting if model.restarting else words.sign_in.try_camera
        return (
            Button(camera, Event.TRY_AGAIN, again, enabled=not model.restarting),
            Button(out, Event.SIGN_OUT, words.sign_in.sign_out, Kind.PRIMARY),
        )

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        px, area = canvas.layout.px, canvas.layout.content
        title = Rect(area.x, area.y + px(24), area.w, px(110))
        canvas.text(canvas.words.sign_in.service_title, title, theme.TITLE)
        y = title.bottom + px(8)
        problem = canvas.words.problems.said(model.people.problem) or model.fault
        if problem:
            room = Rect(area.x, y, area.w, px(150))
            y += canvas.text(problem, room, _PROBLEM, Align.TOP_LEFT) + px(8)
        bottom = canvas.layout.content_actions.y - px(24)
        _draw_facts(canvas, model.people.facts, Rect(area.x, y, area.w, bottom - y))


def _draw_facts(canvas: Canvas, facts: tuple[Fact, ...], area: Rect) -> None:
    if not facts:
        return
    px = canvas.layout.px
    columns = 2 if canvas.layout.landscape else 1
    rows = -(-len(facts) // columns)
    height = min(px(112), (area.h - px(10) * (rows - 1)) // rows)
    cells = area.columns((1,) * columns, px(24))
    for number, fact in enumerate(facts):
        column, row = cells[number // rows], number % rows
        cell = Rect(column.x, column.y + row * (height + px(10)), column.w, height)
        canvas.panel(cell)
        label, value = cell.inset(px(28), px(6)).columns((2, 3), px(20))
        canvas.text(fact.label, label, _LABEL)
        canvas.text(fact.value, value, _VALUE, Align.RIGHT)
