"""The baseline's picture laid over a shot, to be looked at beside it."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from kiosk.capture.pose.geometry import Array
from kiosk.capture.pose.registration import Registration
from kiosk.errors import BaselineError
from kiosk.model import Pixels

_REDUCED: Final = (
    (8, cv2.IMREAD_REDUCED_COLOR_8),
    (4, cv2.IMREAD_REDUCED_COLOR_4),
    (2, cv2.IMREAD_REDUCED_COLOR_2),
    (1, cv2.IMREAD_COLOR),
)
"""A JPEG is read smaller than it is at a fraction of the cost."""

_BEYOND: Final = (96.0, 96.0, 96.0)


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
    before = _read(jpeg, size[0])
    moved = np.vstack([registration.matrix, [0.0, 0.0, 1.0]])
    to_measured = _resizing((before.shape[1], before.shape[0]), measured)
    matrix = (_resizing(measured, size) @ moved @ to_measured)[:2]
    laid = cv2.warpAffine(before, matrix, size, flags=cv2.INTER_LINEAR, borderValue=_BEYOND)
    before.fill(0)
    return np.asarray(laid, np.uint8)


def _resizing(before: tuple[int, int], after: tuple[int, int]) -> Array:
    """Return where a pixel lies after a resize; its middle is the whole number."""
    x, y = after[0] / before[0], after[1] / before[1]
    return np.array([[x, 0.0, (x - 1) / 2], [0.0, y, (y - 1) / 2], [0.0, 0.0, 1.0]])


def _read(jpeg: bytes, width: int) -> Pixels:
    """Decode a JPEG no larger than needed for a picture of this width."""
    divisor, how = _REDUCED[0]
    found = _decoded(jpeg, how)
    whole = found.shape[1] * divisor
    wanted = next((one for one in _REDUCED if whole / one[0] >= width), _REDUCED[-1])
    if wanted is _REDUCED[0]:
        return found
    found.fill(0)
    return _decoded(jpeg, wanted[1])


def _decoded(jpeg: bytes, how: int) -> Pixels:
    try:
        found = cv2.imdecode(np.frombuffer(jpeg, np.uint8), how)
    except cv2.error:
        found = None
    if found is None:
        raise BaselineError("The earlier picture that the clinic sent is no picture; not shown.")
    return np.asarray(found, np.uint8)
