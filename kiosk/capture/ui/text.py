"""Text that always fits: wrapped, made smaller within a limit, and never cut in silence."""

from __future__ import annotations

import io
import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Final

import pygame

from kiosk.capture.ui.theme import Colour, Style, Weight
from kiosk.errors import DisplayError

SMALLEST: Final = 0.7
"""Text may shrink to this share of its style's size before it counts as too long."""

_LEADING: Final = 1.28
_KEPT: Final = 400


@dataclass(frozen=True, slots=True)
class Give:
    """How far a text may give way when its room is small.

    Attributes:
        least: the share of its style's size down to which it may shrink.
        may_cut: whether ending in an ellipsis is all right.
    """

    least: float = SMALLEST
    may_cut: bool = False


@dataclass(frozen=True, slots=True)
class Fitted:
    """Lines of text at the size at which they fit.

    Attributes:
        lines: one string per line.
        px: size of the type, pixels.
        leading: distance between lines, pixels.
        complete: whether all of the text is there; False when it had to be cut.
    """

    lines: tuple[str, ...]
    px: int
    leading: int
    complete: bool

    @property
    def height(self) -> int:
        return self.leading * len(self.lines)


class Type:
    """The fonts and what was rendered with them; forgets on request, as text may be a patient's."""

    def __init__(self) -> None:
        pygame.font.init()
        self._fonts: dict[tuple[Weight, int], pygame.font.Font] = {}
        self._rendered: OrderedDict[tuple[str, Weight, int, Colour], pygame.Surface] = OrderedDict()
        self._fitted: OrderedDict[tuple[object, ...], Fitted] = OrderedDict()

    def forget(self) -> None:
        """Wipe every rendered text."""
        while self._rendered:
            self._drop()
        self._fitted.clear()

    def width(self, text: str, weight: Weight, px: int) -> int:
        font = self._font(weight, px)
        return sum(font.size(piece)[0] for piece in _pieces(text, weight))

    def render(self, text: str, weight: Weight, px: int, colour: Colour) -> pygame.Surface:
        """Return the text as a surface with its own transparency, kept for the next time."""
        key = (text, weight, px, colour)
        surface = self._rendered.get(key)
        if surface is None:
            surface = _side_by_side(self._font(weight, px), _pieces(text, weight), colour)
            self._rendered[key] = surface
            if len(self._rendered) > _KEPT:
                self._drop()
        else:
            self._rendered.move_to_end(key)
        return surface

    def _drop(self) -> None:
        """Overwrite the text that was rendered longest ago; what is freed keeps its pixels."""
        _, surface = self._rendered.popitem(last=False)
        surface.fill((0, 0, 0, 0))

    def fit(
        self,
        text: str,
        style: Style,
        unit: float,
        size: tuple[int, int],
        *,
        least: float = SMALLEST,
    ) -> Fitted:
        """Wrap ``text`` into ``size`` (width, height) pixels, smaller if it must be.

        ``least`` is the share of the style's size down to which the text may shrink.
        """
        key = (text, style, unit, size, least)
        fitted = self._fitted.get(key)
        if fitted is None:
            fitted = self._fitted[key] = self._fit(
                text, style.weight, _steps(style, unit, least), size
            )
            if len(self._fitted) > _KEPT:
                self._fitted.popitem(last=False)
        return fitted

    def _fit(self, text: str, weight: Weight, steps: range, size: tuple[int, int]) -> Fitted:
        for px in steps:
            fitted = self._wrap(text, weight, px, size[0])
            if fitted is not None and fitted.height <= size[1]:
                return self._balanced(fitted, text, weight, size[0])
        return self._cut(text, weight, steps[-1], size)

    def _balanced(self, fitted: Fitted, text: str, weight: Weight, width: int) -> Fitted:
        """Narrow the room while the number of lines stays: no word stands alone on the last."""
        low, high = width // 2, width
        while len(fitted.lines) > 1 and high - low > fitted.px // 2:
            middle = (low + high) // 2
            narrower = self._wrap(text, weight, fitted.px, middle)
            if narrower is not None and len(narrower.lines) == len(fitted.lines):
                fitted, high = narrower, middle
            else:
                low = middle
        return fitted

    def _wrap(self, text: str, weight: Weight, px: int, width: int) -> Fitted | None:
        """Break at spaces; None when a single word is wider than the room."""
        lines: list[str] = []
        for paragraph in text.split("\n"):
            line = ""
            for word in paragraph.split(" "):
                longer = f"{line} {word}" if line else word
                if self.width(longer, weight, px) <= width:
                    line = longer
                    continue
                if self.width(word, weight, px) > width:
                    return None
                lines.append(line)
                line = word
            lines.append(line)
        return Fitted(tuple(lines), px, self._leading(px), complete=True)

    def _cut(self, text: str, weight: Weight, px: int, size: tuple[int, int]) -> Fitted:
        rows = max(1, size[1] // self._leading(px))
        if self._wrap(text, weight, px, size[0]) is None:
            return self._broken(text, weight, px, size[0], rows)
        words = text.replace("\n", " ").split(" ")
        best: Fitted | None = None
        low, high = 1, len(words)
        while low < high:
            count = (low + high) // 2
            fitted = self._wrap(" ".join(words[:count]) + "…", weight, px, size[0])
            if fitted is not None and len(fitted.lines) <= rows:
                best, low = fitted, count + 1
            else:
                high = count
        if best is not None:
            return Fitted(best.lines, px, best.leading, complete=False)
        last = self._ended(text, weight, px, size[0])
        return Fitted((last,), px, self._leading(px), complete=False)

    def _broken(self, text: str, weight: Weight, px: int, width: int, rows: int) -> Fitted:
        """Break words that are wider than the room: all of them is more than what lies before."""
        lines = self._filled(text, weight, px, width)
        if len(lines) > rows:
            lines = [*lines[: rows - 1], self._ended(lines[rows - 1], weight, px, width)]
        return Fitted(tuple(lines), px, self._leading(px), complete=False)

    def _filled(self, text: str, weight: Weight, px: int, width: int) -> list[str]:
        lines: list[str] = []
        line = ""
        for word in text.replace("\n", " ").split(" "):
            longer = f"{line} {word}" if line else word
            if self.width(longer, weight, px) <= width:
                line = longer
            elif self.width(word, weight, px) <= width:
                lines.append(line)
                line = word
            else:
                for letter in longer[len(line) :]:
                    if line and self.width(line + letter, weight, px) > width:
                        lines.append(line)
                        line = ""
                    line = (line + letter).lstrip()
        return [*lines, line]

    def _ended(self, text: str, weight: Weight, px: int, width: int) -> str:
        """Return as many letters as there is room for, and an ellipsis."""
        kept = text
        while kept and self.width(kept + "…", weight, px) > width:
            kept = kept[:-1]
        return kept + "…"

    def _leading(self, px: int) -> int:
        return round(px * _LEADING)

    def _font(self, weight: Weight, px: int) -> pygame.font.Font:
        font = self._fonts.get((weight, px))
        if font is None:
            place = resources.files(__package__).joinpath("fonts", weight.file)
            try:
                font = pygame.font.Font(io.BytesIO(place.read_bytes()), px)
            except (OSError, pygame.error) as error:
                raise DisplayError(
                    f"{weight.file}: expected this font among the program's files, but: {error}; "
                    "install the program again"
                ) from error
            self._fonts[weight, px] = font
        return font


def _pieces(text: str, weight: Weight) -> Sequence[str]:
    """Return what is drawn by itself: of the x in 6x4 the font makes a multiplication sign."""
    return re.split(r"(?<=x)(?=\d)", text) if weight.literal else (text,)


def _side_by_side(font: pygame.font.Font, pieces: Sequence[str], colour: Colour) -> pygame.Surface:
    drawn = [font.render(piece, True, colour) for piece in pieces]  # noqa: FBT003
    if len(drawn) == 1:
        return drawn[0]
    size = (sum(one.get_width() for one in drawn), drawn[0].get_height())
    whole = pygame.Surface(size, pygame.SRCALPHA)
    x = 0
    for one in drawn:
        whole.blit(one, (x, 0))
        x += one.get_width()
    return whole


def _steps(style: Style, unit: float, least: float) -> range:
    """Sizes to try, pixels, from the style's own down to the least; never none."""
    largest = max(8, round(style.size * unit))
    smallest = min(largest, max(8, round(largest * least)))
    return range(largest, smallest - 1, -max(1, largest // 24))
