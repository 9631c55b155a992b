"""The day's list: who is expected, masked, and the other ways to say who is here."""

from __future__ import annotations

from typing import Final

from kiosk.capture.ui import theme
from kiosk.capture.ui.forms.actions import Chosen, Turn
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.people import DayModel, DayNote, DayRow
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.widgets import Align, Button, Canvas, Cell, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event

_GAP: Final = 12
_ROW: Final = 112
"""Nominal pixels between the lines, and of a line at least: one is touched with gloves."""

_TIME: Final = theme.BUTTON_QUIET
_NAME: Final = theme.BUTTON
_LAST: Final = theme.Style(theme.BODY.weight, theme.BODY.size, theme.TEXT)
_WARNING: Final = theme.Style(theme.NOTE.weight, theme.NOTE.size, theme.WARNING)


class Day:
    frame = Frame(strip=False)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        out, number, card = layout.content_actions.columns((3, 4, 4), layout.px(20))
        said = words.sign_in
        return (
            *_rows(layout, model.people.day),
            *_pager(layout, model.people.day),
            Button(out, Event.SIGN_OUT, said.sign_out),
            Button(number, Event.TYPE_NUMBER, said.type_number),
            Button(card, Event.SCAN, said.scan_card, Kind.PRIMARY),
        )

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        px, said, day = canvas.layout.px, canvas.words.sign_in, model.people.day
        title, pager, notes = _head(canvas.layout)
        count = pages(canvas.layout, day)
        if count > 1:
            at = said.page.format(page=page(canvas.layout, day) + 1, pages=count)
            canvas.text(at, pager.columns((1, 1, 1), px(12))[1], theme.BUTTON_QUIET, Align.CENTRE)
        else:
            title = title._replace(w=pager.right - title.x)
        canvas.text(said.day_title, title, theme.TITLE)
        told = note(canvas.words, day)
        style = theme.NOTE if day.note is DayNote.NONE else _WARNING
        used = canvas.text(told, notes, style, Align.TOP_LEFT)
        canvas.text(
            canvas.words.problems.said(model.people.problem),
            notes.below(used + px(4)),
            _WARNING,
            Align.TOP_LEFT,
        )


def note(words: Wording, day: DayModel) -> str:
    """Return what is to be said of the list."""
    said = words.sign_in
    if day.note is DayNote.NONE and not day.rows:
        return said.day_empty
    when = "" if day.day is None else words.guide.day(day.day)
    return said.notes[day.note].format(day=when)


def pages(layout: Layout, day: DayModel) -> int:
    """Return how many pages the list has, at least 1."""
    columns, rows = _table(layout)
    return max(1, -(-len(day.rows) // (columns * rows)))


def page(layout: Layout, day: DayModel) -> int:
    """Return the page that is shown, from 0: the last one where the form is beyond it."""
    return min(day.form.page, pages(layout, day) - 1)


def _rows(layout: Layout, day: DayModel) -> tuple[Button, ...]:
    columns, rows = _table(layout)
    first = page(layout, day) * columns * rows
    shown = day.rows[first : first + columns * rows]
    places = [
        place
        for column in _list(layout).columns((1,) * columns, layout.px(24))
        for place in column.rows(rows, layout.px(_GAP))
    ]
    return tuple(_row(row, place) for row, place in zip(shown, places, strict=False))


def _row(row: DayRow, place: Rect) -> Button:
    cells = (
        Cell(row.time, 2, _TIME),
        Cell(row.name, 5, _NAME),
        Cell(row.last, 2, _LAST, Align.RIGHT),
    )
    return Button(place, Chosen(row.number), "", cells=cells)


def _pager(layout: Layout, day: DayModel) -> tuple[Button, ...]:
    count, now = pages(layout, day), page(layout, day)
    if count == 1:
        return ()
    back, _, on = _head(layout)[1].columns((1, 1, 1), layout.px(12))
    # The form may have counted beyond a list that became shorter.
    return (
        Button(back, Turn(now - 1 - day.form.page), "", icon="arrow_left", enabled=now > 0),
        Button(on, Turn(1), "", icon="arrow_right", enabled=now < count - 1),
    )


def _head(layout: Layout) -> tuple[Rect, Rect, Rect]:
    """Return the places of the title, of the pager, and of the notes."""
    px, area = layout.px, layout.content
    top = area.top(px(124))
    width = px(480)
    pager = Rect(top.right - width, top.y, width, top.h)
    title = top._replace(w=top.w - width - px(20))
    notes = Rect(area.x, top.bottom + px(8), area.w, px(160 if layout.landscape else 190))
    return title, pager, notes


def _list(layout: Layout) -> Rect:
    y = _head(layout)[2].bottom + layout.px(12)
    bottom = layout.content_actions.y - layout.px(24)
    return Rect(layout.content.x, y, layout.content.w, bottom - y)


def _table(layout: Layout) -> tuple[int, int]:
    """Return how many columns and lines a page has."""
    room = _list(layout).h + layout.px(_GAP)
    return 2 if layout.landscape else 1, room // (layout.px(_ROW) + layout.px(_GAP))
