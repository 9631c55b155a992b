"""What a picture shows of a grey card that fills the square in its middle.

Levels are stored values of 255 and follow the sRGB transfer (IEC 61966-2-1); light is linear.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.capture.picture import planes
from kiosk.capture.picture.srgb import Floats, to_light
from kiosk.capture.ui.guide_pictures import SQUARE
from kiosk.errors import CardNotFound
from kiosk.model import Frame

CELLS: Final = 8
"""The square is looked at in so many cells along each side."""

TEXTURE: Final = 6.0
"""Levels, standard deviation within a cell: more is a mark, a finger, an edge. A sensor's noise at
gain 1 makes one or two of a middle grey, hair and skin make ten and more."""

CELLS_SMOOTH: Final = 0.9
"""Share of the cells that must be smooth; cards carry a mark, and a thumb may hold a corner."""

STEP: Final = 0.12
"""Share by which light may change from a smooth cell to the next, in each colour: less than any
other thing differs from a card, more than a lamp's falloff changes over an eighth of it."""

CLIPPED: Final = 254.0
CLIPPED_SHARE: Final = 0.001
"""From this level on a pixel may have been brighter; and the share of them that is let pass."""

DARKEST: Final = 30.0
"""Of a card whose brightest colour is below it, one level is too large a share to measure by."""

_DARK_LIGHT: Final = 0.013
"""The light of the same level; below it noise is a large share of what there is."""

_INSIDE: Final = 0.9
"""Of the square's side is looked at, so that a card need not fit it to the millimetre."""

_CORNER: Final = 2
"""Cells along each side of a corner."""


@dataclass(frozen=True, slots=True)
class GreyCard:
    """What was found.

    Attributes:
        levels: red, green and blue, mean over the smooth cells, 0 to 255.
        clipped: share of the square's pixels of which a colour is at its upper end.
        unevenness: light of the brightest corner less that of the darkest, over the mean.
    """

    levels: tuple[float, float, float]
    clipped: float
    unevenness: float

    @property
    def tint(self) -> float:
        """How far it is from neutral: levels between its largest and its smallest colour."""
        return max(self.levels) - min(self.levels)

    @property
    def ratios(self) -> tuple[float, float]:
        """Light of red and of blue, each over that of green."""
        red, green, blue = to_light(np.maximum(np.asarray(self.levels), 1.0) / 255.0)
        return float(red / green), float(blue / green)


def find_card(frame: Frame) -> GreyCard:
    """Look at the square in the middle of a picture.

    Raises:
        CardNotFound: no one smooth thing fills it, or it is too dark or too bright to be measured.
    """
    square = _square(frame)
    means, deviations = _cells(square)
    smooth = deviations <= TEXTURE
    light = to_light(means / 255.0)
    if np.mean(smooth) < CELLS_SMOOTH or _largest_step(light, smooth) > STEP:
        raise CardNotFound(
            "No grey card fills the square: expected one smooth surface, without hand, edge or "
            "gloss, as large as the square."
        )
    red, green, blue = np.mean(means[smooth], axis=0)
    levels = float(red), float(green), float(blue)
    clipped = float(np.mean(np.any(square >= CLIPPED, axis=-1)))
    if clipped > CLIPPED_SHARE or max(levels) < DARKEST:
        raise CardNotFound(
            f"The card cannot be measured: it has the levels {red:.0f}, {green:.0f}, {blue:.0f} of "
            f"255 (red, green, blue), and {clipped:.1%} of it is at the upper end. Expected "
            f"{DARKEST:.0f} to {CLIPPED:.0f}: mend camera.exposure or the lamps."
        )
    return GreyCard(levels, clipped, _unevenness(light, smooth))


def _square(frame: Frame) -> npt.NDArray[np.float32]:
    """Return the middle as RGB levels, (side, side, 3), at half the picture's resolution."""
    side = int(SQUARE * _INSIDE * min(frame.width, frame.height)) & ~3
    top, left = (frame.height - side) // 4 * 2, (frame.width - side) // 4 * 2
    y, cb, cr = planes.strip(frame, top, top + side, 0, halved=True)
    half, columns = side // 2, slice(left // 2, left // 2 + side // 2)
    luma = cv2.resize(y[:, left : left + side], (half, half), interpolation=cv2.INTER_AREA)
    red, blue = cr[:, columns] - np.float32(128.0), cb[:, columns] - np.float32(128.0)
    grey = luma.astype(np.float32)
    # ITU-T T.871, section 7.
    rgb = (grey + 1.402 * red, grey - 0.344136 * blue - 0.714136 * red, grey + 1.772 * blue)
    return np.asarray(np.clip(np.stack(rgb, axis=-1), 0.0, 255.0), np.float32)


def _cells(square: npt.NDArray[np.float32]) -> tuple[Floats, Floats]:
    """Return each cell's mean, (CELLS, CELLS, 3), and its largest standard deviation."""
    size = (CELLS, CELLS)
    means = np.asarray(cv2.resize(square, size, interpolation=cv2.INTER_AREA), np.float64)
    squares = np.asarray(cv2.resize(square**2, size, interpolation=cv2.INTER_AREA), np.float64)
    return means, np.sqrt(np.maximum(squares - means**2, 0.0)).max(axis=-1)


def _largest_step(light: Floats, smooth: npt.NDArray[np.bool_]) -> float:
    """Return the largest change from a smooth cell to a smooth neighbour, as a share."""
    found = [0.0]
    for one, other in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        both = smooth[one] & smooth[other]
        if both.any():
            mean = (light[one] + light[other])[both] / 2
            change = np.abs(light[one] - light[other])[both]
            found.append(float(np.max(change / np.maximum(mean, _DARK_LIGHT))))
    return max(found)


def _unevenness(light: Floats, smooth: npt.NDArray[np.bool_]) -> float:
    """Compare the corners by their green, which has the least noise."""
    green = light[..., 1]
    near, far = np.s_[:_CORNER], np.s_[-_CORNER:]
    corners = [
        float(np.mean(green[place][smooth[place]]))
        for place in ((near, near), (near, far), (far, near), (far, far))
        if smooth[place].any()
    ]
    return (max(corners) - min(corners)) / float(np.mean(green[smooth]))
