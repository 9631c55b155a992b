"""The picture to be judged on the stage: alone with the baseline's contour, or compared."""

from __future__ import annotations

from functools import partial
from typing import Final

from kiosk.capture.guides.match import DrawnBaseline
from kiosk.capture.ui import theme
from kiosk.capture.ui.comparing import SWEEP_STEPS, way_of
from kiosk.capture.ui.layout import Rect
from kiosk.capture.ui.model import Compare, ReviewPicture, ScreenModel
from kiosk.capture.ui.parts import Part
from kiosk.capture.ui.screens.stage import put_picture
from kiosk.capture.ui.shapes import Fill
from kiosk.capture.ui.widgets import Align, Canvas

_MOVING: Final = frozenset({Compare.BLINK, Compare.WIPE})

_CAPTION: Final = 60
_NOTE: Final = 110
"""Heights of what is said below two pictures: when, and that they do not lie over each other."""


def comparison_parts(canvas: Canvas, model: ScreenModel) -> tuple[Part, ...]:
    """The stage, where what is on it moves."""
    way = way_of(model)
    if way not in _MOVING:
        return ()
    draw = partial(draw_review, model=model)
    return (Part(canvas.layout.stage, (way, model.phase), draw),)


def draw_review(canvas: Canvas, model: ScreenModel) -> None:
    """Draw the stage of the review in the way that was chosen."""
    now, then, way = model.review, model.comparison, way_of(model)
    canvas.panel(canvas.layout.stage)
    if now is None:
        return
    if then is None or way in (Compare.SHOT, Compare.OUTLINE):
        _alone(canvas, now, model.drawn if way is Compare.OUTLINE else None)
    elif way is Compare.BESIDE:
        _beside(canvas, model, now, then)
    elif way is Compare.BLINK:
        earlier = model.phase == 1
        put_picture(canvas, then if earlier else now, canvas.layout.stage)
        _caption(canvas, _day(canvas, model) if earlier else canvas.words.guide.now, Align.LEFT)
    else:
        _wipe(canvas, model, now, then)


def _alone(canvas: Canvas, now: ReviewPicture, drawn: DrawnBaseline | None) -> None:
    place = put_picture(canvas, now, canvas.layout.stage)
    if drawn is not None:
        lines = canvas.guides.baseline(drawn, (place.w, place.h), mirror=False)
        canvas.surface.blit(lines, (place.x, place.y))


def _beside(canvas: Canvas, model: ScreenModel, now: ReviewPicture, then: ReviewPicture) -> None:
    """The earlier picture on the left, each with its caption below; then whether they fit."""
    px, words = canvas.layout.px, canvas.words.guide
    area = canvas.layout.stage.inset(px(12))
    pictures = area if model.registered else area.above(px(_CAPTION + _NOTE))
    halves = pictures.columns((1, 1), px(12))
    places = [
        put_picture(canvas, picture, half)
        for half, picture in zip(halves, (then, now), strict=True)
    ]
    y = max(place.bottom for place in places) + px(10)
    for half, caption in zip(halves, (_day(canvas, model), words.now), strict=True):
        below = Rect(half.x, y, half.w, px(_CAPTION))
        canvas.text(caption, below, theme.STATUS_STRONG, Align.CENTRE)
    if not model.registered:
        note = Rect(area.x, y + px(_CAPTION), area.w, px(_NOTE))
        canvas.text(words.not_registered, note, theme.NOTE, Align.TOP_CENTRE)


def _wipe(canvas: Canvas, model: ScreenModel, now: ReviewPicture, then: ReviewPicture) -> None:
    """The earlier picture up to an edge, from there on the new one."""
    stage, px = canvas.layout.stage, canvas.layout.px
    place = put_picture(canvas, now, stage)
    edge = round(place.w * model.phase / SWEEP_STEPS)
    put_picture(canvas, then, stage, columns=edge)
    line = px(4)
    x = min(max(place.x, place.x + edge - line // 2), place.right - line)
    canvas.fill(Rect(x, place.y, line, place.h), theme.ACCENT)
    _caption(canvas, _day(canvas, model), Align.LEFT)
    _caption(canvas, canvas.words.guide.now, Align.RIGHT)


def _day(canvas: Canvas, model: ScreenModel) -> str:
    words = canvas.words.guide
    earlier = model.earlier
    return words.last_time if earlier is None or earlier.taken is None else words.day(earlier.taken)


def _caption(canvas: Canvas, text: str, side: Align) -> None:
    """A word on a chip in an upper corner of the stage."""
    px, stage = canvas.layout.px, canvas.layout.stage
    width = min(canvas.width(text, theme.STATUS_STRONG) + px(44), stage.w // 2 - px(24))
    x = stage.x + px(20) if side is Align.LEFT else stage.right - px(20) - width
    chip = Rect(x, stage.y + px(20), width, px(66))
    canvas.shapes.panel(canvas.surface, chip, Fill(px(33), theme.PANEL))
    canvas.text(text, chip.inset(px(16), px(4)), theme.STATUS_STRONG, Align.CENTRE)
