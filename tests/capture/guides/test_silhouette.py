from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from msgspec import structs

from kiosk import config
from kiosk.capture.guides.overlay import draw_guide
from kiosk.capture.guides.silhouette import (
    Box,
    Field,
    catmull_rom,
    field_height_mm,
    field_of,
    frame_in,
    frame_of,
    lines,
    load_silhouette,
)
from kiosk.errors import ConfigError

FOLDER = resources.files("kiosk.records") / "data" / "silhouettes"
NAMES = sorted(entry.name.removesuffix(".toml") for entry in FOLDER.iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_every_silhouette_can_be_drawn(name: str) -> None:
    rgba = draw_guide(load_silhouette(name), (300, 400), mirror=False)
    assert rgba.shape == (400, 300, 4)
    covered = (rgba[..., 3] > 128).mean()
    assert 0.005 < covered < 0.12


@pytest.mark.parametrize("name", NAMES)
def test_a_mirrored_guide_is_the_guide_in_a_mirror(name: str) -> None:
    silhouette = load_silhouette(name)
    plain = lines(silhouette, Box(0, 0, 300, 400), mirror=False)
    mirrored = lines(silhouette, Box(0, 0, 300, 400), mirror=True)
    for one, other in zip(plain, mirrored, strict=True):
        np.testing.assert_allclose(300 - one.points[:, 0], other.points[:, 0], atol=1e-9)
        np.testing.assert_allclose(one.points[:, 1], other.points[:, 1], atol=1e-9)


@pytest.mark.parametrize("side", ["oblique", "profile", "body_oblique", "body_lateral"])
def test_left_and_right_are_mirror_images(side: str) -> None:
    left, right = load_silhouette(f"{side}_left"), load_silhouette(f"{side}_right")
    assert left == right.mirrored()
    assert left != right


def test_the_nose_points_where_the_record_shows_it() -> None:
    """Right profile: the patient's right side, so the nose is on the right of the picture."""
    (head, *_) = load_silhouette("profile_right").strokes
    nose = max(head.points)
    back = min(head.points)
    assert nose[0] > 0.8
    assert back[0] < 0.2
    assert 0.4 < nose[1] < 0.65


@pytest.mark.parametrize("name", ["frontal", "basal", "birds_eye", "eyes", "nose", "body_front"])
def test_views_from_the_front_are_even(name: str) -> None:
    points = np.vstack(
        [line.points for line in lines(load_silhouette(name), Box(0, 0, 1, 4 / 3), mirror=False)]
    )
    mirrored = points * (-1, 1) + (1, 0)
    distances = np.abs(mirrored[:, None] - points[None]).sum(axis=2).min(axis=1)
    assert distances.max() < 0.006


@pytest.mark.parametrize("closed", [False, True])
def test_curves_pass_through_their_points(closed: bool) -> None:  # noqa: FBT001
    points = np.array([[0.0, 0.0], [1.0, 2.0], [3.0, 1.0], [4.0, 4.0]])
    curve = catmull_rom(points, closed=closed, steps=8)
    for point in points:
        assert np.abs(curve - point).sum(axis=1).min() < 1e-12
    np.testing.assert_allclose(curve[0], points[0])
    np.testing.assert_allclose(curve[-1], points[0 if closed else -1])


def test_curves_are_smooth() -> None:
    points = np.array([[0.0, 0.0], [1.0, 0.6], [2.0, 0.0], [3.0, -0.6], [4.0, 0.0]])
    steps = np.diff(catmull_rom(points, closed=False, steps=40), axis=0)
    turns = np.diff(np.unwrap(np.arctan2(steps[:, 1], steps[:, 0])))
    assert np.abs(turns).max() < 0.1


def test_the_frame_keeps_three_to_four() -> None:
    assert frame_in(Box(10, 0, 300, 300)) == Box(47.5, 0, 225, 300)
    assert frame_in(Box(0, 0, 300, 800)) == Box(0, 200, 300, 400)


CAMERA = config.SimulatedCamera(
    size=(4056, 3040),
    preview=(1280, 960),
    exposure=config.Exposure(exposure_us=10_000),
    pictures=Path("/pictures"),
)
GEOMETRY = config.Geometry(focal_px=10_000.0, mm_per_px=0.1)


@pytest.mark.parametrize(("rotation", "height"), [(0, 304.0), (90, 405.6), (180, 304.0)])
def test_the_field_is_that_of_the_upright_picture(
    rotation: Literal[0, 90, 180], height: float
) -> None:
    turned = structs.replace(CAMERA, rotation=rotation, geometry=GEOMETRY)
    assert field_height_mm(turned) == pytest.approx(height)


def test_without_calibration_no_field_is_known() -> None:
    assert field_height_mm(CAMERA) is None


def test_the_field_is_what_is_measured_or_else_what_the_view_asks_for() -> None:
    assert field_of((240.0, 360.0), 405.6) == Field(405.6, measured=True)
    assert field_of((240.0, 360.0)) == Field(360.0, measured=False)
    # Wider than 3:4: the frame must be high enough to hold it.
    assert field_of((360.0, 240.0)) == Field(480.0, measured=False)


def test_a_measured_outline_has_its_true_size() -> None:
    """The frontal head is 0.731 - 0.081 of 360 mm high: 234 mm, whatever the picture shows."""
    head = load_silhouette("frontal")
    for field_mm, height_px in ((360.0, 1200), (500.0, 1200), (405.6, 960), (300.0, 960)):
        box = Box(0, 0, height_px * 3 / 4, height_px)
        outline, *_ = lines(head, box, mirror=False, field=Field(field_mm, measured=True))
        found = np.ptp(outline.points[:, 1]) * field_mm / height_px
        assert found == pytest.approx((0.731 - 0.081) * 360.0, abs=0.5)
        assert outline.points[:, 0].mean() == pytest.approx(box.width / 2, rel=1e-3)


def test_an_outline_keeps_its_true_size_in_a_picture_of_another_shape() -> None:
    head, field = load_silhouette("frontal"), Field(405.6, measured=True)
    heights = {
        round(frame_of(head, Box(0, 0, width, 960), field).height, 6) for width in (540, 720, 1280)
    }
    assert heights == {round(960 * 360 / 405.6, 6)}


def test_without_calibration_the_outline_fills_the_picture() -> None:
    head, box = load_silhouette("frontal"), Box(0, 0, 900, 1200)
    assert frame_of(head, box, None) == frame_of(head, box, field_of((240.0, 360.0))) == box


def test_a_wider_view_of_the_same_outline_shows_it_smaller() -> None:
    head, box = load_silhouette("frontal"), Box(0, 0, 900, 1200)
    assert frame_of(head, box, field_of((480.0, 720.0))) == Box(225, 300, 450, 600)


def test_an_unknown_silhouette_is_one_sentence() -> None:
    with pytest.raises(ConfigError, match=r"^silhouettes/elbow\.toml: expected this file"):
        load_silhouette("elbow")


@pytest.mark.parametrize("name", NAMES)
def test_the_data_stay_within_the_frame(name: str) -> None:
    """What reaches beyond is shoulders and trunks, cut by the frame on purpose."""
    silhouette = load_silhouette(name)
    for stroke in silhouette.strokes:
        for x, y in stroke.points:
            assert -0.1 <= x <= 1.1
            assert -0.1 <= y <= 1.1
    for level in (silhouette.eye_line, silhouette.frankfort_line, silhouette.centre_line):
        assert level is None or 0.1 < level < 0.9
    for mark in (silhouette.chin_mark, silhouette.hairline_mark):
        assert mark is None or all(0.05 < value < 0.95 for value in mark)


@pytest.mark.parametrize("name", NAMES)
def test_everything_is_drawn_inside_its_frame(name: str) -> None:
    """In a picture that shows twice as much, what lies outside the frame stays empty."""
    silhouette = load_silhouette(name)
    field = Field(silhouette.height_mm * 2, measured=True)
    frame = frame_of(silhouette, Box(0, 0, 600, 800), field)
    assert frame == Box(150, 200, 300, 400)
    rgba = draw_guide(silhouette, (600, 800), mirror=False, field=field)
    assert (rgba[200:600, 150:450, 3] > 128).mean() > 0.01
    outside = rgba[..., 3].copy()
    # Trunks and shoulders may reach a tenth beyond.
    outside[160:640, 120:480] = 0
    assert not outside.any()
