"""Asked before something ends that cannot be taken up again."""

from __future__ import annotations

from kiosk.capture.ui import theme
from kiosk.capture.ui.layout import Layout
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.screens.notice import Said, draw_notice, two_buttons
from kiosk.capture.ui.widgets import Button, Canvas
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event


class ConfirmEnd:
    """End the session before all views are done?"""

    frame = Frame()

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        del model
        return two_buttons(
            layout, (Event.CONFIRM, words.end_session), (Event.BACK, words.continue_session)
        )

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        words, progress = canvas.words, model.progress
        if progress is None:
            return
        missing = len(progress.outcomes) - progress.accepted_count
        lead = words.confirm_end(progress.accepted_count, missing)
        draw_notice(canvas, Said(words.confirm_end_title, lead, icon="camera", colour=theme.ACCENT))


class ConfirmDiscard:
    """Give up a picture that could not be stored?"""

    frame = Frame()

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        del model
        return two_buttons(layout, (Event.CONFIRM, words.discard), (Event.BACK, words.back))

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        del model
        words = canvas.words
        draw_notice(canvas, Said(words.confirm_discard_title, words.confirm_discard_advice))
