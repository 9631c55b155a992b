"""A film that stands in for a V4L2 device: real OpenCV reading real files, paced like a webcam."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np


def write_film(folder: Path, size: tuple[int, int], pictures: int = 5) -> str:
    """Write some pictures of different brightness; return the pattern that OpenCV opens."""
    width, height = size
    for number in range(pictures):
        shade = np.full((height, width, 3), 40 + 30 * number, np.uint8)
        cv2.imwrite(str(folder / f"film{number}.png"), shade)
    return str(folder / "film%d.png")


class Film:
    """The part of ``cv2.VideoCapture`` that the driver uses; endless, with a V4L2 device's manners.

    Args:
        pattern: what ``write_film`` returned.
        stamped: whether frames carry stamps of the monotonic clock, as UVC's driver gives them.
        queued: frames that lie finished in the driver's buffers when they are grabbed.
        settable: the properties that can be set; all others keep their own value.
    """

    INTERVAL_S = 0.02

    def __init__(
        self,
        pattern: str,
        *,
        stamped: bool = True,
        queued: int = 0,
        settable: tuple[int, ...] = (),
    ) -> None:
        self._pattern = pattern
        self._film = cv2.VideoCapture(pattern, cv2.CAP_IMAGES)
        self._stamped = stamped
        self._delay_s = queued * self.INTERVAL_S
        self._settable = settable
        self._properties: dict[int, float] = {}
        self._stamp_ns = 0
        self.running = threading.Event()
        self.running.set()
        self.unplugged = False
        self.released = False
        self.begun_ns: list[int] = []

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return bool(self._film.isOpened()) and not self.unplugged

    def grab(self) -> bool:
        time.sleep(self.INTERVAL_S)
        self.running.wait()
        if self.unplugged:
            return False
        now_ns = time.monotonic_ns() - round(self._delay_s * 1e9)
        # Data arrive when the first row was exposed; that took up to one interval.
        self._stamp_ns = now_ns
        self.begun_ns.append(now_ns - round(self.INTERVAL_S * 0.9 * 1e9))
        if not self._film.grab():
            self._film = cv2.VideoCapture(self._pattern, cv2.CAP_IMAGES)
            return bool(self._film.grab())
        return True

    def retrieve(self) -> tuple[bool, Any]:
        return self._film.retrieve()

    def get(self, prop: int, /) -> float:
        if prop == cv2.CAP_PROP_POS_MSEC:
            return self._stamp_ns / 1e6 if self._stamped else 0.0
        return self._properties.get(prop, -1.0)

    def set(self, prop: int, value: float, /) -> bool:
        if prop in self._settable:
            self._properties[prop] = value
        return prop in self._settable

    def release(self) -> None:
        self.released = True
        self._film.release()
