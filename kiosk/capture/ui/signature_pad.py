"""The signature while it is drawn: a part of the screen that is redrawn by itself."""

from __future__ import annotations

from functools import partial
from typing import Final

import cv2
import numpy as np

from kiosk.capture.ui import theme
from kiosk.capture.ui.forms.signature import Pad
from kiosk.capture.ui.layout import Rect
from kiosk.capture.ui.parts import Part
from kiosk.capture.ui.preview import writable
from kiosk.capture.ui.widgets import Canvas

_LINE: Final = 7
"""Width of the pen, nominal pixels."""
_SHIFT: Final = 4
"""Bits of a pixel's fractions."""


def pad_part(rect: Rect, pad: Pad) -> Part:
    """Return the pad as a part of the screen."""
    return Part(rect, pad.key, partial(_draw, rect=rect, pad=pad))


def _draw(canvas: Canvas, rect: Rect, pad: Pad) -> None:
    px = canvas.layout.px
    canvas.fill(rect, theme.BACKGROUND)
    canvas.panel(rect, theme.PANEL, theme.ACCENT, 4)
    base = Rect(rect.x + px(60), rect.bottom - px(70), rect.w - px(120), px(3))
    canvas.fill(base, theme.LINE)
    if not pad.strokes:
        canvas.text(canvas.words.consent.sign_here, rect.inset(px(60), px(40)), theme.NOTE)
        return
    target = writable(canvas.surface)[rect.y : rect.bottom, rect.x : rect.right]
    ink = (*theme.TEXT[::-1], 0)
    size = np.array((rect.w, rect.h), np.float64) * (1 << _SHIFT)
    # Of a single point nothing would be drawn.
    shown = [[p[:2] for p in (*stroke, stroke[-1])] for stroke in pad.strokes]
    lines = [np.round(np.array(stroke) * size).astype(np.int32) for stroke in shown]
    cv2.polylines(target, lines, False, ink, px(_LINE), cv2.LINE_AA, _SHIFT)  # noqa: FBT003
