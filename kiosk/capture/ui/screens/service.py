"""A technician is signed in: what can be looked at and tried."""

from __future__ import annotations

from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.screens.service_list import draw_heading
from kiosk.capture.ui.widgets import Button, Canvas, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event


class Service:
    frame = Frame(strip=False)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        del model
        px, row = layout.px, layout.content_actions
        events = tuple(words.service.menu)
        columns = 4 if layout.landscape else 2
        top = layout.content.y + px(330 if not layout.landscape else 250)
        area = Rect(row.x, top, row.w, row.y - px(36) - top)
        cells = [
            place
            for line in area.rows(-(-len(events) // columns), px(24))
            for place in line.columns((1,) * columns, px(24))
        ]
        kinds = {Event.TEST_ALL: Kind.PRIMARY}
        out = row.columns((1, 1), px(20))[1] if layout.landscape else row
        return (
            *(
                Button(place, event, words.service.menu[event], kinds.get(event, Kind.QUIET))
                for event, place in zip(events, cells, strict=False)
            ),
            Button(out, Event.SIGN_OUT, words.sign_in.sign_out),
        )

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        draw_heading(canvas, model, canvas.layout.content)
