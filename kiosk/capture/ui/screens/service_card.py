"""A card is held to the camera: live picture, and what was found of a grey or a bank card."""

from __future__ import annotations

from kiosk.capture.ui import theme
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import ReviewPicture, ScreenModel
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.screens.service_lines import run_label
from kiosk.capture.ui.screens.service_list import draw_lines
from kiosk.capture.ui.screens.stage import draw_empty, put_picture
from kiosk.capture.ui.service import Mark, Point
from kiosk.capture.ui.widgets import Align, Button, Canvas, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event


class ServiceCard:
    """The white balance: the grey card belongs into the square."""

    frame = Frame(strip=False, stage=True, live=True, square=True)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        back, run = layout.actions.columns((2, 3), layout.px(20))
        idle = not model.service.running
        return (
            Button(back, Event.BACK, words.back),
            Button(run, Event.RUN, run_label(words, model), Kind.PRIMARY, "pedal", enabled=idle),
        )

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        if model.review is None:
            draw_empty(canvas)
        else:
            _draw_marked(canvas, model.review, model.service.marks)
        layout = canvas.layout
        heading = canvas.words.service.headings[model.state]
        canvas.text(heading.title, layout.strip, theme.TITLE)
        # What was found takes the place of the words.
        room = layout.panel.inset(0, layout.px(4))
        if any(line.mark is not Mark.PLAIN for line in model.service.lines):
            draw_lines(canvas, model.service.lines, room)
        else:
            canvas.text(heading.lead, room, theme.BODY, Align.TOP_LEFT)


class ServiceScale(ServiceCard):
    """The scale: the picture stays, and its card's edges are touched."""

    frame = Frame(strip=False, stage=True, live=True)


def _draw_marked(canvas: Canvas, picture: ReviewPicture, marks: tuple[Point, ...]) -> None:
    """Draw the picture, and a line where each edge was touched or found."""
    canvas.panel(canvas.layout.stage)
    place = put_picture(canvas, picture, canvas.layout.stage)
    px = canvas.layout.px
    for x, y in marks:
        across, down = place.x + round(x * place.w), place.y + round(y * place.h)
        for half, length, colour in ((6, 76, theme.BACKGROUND), (3, 72, theme.ACCENT)):
            line = Rect(across - px(half), down - px(length), 2 * px(half), 2 * px(length))
            canvas.fill(line, colour)
