"""Lists on the technician's screens: state, network, and the tests that end in one."""

from __future__ import annotations

from typing import Final

from kiosk.capture.flow.service import RUNNING
from kiosk.capture.ui import theme
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.screens.service_list import draw_heading, draw_lines, list_area
from kiosk.capture.ui.widgets import Button, Canvas, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event

_RIGHT: Final = theme.Style(theme.BUTTON.weight, 42, theme.GOOD)
_WRONG: Final = theme.Style(theme.BUTTON.weight, 42, theme.WARNING)


class ServiceLines:
    frame = Frame(strip=False)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        row = layout.content_actions
        if model.state not in RUNNING:
            return (Button(row, Event.BACK, words.back, Kind.PRIMARY),)
        back, run = row.columns((2, 3), layout.px(20))
        return (
            Button(back, Event.BACK, words.back),
            Button(run, Event.RUN, run_label(words, model), Kind.PRIMARY, enabled=_idle(model)),
        )

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        px, said = canvas.layout.px, canvas.words.service
        y = draw_heading(canvas, model, canvas.layout.content)
        service = model.service
        if model.state in RUNNING and service.ended and not service.running:
            verdict = Rect(canvas.layout.content.x, y, canvas.layout.content.w, px(64))
            text = said.wrong.of(service.wrong) if service.wrong else said.nothing_wrong
            canvas.text(text, verdict, _WRONG if service.wrong else _RIGHT)
            y = verdict.bottom + px(12)
        draw_lines(canvas, service.lines, list_area(canvas.layout, y))


def run_label(words: Wording, model: ScreenModel) -> str:
    """Return what the button says that begins a test."""
    if model.service.running:
        return words.service.running
    return words.service.run_again if model.service.ended else words.service.run


def _idle(model: ScreenModel) -> bool:
    return not model.service.running
