"""Guides as surfaces, drawn once for each view and place."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pygame

from kiosk.capture.guides.overlay import draw_guide
from kiosk.capture.guides.silhouette import load_silhouette
from kiosk.capture.ui.orientation import Orientation

_UPRIGHT = Orientation()


class GuidePictures:
    """Draws and keeps guides.

    Args:
        mirror: whether the live picture, and so every guide, is shown as in a mirror.
    """

    def __init__(self, *, mirror: bool) -> None:
        self.mirror = mirror
        self._kept: dict[tuple[str, tuple[int, int], Orientation], pygame.Surface] = {}

    def get(
        self, name: str, size: tuple[int, int], turned: Orientation = _UPRIGHT
    ) -> pygame.Surface:
        """Return the guide ``name`` for a picture of ``size`` pixels, then turned.

        Raises:
            ConfigError: no such silhouette, or a damaged file.
        """
        key = (name, size, turned)
        if key not in self._kept:
            rgba = draw_guide(load_silhouette(name), size, mirror=self.mirror)
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
