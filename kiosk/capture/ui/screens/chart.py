"""The patient's page: who it is, what may be done with pictures, and what has to be said first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from kiosk.capture.ui import theme
from kiosk.capture.ui.consent_wording import ConsentWording
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.people import ChartModel, Standing, UseRow
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.text import Give
from kiosk.capture.ui.theme import Colour, Style
from kiosk.capture.ui.widgets import Align, Button, Canvas, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event, State

_HEAD: Final = 170
_ROW: Final = 92
_LEAST: Final = 62
"""Least height of a row, nominal pixels: where there is no room, channels are counted instead."""
_GAP: Final = 8
_WARNING: Final = 300
_NAMED: Final = 4
"""Up to so many views are named in the warning."""
_ACTION: Final = 140

_INKS: Final[dict[Standing, Colour]] = {
    Standing.NEVER_ASKED: theme.MUTED,
    Standing.ALLOWED: theme.GOOD,
    Standing.REFUSED: theme.TEXT,
    Standing.WITHDRAWN: theme.WARNING,
    Standing.LAPSED: theme.WARNING,
}


class Line(NamedTuple):
    """One line of the table: what, how it stands in words, and the colour of that."""

    name: str
    standing: str
    ink: Colour


class Chart:
    """``CHART`` and ``CHART_ALLOWED``: the same page, with another obvious action."""

    frame = Frame(strip=False)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        chart, said = model.people.chart, words.consent
        if chart is None:
            return ()
        obvious: tuple[Event, str] = (Event.ASK_CONSENT, said.ask)
        others: list[tuple[Event, str]] = [(Event.BACK, words.back)]
        if chart.withdrawable:
            others.append((Event.ASK_WITHDRAWAL, said.withdraw))
        if model.state is State.CHART_ALLOWED:
            obvious = (Event.START, said.go_on if chart.in_session else said.begin)
            others.append((Event.ASK_CONSENT, said.change))
        places = _action_places(layout, len(others))
        quiet = (Button(p, *other) for p, other in zip(places[1:], others, strict=True))
        return (*quiet, Button(places[0], *obvious, Kind.PRIMARY))

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        chart = model.people.chart
        if chart is None:
            return
        left, right = _columns(canvas.layout)
        y = left.y + _who(canvas, chart, left)
        problem = canvas.words.problems.said(model.people.problem)
        told_first = (problem,) if problem else ()
        for told in (*told_first, *warnings(chart, canvas.words)):
            room = Rect(left.x, y, left.w, canvas.layout.px(_WARNING))
            y += _warn(canvas, told, room) + canvas.layout.px(16)
        if not canvas.layout.landscape:
            right = left.below(y - left.y)
        most = (right.h + canvas.layout.px(_GAP)) // canvas.layout.px(_LEAST + _GAP)
        _table(canvas, table(chart.uses, canvas.words, most), right)


def warnings(chart: ChartModel, words: Wording) -> tuple[str, ...]:
    """Return what has to be said before the treatment begins."""
    said, found = words.consent, []
    if chart.barred:
        found.append(f"{said.barred_title} {words.problems.said(chart.barred)}")
    missing = chart.without_baseline
    if len(missing) > _NAMED:
        found.append(said.without_baseline_many.of(len(missing)))
    elif missing:
        found.append(said.without_baseline.of(len(missing), views=words.guide.listed(missing)))
    return tuple(found)


def table(uses: tuple[UseRow, ...], words: Wording, most: int) -> tuple[Line, ...]:
    """Return a line for each use; where these are more than ``most``, channels are only counted."""
    if len(uses) <= most:
        return tuple(_line(row, words) for row in uses)
    purposes = dict.fromkeys(row.use.partition("/")[0] for row in uses)
    return tuple(
        _folded([row for row in uses if row.use.partition("/")[0] == one], words)
        for one in purposes
    )


def _line(row: UseRow, words: Wording) -> Line:
    day = "" if row.since is None else words.guide.day(row.since)
    said = words.consent
    return Line(said.use(row.use, row.name), said.standing(row.standing, day), _INKS[row.standing])


def _folded(rows: list[UseRow], words: Wording) -> Line:
    """Return one line for a purpose with all its channels."""
    channels = [row for row in rows if "/" in row.use]
    first = rows[0]
    if not channels:
        return _line(first, words)
    allowed = [row for row in channels if row.standing is Standing.ALLOWED]
    purpose = words.consent.use(first.use.partition("/")[0])
    name = _places(words.consent, purpose, len(allowed), len(channels))
    return _line((allowed or channels)[0], words)._replace(name=name)


def _places(said: ConsentWording, purpose: str, allowed: int, count: int) -> str:
    return said.places_of.of(count, purpose=purpose, allowed=str(allowed))


def _columns(layout: Layout) -> tuple[Rect, Rect]:
    """Who and what is to be said; what is allowed: below, or at the right."""
    px = layout.px
    area = layout.content.above(px(_ACTION * (1 if layout.landscape else 2) + 44))
    if not layout.landscape:
        return area, area
    left, right = area.columns((1, 1), px(50))
    return left, right


def _action_places(layout: Layout, others: int) -> tuple[Rect, ...]:
    """Where the obvious action stands, then the others; two rows on an upright panel."""
    px = layout.px
    if layout.landscape:
        *rest, last = layout.content_actions.columns((2,) * others + (3,), px(20))
        return (last, *rest)
    rows = layout.content.foot(px(2 * _ACTION + 20))
    return (rows.top(px(_ACTION)), *rows.foot(px(_ACTION)).columns((1,) * others, px(20)))


def _who(canvas: Canvas, chart: ChartModel, area: Rect) -> int:
    """Draw the patient's name, birthday and number; return the height that it takes."""
    px, said = canvas.layout.px, canvas.words.consent
    name = area.top(px(96))
    canvas.text(chart.name or said.chart_title, name, theme.TITLE, give=Give(least=0.4))
    number = said.number_alone.format(number=chart.number)
    if chart.born is not None:
        day = canvas.words.guide.day(chart.born)
        number = said.born_and_number.format(day=day, number=chart.number)
    # Rather small than cut: part of a number is another patient's.
    canvas.text(number, area.below(px(96)).top(px(60)), theme.NOTE, give=Give(least=0.25))
    return px(_HEAD)


def _warn(canvas: Canvas, text: str, room: Rect) -> int:
    """Draw a warning as high as it needs to be; return its height."""
    px = canvas.layout.px
    side = px(60)
    inner = (room.w - side - px(80), room.h - px(36))
    style = Style(theme.BODY.weight, 40, theme.TEXT)
    height = canvas.type.fit(text, style, canvas.layout.unit, inner).height + px(36)
    box = room.top(height)
    canvas.panel(box, theme.PANEL, theme.WARNING)
    canvas.icon("notice", Rect(box.x + px(24), box.y, side, box.h), theme.WARNING)
    words = Rect(box.x + px(24) + side + px(24), box.y + px(18), inner[0], height - px(36))
    canvas.text(text, words, style)
    return height


def _table(canvas: Canvas, lines: Iterable[Line], area: Rect) -> None:
    px, shown = canvas.layout.px, tuple(lines)
    if not shown:
        return
    gap = px(_GAP)
    height = min(px(_ROW), (area.h - gap * (len(shown) - 1)) // len(shown))
    for number, line in enumerate(shown):
        row = area.below(number * (height + gap)).top(height)
        canvas.panel(row)
        name, standing = row.inset(px(24), px(4)).columns((9, 10), px(20))
        canvas.text(line.name, name, theme.BODY, give=Give(least=0.5))
        style = Style(theme.HEADING.weight, 36, line.ink)
        canvas.text(line.standing, standing, style, Align.RIGHT, Give(least=0.5))
