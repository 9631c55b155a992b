"""One picture in memory: keep it or take it again, told how well it matches."""

from __future__ import annotations

from typing import Final

from kiosk.capture.ui import theme
from kiosk.capture.ui.comparing import way_of, ways
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.match_words import MatchSaid, match_said
from kiosk.capture.ui.model import Compare, ScreenModel
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.screens.comparison import draw_review
from kiosk.capture.ui.theme import Colour, Style
from kiosk.capture.ui.widgets import Align, Button, Canvas, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event

_WAYS: Final = 112
"""Height of the row of ways to compare, nominal pixels."""

_MARKS: Final[dict[bool | None, tuple[str, Colour]]] = {
    True: ("tick", theme.GOOD),
    False: ("differs", theme.WARNING),
    None: ("by_eye", theme.MUTED),
}
_FINDING: Final = Style(theme.BUTTON.weight, 44)


class Review:
    frame = Frame(stage=True)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        icon = "" if model.pedal_fault else "pedal"
        retake = words.retake if model.pedal_fault else words.retake_by_pedal
        held = Kind.CHOSEN if model.holding else Kind.QUIET
        again, keep = layout.actions.columns((1, 1), layout.px(20))
        return (
            Button(again, Event.RETAKE, retake, held, icon),
            Button(keep, Event.ACCEPT, words.accept, Kind.PRIMARY, icon),
            *_ways(layout, words, model),
        )

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        draw_review(canvas, model)
        px, area = canvas.layout.px, canvas.layout.panel
        if len(ways(model)) > 1:
            area = area.above(px(_WAYS + 10))
        if model.match is not None:
            _draw_match(canvas, model, area)
        else:
            _draw_question(canvas, area)


def _ways(layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
    """The ways to compare, where there is something to compare with."""
    possible = ways(model)
    if len(possible) == 1:
        return ()
    labels = {
        Compare.SHOT: words.guide.show_shot,
        Compare.OUTLINE: words.guide.show_outline,
        Compare.BESIDE: words.guide.show_beside,
        Compare.BLINK: words.guide.show_blink,
        Compare.WIPE: words.guide.show_wipe,
    }
    cells = layout.panel.foot(layout.px(_WAYS)).columns((1,) * len(possible), layout.px(12))
    chosen = way_of(model)
    return tuple(
        Button(cell, way, labels[way], Kind.CHOSEN if way is chosen else Kind.QUIET)
        for cell, way in zip(cells, possible, strict=True)
    )


def _draw_question(canvas: Canvas, area: Rect) -> None:
    words, px = canvas.words, canvas.layout.px
    title = theme.TITLE if canvas.layout.landscape else theme.HEADING
    lead = theme.LEAD if canvas.layout.landscape else theme.BODY
    y = area.y + canvas.text(words.review_title, area.top(px(110)), title, Align.TOP_LEFT)
    room = Rect(area.x, y + px(10), area.w, min(px(220), area.bottom - y - px(10)))
    y = room.y + canvas.text(words.review_hint, room, lead, Align.TOP_LEFT)
    rest = Rect(area.x, y + px(12), area.w, area.bottom - y - px(12))
    if rest.h >= px(50):
        canvas.text(words.review_note, rest, theme.NOTE, Align.TOP_LEFT)


def _draw_match(canvas: Canvas, model: ScreenModel, area: Rect) -> None:
    """How well it matches, behind a mark; then what can be done."""
    match = model.match
    if match is None:
        return
    px, wide = canvas.layout.px, canvas.layout.landscape
    said = match_said(canvas.words.guide, match, model.view_yaw)
    if wide or len(ways(model)) == 1:
        title = theme.TITLE if wide else theme.HEADING
        height = px(116 if wide else 80)
        canvas.text(canvas.words.review_title, area.top(height), title, Align.TOP_LEFT)
        area = area.below(height)
    icon, ink = _MARKS[match.within]
    side = px(92 if wide else 76)
    canvas.icon(icon, Rect(area.x, area.y + px(8), side, side), ink, 0.1)
    text = Rect(area.x + side + px(28), area.y, area.w - side - px(28), area.h)
    _draw_said(canvas, said, text)


def _draw_said(canvas: Canvas, said: MatchSaid, area: Rect) -> None:
    px, wide = canvas.layout.px, canvas.layout.landscape
    foot = px(120 if wide else 48) if said.advice else 0
    style = Style(_FINDING.weight, 54) if wide else _FINDING
    used = canvas.text(said.finding, area.above(foot), style, Align.TOP_LEFT)
    rest = area.below(used + (px(16) if wide else 0))
    canvas.text(said.advice, rest, theme.NOTE, Align.TOP_LEFT)
