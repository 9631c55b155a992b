"""A set of views on paper: each outline with its lines and words, A4 portrait at 150 dpi.

Drawn with the screen's fonts on surfaces in memory: no display is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
import pygame

from kiosk.capture.guides.overlay import draw_guide
from kiosk.capture.guides.silhouette import Field, field_of, load_silhouette
from kiosk.capture.ui.layout import Rect
from kiosk.capture.ui.text import Fitted, Type
from kiosk.capture.ui.theme import Colour, Style, Weight
from kiosk.errors import UsageError
from kiosk.languages.catalogue import load_catalogue
from kiosk.languages.names import SOURCE, Language
from kiosk.languages.words import Translator
from kiosk.records.protocols import Protocol, View
from kiosk.records.sheet_words import sheet_words_by

PAGE: Final = (1240, 1754)
"""Width and height of A4 at 150 dpi, pixels."""

COLUMNS, ROWS = 2, 3
_MARGIN, _GAP = 64, 22
_HEADER, _FOOTER = 104, 112
_PAD: Final = 16
_OUTLINE: Final = (264, 352)
_OVERSAMPLING: Final = 3
_SPACE: Final = 6
_UNITS: Final = (1.0, 0.94, 0.88, 0.82, 0.76, 0.7)
"""How much smaller a column's texts may become."""

_PAPER: Final[Colour] = (255, 255, 255)
_INK: Final[Colour] = (18, 28, 33)
_QUIET: Final[Colour] = (82, 96, 104)
_RULE: Final[Colour] = (196, 205, 210)

_TITLE: Final = Style(Weight.BOLD, 40, _INK)
_SUBTITLE: Final = Style(Weight.REGULAR, 20, _QUIET)
_NAME: Final = Style(Weight.BOLD, 25, _INK)
_SAY: Final = Style(Weight.SEMIBOLD, 20, _INK)
_NOTE: Final = Style(Weight.REGULAR, 18, _QUIET)
_FACT: Final = Style(Weight.REGULAR, 17, _INK)


@dataclass(slots=True)
class Sheet:
    """One page.

    Attributes:
        surface: of ``PAGE`` pixels.
        overflows: texts that did not fit.
    """

    surface: pygame.Surface
    type: Type
    overflows: list[str] = field(default_factory=list)

    def text(self, text: str, place: Rect, style: Style) -> int:
        """Draw text from the top of ``place``; return the height that it took, pixels."""
        fitted = self.type.fit(text, style, 1.0, (place.w, place.h))
        self._draw(text, fitted, (place.x, place.y), style)
        return fitted.height

    def column(self, texts: Sequence[tuple[str, Style]], place: Rect) -> None:
        """Draw texts below one another, all made smaller alike until they fit."""
        sizes = [(place.w, place.h)] * len(texts)
        for unit in _UNITS:
            fitted = [
                self.type.fit(text, style, unit, size, least=1.0)
                for (text, style), size in zip(texts, sizes, strict=True)
            ]
            if sum(one.height + _SPACE for one in fitted) - _SPACE <= place.h:
                break
        else:
            self.overflows.append(texts[-1][0])
        y = place.y
        for (text, style), one in zip(texts, fitted, strict=True):
            self._draw(text, one, (place.x, y), style)
            y += one.height + _SPACE

    def _draw(self, text: str, fitted: Fitted, at: tuple[int, int], style: Style) -> None:
        if not fitted.complete:
            self.overflows.append(text)
        for number, line in enumerate(fitted.lines):
            image = self.type.render(line, style.weight, fitted.px, style.colour)
            self.surface.blit(image, (at[0], at[1] + number * fitted.leading))


def write_sheet(protocol: Protocol, path: Path, language: Language = SOURCE) -> tuple[Path, ...]:
    """Draw a set into ``path``, a PNG; further pages lie beside it, ``NAME-2.png`` and so on.

    Args:
        protocol: the set, with its words in that language.
        path: of the first page.
        language: of the words of the sheet itself.

    Raises:
        UsageError: the name does not end in ``.png``, or a file cannot be written.
    """
    if path.suffix.lower() != ".png":
        raise UsageError(f"{path}: expected a file whose name ends in .png")
    written: list[Path] = []
    for number, sheet in enumerate(draw_sheets(protocol, load_catalogue(language)), start=1):
        page = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
        try:
            pygame.image.save(sheet.surface, str(page))
        except (OSError, pygame.error) as error:
            raise UsageError(f"{page}: the sheet cannot be written: {error}") from error
        written.append(page)
    return tuple(written)


def draw_sheets(protocol: Protocol, translator: Translator) -> Iterator[Sheet]:
    """Draw the pages of a set; ``translator`` gives the words of the sheet itself.

    Raises:
        ConfigError: a silhouette that is missing or damaged.
    """
    type_, each = Type(), COLUMNS * ROWS
    words = sheet_words_by(translator)
    pages = -(-len(protocol.views) // each)
    for page in range(pages):
        sheet = Sheet(pygame.Surface(PAGE, 0, 32), type_)
        sheet.surface.fill(_PAPER)
        _draw_header(sheet, protocol, words.head(protocol, page + 1, pages))
        first = page * each
        for place, view in enumerate(protocol.views[first : first + each]):
            title = f"{first + place + 1}. {view.title}"
            _draw_view(sheet, view, title, words.rows(view, translator), _cell(place))
        foot = Rect(_MARGIN, PAGE[1] - _MARGIN - _FOOTER, PAGE[0] - 2 * _MARGIN, _FOOTER)
        sheet.text(words.legend, foot._replace(y=foot.y + _PAD, h=foot.h - _PAD), _NOTE)
        yield sheet


def _cell(place: int) -> Rect:
    width = (PAGE[0] - 2 * _MARGIN - (COLUMNS - 1) * _GAP) // COLUMNS
    height = (PAGE[1] - 2 * _MARGIN - _HEADER - _FOOTER - (ROWS - 1) * _GAP) // ROWS
    row, column = divmod(place, COLUMNS)
    x, y = _MARGIN + column * (width + _GAP), _MARGIN + _HEADER + row * (height + _GAP)
    return Rect(x, y, width, height)


def _draw_header(sheet: Sheet, protocol: Protocol, said: str) -> None:
    room = Rect(_MARGIN, _MARGIN, PAGE[0] - 2 * _MARGIN, 52)
    sheet.text(protocol.title, room, _TITLE)
    sheet.text(said, room._replace(y=room.y + 54, h=30), _SUBTITLE)


def _draw_view(sheet: Sheet, view: View, title: str, facts: Sequence[str], cell: Rect) -> None:
    pygame.draw.rect(sheet.surface, _RULE, cell, 2, border_radius=12)
    inner = cell.inset(_PAD)
    y = inner.y + sheet.text(title, inner.top(64), _NAME) + 6
    left = Rect(inner.x, y, *_OUTLINE)
    sheet.surface.blit(_outline(view), (left.x, left.y))
    pygame.draw.rect(sheet.surface, _RULE, left, 1)
    right = Rect(left.right + _PAD, y, inner.right - left.right - _PAD, inner.bottom - y)
    sheet.column(_words(view, facts), right)


def _words(view: View, facts: Sequence[str]) -> list[tuple[str, Style]]:
    note = [(view.operator_note, _NOTE)] if view.operator_note else []
    return [(view.instruction, _SAY), *note, *((fact, _FACT) for fact in facts)]


def _outline(view: View) -> pygame.Surface:
    """The guide in ink on paper, with ticks, the frame full."""
    # Lines are at least two pixels wide: drawn larger, they keep their weights when reduced.
    size = (_OUTLINE[0] * _OVERSAMPLING, _OUTLINE[1] * _OVERSAMPLING)
    silhouette = load_silhouette(view.silhouette)
    field = Field(field_of(view.framing_mm).height_mm, measured=True)
    guide = draw_guide(silhouette, size, mirror=False, field=field)
    # The white of the guide becomes ink; its dark edge is for photographs only.
    white = cv2.multiply(guide[..., 0], guide[..., 3], scale=1 / 255)
    cover = np.asarray(cv2.resize(white, _OUTLINE, interpolation=cv2.INTER_AREA))[..., None] / 255
    inked: npt.NDArray[np.float64] = _PAPER + cover * (np.array(_INK) - np.array(_PAPER))
    rgb = np.round(inked).astype(np.uint8)
    return pygame.image.frombytes(rgb.tobytes(), _OUTLINE, "RGB")
