"""The scale at the subject plane: a bank card's width between two touched edges."""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.capture.ui.service import Item, Line, Mark, Point, Remark
from kiosk.config import CameraCommon
from kiosk.errors import CardNotFound
from kiosk.model import Pixels

CARD_MM: Final = 85.60
"""Width of a card of the format ID-1, ISO/IEC 7810."""

CLOSE: Final = 0.02
"""How far the scale may be from ``station.toml``'s: a card held 2 cm before or behind the plane, a
metre from the lens, makes as much; one found edge is off by a quarter of that at most."""

EDGE: Final = 2.0
"""Levels a pixel that the picture must change by at an edge."""

_REACH: Final = 0.09
_LEAST_REACH: Final = 10
"""How far from a touch the edge may be, share of the card's width, and pixels: half a finger."""

_BAND: Final = 0.06
"""The edge is looked for so far to either side of the line between the touches, share of it."""

_NEAREST: Final = 40
"""Pixels: touches nearer to each other are no card's two edges."""

_SIGMA: Final = 1.5

Floats = npt.NDArray[np.float32]


def on_picture(x: float, y: float, size: tuple[int, int]) -> Point:
    """Return where a touch on the stage, 3:4, lies on a picture drawn whole into its middle.

    Args:
        x: of the stage's width.
        y: of its height.
        size: width and height of the picture, pixels.

    Returns:
        Fractions of the picture's width and height, 0 to 1.
    """
    width, height = size
    factor = min(3 / width, 4 / height)
    across, down = width * factor / 3, height * factor / 4
    inside = (x - (1 - across) / 2) / across, (y - (1 - down) / 2) / down
    return min(1.0, max(0.0, inside[0])), min(1.0, max(0.0, inside[1]))


def find_width(picture: Pixels, touches: tuple[Point, Point]) -> tuple[float, tuple[Point, Point]]:
    """Find the card's edges near two touches.

    The edges' own slope is measured, so that the width is the one across the card, however the
    line between the touches lies.

    Args:
        picture: BGR, (height, width, 3).
        touches: on the left and the right edge, fractions of width and height.

    Returns:
        The width in pixels, and where the edges are, as the touches were given.

    Raises:
        CardNotFound: there is no edge near one of them, or they are too near to each other.
    """
    size = np.array([picture.shape[1], picture.shape[0]], np.float64)
    begin, end = (np.array(touch) * size for touch in touches)
    length = float(np.linalg.norm(end - begin))
    if length < _NEAREST:
        raise CardNotFound("The two touches are too near to each other; touch both edges again.")
    reach = max(_LEAST_REACH, round(_REACH * length))
    along = (end - begin) / length
    band = max(4, round(_BAND * length))
    strip = _strip(picture, begin - reach * along, along, (round(length) + 2 * reach, band))
    whole, upper, lower = (_slope(rows) for rows in (strip, strip[:band], strip[-band:]))
    edges, leans = [], []
    for at in (reach, reach + length):
        edges.append(_edge(whole, at, reach))
        # So many rows lie between the halves' middles.
        leans.append((_edge(lower, at, reach) - _edge(upper, at, reach)) / (band + 1))
    width = (edges[1] - edges[0]) * math.cos(math.atan(sum(leans) / 2))
    places = [(begin + (edge - reach) * along) / size for edge in edges]
    return width, ((places[0][0], places[0][1]), (places[1][0], places[1][1]))


def scale_line(camera: CameraCommon, shown: tuple[int, int], width: float) -> Line:
    """Return what a card of ``width`` pixels says of the scale.

    Args:
        camera: says the full picture's size and what is known of its scale.
        shown: width and height of the reduced picture in which it was measured, pixels.
        width: of the card in it, pixels.
    """
    across = camera.size[1 if camera.rotation in (90, 270) else 0]
    found = CARD_MM / (width * across / shown[0])
    geometry = camera.geometry
    if geometry is None:
        return Line(Item.SCALE, Remark.SCALE_UNTOLD, (("mm", f"{found:.5f}"),), mark=Mark.UNSURE)
    apart = found / geometry.mm_per_px - 1.0
    values = (
        ("mm", f"{found:.5f}"),
        ("told", f"{geometry.mm_per_px:.5f}"),
        ("percent", f"{apart * 100:+.1f}"),
    )
    if abs(apart) > CLOSE:
        return Line(Item.SCALE, Remark.SCALE_APART, values, mark=Mark.BAD)
    return Line(Item.SCALE, Remark.SCALE_FITS, values, mark=Mark.GOOD)


def _strip(
    picture: Pixels,
    begin: npt.NDArray[np.float64],
    along: npt.NDArray[np.float64],
    size: tuple[int, int],
) -> Floats:
    """Return the grey of a band around a line, (2 * band + 1, length)."""
    length, band = size
    steps = np.arange(length)[None, :]
    beside = np.arange(-band, band + 1)[:, None]
    x = begin[0] + steps * along[0] - beside * along[1] - 0.5
    y = begin[1] + steps * along[1] + beside * along[0] - 0.5
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32)
    maps = x.astype(np.float32), y.astype(np.float32)
    strip = cv2.remap(grey, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(strip, np.float32)


def _slope(rows: Floats) -> Floats:
    """Return how fast the mean of the rows changes, levels a pixel."""
    mean = np.mean(rows, axis=0, keepdims=True)
    smooth = cv2.GaussianBlur(mean, (0, 0), _SIGMA, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(np.abs(np.gradient(smooth[0])), np.float32)


def _edge(slope: Floats, at: float, reach: int) -> float:
    """Return where the strongest edge is within ``reach`` of ``at``, to parts of a pixel."""
    first = max(1, round(at) - reach)
    last = min(len(slope) - 1, round(at) + reach + 1)
    peak = first + int(np.argmax(slope[first:last]))
    before, top, after = (float(one) for one in slope[peak - 1 : peak + 2])
    if top < EDGE:
        raise CardNotFound(
            "There is no edge of a card where you touched; touch both edges again, or hold it "
            "before something lighter or darker."
        )
    curve = before - 2 * top + after
    return peak if curve >= 0 else peak + 0.5 * (before - after) / curve
