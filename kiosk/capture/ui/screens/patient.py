"""Which patient: a number, entered on large keys."""

from __future__ import annotations

from kiosk.capture.ui import theme
from kiosk.capture.ui.entry import Character, Edit
from kiosk.capture.ui.keypad import BACKSPACE, DIGITS, Cap, character_rows, place_keys
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.text import Give
from kiosk.capture.ui.widgets import Align, Button, Canvas, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event

_LETTERS = ("ABCDE", "FGHIJ", "KLMNO", "PQRST", "UVWXY")


class Patient:
    frame = Frame(strip=False)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        back, forward = layout.content_actions.columns((1, 2), layout.px(20))
        if layout.landscape:
            left = _halves(layout)[0].foot(layout.px(140))
            back, forward = left.columns((1, 2), layout.px(20))
        return (
            *_keys(_keypad(layout), layout, words, letters=model.entry.letters),
            Button(back, Event.BACK, words.back),
            Button(
                forward,
                Event.PATIENT_GIVEN,
                words.patient_continue,
                Kind.PRIMARY,
                enabled=model.entry.valid,
            ),
        )

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        words, px, layout = canvas.words, canvas.layout.px, canvas.layout
        area = _halves(layout)[0] if layout.landscape else layout.content
        title = Rect(area.x, area.y + px(24), area.w, px(110))
        canvas.text(words.patient_title, title, theme.TITLE)
        hint = Rect(area.x, title.bottom, area.w, px(120 if layout.landscape else 70))
        canvas.text(words.patient_hint, hint, theme.NOTE, Align.TOP_LEFT)
        box = Rect(area.x, hint.bottom + px(24), area.w, px(170))
        canvas.panel(box, theme.PANEL, theme.ACCENT if model.entry.valid else theme.LINE)
        style = theme.Style(theme.DISPLAY.weight, 84)
        canvas.text(model.entry.text, box.inset(px(36), px(16)), style, give=Give(least=0.25))
        problem = _problem(words, model)
        note = Rect(area.x, box.bottom + px(8), area.w, px(150))
        style = theme.Style(theme.NOTE.weight, theme.NOTE.size, theme.WARNING)
        canvas.text(problem, note, style, Align.TOP_LEFT)


def _problem(words: Wording, model: ScreenModel) -> str:
    entry = model.entry
    if entry.full:
        return words.patient_full
    if entry.text.startswith("-"):
        return words.patient_hyphen
    return words.problems.said(model.people.problem)


def _halves(layout: Layout) -> tuple[Rect, ...]:
    return layout.content.columns((9, 10), layout.px(60))


def _keypad(layout: Layout) -> Rect:
    if layout.landscape:
        return _halves(layout)[1]
    bottom = layout.content_actions.y - layout.px(40)
    return Rect(layout.content.x, bottom - layout.px(1000), layout.content.w, layout.px(1000))


def _keys(area: Rect, layout: Layout, words: Wording, *, letters: bool) -> tuple[Button, ...]:
    clear, hyphen = Cap(Edit.CLEAR, words.key_clear), Cap(Character("-"), "-")
    if letters:
        to_digits = Cap(Edit.DIGITS, words.key_digits)
        last = (to_digits, Cap(Character("Z"), "Z"), hyphen, BACKSPACE, clear)
        rows = (*character_rows(_LETTERS), last)
    else:
        to_letters = Cap(Edit.LETTERS, words.key_letters)
        rows = (*DIGITS, (hyphen, Cap(Character("0"), "0"), BACKSPACE), (to_letters, clear))
    return place_keys(area, rows, layout.px(16))
