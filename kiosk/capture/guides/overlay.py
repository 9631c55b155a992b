"""The guide as a picture: white lines with a dark edge, legible on any skin and any backdrop."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Final, NamedTuple

import cv2
import numpy as np

from kiosk.capture.guides.reference import reference_lines
from kiosk.capture.guides.silhouette import Box, Field, Line, Silhouette, lines
from kiosk.model import Pixels


class _Pen(NamedTuple):
    """``width`` as a share of the picture's height, ``opacity`` of 255."""

    width: float
    opacity: int


_OUTLINE: Final = _Pen(0.0044, 235)
_REFERENCE: Final = _Pen(0.0024, 170)
_PENS: Final = {
    "feature": _Pen(0.0026, 150),
    "eye": _REFERENCE,
    "centre": _REFERENCE,
    "frankfort": _REFERENCE,
    "chin": _Pen(0.0034, 215),
    "hairline": _Pen(0.0034, 215),
    "tick": _Pen(0.0016, 130),
}
"""By part; what is not here belongs to the outline."""

_EDGE: Final = 0.0026
_EDGE_OPACITY: Final = 0.45
_SHIFT: Final = 4


def draw_guide(
    silhouette: Silhouette, size: tuple[int, int], *, mirror: bool, field: Field | None = None
) -> Pixels:
    """Draw a silhouette with its reference lines for a picture of ``size`` (width, height) pixels.

    Args:
        silhouette: what is drawn.
        size: of the picture.
        mirror: whether the picture is shown as in a mirror.
        field: what the picture shows at the subject plane; None: the guide fills the picture.

    Returns:
        RGBA, shape (height, width, 4), transparent where nothing is drawn.
    """
    width, height = size
    box = Box(0, 0, width, height)
    white = np.zeros((height, width), np.uint8)
    dark = np.zeros((height, width), np.uint8)
    _stroke(white, dark, lines(silhouette, box, mirror=mirror, field=field))
    _stroke(white, dark, reference_lines(silhouette, box, mirror=mirror, field=field))
    alpha = cv2.max(white, cv2.convertScaleAbs(dark, alpha=_EDGE_OPACITY))
    shade = cv2.divide(white, alpha, scale=255)
    return np.asarray(cv2.merge((shade, shade, shade, alpha)), np.uint8)


def _stroke(white: Pixels, dark: Pixels, drawn: Iterable[Line]) -> None:
    height = white.shape[0]
    for part, group in groupby(drawn, key=lambda line: line.part):
        pen = _PENS.get(part, _OUTLINE)
        fixed = [np.round(line.points * 2**_SHIFT).astype(np.int32) for line in group]
        thickness = max(2, round(pen.width * height))
        edge = thickness + 2 * max(1, round(_EDGE * height / 2))
        cv2.polylines(white, fixed, False, pen.opacity, thickness, cv2.LINE_AA, _SHIFT)  # noqa: FBT003
        cv2.polylines(dark, fixed, False, 255, edge, cv2.LINE_AA, _SHIFT)  # noqa: FBT003
