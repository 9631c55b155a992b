"""What is drawn over pictures, as surfaces that are made once and blitted many times."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
import pygame

from kiosk.capture.guides.lines import draw_baseline, outlined
from kiosk.capture.guides.match import DrawnBaseline
from kiosk.capture.guides.overlay import draw_guide
from kiosk.capture.guides.silhouette import Field, field_of, load_silhouette
from kiosk.capture.guides.values import Amount
from kiosk.capture.ui import theme
from kiosk.capture.ui.cue_icons import CUE_ICONS, CueLook, Place
from kiosk.capture.ui.layout import Rect
from kiosk.capture.ui.orientation import Orientation
from kiosk.capture.ui.shapes import stroke_mask
from kiosk.model import Pixels
from kiosk.records.views import View

_UPRIGHT = Orientation()

_FAINT: Final = 0.35
"""What is left of the silhouette's opacity where the patient's own baseline is drawn."""

_ARROW: Final = {Amount.PLAIN: 0.34, Amount.A_LITTLE: 0.26}
"""Side of an arrow as a share of the picture's shorter side: a little is asked for by less."""

SQUARE: Final = 0.62
"""Side of the square for a code or a grey card as a share of the picture's shorter side."""

_CORNER: Final = 0.22
_CORNER_LINE: Final = 0.022
"""Length of a corner's lines and their width, shares of the square's side."""

_STROKE: Final = 0.10
_EDGE: Final = 0.035
_MARGIN: Final = 0.03


class GuidePictures:
    """Draws and keeps guides.

    Args:
        mirror: whether the live picture, and so every guide, is shown as in a mirror.
        field_mm: height of what the upright live picture shows at the subject plane; None: unknown.
    """

    def __init__(self, *, mirror: bool, field_mm: float | None = None) -> None:
        self.mirror = mirror
        self._field_mm = field_mm
        self._kept: dict[tuple[object, ...], pygame.Surface] = {}
        self._drawn: DrawnBaseline | None = None
        self._baselines: dict[tuple[object, ...], pygame.Surface] = {}

    def live(
        self,
        view: View,
        size: tuple[int, int],
        turned: Orientation = _UPRIGHT,
        *,
        faint: bool = False,
    ) -> pygame.Surface:
        """Return a view's guide for the live picture, in its true size where that is known.

        Raises:
            ConfigError: as :meth:`get` does.
        """
        field = field_of(view.framing_mm, self._field_mm)
        return self.get(view.silhouette, size, turned, field, faint=faint)

    def get(
        self,
        name: str,
        size: tuple[int, int],
        turned: Orientation = _UPRIGHT,
        field: Field | None = None,
        *,
        faint: bool = False,
    ) -> pygame.Surface:
        """Return the guide ``name`` for a picture of ``size`` pixels, then turned.

        Without a ``field`` it fills the picture.

        Raises:
            ConfigError: no such silhouette, or a damaged file.
        """
        key = (name, size, turned, field, faint)
        if key not in self._kept:
            rgba = draw_guide(load_silhouette(name), size, mirror=self.mirror, field=field)
            if faint:
                rgba[..., 3] = cv2.convertScaleAbs(rgba[..., 3], alpha=_FAINT)
            self._kept[key] = _accelerated(rgba, turned)
        return self._kept[key]

    def baseline(
        self,
        drawn: DrawnBaseline,
        size: tuple[int, int],
        turned: Orientation = _UPRIGHT,
        *,
        mirror: bool,
    ) -> pygame.Surface:
        """Return a patient's baseline for a picture of ``size`` pixels, then turned.

        Only one baseline is kept, and none after ``forget``.
        """
        if drawn is not self._drawn:
            self.forget()
            self._drawn = drawn
        key = (size, turned, mirror)
        if key not in self._baselines:
            rgba = draw_baseline(drawn, size, theme.BASELINE, mirror=mirror)
            self._baselines[key] = _accelerated(rgba, turned)
        return self._baselines[key]

    def arrows(
        self,
        looks: tuple[CueLook, ...],
        amount: Amount,
        size: tuple[int, int],
        turned: Orientation = _UPRIGHT,
    ) -> tuple[tuple[pygame.Surface, Rect], ...]:
        """Return large arrows for a live picture of ``size`` pixels, and where on it.

        The picture's size and the places are upright, the surfaces are turned. A cue that has no
        direction has no arrow.
        """
        places = [look.place for look in looks]
        found = []
        for number, look in enumerate(looks):
            if look.place is Place.NOWHERE:
                continue
            rect = _arrow_rect(look.place, _ARROW[amount], size)
            if places.count(look.place) > 1:
                rect = rect._replace(x=rect.x + (number * 2 - 1) * rect.w // 2)
            key = ("arrow", look.icon, rect.w, turned)
            if key not in self._kept:
                self._kept[key] = _accelerated(_draw_arrow(look.icon, rect.w), turned)
            found.append((self._kept[key], rect))
        return tuple(found)

    def square(
        self, size: tuple[int, int], turned: Orientation = _UPRIGHT
    ) -> tuple[pygame.Surface, Rect]:
        """Return the corners of a square for a live picture of ``size`` pixels, and where on it.

        In it a code is held to the camera; sizes and turning are those of :meth:`arrow`.
        """
        side = round(SQUARE * min(size))
        key = ("square", side, turned)
        if key not in self._kept:
            self._kept[key] = _accelerated(_draw_corners(side), turned)
        rect = Rect((size[0] - side) // 2, (size[1] - side) // 2, side, side)
        return self._kept[key], rect

    def forget(self) -> None:
        """Wipe what is drawn of a patient."""
        for surface in self._baselines.values():
            surface.set_alpha(None)
            surface.fill((0, 0, 0, 0))
        self._baselines.clear()
        self._drawn = None


def _arrow_rect(place: Place, share: float, size: tuple[int, int]) -> Rect:
    """Beside the head: above the shoulder on either side, or in the middle of the lower edge."""
    width, height = size
    side = round(share * min(size))
    margin = round(_MARGIN * min(size))
    x = {
        Place.LEFT: margin,
        Place.RIGHT: width - margin - side,
    }.get(place, (width - side) // 2)
    y = height - margin - side if place is Place.BELOW else round(0.02 * height)
    return Rect(x, y, side, side)


def _draw_arrow(icon: str, side: int) -> Pixels:
    inner = side * (1 - _STROKE - 2 * _EDGE)
    offset = (side - inner) / 2
    strokes = [
        [(offset + x * inner, offset + y * inner) for x, y in stroke] for stroke in CUE_ICONS[icon]
    ]
    line = stroke_mask((side, side), strokes, _STROKE * side)
    edge = stroke_mask((side, side), strokes, (_STROKE + 2 * _EDGE) * side)
    return outlined(line, edge, theme.ACCENT)


def _accelerated(rgba: npt.NDArray[np.uint8], turned: Orientation) -> pygame.Surface:
    """Turn into a run-length encoded surface: a blit skips what is transparent."""
    upright = np.ascontiguousarray(np.rot90(rgba, -turned.turns))
    surface = pygame.Surface((upright.shape[1], upright.shape[0]), pygame.SRCALPHA, 32)
    # Straight into its memory: pygame's own ways here cost ten times as much.
    bgra = cv2.cvtColor(upright, cv2.COLOR_RGBA2BGRA)
    surface.get_buffer().write(bgra.tobytes(), 0)
    surface.set_alpha(255, pygame.RLEACCEL)
    return surface


def _draw_corners(side: int) -> Pixels:
    near, far = 2 * _CORNER_LINE, 1 - 2 * _CORNER_LINE
    strokes = [
        [
            (x * side, (y + down * _CORNER) * side),
            (x * side, y * side),
            ((x + right * _CORNER) * side, y * side),
        ]
        for x, right in ((near, 1), (far, -1))
        for y, down in ((near, 1), (far, -1))
    ]
    line = stroke_mask((side, side), strokes, _CORNER_LINE * side)
    edge = stroke_mask((side, side), strokes, 2 * _CORNER_LINE * side)
    return outlined(line, edge, theme.ACCENT)
