"""Whether the camera sees each lamp, and how sharp it sees at all.

A lamp is judged by three live pictures: all lamps dark, this one lit, dark again. Exposure and
gains are fixed, so that only the light differs between them.
"""

from __future__ import annotations

import enum
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from kiosk.capture.hardware.interfaces import Camera, Lights
from kiosk.errors import CameraTimeout
from kiosk.model import Frame, PixelLayout, Pixels

SEEN_LEVELS: Final = 4.0
"""Levels of 255, mean over the picture, by which a lamp must make it brighter. Noise of a mean over
a whole picture is a hundredth of that; a station's lamp that lights a face makes tens."""

UNSTEADY_SHARE: Final = 0.5
"""The two dark pictures may differ by this share of what the lamp made of it."""

BRIGHTEST: Final = 245.0
"""A picture that is as bright without lamps can hardly become brighter."""

_PAUSE_S: Final = 0.005


class Light(enum.Enum):
    """What is said of a lamp."""

    SEEN = enum.auto()
    NOT_SEEN = enum.auto()
    TOO_BRIGHT = enum.auto()  # the room is, without it
    UNSTEADY = enum.auto()  # the room's own light changed


@dataclass(frozen=True, slots=True)
class Brightness:
    """Means of the three live pictures, 0 to 255."""

    before: float
    lit: float
    after: float

    @property
    def dark(self) -> float:
        return (self.before + self.after) / 2

    @property
    def gain(self) -> float:
        """By how many levels the lamp made the picture brighter."""
        return self.lit - self.dark

    def verdict(self) -> Light:
        """Return what is to be said of the lamp."""
        moved = abs(self.after - self.before)
        if self.dark > BRIGHTEST:
            return Light.TOO_BRIGHT
        if moved > max(SEEN_LEVELS, UNSTEADY_SHARE * abs(self.gain)):
            return Light.UNSTEADY
        return Light.SEEN if self.gain >= SEEN_LEVELS else Light.NOT_SEEN


@dataclass(frozen=True, slots=True)
class Pace:
    """How long is waited, nanoseconds, and by which clock.

    Attributes:
        settle_ns: until a lamp has come to its level, or gone dark.
        timeout_ns: for a live picture.
        clock: monotonic nanoseconds.
        pause: waits so many seconds.
    """

    settle_ns: int
    timeout_ns: int
    clock: Callable[[], int] = time.monotonic_ns
    pause: Callable[[float], None] = time.sleep


def try_lamp(camera: Camera, lights: Lights, name: str, level: float, pace: Pace) -> Brightness:
    """Light one lamp for a moment; all are dark afterwards, whatever happens.

    Takes the camera's live pictures: nobody else may ask for them meanwhile.

    Raises:
        LightError: the lamp cannot be driven.
        CameraError: no live picture.
    """
    try:
        lights.set(0.0)
        before = _seen(camera, pace)
        lights.set_one(name, level)
        lit = _seen(camera, pace)
    finally:
        lights.set(0.0)
    return Brightness(before, lit, _seen(camera, pace))


def _seen(camera: Camera, pace: Pace) -> float:
    """Return the mean of the first live picture whose exposure began once all has settled."""
    from_ns = pace.clock() + pace.settle_ns
    deadline = from_ns + pace.timeout_ns
    while True:
        frame = camera.preview()
        if frame is None:
            pace.pause(_PAUSE_S)
        else:
            found = brightness(frame) if frame.metadata.exposed_from_ns >= from_ns else None
            frame.wipe()
            if found is not None:
                return found
        if pace.clock() > deadline:
            raise CameraTimeout(
                f"No live picture came from the camera for {pace.timeout_ns / 1e9:g} s; check its "
                "cable and start it anew."
            )


def brightness(frame: Frame) -> float:
    """Return the mean of a picture's luma, 0 to 255 (of a BGR one: of its three colours)."""
    return float(np.mean(_luma(frame)))


def sharpness(frame: Frame) -> float:
    """Return how sharp the middle of a picture is: larger is sharper, of one and the same thing.

    The mean squared gradient (Tenengrad, Krotkov 1988) of the middle half of each side, over the
    squared mean, so that more light alone makes nothing sharper; times 10 000. Not the Laplacian's
    variance: of a picture far out of focus that is mostly the rounding to 8 bits.
    """
    luma = _luma(frame)
    if luma.ndim > 2:  # noqa: PLR2004 - rows, columns, colours
        luma = np.asarray(cv2.cvtColor(luma, cv2.COLOR_BGR2GRAY), np.uint8)
    height, width = luma.shape
    middle = np.ascontiguousarray(
        luma[height // 4 : height - height // 4, width // 4 : width - width // 4]
    )
    across, down = (cv2.Sobel(middle, cv2.CV_32F, dx, 1 - dx, scale=1 / 8) for dx in (1, 0))
    mean = max(1.0, float(np.mean(middle)))
    return 10_000.0 * float(np.mean(across**2 + down**2)) / mean**2


def _luma(frame: Frame) -> Pixels:
    if frame.layout is PixelLayout.BGR:
        return frame.pixels
    return frame.pixels[: frame.height]
