"""The enrolment code, typed on large keys: exactly its own alphabet, and judged at once."""

from __future__ import annotations

from typing import Final

from kiosk.capture.ui import theme
from kiosk.capture.ui.entry import Edit
from kiosk.capture.ui.forms.actions import CodeGroup
from kiosk.capture.ui.forms.code import GROUPS, CodeEntry
from kiosk.capture.ui.keypad import BACKSPACE, Cap, character_rows, place_keys
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.text import Give
from kiosk.capture.ui.widgets import Align, Button, Canvas, Cell, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event
from kiosk.records.enrolment_code import ALPHABET, PREFIX

_PER_ROW: Final = 8
_ROWS: Final = tuple(ALPHABET[n : n + _PER_ROW] for n in range(0, len(ALPHABET), _PER_ROW))

_TYPED: Final = theme.Style(theme.KEY.weight, theme.KEY.size)
_DOUBTED: Final = theme.Style(theme.KEY.weight, theme.KEY.size, theme.WARNING)
_FITS: Final = theme.Style(theme.KEY.weight, theme.KEY.size, theme.GOOD)
_PREFIX: Final = theme.Style(theme.KEY.weight, theme.KEY.size, theme.MUTED)
_GOOD_NOTE: Final = theme.Style(theme.NOTE.weight, theme.NOTE.size, theme.GOOD)
_BAD_NOTE: Final = theme.Style(theme.NOTE.weight, theme.NOTE.size, theme.WARNING)


class EnrolType:
    frame = Frame(strip=False)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        entry = model.enrol.entry
        row = layout.content_actions
        if layout.landscape:
            row = _words(layout).foot(layout.px(140))
        back, forward = row.columns((1, 2), layout.px(20))
        keys = (*character_rows(_ROWS), (Cap(Edit.CLEAR, words.key_clear), BACKSPACE))
        return (
            *(_group(place, entry, number) for number, place in enumerate(_groups(layout))),
            *place_keys(_keys(layout), keys, layout.px(10)),
            Button(back, Event.BACK, words.back),
            Button(
                forward, Event.CODE_GIVEN, words.enrol.proceed, Kind.PRIMARY, enabled=entry.valid
            ),
        )

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        layout, said = canvas.layout, canvas.words.enrol
        title, hint, prefix, note = _head(layout)
        canvas.text(said.type_title, title, theme.TITLE)
        canvas.text(
            said.type_hint.format(station=model.station),
            hint,
            theme.NOTE,
            Align.TOP_LEFT,
            Give(least=0.6),
        )
        canvas.text(PREFIX, prefix, _PREFIX)
        entry = model.enrol.entry
        if entry.valid:
            canvas.text(said.fits, note, _GOOD_NOTE, Align.TOP_LEFT)
        elif entry.whole:
            canvas.text(said.doubt(sorted(entry.doubtful)), note, _BAD_NOTE, Align.TOP_LEFT)


def _group(place: Rect, entry: CodeEntry, number: int) -> Button:
    style = _FITS if entry.valid else _DOUBTED if number in entry.doubtful else _TYPED
    cells = (
        Cell(str(number + 1), 0.12, theme.NOTE),
        Cell(entry.groups[number], 0.88, style, Align.CENTRE),
    )
    chosen = number == entry.at and not entry.valid
    kind = Kind.CHOSEN if chosen else Kind.KEY
    return Button(place, CodeGroup(number), "", kind, cells=cells)


def _words(layout: Layout) -> Rect:
    """Return where everything but the keys is."""
    return layout.content.columns((8, 10), layout.px(50))[0] if layout.landscape else layout.content


def _head(layout: Layout) -> tuple[Rect, Rect, Rect, Rect]:
    """Return the places of title, hint, what stands before the groups, and the verdict."""
    px, area = layout.px, _words(layout)
    title = Rect(area.x, area.y + px(10), area.w, px(100))
    hint = Rect(area.x, title.bottom, area.w, px(104 if layout.landscape else 60))
    prefix = Rect(area.x, hint.bottom + px(12), px(190), px(2 * 120 + 14))
    y = prefix.bottom + px(16)
    bottom = area.foot(px(140)).y if layout.landscape else _keys(layout).y
    return title, hint, prefix, Rect(area.x, y, area.w, bottom - px(12) - y)


def _groups(layout: Layout) -> tuple[Rect, ...]:
    area, prefix, gap = _words(layout), _head(layout)[2], layout.px(14)
    room = Rect(prefix.right, prefix.y, area.right - prefix.right, prefix.h)
    half = GROUPS // 2
    return tuple(cell for row in room.rows(2, gap) for cell in row.columns((1,) * half, gap))


def _keys(layout: Layout) -> Rect:
    if layout.landscape:
        return layout.content.columns((8, 10), layout.px(50))[1]
    height = layout.px(860)
    bottom = layout.content_actions.y - layout.px(40)
    return Rect(layout.content.x, bottom - height, layout.content.w, height)
