"""What the points of a face can be turned back into."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.capture.pose.geometry import Array
from kiosk.capture.pose.head import load_head_model
from provisioning.head_model.reveal_faces import Studio, recognised, surface, triangles

GRID = np.stack(np.meshgrid(np.arange(6.0), np.arange(6.0)), axis=-1).reshape(-1, 2)


def leaning(slope: float) -> Array:
    return np.column_stack([GRID * 30, GRID[:, 0] * 30 * slope])


def test_a_net_has_two_triangles_for_each_square_and_leaves_no_point_out() -> None:
    net = triangles(GRID)
    assert len(net) == 2 * 25
    assert set(net.ravel().tolist()) == set(range(len(GRID)))


@pytest.mark.parametrize(("slope", "light"), [(0.0, 230), (1.0, 171), (3.0, 93)])
def test_what_faces_the_camera_is_light(slope: float, light: int) -> None:
    shown = surface(leaning(slope), triangles(GRID))
    assert abs(int(shown[120, 120]) - light) <= 1
    assert shown[2, 2] == 255


def test_visits_are_compared_with_everybody_elses() -> None:
    assert recognised(Studio(load_head_model()), 2) in (0.5, 1.0)
