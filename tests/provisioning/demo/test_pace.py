"""On a machine too slow to draw, a patient moves slower; on any other, by the clock."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.model import Pixels
from provisioning.demo.pace import LONGEST_NS, Paced

MS = 1_000_000
BEGIN = 5_000 * MS


class Noted:
    """A scene that notes the times that it is asked for."""

    def __init__(self) -> None:
        self.times: list[int] = []

    def picture(self, at_ns: int, size: tuple[int, int]) -> Pixels:
        self.times.append(at_ns - BEGIN)
        return np.zeros((size[1], size[0], 3), np.uint8)


class Clock:
    def __init__(self) -> None:
        self.ns = BEGIN

    def __call__(self) -> int:
        return self.ns


@pytest.fixture
def noted() -> Noted:
    return Noted()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def paced(noted: Noted, clock: Clock) -> Paced:
    return Paced(noted, clock)


def drawn(paced: Paced, *at_ms: int) -> None:
    for at in at_ms:
        paced.picture(BEGIN + at * MS, (4, 4))


def test_pictures_in_time_are_drawn_at_their_time(paced: Paced, noted: Noted) -> None:
    drawn(paced, 100, 200, 200, 290)
    assert noted.times == [100 * MS, 200 * MS, 200 * MS, 290 * MS]


def test_after_a_late_picture_everything_comes_later(paced: Paced, noted: Noted) -> None:
    drawn(paced, 100, 600, 700)
    longest = LONGEST_NS // MS
    assert noted.times == [100 * MS, (100 + longest) * MS, (200 + longest) * MS]


def test_a_moment_that_lies_back_stays_where_it_was(paced: Paced, noted: Noted) -> None:
    drawn(paced, 100, 60, 110)
    assert noted.times == [100 * MS, 60 * MS, 110 * MS]


@pytest.mark.parametrize(("later_ms", "passed_ms"), [(0, 0), (40, 40), (900, LONGEST_NS // MS)])
def test_between_pictures_no_more_passes_than_to_the_next(
    paced: Paced, clock: Clock, later_ms: int, passed_ms: int
) -> None:
    drawn(paced, 100)
    clock.ns = BEGIN + (100 + later_ms) * MS
    assert paced.now() == BEGIN + (100 + passed_ms) * MS


def test_the_camera_may_have_exposed_later_than_one_asks(paced: Paced) -> None:
    drawn(paced, 100)
    assert paced.now() == BEGIN + 100 * MS
