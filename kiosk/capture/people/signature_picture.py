"""A signature's strokes as a picture: black on white, smooth, without any metadata."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from kiosk.errors import ConsentError
from kiosk.records.consent import Signature

WIDTH: Final = 900
"""Pixels; the height follows from the pad's aspect, within limits that keep the picture small."""
_HEIGHTS: Final = (90, 1800)
_SHIFT: Final = 4
_THICKNESS: Final = 4


def render(signature: Signature) -> bytes:
    """Return the PNG, greyscale, 900 pixels wide.

    Raises:
        ConsentError: the picture cannot be encoded.
    """
    height = int(np.clip(round(WIDTH / signature.aspect), *_HEIGHTS))
    picture = np.full((height, WIDTH), 255, np.uint8)
    # OpenCV takes fixed point coordinates, so that the line lies between pixels too.
    scale = np.array([WIDTH - 1, height - 1], np.float64) * (1 << _SHIFT)
    for stroke in signature.strokes:
        drawn = [point[:2] for point in (*stroke, stroke[-1])]  # a dot is a line onto itself
        points = np.rint(np.array(drawn, np.float64) * scale)
        cv2.polylines(
            picture,
            [points.astype(np.int32).reshape(-1, 1, 2)],
            isClosed=False,
            color=(0,),
            thickness=_THICKNESS,
            lineType=cv2.LINE_AA,
            shift=_SHIFT,
        )
    done, encoded = cv2.imencode(".png", picture)
    if not done:
        raise ConsentError("The picture of the signature cannot be written; let them sign again.")
    return encoded.tobytes()
