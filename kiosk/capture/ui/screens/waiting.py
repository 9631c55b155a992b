"""Something takes a moment; nothing can be touched."""

from __future__ import annotations

from typing import Final

from kiosk.capture.ui import theme
from kiosk.capture.ui.layout import Layout
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.screens.notice import Said, draw_notice
from kiosk.capture.ui.widgets import Button, Canvas
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import State

_ICONS: Final = {State.CHECKING: "lock", State.OPENING: "person", State.ENROL_ASKING: "lock"}


class Waiting:
    frame = Frame(strip=False)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        del layout, words, model
        return ()

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        said = canvas.words.sign_in.waits[model.state]
        icon = _ICONS[model.state]
        draw_notice(canvas, Said(said.title, said.lead, icon=icon, colour=theme.ACCENT))
