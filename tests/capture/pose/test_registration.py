"""Laying a baseline over a shot: a similarity and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from kiosk.capture.pose.comparisons import FaceAgainstBaseline
from kiosk.capture.pose.describe import describe_face, describe_profile
from kiosk.capture.pose.geometry import Angles, Array
from kiosk.capture.pose.head import HeadModel
from kiosk.capture.pose.observer import Sighting
from kiosk.capture.pose.profile import ProfileAgainstBaseline
from kiosk.capture.pose.registration import register
from kiosk.model import Pixels
from provisioning.demo.patient.pose import Attitude
from tests.capture.pose.scenes import Draw

Look = Callable[[Pixels], Sighting]


def points() -> Array:
    return np.random.default_rng(4).uniform(0, 480, (40, 2))


def test_a_similarity_is_laid_exactly() -> None:
    turn = np.radians(7.0)
    linear = 1.1 * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    laid = register(points(), points() @ linear.T + (5.0, -3.0), 640)
    np.testing.assert_allclose(laid.matrix, np.hstack([linear, [[5.0], [-3.0]]]), atol=1e-9)
    assert laid.residual_px == pytest.approx(0.0, abs=1e-9)


def test_anatomy_is_never_warped() -> None:
    """A face that has become wider is not made narrower: the residual says so instead."""
    laid = register(points(), points() * [1.2, 1.0], 640)
    linear = laid.matrix[:, :2]
    product = linear @ linear.T
    np.testing.assert_allclose(product, product[0, 0] * np.eye(2), atol=1e-9)
    assert np.linalg.det(linear) > 0.0
    assert laid.residual_px > 5.0


def test_residuals_are_given_for_one_width() -> None:
    small, large = (register(points() * k, points() * [1.2 * k, k], 640 * k) for k in (1, 2))
    assert large.residual_px == pytest.approx(small.residual_px)


def residuals(view: Attitude, draw: Draw, look: Look, model: HeadModel) -> list[float]:
    profile = abs(view.yaw) > 60.0
    angles = Angles(view.yaw, view.pitch, 0.0)
    first = look(draw("anna", view, seed=1))
    kept = (
        describe_profile(first, model, angles) if profile else describe_face(first, model, angles)
    )
    assert kept is not None
    against = ProfileAgainstBaseline if profile else FaceAgainstBaseline
    found = []
    for step in (0.0, 2.0, 5.0):
        laid = against(model, kept).registration(
            look(draw("anna", Attitude(view.yaw + step, view.pitch), seed=2))
        )
        assert laid is not None
        found.append(laid.residual_px)
    return found


@pytest.mark.parametrize("view", [Attitude(), Attitude(yaw=45.0), Attitude(yaw=90.0)], ids=str)
def test_the_residual_grows_with_yaw(
    view: Attitude, draw: Draw, look: Look, model: HeadModel
) -> None:
    same, little, much = residuals(view, draw, look, model)
    assert same < 0.4
    assert same < little < much
    assert much > 0.8


def test_there_is_nothing_to_lay_without_a_face(draw: Draw, look: Look, model: HeadModel) -> None:
    kept = describe_face(look(draw("anna", Attitude())), model, Angles(0.0, 0.0, 0.0))
    assert kept is not None
    nobody = look(np.full((480, 640, 3), 128, np.uint8))
    assert FaceAgainstBaseline(model, kept).registration(nobody) is None
