"""Angles, rays and similarities, tried on points that are really projected."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.capture.pose.geometry import (
    PICTURE_TO_HEAD,
    Angles,
    Array,
    Pinhole,
    Similarity,
    fit_similarity,
)

CAMERA = Pinhole(640, 480, 1250.0)

NOSE = np.array([0.0, 0.0, 1.0])
CROWN = np.array([0.0, 1.0, 0.0])

degrees = st.floats(-179.0, 179.0)
nods = st.floats(-85.0, 85.0)


def project(points: Array, camera: Pinhole) -> Array:
    """Project points, shape (n, 3), axes of the camera, X right, Y up, Z to the viewer."""
    x = camera.width / 2 + camera.focal_px * points[:, 0] / -points[:, 2]
    y = camera.height / 2 - camera.focal_px * points[:, 1] / -points[:, 2]
    return np.stack([x, y], axis=1)


def test_yaw_turns_the_nose_to_the_right_of_the_picture() -> None:
    np.testing.assert_allclose(Angles(90.0, 0.0, 0.0).matrix() @ NOSE, [1.0, 0.0, 0.0], atol=1e-12)


def test_pitch_lowers_the_nose() -> None:
    assert (Angles(0.0, 10.0, 0.0).matrix() @ NOSE)[1] < -0.1


def test_roll_tilts_the_crown_to_the_left_of_the_picture() -> None:
    """Counter-clockwise as seen, towards the patient's own right shoulder."""
    assert (Angles(0.0, 0.0, 10.0).matrix() @ CROWN)[0] < -0.1


@given(degrees, nods, degrees)
def test_angles_of_a_rotation_are_those_it_was_made_of(
    yaw: float, pitch: float, roll: float
) -> None:
    read = Angles.of(Angles(yaw, pitch, roll).matrix())
    np.testing.assert_allclose((read.yaw, read.pitch, read.roll), (yaw, pitch, roll), atol=1e-6)


@given(degrees, degrees, degrees)
def test_a_rotation_is_one(yaw: float, pitch: float, roll: float) -> None:
    rotation = Angles(yaw, pitch, roll).matrix()
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(rotation) == pytest.approx(1.0)


def test_a_rotation_that_is_not_quite_one_has_angles() -> None:
    assert Angles.of(Angles(0.0, 90.0, 0.0).matrix() * (1 + 1e-9)).pitch == pytest.approx(90.0)


@given(st.floats(0.0, 640.0), st.floats(0.0, 480.0))
def test_a_ray_looks_along_the_line_of_sight(x: float, y: float) -> None:
    """What lies on it in the room is seen where it was asked for."""
    ray = CAMERA.ray(x, y)
    seen = project((ray @ [0.0, 0.0, -1.7])[None], CAMERA)[0]
    np.testing.assert_allclose(seen, (x, y), atol=1e-9)


@given(st.floats(-0.1, 0.1), st.floats(-0.1, 0.1), st.floats(-40.0, 40.0), st.floats(-30.0, 30.0))
def test_a_head_beside_the_axis_shows_itself_as_its_ray_says(
    x: float, y: float, yaw: float, pitch: float
) -> None:
    """Small shapes: the true projection beside the axis is that of the rotated head on it."""
    turned = Angles(yaw, pitch, 5.0).matrix()
    shape = np.array([[0.001, 0, 0], [-0.001, 0, 0], [0, 0.001, 0], [0, 0, 0.001]])
    middle = np.array([x, y, -1.0])
    place = project(middle[None], CAMERA)[0]
    ray = CAMERA.ray(*place)
    true = project(middle + shape @ turned.T, CAMERA) - place
    distance = float(np.linalg.norm(middle))
    on_axis = project([0.0, 0.0, -distance] + shape @ (ray.T @ turned).T, CAMERA) - (320, 240)
    # Beside the axis the picture is stretched a little, never turned by more than that.
    np.testing.assert_allclose(true, on_axis, atol=0.03 * np.abs(true).max())


def test_the_middle_of_the_picture_is_looked_at_straight() -> None:
    np.testing.assert_allclose(CAMERA.ray(320.0, 240.0), np.eye(3), atol=1e-15)


def test_a_camera_scales_with_its_picture() -> None:
    assert CAMERA.scaled(320) == Pinhole(320, 240, 625.0)
    np.testing.assert_allclose(CAMERA.scaled(320).ray(160, 60), CAMERA.ray(320, 120))


def test_axes_of_picture_and_head_turn_back() -> None:
    np.testing.assert_array_equal(PICTURE_TO_HEAD**2, 1.0)


def similar(points: Array, scale: float, rotation: Array, shift: Array) -> Array:
    return scale * points @ rotation.T + shift


@given(degrees, nods, degrees, st.floats(0.1, 10.0), st.integers(0, 1000))
def test_a_similarity_is_found(
    yaw: float, pitch: float, roll: float, scale: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    points, shift = rng.normal(size=(12, 3)), rng.normal(size=3)
    rotation = Angles(yaw, pitch, roll).matrix()
    found = fit_similarity(points, similar(points, scale, rotation, shift))
    assert found.scale == pytest.approx(scale)
    np.testing.assert_allclose(found.rotation, rotation, atol=1e-9)
    np.testing.assert_allclose(found.shift, shift, atol=1e-8)


def test_a_mirror_image_is_never_taken_for_a_rotation() -> None:
    points = np.random.default_rng(1).normal(size=(12, 3))
    found = fit_similarity(points, points * [-1.0, 1.0, 1.0])
    assert np.linalg.det(found.rotation) == pytest.approx(1.0)


def test_points_without_weight_do_not_count() -> None:
    points = np.random.default_rng(2).normal(size=(12, 2))
    moved = points + 3.0
    moved[0] += 100.0
    weights = np.ones(12)
    weights[0] = 0.0
    found = fit_similarity(points, moved, weights)
    np.testing.assert_allclose(found.shift, (3.0, 3.0), atol=1e-9)
    assert np.abs(fit_similarity(points, moved).shift - 3.0).max() > 1.0


def test_two_points_of_a_plane_are_enough() -> None:
    found = fit_similarity(np.array([[0.0, 0.0], [1.0, 0.0]]), np.array([[0.0, 0.0], [0.0, 2.0]]))
    assert found.scale == pytest.approx(2.0)
    np.testing.assert_allclose(found.rotation, [[0.0, -1.0], [1.0, 0.0]], atol=1e-12)


def test_a_similarity_is_applied_as_it_says() -> None:
    turned = np.array([[0.0, -1.0], [1.0, 0.0]])
    moved = Similarity(2.0, turned, np.array([5.0, 6.0])).apply(np.array([[1.0, 0.0]]))
    np.testing.assert_allclose(moved, [[5.0, 8.0]])
