"""Which triangle is seen at which pixel, exactly: every pixel's middle is tried, none is rounded.

Places are pixels from the upper left corner of the picture: pixel (column i, row j) has its middle
at (i + 0.5, j + 0.5). All of it is arrays; triangles are turned into spans of rows, spans into
fragments, and the nearest fragment of a pixel stays.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

_FLAT = 1e-9
"""Triangles with less than this doubled area in square pixels are seen from their edge."""


@dataclass(frozen=True, slots=True)
class Planes:
    """One value over each of n triangles: ``across`` * x + ``down`` * y + ``start``."""

    across: Floats
    down: Floats
    start: Floats

    def at(self, triangle: Integers, x: Floats, y: Floats) -> Floats:
        """Return the value of the given triangles at places, float32 (n,)."""
        value = self.across[triangle]
        value *= x
        step = self.down[triangle]
        step *= y
        value += step
        value += self.start[triangle]
        return value


@dataclass(frozen=True, slots=True)
class Seen:
    """The fragments that nothing nearer hides: at most one for each pixel.

    Attributes:
        pixel: row * width + column, int32 (n,).
        triangle: index into the triangles given, int32 (n,).
        nearness: the value of ``nearness`` there, float32 (n,).
    """

    pixel: Integers
    triangle: Integers
    nearness: Floats

    def where(self, chosen: Flags) -> Seen:
        """Return the chosen fragments only."""
        return Seen(self.pixel[chosen], self.triangle[chosen], self.nearness[chosen])

    def middles(self, width: int) -> tuple[Floats, Floats]:
        """Return the columns and rows of the pixels' middles in a picture of that width."""
        row, column = np.divmod(self.pixel, np.int32(width))
        half = np.float32(0.5)
        return column + half, row + half


def facing(corners: Doubles) -> Flags:
    """Tell which triangles, (n, 3, 2) in pixels, show their front (drawn counter-clockwise)."""
    return np.asarray(_doubled_area(corners) < -_FLAT)


def planes(corners: Doubles, values: Doubles) -> Planes:
    """Lay planes through the values at the corners.

    Args:
        corners: (n, 3, 2), pixels; none of them flat.
        values: (n, 3).
    """
    first = corners[:, 1] - corners[:, 0]
    second = corners[:, 2] - corners[:, 0]
    rise, rise2 = values[:, 1] - values[:, 0], values[:, 2] - values[:, 0]
    area = _doubled_area(corners)
    across = (rise * second[:, 1] - rise2 * first[:, 1]) / area
    down = (rise2 * first[:, 0] - rise * second[:, 0]) / area
    start = values[:, 0] - across * corners[:, 0, 0] - down * corners[:, 0, 1]
    return Planes(*(np.asarray(part, np.float32) for part in (across, down, start)))


def seen(
    corners: Doubles, nearness: Doubles, size: tuple[int, int], only: Flags | None = None
) -> Seen:
    """Find what is seen of triangles.

    Args:
        corners: (n, 3, 2), pixels, no triangle flat.
        nearness: (n, 3), greater is nearer; linear in the picture, as 1 / distance is.
        size: width and height of the picture, pixels.
        only: (height, width), where it is asked; everywhere if None.
    """
    number = np.arange(len(corners)) if only is None else _reaching(corners, only)
    # Far ones first: later ones then overwrite them, and little is left to be set right.
    order = number[np.argsort(nearness[number].mean(axis=1))]
    pixel, row, spans = _fragments(corners[order], size)
    if only is not None:
        asked = only.ravel()[pixel]
        pixel, row = pixel[asked], row[asked]
    slope = planes(corners[order], nearness[order])
    triangle = spans.triangle[row]
    middle = spans.row[row] + np.float32(0.5)
    column = pixel - spans.row[row] * np.int32(size[0])
    near = slope.at(triangle, column + np.float32(0.5), middle)
    winner = _nearest(pixel, near, size[0] * size[1])
    return Seen(pixel[winner], order.astype(np.int32)[triangle[winner]], near[winner])


def _reaching(corners: Doubles, only: Flags) -> npt.NDArray[np.intp]:
    """Return the triangles whose box holds a pixel of ``only``."""
    total = cv2.integral(only.astype(np.uint8))
    height, width = only.shape
    low = np.clip(np.floor(corners.min(axis=1)), 0, (width, height)).astype(int)
    high = np.clip(np.ceil(corners.max(axis=1)), 0, (width, height)).astype(int)
    inside = total[high[:, 1], high[:, 0]] - total[low[:, 1], high[:, 0]]
    inside += total[low[:, 1], low[:, 0]] - total[high[:, 1], low[:, 0]]
    return np.flatnonzero(inside > 0)


def _doubled_area(corners: Doubles) -> Doubles:
    first = corners[:, 1] - corners[:, 0]
    second = corners[:, 2] - corners[:, 0]
    return np.asarray(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])


@dataclass(frozen=True, slots=True)
class _Spans:
    """The rows of all triangles: from column ``first``, ``count`` pixels."""

    triangle: Integers
    row: Integers
    first: Integers
    count: Integers


def _fragments(corners: Doubles, size: tuple[int, int]) -> tuple[Integers, Integers, _Spans]:
    """Return each fragment's pixel and the span it came from."""
    spans = _spans(corners, size)
    number = np.repeat(np.arange(len(spans.count), dtype=np.int32), spans.count)
    begin = np.cumsum(spans.count, dtype=np.int32) - spans.count
    base = spans.row * np.int32(size[0]) + spans.first - begin
    pixel = np.arange(len(number), dtype=np.int32)
    pixel += base[number]
    return pixel, number, spans


def _spans(corners: Doubles, size: tuple[int, int]) -> _Spans:
    width, height = size
    y = corners[:, :, 1]
    top = np.clip(np.ceil(y.min(axis=1) - 0.5), 0, height).astype(np.int32)
    bottom = np.clip(np.ceil(y.max(axis=1) - 0.5), 0, height).astype(np.int32)
    rows = np.maximum(bottom - top, 0)
    triangle = np.repeat(np.arange(len(rows), dtype=np.int32), rows)
    begin = np.cumsum(rows, dtype=np.int32) - rows
    row = np.arange(len(triangle), dtype=np.int32) + (top - begin)[triangle]
    left, right = _between_edges(corners, triangle, row + 0.5)
    first = np.clip(np.ceil(left - 0.5), 0, width).astype(np.int32)
    end = np.clip(np.ceil(right - 0.5), 0, width).astype(np.int32)
    return _Spans(triangle, row, first, np.maximum(end - first, 0))


def _between_edges(
    corners: Doubles, triangle: Integers, middle: Doubles
) -> tuple[Doubles, Doubles]:
    """Return where each row's middle line enters and leaves its triangle, columns."""
    turned = np.where(_doubled_area(corners) > 0, 1.0, -1.0)
    left = np.full(len(triangle), -np.inf)
    right = np.full(len(triangle), np.inf)
    for k in range(3):
        # From the upper end, whichever triangle asks: neighbours must agree to the last bit.
        a, b = corners[:, k], corners[:, (k + 1) % 3]
        swap = a[:, 1] > b[:, 1]
        upper, lower = np.where(swap[:, None], b, a), np.where(swap[:, None], a, b)
        fall = lower[:, 1] - upper[:, 1]
        level = fall == 0.0
        slope = (lower[:, 0] - upper[:, 0]) / np.where(level, 1.0, fall)
        cross = upper[triangle, 0] + slope[triangle] * (middle - upper[triangle, 1])
        enters = (swap == (turned > 0)) & ~level
        leaves = (swap != (turned > 0)) & ~level
        left = np.where(enters[triangle], np.maximum(left, cross), left)
        right = np.where(leaves[triangle], np.minimum(right, cross), right)
    return left, right


def _nearest(pixel: Integers, near: Floats, pixels: int) -> Integers:
    """Return for each pixel that has fragments the number of its nearest one."""
    winner = np.full(pixels, -1, np.int32)
    left = np.arange(len(pixel), dtype=np.int32)
    while len(left):
        winner[pixel[left]] = left
        hidden = near[left] > near[winner[pixel[left]]]
        left = left[hidden]
    return winner[winner >= 0]
