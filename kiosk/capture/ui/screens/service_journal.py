"""The program's own last lines, newest first, a page at a time."""

from __future__ import annotations

from typing import Final

from kiosk.capture.ui import theme
from kiosk.capture.ui.forms.actions import Turn
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.screens.service_list import draw_heading
from kiosk.capture.ui.service import JournalModel
from kiosk.capture.ui.text import Give
from kiosk.capture.ui.widgets import Align, Button, Canvas, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event

_LINE: Final = theme.Style(theme.NOTE.weight, 30, theme.TEXT)
_ROW: Final = 124
_WIDE_ROW: Final = 84
"""Nominal pixels of a line of the journal: three lines of type, on a wide screen two."""

_HEAD: Final = 340
"""Nominal pixels of title and lead, upright; a wide screen needs less."""


class ServiceJournal:
    frame = Frame(strip=False)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        row, journal = layout.content_actions, model.service.journal
        count, now = pages(layout, journal), page(layout, journal)
        if count == 1:
            return (Button(row, Event.BACK, words.back, Kind.PRIMARY),)
        newer, back, older = row.columns((2, 5, 2), layout.px(20))
        # The form may have counted beyond the last page.
        turn = Turn(now - 1 - journal.page)
        return (
            Button(newer, turn, "", icon="arrow_left", enabled=now > 0),
            Button(back, Event.BACK, words.back, Kind.PRIMARY),
            Button(older, Turn(1), "", icon="arrow_right", enabled=now < count - 1),
        )

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        layout, journal, said = canvas.layout, model.service.journal, canvas.words.service
        draw_heading(canvas, model, layout.content)
        if not journal.lines:
            canvas.text(said.no_lines, _area(layout).top(layout.px(80)), theme.BODY)
            return
        places, now = _places(layout), page(layout, journal)
        for line, place in zip(journal.lines[now * len(places) :], places, strict=False):
            canvas.panel(place)
            inner = place.inset(layout.px(20), layout.px(6))
            canvas.text(line, inner, _LINE, Align.LEFT, Give(least=0.75, may_cut=True))
        if (count := pages(layout, journal)) > 1:
            at = Rect(layout.content.x, layout.content.y, layout.content.w, layout.px(124))
            text = said.page.format(page=now + 1, pages=count)
            canvas.text(text, at, theme.BUTTON_QUIET, Align.RIGHT)


def pages(layout: Layout, journal: JournalModel) -> int:
    """Return how many pages there are, at least 1."""
    return max(1, -(-len(journal.lines) // len(_places(layout))))


def page(layout: Layout, journal: JournalModel) -> int:
    """Return the page that is shown, from 0."""
    return min(journal.page, pages(layout, journal) - 1)


def _area(layout: Layout) -> Rect:
    top = layout.content.y + layout.px(236 if layout.landscape else _HEAD)
    bottom = layout.content_actions.y - layout.px(24)
    return Rect(layout.content.x, top, layout.content.w, bottom - top)


def _places(layout: Layout) -> list[Rect]:
    area, gap = _area(layout), layout.px(10)
    row = layout.px(_WIDE_ROW if layout.landscape else _ROW)
    count = max(1, (area.h + gap) // (row + gap))
    return list(area.rows(count, gap))
