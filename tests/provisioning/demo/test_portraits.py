from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.errors import ConfigError
from kiosk.model import Pixels
from provisioning.demo.portraits import Attitude, attitude_of, portrait, write_portraits


@pytest.mark.parametrize(
    ("name", "attitude"),
    [
        ("frontal", Attitude()),
        ("frontal-animated", Attitude(smile=1.0)),
        ("smile", Attitude(smile=1.0)),
        ("profile_right", Attitude(yaw=90.0)),
        ("left-profile", Attitude(yaw=-90.0)),
        ("oblique_left", Attitude(yaw=-45.0)),
        ("basal", Attitude(pitch=-40.0)),
        ("brow raise", Attitude()),
    ],
)
def test_a_name_says_how_the_head_is_held(name: str, attitude: Attitude) -> None:
    assert attitude_of(name) == attitude


def brightness(picture: Pixels) -> Pixels:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def hair(picture: Pixels) -> tuple[float, float]:
    """Middle of the hair across the width, and the share of the picture that it takes."""
    dark = brightness(picture) < 95
    _, columns = np.nonzero(dark)
    return float(columns.mean()) / picture.shape[1], float(dark.mean())


def test_it_is_an_upright_portrait_with_the_head_in_the_middle() -> None:
    picture = portrait(Attitude())
    assert picture.shape == (1280, 960, 3)
    warm = picture[..., 2].astype(int) - picture[..., 0] > 25
    rows, columns = np.nonzero(warm)
    assert columns.mean() / 960 == pytest.approx(0.5, abs=0.02)
    assert 0.4 < rows.mean() / 1280 < 0.55
    level = brightness(picture)
    assert 60 < level.mean() < 190
    assert (level >= 250).mean() < 0.01


def test_the_nose_points_where_the_yaw_says() -> None:
    """The hair is on the other side; > 0 turns the nose to the viewer's right."""
    assert hair(portrait(Attitude(yaw=90.0)))[0] < 0.45
    assert hair(portrait(Attitude(yaw=-90.0)))[0] > 0.55


def test_a_lowered_chin_shows_more_of_the_hair() -> None:
    assert hair(portrait(Attitude(pitch=30.0)))[1] > 2 * hair(portrait(Attitude(pitch=-30.0)))[1]


def test_portraits_are_written_under_their_names(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "here"
    written = write_portraits(folder, ["frontal", "rest", "profile_left"])
    assert [path.name for path in written] == ["frontal.png", "rest.png", "profile_left.png"]
    assert written[0].read_bytes() == written[1].read_bytes()
    assert cv2.imread(str(written[2])) is not None


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ConfigError, match=r"frontal\.png: expected to write a portrait here"):
        write_portraits(tmp_path / "taken", ["frontal"])
