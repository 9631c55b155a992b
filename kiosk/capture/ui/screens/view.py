"""What the patient should do for the next picture."""

from __future__ import annotations

from kiosk.capture.ui import theme
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.screens.stage import draw_outline
from kiosk.capture.ui.widgets import Align, Button, Canvas, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event


class ViewScreen:
    frame = Frame(stage=True)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        icon = "" if model.pedal_fault else "pedal"
        end, chart, skip, ready = _places(layout)
        return (
            Button(end, Event.END_SESSION, words.end_session),
            Button(chart, Event.OPEN_CHART, words.sign_in.open_chart),
            Button(skip, Event.SKIP, words.skip),
            Button(ready, Event.READY, words.ready, Kind.PRIMARY, icon),
        )

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        view = model.view
        if view is None:
            return
        layout, px = canvas.layout, canvas.layout.px
        if layout.landscape:
            draw_outline(canvas, view, layout.stage)
            area = layout.panel
        else:
            area = Rect(layout.strip.x, layout.strip.bottom + px(20), layout.strip.w, px(500))
            top = area.bottom + px(10)
            bottom = _places(layout)[0].y - px(20)
            draw_outline(canvas, view, Rect(area.x, top, area.w, bottom - top))
        y = area.y + canvas.text(view.title, area.top(px(190)), theme.TITLE, Align.TOP_LEFT)
        room = Rect(area.x, y + px(12), area.w, px(330 if layout.landscape else 200))
        y = room.y + canvas.text(view.instruction, room, theme.LEAD, Align.TOP_LEFT)
        y += _draw_earlier(canvas, model, Rect(area.x, y + px(14), area.w, px(56)))
        note = canvas.words.devices.said(model.pedal_fault) or view.operator_note
        style = theme.NOTE
        if model.pedal_fault:
            style = theme.Style(theme.NOTE.weight, theme.NOTE.size, theme.WARNING)
        rest = Rect(area.x, y + px(20), area.w, max(px(104), area.bottom - y - px(20)))
        canvas.text(note, rest, style, Align.TOP_LEFT)


def _places(layout: Layout) -> tuple[Rect, ...]:
    """Return the places of the buttons; an upright panel has two rows of them."""
    gap = layout.px(20)
    if layout.landscape:
        return layout.actions.columns((23, 23, 23, 31), gap)
    height = layout.px(116)
    upper = Rect(layout.actions.x, layout.actions.y - gap - height, layout.actions.w, height)
    return (*upper.columns((1, 1), gap), *layout.actions.columns((1, 2), gap))


def _draw_earlier(canvas: Canvas, model: ScreenModel, row: Rect) -> int:
    """Say whether there is an earlier picture to compare with; return the height that it took."""
    if model.earlier is None:
        return 0
    said = canvas.words.guide.earlier(model.earlier.taken, measured=model.earlier.measured)
    canvas.text(said, row, theme.Style(theme.STATUS_STRONG.weight, 38, theme.ACCENT))
    return canvas.layout.px(14) + row.h
