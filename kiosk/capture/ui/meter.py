"""The match meter: each measure against its tolerance, told by shape and place besides colour."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

from kiosk.capture.guides.values import Guidance, Measure, Reading
from kiosk.capture.ui import theme
from kiosk.capture.ui.layout import Rect
from kiosk.capture.ui.parts import Part
from kiosk.capture.ui.shapes import Fill
from kiosk.capture.ui.theme import Colour, Style
from kiosk.capture.ui.widgets import Align, Canvas

SHOWN: Final = 3.0
"""Deviations beyond so many tolerances stand at the end of the gauge."""

STEPS: Final = 8
"""Steps in which a needle moves, for each tolerance: what is not seen is not redrawn."""

_TOWARDS_RIGHT: Final = {
    Measure.SCALE: 1,
    Measure.PITCH: -1,
    Measure.YAW: 1,
    Measure.ROLL: -1,
    Measure.LEAN_AHEAD: 1,
    Measure.LEAN_ASIDE: -1,
}
"""Measures with a direction, and on which side of an unmirrored screen a positive deviation stands:
to the right are too near, chin too high, nose, top of the head or shoulders too far right. All
others close in from both sides."""

_SWAPPED: Final = frozenset({Measure.YAW, Measure.ROLL, Measure.LEAN_AHEAD, Measure.LEAN_ASIDE})
"""What changes sides in a mirror."""


@dataclass(frozen=True, slots=True)
class Needle:
    """What can be seen of one reading.

    Attributes:
        measure: which.
        step: place of the needle in steps from the middle, signed where ``sided``; None where it
            cannot be judged.
        within: whether it is within its tolerance.
    """

    measure: Measure
    step: int | None
    within: bool

    @property
    def sided(self) -> bool:
        return self.measure in _TOWARDS_RIGHT


def needle(reading: Reading, *, mirror: bool, view_yaw: float = 0.0) -> Needle:
    """Return what can be seen of a reading on a screen that is a mirror or not.

    ``view_yaw``, degrees, says where the patient looks, and so where leaning forward leads to.
    """
    if reading.share is None:
        return Needle(reading.measure, None, within=False)
    share = max(-SHOWN, min(SHOWN, reading.share))
    side = _TOWARDS_RIGHT.get(reading.measure)
    if side is None:
        share = abs(share)
    else:
        swapped = mirror and reading.measure in _SWAPPED
        if reading.measure is Measure.LEAN_AHEAD and view_yaw < 0.0:
            swapped = not swapped
        share *= -side if swapped else side
    return Needle(reading.measure, round(share * STEPS), reading.within)


def meter_parts(
    area: Rect, guidance: Guidance, *, mirror: bool, view_yaw: float = 0.0
) -> tuple[Part, ...]:
    """Return one part for each reading, beside each other; together they fill ``area``."""
    if not guidance.readings:
        return (Part(area, "no meter", partial(_clear, rect=area)),)
    cells = area.columns((1,) * len(guidance.readings), 0)
    found = []
    for cell, reading in zip(cells, guidance.readings, strict=True):
        shown = needle(reading, mirror=mirror, view_yaw=view_yaw)
        draw = partial(_draw, rect=cell, shown=shown, all_within=guidance.within)
        found.append(Part(cell, (shown, guidance.within), draw))
    return tuple(found)


def _clear(canvas: Canvas, rect: Rect) -> None:
    canvas.fill(rect, theme.BACKGROUND)


def _draw(canvas: Canvas, rect: Rect, shown: Needle, *, all_within: bool) -> None:
    px = canvas.layout.px
    canvas.fill(rect, theme.BACKGROUND)
    ground = theme.READY if all_within else theme.PANEL
    body = rect.inset(px(4), 0)
    canvas.shapes.panel(canvas.surface, body, Fill(px(16), ground))
    inner = body.inset(px(8), px(6))
    upper, lower = inner.top(inner.h // 2), inner.below(inner.h // 2)
    label = canvas.words.guide.measures[shown.measure]
    room = upper.inset(-px(6), 0)
    style = Style(theme.STRIP.weight, _label_size(canvas, room), _ink(shown))
    canvas.text(label, room, style, Align.CENTRE)
    _gauge(canvas, lower, shown)


def _label_size(canvas: Canvas, room: Rect) -> int:
    """Return the nominal size at which the longest label fits: all of them have one size."""
    unit = canvas.layout.unit
    labels = canvas.words.guide.measures.values()
    fitted = (canvas.type.fit(one, theme.STRIP, unit, (room.w, room.h)) for one in labels)
    return round(min(one.px for one in fitted) / unit)


def _ink(shown: Needle) -> Colour:
    if shown.step is None:
        return theme.MUTED
    return theme.GOOD if shown.within else theme.TEXT


def _gauge(canvas: Canvas, room: Rect, shown: Needle) -> None:
    """A track whose wider middle is the tolerance, and the needle on it."""
    px, (x, y) = canvas.layout.px, room.centre
    reach = room.w / 2 - px(16)
    track, zone = max(2, px(6)), max(6, px(26))
    half = round(reach / SHOWN)
    canvas.fill(Rect(round(x - reach), y - track // 2, round(2 * reach), track), theme.LINE)
    band = Rect(x - half, y - zone // 2, 2 * half, zone)
    canvas.shapes.panel(canvas.surface, band, Fill(zone // 2, theme.RAISED, theme.FAINT, px(3)))
    if shown.step is None:
        dash = Rect(x - px(14), y - track // 2, px(28), track)
        canvas.fill(dash, theme.MUTED)
        return
    offset = round(shown.step / (SHOWN * STEPS) * reach)
    if shown.within:
        _mark(canvas, "disc", x + (offset if shown.sided else 0), y, theme.GOOD)
        return
    sides = (offset,) if shown.sided else (offset, -offset)
    for shift in sides:
        icon = "points_left" if shift > 0 else "points_right"
        _mark(canvas, icon, x + shift, y, theme.WARNING)


def _mark(canvas: Canvas, icon: str, x: int, y: int, colour: Colour) -> None:
    side = canvas.layout.px(38)
    canvas.icon(icon, Rect(x - side // 2, y - side // 2, side, side), colour, 0.2)
