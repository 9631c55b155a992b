"""What every screen has in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from kiosk.capture.ui import theme
from kiosk.capture.ui.chrome import draw_status, draw_strip
from kiosk.capture.ui.layout import Layout
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.widgets import Button, Canvas, draw_button
from kiosk.capture.ui.wording import Wording


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds a screen's own drawing.

    Attributes:
        strip: whether progress through the views is shown (inside a session).
        stage: whether there is a stage, beside which the strip then stands.
        live: whether the stage belongs to the live picture.
        keeps_stage: whether the last live picture stays where it is.
        square: whether a square over the live picture shows where a code belongs.
    """

    strip: bool = True
    stage: bool = False
    live: bool = False
    keeps_stage: bool = False
    square: bool = False


class Screen(Protocol):
    """One screen: where its buttons are, and how the rest of it looks."""

    frame: Frame

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        """Return what can be touched."""
        ...

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        """Draw all but the status bar, the strip and the buttons."""
        ...


def paint(canvas: Canvas, screen: Screen, model: ScreenModel, pressed: Button | None) -> None:
    """Draw a whole screen."""
    canvas.surface.fill(theme.BACKGROUND)
    draw_status(canvas, model)
    if screen.frame.strip and model.progress is not None:
        layout = canvas.layout
        draw_strip(
            canvas, model.progress, layout.strip if screen.frame.stage else layout.wide_strip
        )
    screen.draw(canvas, model)
    for button in screen.buttons(canvas.layout, canvas.words, model):
        draw_button(canvas, button, pressed=button == pressed)
