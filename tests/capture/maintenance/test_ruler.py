"""The scale from a card of known width."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from msgspec import structs

from kiosk import config
from kiosk.capture.maintenance.ruler import CARD_MM, find_width, on_picture, scale_line
from kiosk.capture.ui.service import Mark, Remark
from kiosk.errors import CardNotFound
from kiosk.model import Pixels

SIZE = (720, 960)
WIDTH = 225.4


def card(turned: float = 0.0, light: int = 190, dark: int = 60) -> Pixels:
    """Draw a card of ID-1's proportions, turned by degrees, with soft edges and noise."""
    height = WIDTH * 53.98 / 85.60
    corners = np.array([(-WIDTH, -height), (WIDTH, -height), (WIDTH, height), (-WIDTH, height)]) / 2
    angle = np.radians(turned)
    turn = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    places = corners @ turn.T + (360.0, 480.0)
    picture = np.full((SIZE[1] * 4, SIZE[0] * 4, 3), dark, np.uint8)
    cv2.fillConvexPoly(picture, np.rint(places * 64).astype(np.int32), (light,) * 3, shift=4)
    small = cv2.resize(picture, SIZE, interpolation=cv2.INTER_AREA).astype(np.float64)
    noisy = small + np.random.default_rng(1).normal(0, 2.0, small.shape)
    return np.rint(np.clip(noisy, 0, 255)).astype(np.uint8)


def at(x: float, y: float) -> tuple[float, float]:
    return x / SIZE[0], y / SIZE[1]


LEFT, RIGHT = 360.0 - WIDTH / 2, 360.0 + WIDTH / 2


@pytest.mark.parametrize("off", [-14.0, 0.0, 11.0])
@pytest.mark.parametrize("turned", [0.0, 2.0, -6.0])
def test_a_clumsy_finger_finds_the_edges(turned: float, off: float) -> None:
    touches = at(LEFT + off, 480 + off / 2), at(RIGHT - off, 480 - off)
    width, _ = find_width(card(turned), touches)
    assert width == pytest.approx(WIDTH, rel=0.005)


def test_a_dark_card_before_a_light_wall_is_as_good() -> None:
    width, edges = find_width(card(0.0, 60, 190), (at(LEFT + 5, 470), at(RIGHT + 5, 470)))
    assert width == pytest.approx(WIDTH, rel=0.003)
    assert edges[0][0] * SIZE[0] == pytest.approx(LEFT, abs=0.7)
    assert edges[1][0] * SIZE[0] == pytest.approx(RIGHT, abs=0.7)
    assert edges[0][1] * SIZE[1] == pytest.approx(470, abs=0.5)


@pytest.mark.parametrize(
    ("left", "right"), [((360.0, 480.0), (RIGHT, 480.0)), ((100.0, 200.0), (600.0, 200.0))]
)
def test_where_there_is_no_edge_none_is_found(
    left: tuple[float, float], right: tuple[float, float]
) -> None:
    with pytest.raises(CardNotFound, match="no edge of a card"):
        find_width(card(), (at(*left), at(*right)))


def test_two_touches_on_one_edge_are_refused() -> None:
    with pytest.raises(CardNotFound, match="too near"):
        find_width(card(), (at(LEFT, 470), at(LEFT + 8, 480)))


def test_touches_at_the_pictures_own_edge_do_no_harm() -> None:
    with pytest.raises(CardNotFound):
        find_width(card(), (at(0, 0), at(720, 960)))


@pytest.mark.parametrize(
    ("size", "stage", "picture"),
    [
        ((900, 1200), (0.25, 0.75), (0.25, 0.75)),
        ((900, 1600), (0.5, 0.5), (0.5, 0.5)),
        # Nine to sixteen stands in the middle three quarters of the stage's width.
        ((900, 1600), (0.125, 0.0), (0.0, 0.0)),
        ((900, 1600), (0.875, 1.0), (1.0, 1.0)),
        ((1200, 900), (0.0, 0.21875), (0.0, 0.0)),
        ((900, 1600), (0.01, 0.5), (0.0, 0.5)),
    ],
)
def test_a_touch_on_the_stage_is_found_on_the_picture(
    size: tuple[int, int], stage: tuple[float, float], picture: tuple[float, float]
) -> None:
    assert on_picture(*stage, size) == pytest.approx(picture)


CAMERA = config.CameraCommon(
    size=(4056, 3040),
    preview=(1280, 960),
    exposure=config.Exposure(exposure_us=10_000),
    rotation=90,
    geometry=config.Geometry(focal_px=10_323.0, mm_per_px=0.09),
)


def test_the_scale_is_of_the_full_picture_however_it_is_turned() -> None:
    # Upright it is 3040 wide: 225 of 720 pixels are 950.
    line = scale_line(CAMERA, SIZE, 225.0)
    assert dict(line.values)["mm"] == f"{CARD_MM / 950:.5f}"
    flat = structs.replace(CAMERA, rotation=0)
    line = scale_line(flat, (1440, 1080), 225.0)
    assert dict(line.values)["mm"] == f"{CARD_MM / (225 * 4056 / 1440):.5f}"


@pytest.mark.parametrize(
    ("share", "remark", "mark", "percent"),
    [
        (1.0, Remark.SCALE_FITS, Mark.GOOD, "+0.0"),
        (1.019, Remark.SCALE_FITS, Mark.GOOD, "-1.9"),
        (0.97, Remark.SCALE_APART, Mark.BAD, "+3.1"),
    ],
)
def test_it_is_held_against_what_the_settings_say(
    share: float, remark: Remark, mark: Mark, percent: str
) -> None:
    fitting = CARD_MM / 0.09 * SIZE[0] / 3040
    line = scale_line(CAMERA, SIZE, fitting * share)
    assert (line.remark, line.mark) == (remark, mark)
    assert dict(line.values)["percent"] == percent


def test_where_the_settings_say_nothing_it_is_told_all_the_same() -> None:
    line = scale_line(structs.replace(CAMERA, geometry=None), SIZE, 225.0)
    assert (line.remark, line.mark) == (Remark.SCALE_UNTOLD, Mark.UNSURE)
