from __future__ import annotations

import tomllib
from importlib import resources

import numpy as np
import pytest

from kiosk.capture.guides.overlay import draw_guide
from kiosk.capture.guides.silhouette import (
    Box,
    Silhouette,
    Stroke,
    catmull_rom,
    frame_in,
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
    assert left.mirrored() == Silhouette(
        strokes=tuple(
            Stroke(
                part=stroke.part,
                closed=stroke.closed,
                points=tuple((1 - (1 - x), y) for x, y in stroke.points),
            )
            for stroke in right.strokes
        ),
        eye_line=right.eye_line,
        centre_line=right.centre_line,
    )


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


def test_an_unknown_silhouette_is_one_sentence() -> None:
    with pytest.raises(ConfigError, match=r"^silhouettes/elbow\.toml: expected this file"):
        load_silhouette("elbow")


@pytest.mark.parametrize("name", NAMES)
def test_the_data_stay_within_the_frame(name: str) -> None:
    table = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    for stroke in table.get("strokes", []):
        for x, y in stroke["points"]:
            assert -0.1 <= x <= 1.1
            assert -0.1 <= y <= 1.1
