"""Which triangle is seen at which sample of a picture, exactly: none is rounded to pixels.

Places are pixels from the upper left corner of the picture: pixel (column i, row j) has its middle
at (i + 0.5, j + 0.5), where it is sampled; a finer grid samples the middles of its parts. All of
it is arrays: triangles are turned into spans of rows, spans into fragments, and of each sample
the nearest fragment stays.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Singles = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

_FLAT = 1e-9
"""Triangles with less than this doubled area in square pixels are seen from their edge."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Where a picture is sampled.

    Attributes:
        width, height: of the picture, pixels.
        parts: along each side of a pixel.
        only: (height, width), the pixels that are sampled; all of them if None. With it, samples
            are numbered pixel by pixel in the order of ``only``, else row by row.
    """

    width: int
    height: int
    parts: int = 1
    only: Flags | None = None

    @property
    def samples(self) -> int:
        """How many there are."""
        pixels = self.width * self.height if self.only is None else int(self.only.sum())
        return pixels * self.parts**2


@dataclass(frozen=True, slots=True)
class Spans:
    """Rows of triangles: from column ``first``, ``count`` samples; all (n,), in samples."""

    triangle: Numbers
    row: Numbers
    first: Numbers
    count: Numbers


@dataclass(frozen=True, slots=True)
class Seen:
    """The fragments that nothing nearer hides, at most one for each sample.

    Attributes:
        sample: its number, (n,).
        span: the span that it is of, (n,).
        column: of the sample's middle, pixels, (n,).
        nearness: the value of ``nearness`` there, (n,).
        spans: all spans.
        row: of the middles of the spans' samples, pixels, one for each span.
    """

    sample: Numbers
    span: Numbers
    column: Singles
    nearness: Singles
    spans: Spans
    row: Doubles

    @property
    def triangle(self) -> Numbers:
        """The triangle of each fragment."""
        return np.asarray(self.spans.triangle[self.span])

    def where(self, chosen: Flags | Numbers) -> Seen:
        """Return the chosen fragments only."""
        return Seen(
            self.sample[chosen],
            self.span[chosen],
            self.column[chosen],
            self.nearness[chosen],
            self.spans,
            self.row,
        )

    def value(self, corners: Doubles, values: Doubles) -> Singles:
        """Interpolate what is known at the triangles' corners, linearly in the picture.

        Args:
            corners: those given to ``seen``.
            values: (number of triangles, 3).

        Returns:
            (n,), at the fragments.
        """
        start, across = _along(corners, values, self.spans.triangle, self.row)
        value = across[self.span]
        value *= self.column
        value += start[self.span]
        return value


def facing(corners: Doubles) -> Flags:
    """Tell which triangles, (n, 3, 2) in pixels, show their front (drawn counter-clockwise)."""
    return np.asarray(_doubled_area(corners) < -_FLAT)


def seen(corners: Doubles, nearness: Doubles, grid: Grid) -> Seen:
    """Find what is seen of triangles.

    Args:
        corners: (n, 3, 2), pixels, no triangle flat.
        nearness: (n, 3), greater is nearer; linear in the picture, as 1 / distance is.
        grid: where it is asked.
    """
    spans = _spans(corners, _far_first(corners, nearness, grid.only), grid)
    row = (spans.row + 0.5) / grid.parts
    span = np.repeat(np.arange(len(spans.count)), spans.count)
    at = np.arange(len(span)) + np.repeat(
        spans.first + spans.count - spans.count.cumsum(), spans.count
    )
    column = at.astype(np.float32)
    column += np.float32(0.5)
    column /= np.float32(grid.parts)
    start, across = _along(corners, nearness, spans.triangle, row)
    near = across[span]
    near *= column
    near += start[span]
    if grid.only is None:
        at += np.repeat(spans.row * (grid.width * grid.parts), spans.count)
        found = Seen(at, span, column, near, spans, row)
    else:
        found = _asked(Seen(at, span, column, near, spans, row), grid, grid.only)
    return found.where(_nearest(found.sample, found.nearness, grid.samples))


def _far_first(corners: Doubles, nearness: Doubles, only: Flags | None) -> Numbers:
    """Return the triangles to draw, far ones first: then little is left to be set right."""
    number = np.arange(len(corners)) if only is None else _reaching(corners, only)
    return number[np.argsort(nearness[number].mean(axis=1))]


def _reaching(corners: Doubles, only: Flags) -> Numbers:
    """Return the triangles whose box holds a pixel of ``only``."""
    total = cv2.integral(only.astype(np.uint8))
    height, width = only.shape
    low = np.clip(np.floor(corners.min(axis=1)), 0, (width, height)).astype(np.intp)
    high = np.clip(np.ceil(corners.max(axis=1)), 0, (width, height)).astype(np.intp)
    inside = total[high[:, 1], high[:, 0]] - total[low[:, 1], high[:, 0]]
    inside += total[low[:, 1], low[:, 0]] - total[high[:, 1], low[:, 0]]
    return np.flatnonzero(inside > 0)


def _asked(found: Seen, grid: Grid, only: Flags) -> Seen:
    """Keep the fragments of the pixels asked for, and number their samples."""
    numbers = np.full(only.size, -1, np.intp)
    numbers[only.ravel()] = np.arange(int(only.sum()))
    parts = grid.parts
    across = found.sample
    down = found.spans.row[found.span]
    pixel = numbers[down // parts * grid.width + across // parts]
    part = down % parts * parts + across % parts
    inside = pixel >= 0
    sample = pixel * parts**2 + part
    kept = found.where(inside)
    return Seen(sample[inside], kept.span, kept.column, kept.nearness, found.spans, found.row)


def _along(
    corners: Doubles, values: Doubles, triangle: Numbers, row: Doubles
) -> tuple[Singles, Singles]:
    """Return values on each span as a line: where its column is 0, and the slope."""
    first = corners[:, 1] - corners[:, 0]
    second = corners[:, 2] - corners[:, 0]
    rise, rise2 = values[:, 1] - values[:, 0], values[:, 2] - values[:, 0]
    area = _doubled_area(corners)
    across = (rise * second[:, 1] - rise2 * first[:, 1]) / area
    down = (rise2 * first[:, 0] - rise * second[:, 0]) / area
    start = values[:, 0] - across * corners[:, 0, 0] - down * corners[:, 0, 1]
    at_row = start[triangle] + down[triangle] * row
    return at_row.astype(np.float32), across.astype(np.float32)[triangle]


def _doubled_area(corners: Doubles) -> Doubles:
    first = corners[:, 1] - corners[:, 0]
    second = corners[:, 2] - corners[:, 0]
    return np.asarray(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])


def _spans(corners: Doubles, chosen: Numbers, grid: Grid) -> Spans:
    """Cut the chosen triangles into the rows of the grid, in their order."""
    width, height = grid.width * grid.parts, grid.height * grid.parts
    large = corners[chosen] * grid.parts
    y = large[:, :, 1]
    top = np.clip(np.ceil(y.min(axis=1) - 0.5), 0, height).astype(np.intp)
    bottom = np.clip(np.ceil(y.max(axis=1) - 0.5), 0, height).astype(np.intp)
    rows = np.maximum(bottom - top, 0)
    triangle = np.repeat(np.arange(len(rows)), rows)
    row = np.arange(len(triangle)) + np.repeat(top + rows - rows.cumsum(), rows)
    left, right = _between_edges(large, triangle, row + 0.5)
    first = np.clip(np.ceil(left - 0.5), 0, width).astype(np.intp)
    end = np.clip(np.ceil(right - 0.5), 0, width).astype(np.intp)
    kept = end > first
    if grid.only is not None:
        kept &= _crossing(grid.only, row // grid.parts, first // grid.parts, -(-end // grid.parts))
    return Spans(chosen[triangle[kept]], row[kept], first[kept], (end - first)[kept])


def _crossing(only: Flags, row: Numbers, first: Numbers, end: Numbers) -> Flags:
    """Tell which stretches of pixels, from ``first`` to before ``end``, hold one of ``only``."""
    total = np.zeros((only.shape[0], only.shape[1] + 1), np.int32)
    np.cumsum(only, axis=1, out=total[:, 1:])
    return np.asarray(total[row, end] > total[row, first])


def _between_edges(corners: Doubles, triangle: Numbers, middle: Doubles) -> tuple[Doubles, Doubles]:
    """Return where each row's middle line enters and leaves its triangle, columns."""
    clockwise = _doubled_area(corners) > 0
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
        enters = (swap == clockwise) & ~level
        leaves = (swap != clockwise) & ~level
        left = np.where(enters[triangle], np.maximum(left, cross), left)
        right = np.where(leaves[triangle], np.minimum(right, cross), right)
    return left, right


def _nearest(sample: Numbers, near: Singles, samples: int) -> Numbers:
    """Return for each sample that has fragments the number of its nearest one."""
    winner = np.full(samples, -1, np.intp)
    left = np.arange(len(sample))
    while len(left):
        winner[sample[left]] = left
        hidden = near[left] > near[winner[sample[left]]]
        left = left[hidden]
    return winner[winner >= 0]
