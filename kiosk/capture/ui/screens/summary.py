"""What the session brought: every view and what became of it."""

from __future__ import annotations

from typing import Final

from kiosk.capture.progress import Outcome, SessionProgress
from kiosk.capture.ui import theme
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.widgets import Align, Button, Canvas, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event

_MARKS: Final = {
    Outcome.ACCEPTED: ("tick", theme.GOOD),
    Outcome.SKIPPED: ("skip", theme.WARNING),
    Outcome.WAITING: ("skip", theme.FAINT),
}


class Summary:
    frame = Frame(strip=False)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        row, progress = layout.content_actions, model.progress
        if progress is None or not progress.skipped_count:
            return (Button(row, Event.FINISH, words.finish, Kind.PRIMARY),)
        again, finish = row.columns((1, 1), layout.px(20))
        return (
            Button(again, Event.RETURN_TO_SKIPPED, words.take_skipped),
            Button(finish, Event.FINISH, words.finish, Kind.PRIMARY),
        )

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        progress = model.progress
        if progress is None:
            return
        words, px, area = canvas.words, canvas.layout.px, canvas.layout.content
        whole = progress.accepted_count == len(progress.outcomes)
        title = words.summary_title if whole else words.summary_title_partial
        head = Rect(area.x, area.y + px(24), area.w, px(110))
        canvas.text(title, head, theme.TITLE)
        lead = Rect(area.x, head.bottom, area.w, px(80))
        canvas.text(words.pictures_saved(progress.accepted_count), lead, theme.LEAD)
        top = lead.bottom + px(30)
        table = Rect(area.x, top, area.w, canvas.layout.content_actions.y - px(30) - top)
        _draw_table(canvas, progress, table)


def _draw_table(canvas: Canvas, progress: SessionProgress, area: Rect) -> None:
    px = canvas.layout.px
    columns = 2 if canvas.layout.landscape else 1
    count = len(progress.outcomes)
    rows = -(-count // columns)
    height = min(px(124), (area.h - px(12) * (rows - 1)) // rows)
    cells = area.columns((1,) * columns, px(24))
    for number in range(count):
        column, row = cells[number // rows], number % rows
        cell = Rect(column.x, column.y + row * (height + px(12)), column.w, height)
        _draw_row(canvas, progress, number, cell)


def _draw_row(canvas: Canvas, progress: SessionProgress, number: int, cell: Rect) -> None:
    px, words = canvas.layout.px, canvas.words
    outcome = progress.outcomes[number]
    icon, colour = _MARKS[outcome]
    said = {
        Outcome.ACCEPTED: words.summary_saved,
        Outcome.SKIPPED: words.summary_skipped,
        Outcome.WAITING: words.summary_missing,
    }[outcome]
    canvas.panel(cell)
    inner = cell.inset(px(28), px(8))
    side = min(px(52), inner.h)
    canvas.icon(icon, inner._replace(w=side), colour, 0.13)
    ink = theme.MUTED if outcome is Outcome.WAITING else colour
    style = theme.Style(theme.STATUS_STRONG.weight, 38, ink)
    width = canvas.width(said, style)
    canvas.text(said, Rect(inner.right - width, inner.y, width, inner.h), style, Align.RIGHT)
    left = inner.x + side + px(24)
    name = Rect(left, inner.y, inner.right - width - px(20) - left, inner.h)
    canvas.text(progress.protocol.views[number].title, name, theme.BODY)
