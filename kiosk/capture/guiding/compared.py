"""The baseline's picture laid over a shot, to be looked at beside it."""

from __future__ import annotations

import cv2
import numpy as np

from kiosk.capture.pose.registration import Registration
from kiosk.errors import BaselineError
from kiosk.model import Pixels

_REDUCED = (
    (8, cv2.IMREAD_REDUCED_COLOR_8),
    (4, cv2.IMREAD_REDUCED_COLOR_4),
    (2, cv2.IMREAD_REDUCED_COLOR_2),
)
"""A JPEG is read smaller than it is at a fraction of the cost."""


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
    height, width = before.shape[:2]
    to_measured = np.diag([measured[0] / width, measured[1] / height, 1.0])
    to_shown = np.diag([size[0] / measured[0], size[1] / measured[1], 1.0])
    moved = np.vstack([registration.matrix, [0.0, 0.0, 1.0]])
    matrix = (to_shown @ moved @ to_measured)[:2]
    laid = cv2.warpAffine(
        before, matrix, size, flags=cv2.INTER_LINEAR, borderValue=(96.0, 96.0, 96.0)
    )
    before.fill(0)
    return np.asarray(laid, np.uint8)


def _read(jpeg: bytes, width: int) -> Pixels:
    """Decode a JPEG no larger than needed for a picture of this width."""
    raw = np.frombuffer(jpeg, np.uint8)
    small = cv2.imdecode(raw, cv2.IMREAD_REDUCED_COLOR_8)
    if small is None:
        raise BaselineError("The earlier picture that the clinic sent is no picture; not shown.")
    whole = small.shape[1] * 8
    for divisor, how in _REDUCED:
        if whole / divisor >= width:
            found = small if divisor == _REDUCED[0][0] else cv2.imdecode(raw, how)
            return np.asarray(found, np.uint8)
    return np.asarray(cv2.imdecode(raw, cv2.IMREAD_COLOR), np.uint8)
