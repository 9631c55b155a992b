"""The parts that screens are made of, drawn on one canvas."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Final

import pygame

from kiosk.capture.ui import theme
from kiosk.capture.ui.entry import Key
from kiosk.capture.ui.forms.actions import FormAction
from kiosk.capture.ui.guide_pictures import GuidePictures
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import Compare
from kiosk.capture.ui.shapes import Fill, Shapes
from kiosk.capture.ui.text import Fitted, Give, Type
from kiosk.capture.ui.theme import Colour, Style
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event

Action = Event | Key | Compare | FormAction
"""What a touch means: something for the workflow, a key of a number or PIN, a way of comparing two
pictures, or something for a form."""


class Align(enum.Enum):
    """Where text stands in its rectangle; always centred from top to bottom but for TOP."""

    LEFT = enum.auto()
    CENTRE = enum.auto()
    RIGHT = enum.auto()
    TOP_LEFT = enum.auto()
    TOP_CENTRE = enum.auto()


class Kind(enum.Enum):
    """How a button looks: the one obvious action, another action, one that is chosen, or a key."""

    PRIMARY = enum.auto()
    QUIET = enum.auto()
    CHOSEN = enum.auto()
    KEY = enum.auto()


@dataclass(frozen=True, slots=True)
class Cell:
    """One column of a button that is a row of a table; ``share`` of its width."""

    text: str = field(repr=False)
    share: float
    style: Style
    align: Align = Align.LEFT


@dataclass(frozen=True, slots=True)
class Button:
    """A place to touch.

    Attributes:
        rect: on the canvas, pixels.
        action: what a touch means.
        label: its words; empty where an icon says it.
        icon: name of an icon, or empty.
        enabled: a button that cannot be used now is drawn faintly and does not react.
        cells: what it says, in columns, instead of label and icon.
        give: how far its label may give way.
    """

    rect: Rect
    action: Action
    label: str
    kind: Kind = Kind.QUIET
    icon: str = ""
    enabled: bool = True
    cells: tuple[Cell, ...] = ()
    give: Give = Give()  # noqa: RUF009 - frozen


@dataclass(slots=True)
class Canvas:
    """A surface with everything that is needed to draw on it.

    Attributes:
        surface: where it is drawn.
        layout: made for the surface's size.
        guides: the outlines of the views.
        overflows: texts that did not fit, for the tests and the journal.
    """

    surface: pygame.Surface
    layout: Layout
    words: Wording
    type: Type
    shapes: Shapes
    guides: GuidePictures
    overflows: list[str] = field(default_factory=list)

    def fill(self, rect: Rect, colour: Colour) -> None:
        self.surface.fill(colour, rect)

    def panel(
        self, rect: Rect, fill: Colour = theme.PANEL, outline: Colour | None = None, width: int = 3
    ) -> None:
        """Draw a rounded panel; ``width`` of its outline is nominal."""
        px = self.layout.px
        self.shapes.panel(self.surface, rect, Fill(px(22), fill, outline, px(width)))

    def icon(self, name: str, rect: Rect, colour: Colour, thickness: float = 0.09) -> None:
        """Draw an icon as large as fits, in the middle of ``rect``."""
        side = min(rect.w, rect.h)
        x, y = rect.centre
        image = self.shapes.icon(name, side, colour, thickness)
        self.surface.blit(image, (x - side // 2, y - side // 2))

    def text(
        self,
        text: str,
        rect: Rect,
        style: Style,
        align: Align = Align.LEFT,
        give: Give = Give(),  # noqa: B008 - frozen
    ) -> int:
        """Draw text into ``rect``; return the height that it took, pixels."""
        if not text:
            return 0
        fitted = self.type.fit(text, style, self.layout.unit, (rect.w, rect.h), least=give.least)
        if not fitted.complete and not give.may_cut:
            self.overflows.append(text)
        top = rect.y
        if align not in (Align.TOP_LEFT, Align.TOP_CENTRE):
            top += (rect.h - fitted.height) // 2
        self._lines(fitted, rect._replace(y=top), style, align)
        return fitted.height

    def width(self, text: str, style: Style) -> int:
        """Width of one line of text at its full size, pixels."""
        return self.type.width(text, style.weight, max(8, round(style.size * self.layout.unit)))

    def _lines(self, fitted: Fitted, rect: Rect, style: Style, align: Align) -> None:
        for number, line in enumerate(fitted.lines):
            image = self.type.render(line, style.weight, fitted.px, style.colour)
            x = rect.x
            if align in (Align.CENTRE, Align.TOP_CENTRE):
                x += (rect.w - image.get_width()) // 2
            elif align is Align.RIGHT:
                x += rect.w - image.get_width()
            y = rect.y + number * fitted.leading + (fitted.leading - image.get_height()) // 2
            self.surface.blit(image, (x, y))


_LOOKS: Final[dict[Kind, tuple[Colour, Colour, Colour, Style]]] = {
    Kind.PRIMARY: (theme.ACCENT, theme.ACCENT_PRESSED, theme.ON_ACCENT, theme.BUTTON),
    Kind.QUIET: (theme.RAISED, theme.PRESSED, theme.TEXT, theme.BUTTON_QUIET),
    Kind.CHOSEN: (theme.ON_ACCENT, theme.ON_ACCENT, theme.ACCENT, theme.BUTTON_QUIET),
    Kind.KEY: (theme.RAISED, theme.PRESSED, theme.TEXT, theme.KEY),
}


def draw_button(canvas: Canvas, button: Button, *, pressed: bool) -> None:
    """Draw one button, as it looks while it is touched or not."""
    fill, held, ink, style = _LOOKS[button.kind]
    if not button.enabled:
        fill, ink = theme.PANEL, theme.FAINT
    outline = ink if button.kind is Kind.CHOSEN else None
    canvas.panel(button.rect, held if pressed else fill, outline, 4)
    px = canvas.layout.px
    style = Style(style.weight, style.size, ink)
    inner = button.rect.inset(px(20), px(12))
    if button.cells:
        _draw_cells(canvas, button.cells, button.rect.inset(px(28), px(8)))
        return
    if not button.icon:
        canvas.text(button.label, inner, style, Align.CENTRE, button.give)
        return
    side = min(px(64), inner.h)
    if not button.label:
        canvas.icon(button.icon, inner.inset(0, (inner.h - side) // 2), ink)
        return
    words = min(canvas.width(button.label, style), inner.w - side - px(24))
    left = inner.x + (inner.w - words - side - px(24)) // 2
    canvas.icon(button.icon, Rect(left, inner.y, side, inner.h), ink)
    words_rect = Rect(left + side + px(24), inner.y, words, inner.h)
    canvas.text(button.label, words_rect, style, Align.CENTRE, button.give)


def _draw_cells(canvas: Canvas, cells: tuple[Cell, ...], row: Rect) -> None:
    places = row.columns(tuple(cell.share for cell in cells), canvas.layout.px(20))
    for cell, place in zip(cells, places, strict=True):
        # Rather small than cut: part of a name or number is another patient's.
        canvas.text(cell.text, place, cell.style, cell.align, Give(least=0.4))
