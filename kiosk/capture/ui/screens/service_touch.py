"""The touch screen's test: fields over the whole panel, each of which turns green when touched."""

from __future__ import annotations

from typing import Final

from kiosk.capture.ui import theme
from kiosk.capture.ui.forms.actions import Target
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.widgets import Align, Button, Canvas, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event

LONG: Final = 5
SHORT: Final = 3
"""Fields along the longer and the shorter side of the panel."""

MIDDLE: Final = LONG * SHORT // 2
"""The field in the middle holds the words and the way back."""

TARGETS: Final = frozenset(range(LONG * SHORT)) - {MIDDLE}

_GAP: Final = 8


class ServiceTouch:
    """Covers the status bar too: its corners are corners of the panel."""

    frame = Frame(strip=False)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        cells = _cells(layout)
        fields = []
        for number in sorted(TARGETS):
            touched = number in model.service.touched
            kind, icon = (Kind.CHOSEN, "tick") if touched else (Kind.KEY, "")
            fields.append(Button(cells[number], Target(number), "", kind, icon))
        back = cells[MIDDLE].foot(cells[MIDDLE].h // 2).inset(layout.px(10))
        return (*fields, Button(back, Event.BACK, words.back, Kind.PRIMARY))

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        said, px = canvas.words.service, canvas.layout.px
        canvas.fill(Rect(0, 0, *canvas.layout.size), theme.BACKGROUND)
        place = _cells(canvas.layout)[MIDDLE]
        left = len(TARGETS - model.service.touched)
        text = said.fields_left.of(left) if left else said.all_touched
        style = theme.BODY if left else theme.Style(theme.BODY.weight, theme.BODY.size, theme.GOOD)
        room = place.above(place.h // 2).inset(px(12))
        if left == len(TARGETS):
            text, style = said.headings[model.state].lead, theme.NOTE
        canvas.text(text, room, style, Align.CENTRE)


def _cells(layout: Layout) -> list[Rect]:
    gap = layout.px(_GAP)
    whole = Rect(0, 0, *layout.size)
    columns, rows = (LONG, SHORT) if layout.landscape else (SHORT, LONG)
    return [place for row in whole.rows(rows, gap) for place in row.columns((1,) * columns, gap)]
