"""What frames every screen: the status bar, and progress through the views."""

from __future__ import annotations

from typing import Final

from kiosk.capture.progress import Outcome, SessionProgress
from kiosk.capture.ui import theme
from kiosk.capture.ui.layout import Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.shapes import Fill
from kiosk.capture.ui.text import Give
from kiosk.capture.ui.theme import Colour, Style
from kiosk.capture.ui.widgets import Align, Canvas


def draw_status(canvas: Canvas, model: ScreenModel) -> None:
    """Clinic, clock, backlog, operator and, inside a session, the patient: on every screen."""
    layout, px = canvas.layout, canvas.layout.px
    canvas.fill(layout.status, theme.PANEL)
    inner = layout.status.inset(px(45), px(10))
    rows = (inner,) if layout.landscape else inner.rows(2, 0)
    rest = _from_right(canvas, model, rows[0])
    if layout.landscape:
        backlog = _backlog(canvas, model)
        width = min(_dotted_width(canvas, backlog), rest.w * 3 // 4)
        rest, place = _split_right(rest, width, px(36))
        _dotted(canvas, backlog, place, _backlog_ink(model))
    else:
        backlog = _backlog(canvas, model)
        left = _operator(canvas, model, rows[1], _dotted_width(canvas, backlog))
        _dotted(canvas, backlog, left, _backlog_ink(model))
    name = f"{model.clinic} · {model.station}"
    if canvas.width(name, theme.STATUS) > rest.w:
        name = model.clinic
    if layout.landscape:
        rest = _operator(canvas, model, rest, canvas.width(name, theme.STATUS))
    canvas.text(name, rest, theme.STATUS, give=Give(may_cut=True))


def _operator(canvas: Canvas, model: ScreenModel, row: Rect, taken: int) -> Rect:
    """Draw who is signed in at the right, as far as that fits beside what is ``taken``.

    Return what is left of the row. Where the whole name does not fit, its last word may.
    """
    gap, name = canvas.layout.px(36), model.people.operator
    for said in (name, name.rpartition(" ")[2]):
        width = canvas.width(said, theme.STATUS_STRONG) + canvas.layout.px(4)
        if said and width + gap + taken <= row.w:
            rest, place = _split_right(row, width, gap)
            canvas.text(said, place, theme.STATUS_STRONG, Align.RIGHT)
            return rest
    return row


def _from_right(canvas: Canvas, model: ScreenModel, row: Rect) -> Rect:
    """Draw clock, lamp and patient from the right; return what is left of the row."""
    words, px = canvas.words, canvas.layout.px
    clock = canvas.width("00:00", theme.STATUS_STRONG) + px(4)
    rest, place = _split_right(row, clock, px(30))
    canvas.text(model.clock, place, theme.STATUS_STRONG, Align.RIGHT)
    if model.lights_on:
        rest, place = _split_right(rest, px(44), px(24))
        canvas.icon("lamp", place, theme.WARNING, 0.1)
    if model.progress is not None:
        patient = words.patient(model.progress.patient)
        share = 0.38 if canvas.layout.landscape else 0.8
        width = min(canvas.width(patient, theme.STATUS_STRONG) + px(4), round(row.w * share))
        rest, place = _split_right(rest, width, px(30))
        # Rather small than cut: part of a number is another patient's.
        canvas.text(patient, place, theme.STATUS_STRONG, Align.RIGHT, Give(least=0.4))
    return rest


def _split_right(row: Rect, width: int, gap: int) -> tuple[Rect, Rect]:
    """Return what is left of ``row`` and the part of ``width`` cut from its right end."""
    place = Rect(row.right - width, row.y, width, row.h)
    return row._replace(w=max(0, row.w - width - gap)), place


def _backlog(canvas: Canvas, model: ScreenModel) -> str:
    return canvas.words.backlog(model.backlog)


def _backlog_ink(model: ScreenModel) -> Colour:
    return theme.WARNING if model.backlog.troubled else theme.MUTED


def _dotted_width(canvas: Canvas, text: str) -> int:
    return canvas.width(text, theme.STATUS) + canvas.layout.px(40)


def _dotted(canvas: Canvas, text: str, rect: Rect, ink: Colour) -> None:
    """Text behind a dot of its colour."""
    side, gap = canvas.layout.px(18), canvas.layout.px(16)
    dot = Rect(rect.x, rect.y + (rect.h - side) // 2, side, side)
    canvas.shapes.panel(canvas.surface, dot, Fill(side // 2, ink))
    body = Rect(rect.x + side + gap, rect.y, rect.w - side - gap, rect.h)
    style = Style(theme.STATUS.weight, theme.STATUS.size, ink)
    # The screen of a signed-out station says a long reason in full.
    canvas.text(text, body, style, give=Give(may_cut=True))


_SEGMENTS: Final[dict[Outcome, tuple[Colour, Colour, str]]] = {
    Outcome.ACCEPTED: (theme.GOOD, theme.ON_ACCENT, "tick"),
    Outcome.SKIPPED: (theme.WARNING, theme.ON_ACCENT, "skip"),
    Outcome.WAITING: (theme.RAISED, theme.TEXT, ""),
}


def draw_strip(canvas: Canvas, progress: SessionProgress, place: Rect) -> None:
    """Progress through the views: one segment each, done, left out, present or to come."""
    px = canvas.layout.px
    views = progress.protocol.views
    upper = place.top(px(44))
    lower = place.below(px(50))
    cells = upper.columns((1,) * len(views), px(12))
    for number, cell in enumerate(cells):
        fill, ink, icon = _SEGMENTS[progress.outcomes[number]]
        if number == progress.index:
            fill, ink = theme.ACCENT, theme.ON_ACCENT
        canvas.shapes.panel(canvas.surface, cell, Fill(px(14), fill))
        if icon:
            canvas.icon(icon, cell.inset(0, px(4)), ink, 0.14)
        else:
            style = Style(theme.STRIP.weight, 32, ink)
            canvas.text(str(number + 1), cell, style, Align.CENTRE)
    _strip_names(canvas, progress, cells, lower)


def _strip_names(
    canvas: Canvas, progress: SessionProgress, cells: tuple[Rect, ...], row: Rect
) -> None:
    views = progress.protocol.views
    names = [view.short for view in views]
    fits = all(
        canvas.width(name, theme.STRIP) <= cell.w + canvas.layout.px(8)
        for name, cell in zip(names, cells, strict=True)
    )
    if fits:
        for number, (name, cell) in enumerate(zip(names, cells, strict=True)):
            ink = theme.ACCENT if number == progress.index else theme.MUTED
            wide = cell.inset(-canvas.layout.px(6), 0)
            style = Style(theme.STRIP.weight, theme.STRIP.size, ink)
            canvas.text(name, Rect(wide.x, row.y, wide.w, row.h), style, Align.CENTRE)
    elif progress.index is not None:
        said = canvas.words.position_in(progress.index, names)
        style = Style(theme.STRIP.weight, theme.STRIP.size, theme.ACCENT)
        canvas.text(said, row, style, Align.LEFT)
