"""The shape of the screens about a patient: a heading, what is said, and rows of buttons."""

from __future__ import annotations

from typing import Final

from kiosk.capture.ui import theme
from kiosk.capture.ui.consent_pages import STYLES, Page
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.text import Give
from kiosk.capture.ui.widgets import Align, Canvas

HEAD: Final = 96
"""Height of a heading, nominal pixels."""


def head_of(layout: Layout) -> Rect:
    return layout.content.top(layout.px(HEAD))


def body_of(layout: Layout) -> Rect:
    """What lies between heading and buttons."""
    area = layout.content.below(layout.px(HEAD + 12))
    return area.above(area.bottom - layout.content_actions.y + layout.px(24))


def draw_head(canvas: Canvas, title: str, aside: str = "") -> None:
    """Draw the heading, and at its right where one is."""
    head, px = head_of(canvas.layout), canvas.layout.px
    width = canvas.width(aside, theme.NOTE) + px(4) if aside else 0
    if aside:
        place = Rect(head.right - width, head.y, width, head.h)
        canvas.text(aside, place, theme.NOTE, Align.RIGHT)
        width += px(30)
    canvas.text(title, head._replace(w=head.w - width), theme.HEADING, give=Give(least=0.5))


def draw_page(canvas: Canvas, page: Page, area: Rect) -> None:
    """Draw one page of a text."""
    px, y = canvas.layout.px, area.y
    for number, block in enumerate(page):
        y += px(block.gap) if number else 0
        # A few pixels, which is what rounding on a small panel may add.
        height = min(px(block.height) + px(4), area.bottom - y)
        room = Rect(area.x, y, area.w, height)
        y += canvas.text(block.text, room, STYLES[block.role], Align.TOP_LEFT)


def nominal(layout: Layout, area: Rect) -> tuple[float, float]:
    """Width and height of an area, nominal pixels, less what rounding takes."""
    return area.w / layout.unit - 2, area.h / layout.unit - 8
