"""Which triangle is seen at which sample of a picture, exactly: none is rounded to pixels.

Places are pixels from the upper left corner of the picture: pixel (column i, row j) has its middle
at (i + 0.5, j + 0.5), where it is sampled; a finer grid samples the middles of its parts. All of
it is arrays: triangles are turned into spans of rows, spans into fragments, and of each sample
the nearest fragment stays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

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
class Drawn:
    """Triangles in the order of drawing, and what interpolating over them needs.

    Attributes:
        number: of each among the caller's, (n,).
        corners: (n, 3, 2), pixels.
        first, second: from its first corner to the other two, (2, n).
        area: doubled, (n,).
    """

    number: Numbers
    corners: Doubles
    first: Doubles
    second: Doubles
    area: Doubles

    @classmethod
    def of(cls, corners: Doubles, number: Numbers) -> Drawn:
        """Choose some of the caller's triangles by their numbers."""
        chosen = corners[number]
        first = np.ascontiguousarray((chosen[:, 1] - chosen[:, 0]).T)
        second = np.ascontiguousarray((chosen[:, 2] - chosen[:, 0]).T)
        return cls(number, chosen, first, second, _doubled_area(chosen))

    def where(self, chosen: Numbers) -> Drawn:
        """Return the chosen triangles only."""
        return Drawn(
            self.number[chosen],
            self.corners[chosen],
            self.first[:, chosen],
            self.second[:, chosen],
            self.area[chosen],
        )

    def along(self, values: Doubles, triangle: Numbers, row: Doubles) -> tuple[Singles, Singles]:
        """Return values on spans as lines: where their columns are 0, and their slopes.

        Args:
            values: at the corners of the caller's triangles, (number of triangles, 3).
            triangle: of each span, in the order of drawing.
            row: of each span's middle line, pixels.
        """
        at = values[self.number]
        rise, rise2 = at[:, 1] - at[:, 0], at[:, 2] - at[:, 0]
        across = (rise * self.second[1] - rise2 * self.first[1]) / self.area
        down = (rise2 * self.first[0] - rise * self.second[0]) / self.area
        start = at[:, 0] - across * self.corners[:, 0, 0] - down * self.corners[:, 0, 1]
        at_row = start[triangle] + down[triangle] * row
        return at_row.astype(np.float32), across.astype(np.float32)[triangle]


@dataclass(frozen=True, slots=True)
class Seen:
    """Fragments; of ``seen`` those that nothing nearer hides, at most one for each sample.

    Attributes:
        sample: its number, (n,).
        span: the row of a triangle that it is of, (n,).
        column: of the sample's middle, pixels, (n,).
        nearness: the value of ``nearness`` there, (n,).
        row: of the middles of the spans' samples, pixels, one for each span.
        of: each span's triangle, in the order of drawing.
        drawn: the spans' triangles.
    """

    sample: Numbers
    span: Numbers
    column: Singles
    nearness: Singles
    row: Doubles
    of: Numbers
    drawn: Drawn

    @property
    def triangle(self) -> Numbers:
        """The caller's number of each fragment's triangle."""
        return np.asarray(self.drawn.number[self.of][self.span])

    def where(self, chosen: Flags | Numbers) -> Seen:
        """Return the chosen fragments only, with no more spans and triangles than they need."""
        spans, span = _in_use(self.span[chosen], len(self.row))
        triangles, of = _in_use(self.of[spans], len(self.drawn.number))
        return Seen(
            self.sample[chosen],
            span,
            self.column[chosen],
            self.nearness[chosen],
            self.row[spans],
            of,
            self.drawn.where(triangles),
        )

    def value(self, values: Doubles) -> Singles:
        """Interpolate what is known at the triangles' corners, linearly in the picture.

        Args:
            values: of the triangles given to ``seen``, (number of triangles, 3).

        Returns:
            (n,), at the fragments.
        """
        start, across = self.drawn.along(values, self.of, self.row)
        value = across[self.span]
        value *= self.column
        value += start[self.span]
        return value


def _in_use(numbers: Numbers, count: int) -> tuple[Numbers, Numbers]:
    """Return which of ``count`` numbers occur, and all numbers as places among those."""
    used = np.zeros(count, np.bool_)
    used[numbers] = True
    kept = np.flatnonzero(used)
    place = np.empty(count, np.intp)
    place[kept] = np.arange(len(kept))
    return kept, place[numbers]


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
    drawn = Drawn.of(corners, _far_first(corners, nearness, grid.only))
    spans = _spans(drawn.corners, grid)
    row = (spans.row + 0.5) / grid.parts
    span = np.repeat(np.arange(len(spans.count)), spans.count)
    at = np.arange(len(span)) + np.repeat(
        spans.first + spans.count - spans.count.cumsum(), spans.count
    )
    column = at.astype(np.float32)
    column += np.float32(0.5)
    column /= np.float32(grid.parts)
    found = Seen(at, span, column, column, row, spans.triangle, drawn)
    found = replace(found, nearness=found.value(nearness))
    if grid.only is None:
        at += np.repeat(spans.row * (grid.width * grid.parts), spans.count)
    else:
        found = _asked(found, spans.row[span], grid, grid.only)
    return found.where(_nearest(found.sample, found.nearness, grid.samples))


def _far_first(corners: Doubles, nearness: Doubles, only: Flags | None) -> Numbers:
    """Return the triangles to draw, far ones first: then little is left to be set right."""
    number = np.arange(len(corners)) if only is None else _reaching(corners, only)
    return number[np.argsort(nearness[number].mean(axis=1))]


def _reaching(corners: Doubles, only: Flags) -> Numbers:
    """Return the triangles whose box holds a pixel of ``only``."""
    total = cv2.integral(only.astype(np.uint8))
    height, width = only.shape
    (left, right), (top, bottom) = (
        _between(*_reach(corners[:, :, axis]), most) for axis, most in enumerate((width, height))
    )
    inside = total[bottom, right] - total[top, right] + total[top, left] - total[bottom, left]
    return np.flatnonzero(inside > 0)


def _reach(values: Doubles) -> tuple[Doubles, Doubles]:
    """Return least and most of each triangle's corners, (n, 3); by axes NumPy is slow for three."""
    first, second, third = values.T
    least = np.minimum(np.minimum(first, second), third)
    return least, np.maximum(np.maximum(first, second), third)


def _between(low: Doubles, high: Doubles, most: int) -> tuple[Numbers, Numbers]:
    """Return the pixels, from one to before the other, that hold what reaches so far."""
    return (
        np.clip(np.floor(low), 0, most).astype(np.intp),
        np.clip(np.ceil(high), 0, most).astype(np.intp),
    )


def _asked(found: Seen, down: Numbers, grid: Grid, only: Flags) -> Seen:
    """Keep the fragments of the pixels asked for, and number their samples.

    Args:
        found: their samples are columns of the grid.
        down: their rows in the grid.
        grid: where it is asked.
        only: the grid's.
    """
    numbers = np.full(only.size, -1, np.intp)
    numbers[only.ravel()] = np.arange(int(only.sum()))
    parts, across = grid.parts, found.sample
    pixel = numbers[down // parts * grid.width + across // parts]
    sample = pixel * parts**2 + down % parts * parts + across % parts
    return replace(found, sample=sample).where(pixel >= 0)


def _doubled_area(corners: Doubles) -> Doubles:
    first = corners[:, 1] - corners[:, 0]
    second = corners[:, 2] - corners[:, 0]
    return np.asarray(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])


@dataclass(frozen=True, slots=True)
class _Spans:
    """Rows of triangles: from column ``first``, ``count`` samples; all (n,), in samples."""

    triangle: Numbers
    row: Numbers
    first: Numbers
    count: Numbers


def _spans(corners: Doubles, grid: Grid) -> _Spans:
    """Cut triangles into the rows of the grid, in their order."""
    width, height = grid.width * grid.parts, grid.height * grid.parts
    large = corners * grid.parts
    low, high = _reach(large[:, :, 1])
    top = np.clip(np.ceil(low - 0.5), 0, height).astype(np.intp)
    bottom = np.clip(np.ceil(high - 0.5), 0, height).astype(np.intp)
    rows = np.maximum(bottom - top, 0)
    triangle = np.repeat(np.arange(len(rows)), rows)
    row = np.arange(len(triangle)) + np.repeat(top + rows - rows.cumsum(), rows)
    left, right = _between_edges(large, triangle, row + 0.5)
    first = np.clip(np.ceil(left - 0.5), 0, width).astype(np.intp)
    end = np.clip(np.ceil(right - 0.5), 0, width).astype(np.intp)
    kept = end > first
    if grid.only is not None:
        kept &= _crossing(grid.only, row // grid.parts, first // grid.parts, -(-end // grid.parts))
    return _Spans(triangle[kept], row[kept], first[kept], (end - first)[kept])


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
        aside = slope[triangle] * (middle - upper[:, 1][triangle])
        # An edge that the line does not enter by bounds nothing on the left, and so on.
        enters = np.where((swap == clockwise) & ~level, upper[:, 0], -np.inf)
        leaves = np.where((swap != clockwise) & ~level, upper[:, 0], np.inf)
        np.maximum(left, enters[triangle] + aside, out=left)
        np.minimum(right, leaves[triangle] + aside, out=right)
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
