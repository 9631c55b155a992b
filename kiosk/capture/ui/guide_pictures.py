"""Guides as surfaces, drawn once for each view and place."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pygame

from kiosk.capture.guides.overlay import draw_guide
from kiosk.capture.guides.silhouette import Field, field_of, load_silhouette
from kiosk.capture.ui.orientation import Orientation
from kiosk.records.views import View

_UPRIGHT = Orientation()


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

    def live(
        self, view: View, size: tuple[int, int], turned: Orientation = _UPRIGHT
    ) -> pygame.Surface:
        """Return a view's guide for the live picture, in its true size where that is known.

        Raises:
            ConfigError: as :meth:`get` does.
        """
        return self.get(view.silhouette, size, turned, field_of(view.framing_mm, self._field_mm))

    def get(
        self,
        name: str,
        size: tuple[int, int],
        turned: Orientation = _UPRIGHT,
        field: Field | None = None,
    ) -> pygame.Surface:
        """Return the guide ``name`` for a picture of ``size`` pixels, then turned.

        Without a ``field`` it fills the picture.

        Raises:
            ConfigError: no such silhouette, or a damaged file.
        """
        key = (name, size, turned, field)
        if key not in self._kept:
            rgba = draw_guide(load_silhouette(name), size, mirror=self.mirror, field=field)
            self._kept[key] = _accelerated(np.rot90(rgba, -turned.turns))
        return self._kept[key]


def _accelerated(rgba: npt.NDArray[np.uint8]) -> pygame.Surface:
    """Make a run-length encoded surface: a blit skips what is transparent."""
    surface = pygame.Surface((rgba.shape[1], rgba.shape[0]), pygame.SRCALPHA, 32)
    # Straight into its memory: pygame's own ways here cost ten times as much.
    bgra = cv2.cvtColor(np.ascontiguousarray(rgba), cv2.COLOR_RGBA2BGRA)
    surface.get_buffer().write(bgra.tobytes(), 0)
    surface.set_alpha(255, pygame.RLEACCEL)
    return surface
