from __future__ import annotations

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.capture.hardware.photograph import AMBIENT, Exposure, develop, i420_planes, load
from kiosk.errors import CameraError
from kiosk.model import CameraSettings, Pixels

LIKE = Exposure(CameraSettings(8000, 1.0, (2.0, 1.5), 1.0), 1.0)


def flat(blue: int, green: int, red: int) -> Pixels:
    return np.full((12, 16, 3), (blue, green, red), np.uint8)


def to_light(stored: float) -> float:
    share = stored / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)


def middle(pixels: Pixels, size: tuple[int, int]) -> tuple[int, int, int]:
    """Y, U and V in the middle, counted through the bytes as I420 lays them out."""
    width, height = size
    flat_bytes = pixels.tobytes()
    luma = flat_bytes[height // 2 * width + width // 2]
    chroma = height // 4 * (width // 2) + width // 4
    plane = width * height // 4
    return luma, flat_bytes[width * height + chroma], flat_bytes[width * height + plane + chroma]


def changed(light: float = 1.0, **settings: object) -> Exposure:
    return Exposure(dataclasses.replace(LIKE.settings, **settings), light)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ((255, 255, 255), (255, 128, 128)),  # full range: white is 255, not 235
        ((0, 0, 0), (0, 128, 128)),  # and black is 0, not 16
        ((0, 0, 255), (76, 85, 255)),  # red; ITU-T T.871: Y = 0.299 R, Cb = 128 - 0.1687 R
        ((255, 0, 0), (29, 255, 107)),  # blue
    ],
)
def test_the_photograph_comes_out_as_it_was_stored(
    colour: tuple[int, int, int], expected: tuple[int, int, int]
) -> None:
    got = middle(develop(flat(*colour), (16, 12), LIKE, LIKE), (16, 12))
    assert got == pytest.approx(expected, abs=1)


@pytest.mark.parametrize(
    ("taken", "times"),
    [
        (changed(exposure_us=4000), 0.5),
        (changed(exposure_us=16000), 2.0),
        (changed(analogue_gain=1.5), 1.5),
        (changed(light=0.0), AMBIENT / (AMBIENT + 1.0)),
        (changed(light=0.5), (AMBIENT + 0.5) / (AMBIENT + 1.0)),
    ],
)
def test_light_is_in_proportion(taken: Exposure, times: float) -> None:
    luma, _, _ = middle(develop(flat(120, 120, 120), (16, 12), taken, LIKE), (16, 12))
    assert to_light(luma) == pytest.approx(to_light(120) * times, rel=0.03)


def test_what_is_too_bright_clips_at_white() -> None:
    luma, u, v = middle(
        develop(flat(200, 200, 200), (16, 12), changed(exposure_us=80_000), LIKE), (16, 12)
    )
    assert (luma, u, v) == (255, 128, 128)


@pytest.mark.parametrize(
    ("gains", "reddish", "bluish"),
    [((3.0, 1.5), 1, 0), ((1.0, 1.5), -1, 0), ((2.0, 2.5), 0, 1), ((2.0, 1.0), 0, -1)],
)
def test_colour_gains_tint(gains: tuple[float, float], reddish: int, bluish: int) -> None:
    _, u, v = middle(
        develop(flat(120, 120, 120), (16, 12), changed(colour_gains=gains), LIKE), (16, 12)
    )
    if reddish:
        assert np.sign(v - 128) == reddish
    if bluish:
        assert np.sign(u - 128) == bluish


def test_a_wrong_focus_softens_an_edge() -> None:
    edge = np.zeros((60, 80, 3), np.uint8)
    edge[:, 40:] = 255
    sharp = develop(edge, (80, 60), LIKE, LIKE)[30]
    soft = develop(edge, (80, 60), changed(lens_position=4.0), LIKE)[30]
    assert np.abs(np.diff(sharp.astype(int))).max() == 255
    assert np.abs(np.diff(soft.astype(int))).max() < 120


@pytest.mark.parametrize("size", [(640, 480), (64, 48), (200, 200), (300, 100)])
def test_it_is_scaled_and_cropped_about_the_middle(size: tuple[int, int]) -> None:
    """A cross through the middle of the photograph lies in the middle of every size."""
    photograph = np.zeros((120, 160, 3), np.uint8)
    photograph[58:62] = 255
    photograph[:, 78:82] = 255
    luma, _, _ = i420_planes(develop(photograph, size, LIKE, LIKE), *size)
    column = luma[:, 2].astype(float)
    row = luma[2].astype(float)
    assert np.average(np.arange(size[1]), weights=column) == pytest.approx(
        (size[1] - 1) / 2, abs=0.6
    )
    assert np.average(np.arange(size[0]), weights=row) == pytest.approx((size[0] - 1) / 2, abs=0.6)


def test_strips_leave_no_seams() -> None:
    ramp = np.repeat(np.linspace(0, 255, 200).astype(np.uint8)[:, None], 160, axis=1)
    photograph = np.dstack([ramp] * 3)
    luma, _, _ = i420_planes(develop(photograph, (320, 400), LIKE, LIKE), 320, 400)
    steps = np.diff(luma[:, 160].astype(int))
    assert steps.min() >= 0
    assert steps.max() <= 2


@pytest.mark.parametrize(
    ("rotation", "corner"), [(0, (0, 0)), (90, (-1, 0)), (180, (-1, -1)), (270, (0, -1))]
)
def test_the_sensor_sees_it_turned_back(
    tmp_path: Path, rotation: int, corner: tuple[int, int]
) -> None:
    """Turning the sensor's picture clockwise by ``rotation`` makes it upright again."""
    upright = np.zeros((40, 40, 3), np.uint8)
    upright[:4, :4] = 255
    cv2.imwrite(str(tmp_path / "a.png"), upright)
    seen = load(tmp_path / "a.png", (40, 40), rotation)
    assert seen[corner].all()
    assert np.array_equal(np.rot90(seen, -rotation // 90), upright)


def test_a_large_photograph_is_kept_only_as_large_as_needed(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((600, 800, 3), np.uint8))
    assert load(tmp_path / "a.png", (80, 40), 0).shape == (60, 80, 3)


@pytest.mark.parametrize("content", [None, b"", b"no picture"])
def test_what_is_no_photograph_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "a.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CameraError, match=r"a\.png: expected a photograph"):
        load(path, (80, 60), 0)
