"""The lines of a baseline as they are drawn over the live picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kiosk.capture.guiding import drawn
from kiosk.capture.guiding.drawn import drawn_baseline
from kiosk.capture.pose.mesh import POINTS
from tests.capture.guiding.fakes import descriptor_of

NUMBERED = np.stack([np.arange(POINTS) / POINTS, np.arange(POINTS) / POINTS, np.ones(POINTS)], 1)


def test_a_face_is_drawn_by_its_landmarks() -> None:
    lines = drawn_baseline(descriptor_of(NUMBERED))
    assert len(lines.contours) == len(drawn._CLOSED) + len(drawn._OPEN)
    for line in lines.contours[: len(drawn._CLOSED)]:
        assert np.array_equal(line[0], line[-1])
    for line, loop in zip(lines.contours, drawn._CLOSED, strict=False):
        assert np.allclose(line[: len(loop), 0] * POINTS, loop)
    assert np.allclose(lines.landmarks[:, 0] * POINTS, drawn._LANDMARKS)
    assert all(line.shape[1] == 2 for line in (*lines.contours, lines.landmarks))


def test_anything_else_is_drawn_by_the_lines_that_were_kept() -> None:
    line = np.array([[0.1, 0.2], [0.3, 0.4]])
    profile = replace(descriptor_of(np.zeros((0, 3))), method="profile", lines=(line,))
    lines = drawn_baseline(profile)
    assert lines.contours == (line,)
    assert lines.landmarks.shape == (0, 2)
