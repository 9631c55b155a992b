from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt
import pytest

from kiosk.capture.ui.layout import Rect
from kiosk.capture.ui.orientation import Orientation

ALL = [Orientation(turns, mirror) for turns, mirror in product(range(4), (False, True))]


def turned(picture: npt.NDArray[np.uint8], orientation: Orientation) -> npt.NDArray[np.uint8]:
    """The meaning, said with numpy: clockwise quarters, then left and right swapped."""
    result = np.rot90(picture, -orientation.turns)
    return result[:, ::-1] if orientation.mirror else result


@pytest.fixture
def picture() -> npt.NDArray[np.uint8]:
    return np.arange(6 * 4, dtype=np.uint8).reshape(4, 6)


@pytest.mark.parametrize("orientation", ALL, ids=str)
@pytest.mark.parametrize("planes", [None, 2, 3, 4])
def test_pictures_are_turned_as_said(orientation: Orientation, planes: int | None) -> None:
    shape = (4, 6) if planes is None else (4, 6, planes)
    source = np.random.default_rng(3).integers(0, 256, shape, np.uint8)
    out = np.zeros_like(np.ascontiguousarray(turned(source, orientation)))
    orientation.apply(source, out)
    np.testing.assert_array_equal(out, turned(source, orientation))


@pytest.mark.parametrize("first", ALL, ids=str)
@pytest.mark.parametrize("second", ALL, ids=str)
def test_two_in_a_row_are_one(
    first: Orientation, second: Orientation, picture: npt.NDArray[np.uint8]
) -> None:
    np.testing.assert_array_equal(
        turned(picture, first.then(second)), turned(turned(picture, first), second)
    )


@pytest.mark.parametrize("orientation", ALL, ids=str)
def test_rectangles_move_with_the_picture(
    orientation: Orientation, picture: npt.NDArray[np.uint8]
) -> None:
    rect = Rect(1, 2, 3, 1)
    there = orientation.rect(rect, (6, 4))
    whole = turned(picture, orientation)
    part = turned(picture[rect.y : rect.bottom, rect.x : rect.right], orientation)
    np.testing.assert_array_equal(whole[there.y : there.bottom, there.x : there.right], part)


@pytest.mark.parametrize("orientation", ALL, ids=str)
def test_touches_come_back_to_where_the_picture_was(orientation: Orientation) -> None:
    size = (1080, 1920)
    for x, y in [(10, 20), (1000, 20), (540, 1900)]:
        there = orientation.rect(Rect(x, y, 1, 1), size)
        back = orientation.back(there.x + 0.5, there.y + 0.5, size)
        assert back == (x + 0.5, y + 0.5)


def test_degrees_of_the_configuration_are_clockwise() -> None:
    assert [Orientation.of(degrees).turns for degrees in (0, 90, 180, 270)] == [0, 1, 2, 3]
