"""What the points of a face can be turned back into."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.capture.pose.geometry import Array
from kiosk.capture.pose.head import load_head_model
from provisioning.demo.patient.pose import rotation
from provisioning.head_model.reveal_faces import (
    Studio,
    nearest_to_themselves,
    recognised,
    surface,
    triangles,
)

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


def test_visits_are_compared_by_shape_with_everybody_elses() -> None:
    rng = np.random.default_rng(1)
    known = list(rng.normal(0.0, 50.0, (5, 30, 3)))
    turn = rotation(120.0, -40.0, 30.0)
    later = [
        1.3 * one @ turn.T + [40.0, -7.0, 3.0] + rng.normal(0.0, 1.0, (30, 3)) for one in known
    ]
    assert nearest_to_themselves(known, later) == 1.0
    assert nearest_to_themselves(known, [later[1], *later[1:]]) == 0.8
    assert nearest_to_themselves(known, [*later[1:], later[0]]) == 0.0


def test_rendered_persons_are_recognised() -> None:
    assert recognised(Studio(load_head_model()), 3) == 1.0
