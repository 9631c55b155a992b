"""The stage: the 3:4 area that holds the guide, the live picture or the picture to be judged."""

from __future__ import annotations

import cv2
import numpy as np

from kiosk.capture.ui import theme
from kiosk.capture.ui.layout import Rect
from kiosk.capture.ui.model import ReviewPicture
from kiosk.capture.ui.preview import writable
from kiosk.capture.ui.widgets import Align, Canvas
from kiosk.model import Pixels
from kiosk.records.protocols import View


def draw_empty(canvas: Canvas) -> None:
    """A dark stage with a camera on it, until the first live picture comes."""
    stage = canvas.layout.stage
    canvas.panel(stage)
    side = canvas.layout.px(160)
    x, y = stage.centre
    canvas.icon("camera", Rect(x - side // 2, y - side // 2, side, side), theme.LINE, 0.05)


def draw_outline(canvas: Canvas, view: View, rect: Rect) -> None:
    """The view's guide on a panel, and which way the patient turns."""
    canvas.panel(rect)
    inner = rect.inset(canvas.layout.px(12))
    if view.patient_turns != "none":
        _draw_turn(canvas, view, inner)
        inner = inner.above(canvas.layout.px(128))
    image = canvas.guides.get(view.silhouette, (inner.w, inner.h))
    canvas.surface.blit(image, (inner.x, inner.y))


def _draw_turn(canvas: Canvas, view: View, rect: Rect) -> None:
    """Say the turn in words; the arrow points as the patient sees it in the preview."""
    words, px = canvas.words, canvas.layout.px
    said = {
        "left": words.turn_left,
        "right": words.turn_right,
        "around": words.turn_around,
    }.get(view.patient_turns)
    if said is None:
        return
    style = theme.Style(theme.BUTTON.weight, 44, theme.ON_ACCENT)
    arrow = _arrow(view.patient_turns, mirror=canvas.guides.mirror)
    icon = px(56) if arrow else 0
    gap = px(20) if arrow else 0
    width = min(rect.w - px(40), canvas.width(said, style) + icon + gap + px(64))
    chip = Rect(rect.x + (rect.w - width) // 2, rect.bottom - px(108), width, px(88))
    canvas.panel(chip, theme.ACCENT)
    inner = chip.inset(px(32), px(10))
    left, right = inner, inner
    if arrow == "arrow_left":
        left, right = inner._replace(w=icon), Rect(inner.x + icon + gap, inner.y, 0, inner.h)
        right = right._replace(w=inner.right - right.x)
        canvas.icon(arrow, left, theme.ON_ACCENT, 0.11)
        canvas.text(said, right, style, Align.CENTRE)
    elif arrow == "arrow_right":
        right = Rect(inner.right - icon, inner.y, icon, inner.h)
        canvas.icon(arrow, right, theme.ON_ACCENT, 0.11)
        canvas.text(said, inner._replace(w=inner.w - icon - gap), style, Align.CENTRE)
    else:
        canvas.text(said, inner, style, Align.CENTRE)


def _arrow(turns: str, *, mirror: bool) -> str:
    """In a mirror the patient's left is on the left of the screen; in a camera's view it is not."""
    if turns not in ("left", "right"):
        return ""
    return f"arrow_{turns}" if mirror else f"arrow_{'right' if turns == 'left' else 'left'}"


def draw_picture(canvas: Canvas, picture: ReviewPicture | None) -> None:
    """The picture to be judged, whole, as it is stored."""
    canvas.panel(canvas.layout.stage)
    if picture is not None:
        put_picture(canvas, picture, canvas.layout.stage)


def put_picture(
    canvas: Canvas, picture: ReviewPicture, area: Rect, columns: int | None = None
) -> Rect:
    """Draw a picture whole into the middle of ``area``; return where it lies.

    With ``columns`` only so many of its columns, from the left, are drawn; all keep their places.
    """
    shown = review_image(picture.pixels, (area.w, area.h))
    height, width = shown.shape[:2]
    place = Rect(area.x + (area.w - width) // 2, area.y + (area.h - height) // 2, width, height)
    drawn = width if columns is None else max(0, min(columns, width))
    if drawn:
        # Straight into the canvas: no further copy of a patient's picture is left in memory.
        screen = writable(canvas.surface)
        target = screen[place.y : place.bottom, place.x : place.x + drawn]
        cv2.cvtColor(shown[:, :drawn], cv2.COLOR_BGR2BGRA, dst=target)
    if shown is not picture.pixels:
        shown.fill(0)
    return place


def review_image(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Scale a BGR picture to the largest size within ``size`` (width, height), sharp.

    The worker hands over pictures that have that size, which are returned as they are; only one of
    another size, from a small camera, is scaled here.
    """
    height, width = pixels.shape[:2]
    factor = min(size[0] / width, size[1] / height)
    target = max(1, round(width * factor)), max(1, round(height * factor))
    if target == (width, height):
        return pixels
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, target, interpolation=method), np.uint8)
