"""The live picture with the guide over it; the pedal is armed here and nowhere else."""

from __future__ import annotations

from typing import Final

from kiosk.capture.ui import theme
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.screens.stage import draw_empty
from kiosk.capture.ui.widgets import Align, Button, Canvas
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event

PROMPT: Final = theme.Style(theme.BUTTON.weight, 46, theme.ACCENT)
# A fault is a whole sentence, up to three lines.
_FAULT: Final = theme.Style(theme.BUTTON.weight, theme.NOTE.size, theme.WARNING)


class Aim:
    frame = Frame(stage=True, live=True)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        del model
        return (Button(_split(layout)[0], Event.BACK, words.back),)

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        draw_empty(canvas)
        draw_words(canvas, model)
        prompt = _split(canvas.layout)[1]
        if model.pedal_fault:
            draw_prompt(canvas, prompt, "notice", model.pedal_fault, _FAULT)
        else:
            draw_prompt(canvas, prompt, "pedal", canvas.words.aim_prompt, PROMPT)


def draw_words(canvas: Canvas, model: ScreenModel) -> None:
    """The view's title and instruction, beside or below the stage."""
    view, area, px = model.view, canvas.layout.panel, canvas.layout.px
    if view is None:
        return
    if not canvas.layout.landscape:
        used = canvas.text(view.title, area.top(px(72)), theme.HEADING, Align.TOP_LEFT)
        canvas.text(view.instruction, area.below(used), theme.BODY, Align.TOP_LEFT)
        return
    y = area.y + canvas.text(view.title, area.top(px(200)), theme.TITLE, Align.TOP_LEFT)
    room = Rect(area.x, y + px(12), area.w, px(260))
    y = room.y + canvas.text(view.instruction, room, theme.LEAD, Align.TOP_LEFT)
    rest = Rect(area.x, y + px(24), area.w, area.bottom - y - px(24))
    canvas.text(view.operator_note, rest, theme.NOTE, Align.TOP_LEFT)


def draw_prompt(canvas: Canvas, rect: Rect, icon: str, text: str, style: theme.Style) -> None:
    """Say what the foot does: framed and not filled, as it is nothing to touch."""
    px = canvas.layout.px
    canvas.panel(rect, theme.BACKGROUND, style.colour, 4)
    inner = rect.inset(px(28), px(12))
    side = min(px(76), inner.h)
    canvas.icon(icon, inner._replace(w=side), style.colour)
    words = Rect(inner.x + side + px(24), inner.y, inner.w - side - px(24), inner.h)
    canvas.text(text, words, style)


def _split(layout: Layout) -> tuple[Rect, ...]:
    return layout.actions.columns((22, 78), layout.px(20))
