"""A station that is not enrolled yet: its code is held to the camera, or typed."""

from __future__ import annotations

from typing import Final

from kiosk.capture.ui import theme
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.aim import PROMPT, draw_prompt
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.screens.stage import draw_empty
from kiosk.capture.ui.text import Give
from kiosk.capture.ui.widgets import Align, Button, Canvas, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event

_PROBLEM: Final = theme.Style(theme.BODY.weight, theme.BODY.size, theme.WARNING)


class Enrol:
    frame = Frame(strip=False, stage=True, live=True, square=True)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        # The whole row where there is nothing to hold it to.
        place = layout.actions if model.enrol.blind else _split(layout)[1]
        return (Button(place, Event.TYPE_CODE, words.enrol.type_it, Kind.PRIMARY),)

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        draw_empty(canvas)
        layout, px, said = canvas.layout, canvas.layout.px, canvas.words.enrol
        area = layout.panel
        title = said.title.format(station=model.station)
        head = area.top(px(260 if layout.landscape else 84))
        style = theme.TITLE if layout.landscape else theme.HEADING
        used = canvas.text(title, head, style, Align.TOP_LEFT, Give(least=0.45))
        room = area.below(used + px(24 if layout.landscape else 10))
        for problem in _problems(canvas, model):
            taken = canvas.text(problem, room, _PROBLEM, Align.TOP_LEFT)
            room = room.below(taken + px(12))
        if not (model.enrol.misread or model.enrol.blind):
            canvas.text(said.lead, room, theme.BODY, Align.TOP_LEFT)
        if not model.enrol.blind:
            draw_prompt(canvas, _split(layout)[0], "camera", said.prompt, PROMPT)


def _problems(canvas: Canvas, model: ScreenModel) -> tuple[str, ...]:
    """Return what keeps the code from being read, as far as it has room."""
    said, enrol = canvas.words.enrol, model.enrol
    if enrol.misread:
        return (said.misread,)
    found = (said.blind if enrol.blind else "", canvas.words.devices.said(enrol.reader_fault))
    return tuple(problem for problem in found if problem)


def _split(layout: Layout) -> tuple[Rect, ...]:
    return layout.actions.columns((68, 32), layout.px(20))
