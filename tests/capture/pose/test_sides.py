"""Which side a face shows: what was plain once outweighs points that jump."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.capture.pose.detector import Face
from kiosk.capture.pose.sides import Side

SECOND = 1_000_000_000
STEP = SECOND // 8
LEFT, RIGHT = -1.0, 1.0

PLAIN = (0.13, 0.34, 0.09)
"""Where eyes and nose lie across the box of a nose that points to the left, at 68 degrees."""

AMISS = (0.40, 0.52, 0.55)
"""The same at 79 degrees of that patient, laid as if the nose pointed to the right."""


def face(across: tuple[float, float, float], *, mirrored: bool = False) -> Face:
    x = np.array([*across, 0.2, 0.3]) * 200.0
    points = np.stack([200.0 - x if mirrored else x, np.full(5, 100.0)], axis=1)
    return Face((0.0, 0.0, 200.0, 250.0), points, 0.8)


def followed(*told: tuple[float, Face]) -> float:
    """What is told in the end of faces that are each seen for some seconds."""
    side, at_ns = Side(), 0
    for seconds, one in told:
        end_ns = at_ns + round(seconds * SECOND)
        while at_ns < end_ns:
            side.see(one, at_ns)
            at_ns += STEP
    return side.points


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_first_face_is_told_by_its_points(*, mirrored: bool) -> None:
    side = Side()
    side.see(face(PLAIN, mirrored=mirrored), 0)
    assert side.points == (RIGHT if mirrored else LEFT)


def test_points_that_jump_do_not_turn_anybody_around() -> None:
    assert followed((1.2, face(PLAIN)), (6.0, face(AMISS))) == LEFT


def test_what_is_plain_is_believed_at_once_after_what_was_not() -> None:
    assert followed((4.0, face(AMISS)), (2 * STEP / SECOND, face(PLAIN))) == LEFT


def test_another_person_on_the_other_side_is_seen_in_a_few_seconds() -> None:
    assert followed((60.0, face(PLAIN)), (4.5, face(PLAIN, mirrored=True))) == RIGHT


def test_a_picture_is_not_counted_twice_and_a_late_one_not_for_more_than_it_is() -> None:
    side = Side()
    side.see(face(PLAIN), 0)
    for _ in range(100):
        side.see(face(AMISS), 0)
    side.see(face(AMISS), 60 * SECOND)
    assert side.points == LEFT


def test_a_box_without_width_is_told_by_its_points() -> None:
    thin = Face((0.0, 0.0, 0.0, 250.0), face(PLAIN).points, 0.8)
    side = Side()
    side.see(thin, 0)
    assert side.points == LEFT
