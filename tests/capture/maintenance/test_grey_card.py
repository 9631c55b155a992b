"""What is found of a grey card, and what is not taken for one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from kiosk.capture.maintenance.grey_card import find_card
from kiosk.capture.picture.srgb import to_stored
from kiosk.errors import CardNotFound
from kiosk.model import Frame, FrameMetadata, PixelLayout
from tests.capture.maintenance.cards import Floats, frame_of, picture

NOISE: Floats = np.random.default_rng(3).normal(0, 2.0, (480, 640, 3))


def test_its_colour_is_measured_through_noise() -> None:
    card = find_card(frame_of(picture((130.0, 118.0, 97.0)) + NOISE))
    assert card.levels == pytest.approx((130.0, 118.0, 97.0), abs=0.6)
    assert card.tint == pytest.approx(33.0, abs=1.0)
    assert card.clipped == 0.0
    assert card.unevenness < 0.02


def test_the_ratios_are_of_light_and_not_of_levels() -> None:
    red, green, blue = (float(255 * to_stored(np.asarray(light))) for light in (0.27, 0.18, 0.09))
    card = find_card(frame_of(picture((red, green, blue)) + NOISE))
    assert card.ratios == pytest.approx((1.5, 0.5), rel=0.02)


def test_a_picture_in_bgr_is_the_same() -> None:
    rgb = np.rint(picture((130.0, 118.0, 97.0))).astype(np.uint8)
    bgr = np.ascontiguousarray(rgb[..., ::-1])
    frame = Frame(bgr, PixelLayout.BGR, 640, 480, FrameMetadata(0, None))
    assert find_card(frame).levels == pytest.approx((130.0, 118.0, 97.0), abs=1.5)


def test_only_the_square_counts() -> None:
    rgb = picture((118.0, 118.0, 118.0))
    rgb[:, :160] = (20.0, 200.0, 30.0)
    rgb[:80] = 255.0
    assert find_card(frame_of(rgb)).levels == pytest.approx((118.0, 118.0, 118.0), abs=1.0)


def test_light_that_falls_off_to_a_side_is_told_in_light() -> None:
    light = np.linspace(0.24, 0.12, 640)[None, :, None] * np.ones((480, 1, 3))
    card = find_card(frame_of(255 * to_stored(light)))
    # Over the corners' middles: three quarters and a bit of the square, itself 264 of 640 wide.
    assert card.unevenness == pytest.approx(0.12 * 264 / 640 * 0.75 / 0.18, rel=0.1)


def test_a_thumb_at_a_corner_and_a_printed_mark_are_let_pass() -> None:
    rgb = picture((118.0, 118.0, 118.0)) + NOISE
    rgb[106:140, 186:220] = (200.0, 150.0, 120.0)
    rgb[238:242, 310:330] = 0.0
    assert find_card(frame_of(rgb)).levels == pytest.approx((118.0, 118.0, 118.0), abs=2.0)


def edge(rgb: Floats) -> None:
    """The card is half beside the square, and ends where a cell does."""
    rgb[:, 320:] = 160.0


def texture(rgb: Floats) -> None:
    rgb[::4] -= 40.0


def other_colour(rgb: Floats) -> None:
    """As bright as the card, and of another colour: a hand, or light from a window."""
    rgb[:, 320:] = (150.0, 111.0, 111.0)


@pytest.mark.parametrize("spoil", [edge, texture, other_colour])
def test_what_is_no_card_is_refused(spoil: Callable[[Floats], None]) -> None:
    rgb = picture((118.0, 118.0, 118.0)) + NOISE
    spoil(rgb)
    with pytest.raises(CardNotFound, match="No grey card fills the square"):
        find_card(frame_of(rgb))


@pytest.mark.parametrize("levels", [(255.0, 240.0, 235.0), (29.0, 24.0, 22.0)])
def test_too_bright_and_too_dark_a_card_is_refused(levels: tuple[float, float, float]) -> None:
    with pytest.raises(CardNotFound, match=r"cannot be measured.*camera\.exposure"):
        find_card(frame_of(picture(levels)))
