"""The one shape of a screen that stops and says something: what, what now, one action."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kiosk.capture.ui import theme
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.widgets import Align, Button, Canvas, Kind
from kiosk.capture.workflow import Event

_CLOSEST: Final = 6
"""Least distance between the parts of a notice, nominal pixels."""

_SHARES: Final = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
"""How much of its room a part may have."""


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a notice; ``detail`` is an error's own sentence and may be empty."""

    title: str
    lead: str
    detail: str = ""
    icon: str = "notice"
    colour: theme.Colour = theme.WARNING


def draw_notice(canvas: Canvas, said: Said) -> None:
    """Draw the icon, the title, what it means and, smaller, the exact sentence."""
    px, layout = canvas.layout.px, canvas.layout
    width = min(layout.content.w, px(1500))
    x = layout.content.x + (layout.content.w - width) // 2
    top = layout.wide_strip.bottom + px(16)
    room = Rect(x, top, width, layout.content_actions.y - px(24) - top)
    side, gap = px(130), px(26)
    parts = (
        (said.title, theme.TITLE, px(210)),
        (said.lead, theme.LEAD, px(340)),
        (said.detail, theme.NOTE, px(330)),
    )
    # Rather closer together, and then smaller, than over the buttons.
    for share in _SHARES:
        heights = [
            _height(canvas, t, style, (width, round(most * share))) for t, style, most in parts
        ]
        least = side + sum(heights) + px(10)
        if least + px(_CLOSEST) * len(parts) <= room.h:
            break
    else:
        canvas.overflows.append(said.lead)
    gap = max(px(_CLOSEST), min(gap, (room.h - least) // len(parts)))
    whole = min(room.h, least + gap * len(parts))
    y = room.y + max(0, (room.h - whole) * 2 // 5)
    canvas.icon(said.icon, Rect(x + (width - side) // 2, y, side, side), said.colour, 0.06)
    y += side + gap
    for (text, style, _), height in zip(parts[:2], heights[:2], strict=True):
        canvas.text(text, Rect(x, y, width, height), style, Align.CENTRE)
        y += height + gap
    if said.detail:
        box = Rect(x, y + px(10), width, heights[2])
        canvas.panel(box)
        canvas.text(said.detail, box.inset(px(36), px(24)), theme.NOTE, Align.CENTRE)


def _height(canvas: Canvas, text: str, style: theme.Style, size: tuple[int, int]) -> int:
    """Return the room that a text needs within ``size``, for a note with its box around it."""
    if not text:
        return 0
    px = canvas.layout.px
    dx, dy = (px(36), px(24)) if style is theme.NOTE else (0, 0)
    inner = (size[0] - 2 * dx, size[1] - 2 * dy)
    return canvas.type.fit(text, style, canvas.layout.unit, inner).height + 2 * dy


def two_buttons(
    layout: Layout, other: tuple[Event, str], obvious: tuple[Event, str], icon: str = ""
) -> tuple[Button, ...]:
    """The other way out on the left, the obvious action, larger, on the right."""
    width = min(layout.content_actions.w, layout.px(1300))
    row = layout.content_actions
    row = Rect(row.x + (row.w - width) // 2, row.y, width, row.h)
    left, right = row.columns((2, 3), layout.px(20))
    return (
        Button(left, other[0], other[1]),
        Button(right, obvious[0], obvious[1], Kind.PRIMARY, icon),
    )


def one_button(layout: Layout, obvious: tuple[Event, str]) -> tuple[Button, ...]:
    """The obvious action alone."""
    row = layout.content_actions
    width = min(row.w, layout.px(1300))
    rect = Rect(row.x + (row.w - width) // 2, row.y, width, row.h)
    return (Button(rect, obvious[0], obvious[1], Kind.PRIMARY),)
