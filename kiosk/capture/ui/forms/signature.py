"""A signature while it is being drawn."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from kiosk.capture.ui.forms.actions import Ink
from kiosk.records.consent import MOST_POINTS, MOST_STROKES, Signature, StrokePoint


@dataclass(frozen=True, slots=True)
class Pad:
    """What has been drawn so far; kept out of ``repr``.

    Two pads are equal when the rest of the screen looks the same with them: what is on the pad is
    redrawn by itself, many times a second.

    Attributes:
        strokes: of points, as :class:`kiosk.records.consent.Signature` has them.
        began_ms: when the finger first touched the pad; None before.
        drawn: whether it is more than a dot.
    """

    strokes: tuple[tuple[StrokePoint, ...], ...] = field(default=(), repr=False, compare=False)
    began_ms: int | None = field(default=None, compare=False)
    drawn: bool = False

    @property
    def key(self) -> tuple[int | None, int, int]:
        """Of everything that is on the pad: it only ever grows, until it is cleared."""
        return self.began_ms, len(self.strokes), sum(map(len, self.strokes))

    def inked(self, ink: Ink) -> Pad:
        """Return the pad after the finger was seen once more; a full one takes no more."""
        began = ink.at_ms if self.began_ms is None else self.began_ms
        point = (_within(ink.x), _within(ink.y), max(0, ink.at_ms - began))
        points = sum(map(len, self.strokes))
        if points >= MOST_POINTS:
            return self
        if ink.begins or not self.strokes:
            if len(self.strokes) >= MOST_STROKES:
                return self
            return replace(self, strokes=(*self.strokes, (point,)), began_ms=began)
        *before, last = self.strokes
        drawn = self.drawn or point[:2] != last[-1][:2]
        return replace(self, strokes=(*before, (*last, point)), drawn=drawn)

    def signature(self, aspect: float) -> Signature:
        """Return it as it is recorded; ``aspect`` is the pad's width over its height."""
        return Signature(strokes=self.strokes, aspect=aspect)


def _within(fraction: float) -> float:
    return min(1.0, max(0.0, fraction))
