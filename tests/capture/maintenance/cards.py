"""Pictures of grey cards, and a camera between whose gains and pictures more lies than a factor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.capture.hardware.interfaces import CameraIdentity
from kiosk.model import CameraSettings, Frame, FrameMetadata, PixelLayout, Pixels

SIZE = (640, 480)
Floats = npt.NDArray[np.float64]


def picture(colour: tuple[float, float, float], size: tuple[int, int] = SIZE) -> Floats:
    """Return RGB levels of a card that fills the whole picture, (height, width, 3)."""
    return np.full((size[1], size[0], 3), colour, np.float64)


def frame_of(rgb: Floats, settings: CameraSettings | None = None, at_ns: int = 0) -> Frame:
    """Return an I420 frame, full range, of RGB levels."""
    height, width = rgb.shape[:2]
    ycc = cv2.cvtColor(np.rint(np.clip(rgb, 0, 255)).astype(np.uint8), cv2.COLOR_RGB2YCrCb)
    half = (width // 2, height // 2)
    red, blue = (cv2.resize(ycc[..., i], half, interpolation=cv2.INTER_AREA) for i in (1, 2))
    flat = np.concatenate([ycc[..., 0].ravel(), blue.ravel(), red.ravel()])
    pixels: Pixels = flat.reshape(height * 3 // 2, width)
    return Frame(pixels, PixelLayout.I420, width, height, FrameMetadata(at_ns, settings))


CAST: Floats = np.array([[1.98, -0.87, -0.11], [-0.33, 1.87, -0.54], [-0.04, -0.50, 1.54]])
"""A colour matrix as strong as the Raspberry Pi's own; grey stays grey in it."""


@dataclass
class CardCamera:
    """A sensor whose gains, colour matrix and tone curve lie between the card and the picture.

    Attributes:
        neutral: gains under which the card is neutral.
        grey: light of the card, 0 to 1, in neutral pictures.
        told: whether frames tell their settings.
        hidden: whether something else than the card is before the camera.
    """

    neutral: tuple[float, float] = (2.6, 1.4)
    grey: float = 0.18
    told: bool = True
    hidden: bool = False
    asked: CameraSettings = field(default=CameraSettings(20_000, 1.0, (2.0, 1.8)))
    applied: list[CameraSettings] = field(default_factory=list)
    noise: Callable[[], Floats] = field(
        default=lambda: np.random.default_rng(5).normal(0, 1.5, (SIZE[1], SIZE[0], 3))
    )
    identity = CameraIdentity("imx477", "", "test")
    still_size = SIZE
    still_layout = PixelLayout.I420

    def start(self) -> None: ...
    def restart(self) -> None: ...
    def close(self) -> None: ...
    def preview(self) -> Frame | None:
        return None

    def apply(self, settings: CameraSettings) -> None:
        self.asked = settings
        self.applied.append(settings)

    def capture(self, after_ns: int) -> Frame:
        red, blue = self.asked.colour_gains
        raw = np.array([red / self.neutral[0], 1.0, blue / self.neutral[1]]) * self.grey
        # Steeper than sRGB in the middle, as the Raspberry Pi's tone curves are.
        light = np.clip(CAST @ raw, 0.0, 1.0) ** 0.4
        rgb = picture(tuple(255 * light)) + self.noise()
        if self.hidden:
            rgb[::8] = 10.0
        return frame_of(rgb, self.asked if self.told else None, after_ns)
