"""What is seen of triangles, against trying each sample by itself."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from provisioning.demo.patient.raster import Grid, Seen, facing, seen

Doubles = npt.NDArray[np.float64]

SIZE = (37, 29)


def some_triangles(count: int, seed: int) -> tuple[Doubles, Doubles]:
    """Triangles of all sizes, turned both ways, in part outside the picture."""
    rng = np.random.default_rng(seed)
    middles = rng.uniform((-5, -5), (SIZE[0] + 5, SIZE[1] + 5), (count, 1, 2))
    corners = middles + rng.normal(0, 1, (count, 3, 2)) * rng.uniform(0.5, 12, (count, 1, 1))
    return corners, rng.uniform(0.5, 2.0, (count, 3))


def shares(corners: Doubles, x: float, y: float) -> Doubles:
    """Barycentric coordinates of a place in each triangle, (n, 3)."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    u = ((x - a[:, 0]) * (c[:, 1] - a[:, 1]) - (y - a[:, 1]) * (c[:, 0] - a[:, 0])) / area
    v = ((b[:, 0] - a[:, 0]) * (y - a[:, 1]) - (b[:, 1] - a[:, 1]) * (x - a[:, 0])) / area
    return np.stack([1 - u - v, u, v], axis=1)


def one_by_one(corners: Doubles, near: Doubles, x: float, y: float) -> int | None:
    """The nearest triangle at a place."""
    share = shares(corners, x, y)
    at = np.where(share.min(axis=1) >= 0, (share * near).sum(axis=1), -np.inf)
    return None if np.isneginf(np.max(at)) else int(np.argmax(at))


def by_sample(found: Seen) -> dict[int, int]:
    return dict(zip(found.sample.tolist(), found.triangle.tolist(), strict=True))


@pytest.mark.parametrize("seed", range(4))
def test_each_pixel_shows_the_nearest_triangle(seed: int) -> None:
    corners, near = some_triangles(60, seed)
    found = by_sample(seen(corners, near, Grid(*SIZE)))
    for number in range(SIZE[0] * SIZE[1]):
        row, column = divmod(number, SIZE[0])
        expected = one_by_one(corners, near, column + 0.5, row + 0.5)
        assert found.get(number) == expected, (column, row)


def test_values_are_those_of_the_place() -> None:
    corners, near = some_triangles(30, 9)
    found = seen(corners, near, Grid(*SIZE))
    values = np.random.default_rng(1).uniform(0, 100, near.shape)
    got = found.value(values)
    for k in range(0, len(got), 7):
        row, column = divmod(int(found.sample[k]), SIZE[0])
        share = shares(corners, column + 0.5, row + 0.5)[found.triangle[k]]
        assert got[k] == pytest.approx((share * values[found.triangle[k]]).sum(), abs=0.01)


@pytest.mark.parametrize("only", [True, False])
def test_a_finer_grid_samples_the_parts_of_the_pixels_asked_for(*, only: bool) -> None:
    corners, near = some_triangles(60, 5)
    asked = np.random.default_rng(2).uniform(size=SIZE[::-1]) < (0.2 if only else 2.0)
    grid = Grid(*SIZE, parts=2, only=asked)
    found = by_sample(seen(corners, near, grid))
    assert grid.samples == 4 * asked.sum()
    for number, (row, column) in enumerate(np.argwhere(asked)):
        for part in range(4):
            down, across = divmod(part, 2)
            place = column + 0.25 + 0.5 * across, row + 0.25 + 0.5 * down
            assert found.get(4 * number + part) == one_by_one(corners, near, *place)


def test_neighbours_leave_no_gap_and_do_not_overlap() -> None:
    """A fan of triangles about one point covers its square exactly once."""
    rng = np.random.default_rng(3)
    rim = np.array([(2, 2), (17.3, 2), (30, 2), (30, 11.1), (30, 25), (9.7, 25), (2, 25), (2, 8.2)])
    middle = rng.uniform((10, 8), (22, 19))
    fan = np.array([(middle, a, b) for a, b in zip(rim, np.roll(rim, -1, axis=0), strict=True)])
    found = [seen(fan[k : k + 1], np.ones((1, 3)), Grid(*SIZE)).sample for k in range(len(fan))]
    every = np.concatenate(found)
    assert len(every) == len(set(every.tolist())) == 28 * 23


def test_only_fronts_face_the_viewer() -> None:
    front = np.array([[(0.0, 9.0), (9.0, 9.0), (4.0, 0.0)]])  # counter-clockwise, y downwards
    assert facing(front).tolist() == [True]
    assert facing(front[:, ::-1]).tolist() == [False]


def test_nothing_is_seen_of_nothing() -> None:
    found = seen(np.zeros((0, 3, 2)), np.zeros((0, 3)), Grid(*SIZE))
    assert len(found.sample) == 0
