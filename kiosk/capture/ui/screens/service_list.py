"""What the technician's screens share: a heading, and a list whose rows take what they need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kiosk.capture.ui import theme
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.service import Line, Mark
from kiosk.capture.ui.text import Give
from kiosk.capture.ui.widgets import Align, Canvas

LABEL: Final = theme.NOTE
VALUE: Final = theme.STATUS_STRONG
PROBLEM: Final = theme.Style(theme.NOTE.weight, theme.NOTE.size, theme.WARNING)

_MARKS: Final[dict[Mark, tuple[str, theme.Colour]]] = {
    Mark.PLAIN: ("", theme.TEXT),
    Mark.GOOD: ("tick", theme.GOOD),
    Mark.BAD: ("notice", theme.WARNING),
    Mark.UNSURE: ("notice", theme.MUTED),
    Mark.PENDING: ("", theme.MUTED),
}

_SHARES: Final = (1.0, 0.94, 0.88, 0.82, 0.76, 0.7, 0.64, 0.58, 0.52)
"""Of the full size of type: what fits first is taken."""

_WIDE: Final = 0.7
"""Of the content's width: beside a stage there is no room for two columns."""

_GAP: Final = 10
_LEAST: Final = 64
_MOST: Final = 112
"""Nominal pixels: between rows, and of a row with one line of text."""


def draw_heading(canvas: Canvas, model: ScreenModel, area: Rect) -> int:
    """Draw title, lead and what is wrong at the top of ``area``; return where the rest begins."""
    px, words = canvas.layout.px, canvas.words
    said = words.service.headings[model.state]
    title = Rect(area.x, area.y + px(16), area.w, px(104))
    canvas.text(said.title, title, theme.TITLE)
    lead = Rect(area.x, title.bottom + px(4), area.w, px(96 if canvas.layout.landscape else 190))
    y = lead.y + canvas.text(said.lead, lead, theme.NOTE, Align.TOP_LEFT) + px(14)
    problem = words.problems.said(model.people.problem) or model.fault
    if problem:
        room = Rect(area.x, y, area.w, px(150))
        y += canvas.text(problem, room, PROBLEM, Align.TOP_LEFT, Give(may_cut=True)) + px(14)
    return y


def list_area(layout: Layout, y: int) -> Rect:
    """Return the room between a heading and the buttons."""
    bottom = layout.content_actions.y - layout.px(24)
    return Rect(layout.content.x, y, layout.content.w, bottom - y)


@dataclass(frozen=True, slots=True)
class _Row:
    line: Line
    label: str
    value: str


def draw_lines(canvas: Canvas, lines: Sequence[Line], area: Rect) -> None:
    """Draw a list, in two columns where the screen is wide; type becomes smaller where it must."""
    if not lines:
        return
    words = canvas.words
    rows = [
        _Row(line, words.service.label(line), words.devices.said(words.service.said(line)))
        for line in lines
    ]
    wide = area.w > _WIDE * canvas.layout.content.w and canvas.layout.landscape and len(rows) > 1
    half = -(-len(rows) // 2)
    parts = (rows[:half], rows[half:]) if wide else (rows,)
    columns = area.columns((1,) * len(parts), canvas.layout.px(24))
    for share in _SHARES:
        heights = [
            [_height(canvas, row, column.w, share) for row in part]
            for part, column in zip(parts, columns, strict=True)
        ]
        gap = canvas.layout.px(_GAP)
        if all(sum(each) + gap * (len(each) - 1) <= area.h for each in heights):
            break
    for part, column, each in zip(parts, columns, heights, strict=True):
        _draw_column(canvas, part, column, each, share)


def _draw_column(
    canvas: Canvas, rows: Sequence[_Row], column: Rect, heights: Sequence[int], share: float
) -> None:
    gap = canvas.layout.px(_GAP)
    spare = column.h - sum(heights) - gap * (len(heights) - 1)
    more = max(0, min(spare // len(heights), canvas.layout.px(_MOST - _LEAST)))
    y = column.y
    for row, height in zip(rows, heights, strict=True):
        place = Rect(column.x, y, column.w, min(height + more, column.bottom - y))
        _draw_row(canvas, row, place, share)
        y = place.bottom + gap


def _draw_row(canvas: Canvas, row: _Row, place: Rect, share: float) -> None:
    px = canvas.layout.px
    canvas.panel(place)
    icon, ink = _MARKS[row.line.mark]
    mark, label, value = _cells(canvas, place)
    if icon:
        canvas.icon(icon, mark.inset(0, (place.h - px(40)) // 2), ink, 0.12)
    style = _scaled(LABEL, share)
    canvas.text(row.label, label, style, Align.LEFT, Give(least=0.6))
    strong = _scaled(VALUE, share)
    colour = theme.WARNING if row.line.mark is Mark.BAD else ink
    if row.line.mark is Mark.GOOD:
        colour = theme.TEXT
    style = theme.Style(strong.weight, strong.size, colour)
    # An error's own sentence may be of any length.
    give = Give(least=0.6, may_cut=bool(row.line.text))
    canvas.text(row.value, value, style, Align.LEFT, give)


def _cells(canvas: Canvas, place: Rect) -> tuple[Rect, Rect, Rect]:
    """Return the places of a row's mark, label and value."""
    px = canvas.layout.px
    inner = place.inset(px(20), px(6))
    mark = inner._replace(w=px(40))
    rest = Rect(mark.right + px(16), inner.y, inner.right - mark.right - px(16), inner.h)
    label, value = rest.columns((5, 9), px(20))
    return mark, label, value


def _height(canvas: Canvas, row: _Row, width: int, share: float) -> int:
    px = canvas.layout.px
    _, label, value = _cells(canvas, Rect(0, 0, width, px(_LEAST)))
    room = px(400)
    heights = [
        canvas.type.fit(text, _scaled(style, share), canvas.layout.unit, (w, room)).height
        for text, style, w in ((row.label, LABEL, label.w), (row.value, VALUE, value.w))
    ]
    return max(round(px(_LEAST) * share), max(heights) + px(14))


def _scaled(style: theme.Style, share: float) -> theme.Style:
    return theme.Style(style.weight, round(style.size * share), style.colour)
