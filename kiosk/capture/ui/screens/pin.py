"""The PIN, entered on large keys: its digits are counted by dots and never shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kiosk.capture.people.pins import LONGEST, SHORTEST
from kiosk.capture.ui import theme
from kiosk.capture.ui.entry import Character, Edit
from kiosk.capture.ui.keypad import BACKSPACE, DIGITS, Cap, place_keys
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.people import SignInModel
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.shapes import Fill
from kiosk.capture.ui.widgets import Align, Button, Canvas, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event

_WARNED: Final = 3
"""From so many tries left on, they are said."""

_LINE: Final = 56
"""Room kept for each of the short warnings under a longer one, nominal pixels."""

_WARNING: Final = theme.Style(theme.NOTE.weight, theme.NOTE.size, theme.WARNING)


class Pin:
    """One class for the PIN, the new one, and that once more; the words differ."""

    frame = Frame(strip=False)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        sign_in = model.people.sign_in
        free = sign_in.wait_s == 0
        last = (Cap(Edit.CLEAR, words.key_clear), Cap(Character("0"), "0"), BACKSPACE)
        row = layout.content_actions
        if layout.landscape:
            row = _halves(layout)[0].foot(layout.px(140))
        back, forward = row.columns((1, 2), layout.px(20))
        ready = free and sign_in.pin.complete
        proceed = words.sign_in.proceed
        return (
            *place_keys(_pad(layout), (*DIGITS, last), layout.px(16), enabled=free),
            Button(back, Event.BACK, words.back),
            Button(forward, Event.PIN_GIVEN, proceed, Kind.PRIMARY, enabled=ready),
        )

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        px, layout = canvas.layout.px, canvas.layout
        said = canvas.words.sign_in.pins[model.state]
        area = _halves(layout)[0] if layout.landscape else layout.content
        title = Rect(area.x, area.y + px(24), area.w, px(110))
        canvas.text(said.title, title, theme.TITLE)
        lead = Rect(area.x, title.bottom, area.w, px(210 if layout.landscape else 160))
        used = canvas.text(said.lead, lead, theme.NOTE, Align.TOP_LEFT)
        box = Rect(area.x, lead.y + used + px(24), area.w, px(150))
        complete = model.people.sign_in.pin.complete
        canvas.panel(box, theme.PANEL, theme.ACCENT if complete else theme.LINE)
        _draw_dots(canvas, box.inset(px(36), px(16)), len(model.people.sign_in.pin.digits))
        y, bottom = box.bottom + px(12), _bottom(layout) - px(8)
        warnings = tuple(_warnings(canvas, model))
        for number, text in enumerate(warnings):
            others = (len(warnings) - number - 1) * px(_LINE)
            room = Rect(area.x, y, area.w, max(0, bottom - y - others))
            y += canvas.text(text, room, _WARNING, Align.TOP_LEFT) + px(6)


def _warnings(canvas: Canvas, model: ScreenModel) -> Iterator[str]:
    words, sign_in = canvas.words.sign_in, model.people.sign_in
    if model.people.problem:
        yield canvas.words.problems.said(model.people.problem)
    if _few(sign_in):
        yield words.tries_left.of(sign_in.left or 0)
    if sign_in.wait_s:
        yield words.wait.of(sign_in.wait_s)


def _few(sign_in: SignInModel) -> bool:
    return sign_in.left is not None and sign_in.left <= _WARNED


def _draw_dots(canvas: Canvas, area: Rect, count: int) -> None:
    """A disc for each digit; a ring for each that is still needed, a point where one may be."""
    px = canvas.layout.px
    for number, cell in enumerate(area.columns((1,) * LONGEST, px(8))):
        typed, needed = number < count, number < SHORTEST
        side = min(px(54 if typed else 44 if needed else 14), cell.w, cell.h)
        x, y = cell.centre
        place = Rect(x - side // 2, y - side // 2, side, side)
        fill = Fill(side // 2, theme.ACCENT)
        if not typed:
            outline = theme.FAINT
            ground = theme.PANEL if needed else theme.FAINT
            fill = Fill(side // 2, ground, outline, px(4))
        canvas.shapes.panel(canvas.surface, place, fill)


def _halves(layout: Layout) -> tuple[Rect, ...]:
    return layout.content.columns((9, 10), layout.px(60))


def _pad(layout: Layout) -> Rect:
    if layout.landscape:
        return _halves(layout)[1]
    height = layout.px(830)
    bottom = layout.content_actions.y - layout.px(40)
    return Rect(layout.content.x, bottom - height, layout.content.w, height)


def _bottom(layout: Layout) -> int:
    """Where the room for words ends."""
    if layout.landscape:
        return layout.content.bottom - layout.px(140)
    return _pad(layout).y
