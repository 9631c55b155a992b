"""The earlier picture lies where the shot has the same head, to a part of a pixel."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from kiosk.capture.guiding.compared import fitted, registered
from kiosk.capture.pose.geometry import Array
from kiosk.capture.pose.registration import Registration
from kiosk.errors import BaselineError
from kiosk.model import Pixels

MEASURED = (480, 640)
MARKS = np.array([[0.3, 0.3], [0.7, 0.35], [0.5, 0.6], [0.35, 0.75]])
"""Places of dots, shares of width and height."""


def similarity(scale: float, degrees: float, shift: tuple[float, float]) -> Registration:
    """Turn and scale about the middle of the measured picture, then move by pixels of it."""
    turn = np.radians(degrees)
    linear = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    middle = (np.array(MEASURED) - 1) / 2
    return Registration(np.hstack([linear, (middle - linear @ middle + shift)[:, None]]), 0.0)


def spotted(size: tuple[int, int]) -> Pixels:
    """Draw soft white dots on black."""
    width, height = size
    x, y = np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)
    away = [((x - at_x) * width) ** 2 + ((y - at_y) * height) ** 2 for at_x, at_y in MARKS]
    soft = sum(250 * np.exp(-one / (2 * (0.02 * height) ** 2)) for one in away)
    return np.repeat(np.asarray(np.rint(soft), np.uint8)[..., None], 3, axis=2)


def jpeg_of(picture: Pixels) -> bytes:
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 98])
    assert done
    return data.tobytes()


def dot(picture: Pixels, near: Array) -> Array:
    """Return the middle of the brightness around a place, whole numbers in pixels' middles."""
    x, y = np.rint(near).astype(int)
    reach = round(0.07 * picture.shape[0])
    part = picture[y - reach : y + reach + 1, x - reach : x + reach + 1, 1].astype(float)
    part[part < 10] = 0.0
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    weights = part / part.sum()
    return np.array([x + (weights * columns).sum(), y + (weights * rows).sum()])


@pytest.mark.parametrize("shown", [(360, 480), (480, 640), (720, 960)], ids=str)
@pytest.mark.parametrize("taken", [(300, 400), (960, 1280), (1203, 1604)], ids=str)
@pytest.mark.parametrize(
    "how", [(1.0, 0.0, (0.0, 0.0)), (1.07, 4.0, (12.0, -7.0)), (0.9, -6.0, (-5.0, 9.0))], ids=str
)
def test_every_place_lies_where_the_registration_says(
    taken: tuple[int, int], shown: tuple[int, int], how: tuple[float, float, tuple[float, float]]
) -> None:
    registration = similarity(*how)
    laid = registered(jpeg_of(spotted(taken)), registration, MEASURED, shown)
    assert laid.shape == (shown[1], shown[0], 3)
    for mark in MARKS:
        measured = mark * MEASURED - 0.5
        there = registration.matrix @ np.array([*measured, 1.0])
        expected = (there + 0.5) * shown[0] / MEASURED[0] - 0.5
        assert dot(laid, expected) == pytest.approx(expected, abs=0.2)


def test_beyond_the_earlier_picture_is_grey() -> None:
    white = np.full((640, 480, 3), 255, np.uint8)
    laid = registered(jpeg_of(white), similarity(1.0, 0.0, (240.0, 0.0)), MEASURED, MEASURED)
    assert np.all(laid[:, :239] == 96)
    assert np.all(laid[:, 242:] == 255)


@pytest.mark.parametrize("shown", [(360, 480), (480, 640), (720, 960), (640, 480)], ids=str)
@pytest.mark.parametrize(
    "taken", [(300, 400), (400, 300), (960, 1280), (1203, 1604), (600, 200)], ids=str
)
def test_as_it_was_taken_it_is_as_large_as_it_fits_and_not_distorted(
    taken: tuple[int, int], shown: tuple[int, int]
) -> None:
    there = fitted(jpeg_of(spotted(taken)), shown)
    height, width = there.shape[:2]
    factor = min(shown[0] / taken[0], shown[1] / taken[1])
    assert (width, height) == pytest.approx((taken[0] * factor, taken[1] * factor), abs=0.5)
    for mark in MARKS:
        expected = mark * (width, height) - 0.5
        # A JPEG that is read at half its size is rounded up to whole pixels.
        assert dot(there, expected) == pytest.approx(expected, abs=0.3)


WHOLE = jpeg_of(spotted((96, 128)))


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8", b"no picture at all", WHOLE[:200], WHOLE[: len(WHOLE) // 2]], ids=len
)
def test_what_is_no_picture_is_said(data: bytes) -> None:
    with pytest.raises(BaselineError, match="no picture"):
        registered(data, similarity(1.0, 0.0, (0.0, 0.0)), MEASURED, MEASURED)
    with pytest.raises(BaselineError, match="no picture"):
        fitted(data, MEASURED)


def test_the_earlier_picture_is_overwritten_once_laid(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[Pixels] = []
    real = cv2.imdecode

    def keeping(buffer: Pixels, how: int) -> Pixels:
        decoded.append(np.asarray(real(buffer, how), np.uint8))
        return decoded[-1]

    monkeypatch.setattr(cv2, "imdecode", keeping)
    registered(jpeg_of(spotted((960, 1280))), similarity(1.0, 0.0, (0.0, 0.0)), MEASURED, MEASURED)
    fitted(jpeg_of(spotted((700, 900))), MEASURED)
    assert len(decoded) == 2
    assert all(not picture.any() for picture in decoded)


def test_a_picture_of_one_tone_stays_that_tone() -> None:
    """Also one whose file says sRGB, as the station's do."""
    out = io.BytesIO()
    Image.new("RGB", (400, 300), (200, 120, 80)).save(out, "JPEG", quality=95)
    laid = registered(out.getvalue(), similarity(1.0, 0.0, (0.0, 0.0)), (640, 480), (320, 240))
    assert np.abs(laid.reshape(-1, 3).mean(axis=0) - (80, 120, 200)).max() < 2
