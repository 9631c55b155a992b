"""Where things are: pure rectangles from the size of the canvas.

Nominal sizes are those of a 1080 x 1920 (portrait) or 1920 x 1080 (landscape) panel; everything
scales by one factor, so that smaller panels and windows show the same picture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

TOUCH: Final = 110
"""Least side of a touch target, nominal pixels: 18 mm on a 15.6 inch panel, for gloved fingers."""


class Rect(NamedTuple):
    """Left, top, width and height in whole pixels; pygame takes it as it is."""

    x: int
    y: int
    w: int
    h: int

    @property
    def right(self) -> int:
        return self.x + self.w

    @property
    def bottom(self) -> int:
        return self.y + self.h

    @property
    def centre(self) -> tuple[int, int]:
        return self.x + self.w // 2, self.y + self.h // 2

    def contains(self, x: float, y: float) -> bool:
        return self.x <= x < self.right and self.y <= y < self.bottom

    def inset(self, dx: int, dy: int | None = None) -> Rect:
        dy = dx if dy is None else dy
        return Rect(self.x + dx, self.y + dy, max(0, self.w - 2 * dx), max(0, self.h - 2 * dy))

    def top(self, height: int) -> Rect:
        return Rect(self.x, self.y, self.w, height)

    def below(self, height: int) -> Rect:
        """What is left under the uppermost ``height`` pixels."""
        return Rect(self.x, self.y + height, self.w, max(0, self.h - height))

    def above(self, height: int) -> Rect:
        """What is left over the lowest ``height`` pixels."""
        return Rect(self.x, self.y, self.w, max(0, self.h - height))

    def foot(self, height: int) -> Rect:
        return Rect(self.x, self.bottom - height, self.w, height)

    def columns(self, weights: tuple[float, ...], gap: int) -> tuple[Rect, ...]:
        """Divide into columns in proportion to ``weights``."""
        room = self.w - gap * (len(weights) - 1)
        edges = [sum(weights[:i]) / sum(weights) * room for i in range(len(weights) + 1)]
        return tuple(
            Rect(self.x + round(a) + i * gap, self.y, round(b) - round(a), self.h)
            for i, (a, b) in enumerate(pairwise(edges))
        )

    def rows(self, count: int, gap: int) -> tuple[Rect, ...]:
        """Divide into ``count`` rows of one height."""
        room = self.h - gap * (count - 1)
        edges = [round(i * room / count) for i in range(count + 1)]
        return tuple(
            Rect(self.x, self.y + a + i * gap, self.w, b - a)
            for i, (a, b) in enumerate(pairwise(edges))
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """The areas that screens share.

    Attributes:
        size: of the canvas, pixels.
        unit: pixels for one nominal pixel.
        landscape: whether picture and text stand side by side.
        status: clinic, clock, backlog, patient; on every screen.
        strip: progress through the views, on screens with a stage.
        wide_strip: the same on screens without one.
        stage: the live picture, the guide or the picture to be judged; 3:4.
        panel: words beside or below the stage.
        actions: the row of buttons of a session's screens.
        content: all below ``status``, within the margins; for screens without a stage.
        content_actions: the row of buttons of those.
    """

    size: tuple[int, int]
    unit: float
    landscape: bool
    status: Rect
    strip: Rect
    wide_strip: Rect
    stage: Rect
    panel: Rect
    actions: Rect
    content: Rect
    content_actions: Rect

    def px(self, nominal: float) -> int:
        """Scale a nominal size to whole pixels, at least 1."""
        return max(1, round(nominal * self.unit))


def make_layout(size: tuple[int, int]) -> Layout:
    """Lay out a canvas of ``size`` pixels."""
    return _landscape(size) if size[0] > size[1] else _portrait(size)


def _portrait(size: tuple[int, int]) -> Layout:
    width, height = size
    unit = min(width / 1080, height / 1920)
    px = _scaler(unit)
    margin, gap = px(45), px(16)
    status = Rect(0, 0, width, px(124))
    inner = Rect(margin, status.bottom + gap, width - 2 * margin, 0)
    inner = inner._replace(h=height - inner.y - px(36))
    strip = inner.top(px(104))
    actions = inner.foot(px(140))
    panel = Rect(inner.x, actions.y - gap - px(306), inner.w, px(306))
    room = Rect(inner.x, strip.bottom + gap, inner.w, panel.y - strip.bottom - 2 * gap)
    return Layout(
        size=size,
        unit=unit,
        landscape=False,
        status=status,
        strip=strip,
        wide_strip=strip,
        stage=_stage(room),
        panel=panel,
        actions=actions,
        content=inner,
        content_actions=actions,
    )


def _landscape(size: tuple[int, int]) -> Layout:
    width, height = size
    unit = min(width / 1920, height / 1080)
    px = _scaler(unit)
    margin, gap = px(40), px(40)
    status = Rect(0, 0, width, px(72))
    inner = Rect(margin, status.bottom + px(16), width - 2 * margin, 0)
    inner = inner._replace(h=height - inner.y - px(32))
    stage = _stage(Rect(inner.x, inner.y, min(round(inner.h * 3 / 4), inner.w // 2), inner.h))
    side = Rect(stage.right + gap, inner.y, inner.right - stage.right - gap, inner.h)
    strip = side.top(px(104))
    actions = side.foot(px(140))
    panel = Rect(side.x, strip.bottom + gap, side.w, actions.y - strip.bottom - 2 * gap)
    return Layout(
        size=size,
        unit=unit,
        landscape=True,
        status=status,
        strip=strip,
        wide_strip=inner.top(px(104)),
        stage=stage,
        panel=panel,
        actions=actions,
        content=inner,
        content_actions=inner.foot(px(140)),
    )


def _scaler(unit: float) -> Callable[[float], int]:
    return lambda nominal: max(1, round(nominal * unit))


def _stage(room: Rect) -> Rect:
    """Return the largest 3:4 rectangle with even sides, centred in ``room``.

    Even because the colours of a preview frame come in blocks of two by two pixels.
    """
    width = min(room.w, room.h * 3 // 4)
    width -= width % 2
    height = width * 4 // 3
    height -= height % 2
    return Rect(room.x + (room.w - width) // 2, room.y + (room.h - height) // 2, width, height)
