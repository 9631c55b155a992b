"""The baseline's picture as it is compared with a shot: laid over it, or as it was taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import simplejpeg

from kiosk.capture.pose.geometry import Array
from kiosk.capture.pose.registration import Registration
from kiosk.errors import BaselineError
from kiosk.model import Pixels

_REDUCED: Final = {
    8: cv2.IMREAD_REDUCED_COLOR_8,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    1: cv2.IMREAD_COLOR,
}
"""A JPEG is read smaller than it is, by these divisors, at a fraction of the cost."""

_BEYOND: Final = (96.0, 96.0, 96.0)

_NO_PICTURE: Final = "The earlier picture that the clinic sent is no picture; it is not shown."


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """The baseline's picture, ready to be shown.

    Attributes:
        pixels: BGR, shape (height, width, 3).
        registered: whether it was laid over the shot, and has its size; else it is as it was
            taken, and only to be shown beside it.
    """

    pixels: Pixels
    registered: bool

    def wipe(self) -> None:
        """Overwrite it."""
        self.pixels.fill(0)


def registered(
    jpeg: bytes, registration: Registration, measured: tuple[int, int], size: tuple[int, int]
) -> Pixels:
    """Return the baseline's picture where the shot has the same head.

    Args:
        jpeg: the baseline's picture, upright.
        registration: for pictures of the size ``measured``, width and height.
        measured: see there.
        size: width and height of the shot as it is shown.

    Returns:
        BGR, shape (height, width, 3) of ``size``; grey where the baseline's picture ends.

    Raises:
        BaselineError: it is no picture.
    """
    width, height = _size(jpeg)
    divisor = next(one for one in _REDUCED if width / one >= size[0] or one == 1)
    before = _decoded(jpeg, _REDUCED[divisor])
    moved = np.vstack([registration.matrix, [0.0, 0.0, 1.0]])
    to_measured = _resizing((width / divisor, height / divisor), measured)
    matrix = (_resizing(measured, size) @ moved @ to_measured)[:2]
    laid = cv2.warpAffine(before, matrix, size, flags=cv2.INTER_LINEAR, borderValue=_BEYOND)
    before.fill(0)
    return np.asarray(laid, np.uint8)


def fitted(jpeg: bytes, size: tuple[int, int]) -> Pixels:
    """Return the baseline's picture as it was taken, as large as it fits within a shot.

    Args:
        jpeg: the baseline's picture, upright.
        size: width and height of the shot as it is shown.

    Returns:
        BGR, of the picture's own shape: its width or its height is that of ``size``.

    Raises:
        BaselineError: it is no picture.
    """
    width, height = _size(jpeg)
    factor = min(size[0] / width, size[1] / height)
    divisor = next(one for one in _REDUCED if factor * one <= 1 or one == 1)
    before = _decoded(jpeg, _REDUCED[divisor])
    target = max(1, round(width * factor)), max(1, round(height * factor))
    if (before.shape[1], before.shape[0]) == target:
        return before
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    after = cv2.resize(before, target, interpolation=method)
    before.fill(0)
    return np.asarray(after, np.uint8)


def _resizing(before: tuple[float, float], after: tuple[float, float]) -> Array:
    """Return where a pixel lies after a resize; its middle is the whole number."""
    x, y = after[0] / before[0], after[1] / before[1]
    return np.array([[x, 0.0, (x - 1) / 2], [0.0, y, (y - 1) / 2], [0.0, 0.0, 1.0]])


def _size(jpeg: bytes) -> tuple[int, int]:
    try:
        height, width, *_ = simplejpeg.decode_jpeg_header(jpeg)
    except ValueError as error:
        raise BaselineError(_NO_PICTURE) from error
    return int(width), int(height)


def _decoded(jpeg: bytes, how: int) -> Pixels:
    found = cv2.imdecode(np.frombuffer(jpeg, np.uint8), how)
    if found is None:
        raise BaselineError(_NO_PICTURE)
    return np.asarray(found, np.uint8)
