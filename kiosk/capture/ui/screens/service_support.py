"""The support bundle: what it is, how far the newest has come, and one button that asks for one."""

from __future__ import annotations

from kiosk.capture.ui.layout import Layout
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.screens.service_list import draw_heading, draw_lines, list_area
from kiosk.capture.ui.service import Line, Mark, Remark
from kiosk.capture.ui.widgets import Button, Canvas, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event


class ServiceSupport:
    frame = Frame(strip=False)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        back, ask = layout.content_actions.columns((2, 3), layout.px(20))
        label = words.service.ask_support
        return (
            Button(back, Event.BACK, words.back),
            Button(ask, Event.RUN, label, Kind.PRIMARY, enabled=_idle(model)),
        )

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        y = draw_heading(canvas, model, canvas.layout.content)
        draw_lines(canvas, model.service.lines, list_area(canvas.layout, y))


def _idle(model: ScreenModel) -> bool:
    """Whether no bundle is on its way: one at a time, or requests could fill the disk."""
    service = model.service
    return not service.running and not any(map(_under_way, service.lines))


def _under_way(line: Line) -> bool:
    return line.mark is Mark.PENDING or line.remark is Remark.SUPPORT_ASKED
