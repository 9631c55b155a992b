"""One picture in memory: keep it or take it again."""

from __future__ import annotations

from kiosk.capture.ui import theme
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.screens.stage import draw_picture
from kiosk.capture.ui.widgets import Align, Button, Canvas, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event


class Review:
    frame = Frame(stage=True)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        icon = "" if model.pedal_fault else "pedal"
        again, keep = layout.actions.columns((2, 3), layout.px(20))
        return (
            Button(again, Event.RETAKE, words.retake),
            Button(keep, Event.ACCEPT, words.accept, Kind.PRIMARY, icon),
        )

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        draw_picture(canvas, model.review)
        words, px, area = canvas.words, canvas.layout.px, canvas.layout.panel
        if canvas.layout.landscape:
            y = area.y + canvas.text(
                words.review_title, area.top(px(200)), theme.TITLE, Align.TOP_LEFT
            )
            room = Rect(area.x, y + px(16), area.w, px(220))
            y = room.y + canvas.text(words.review_hint, room, theme.LEAD, Align.TOP_LEFT)
            rest = Rect(area.x, y + px(24), area.w, area.bottom - y - px(24))
            canvas.text(words.review_note, rest, theme.NOTE, Align.TOP_LEFT)
            return
        used = canvas.text(words.review_title, area.top(px(72)), theme.HEADING, Align.TOP_LEFT)
        rows = area.below(used).rows(2, 0)
        canvas.text(words.review_hint, rows[0], theme.NOTE)
        canvas.text(words.review_note, rows[1], theme.NOTE)
