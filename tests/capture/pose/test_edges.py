"""Edge patches: what they keep, and that skin is none of it."""

from __future__ import annotations

import re
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from kiosk.capture.pose.edges import (
    SIDE,
    Plane,
    Window,
    band_pass,
    edges_of,
    grid,
    packed,
    patch_of,
    unpacked,
)
from kiosk.errors import FormatError

NOT_STEPS = (
    f"The edge patch of a pose descriptor is damaged: expected {SIDE} x {SIDE} steps of 0 to 6."
)


def profile_like() -> Plane:
    """A light shape before a dark ground, as an outline of a face is."""
    drawn = np.full((SIDE, SIDE), 70.0, np.float32)
    cv2.ellipse(drawn, (40, 64), (50, 46), 0, 0, 360, 170.0, -1, cv2.LINE_AA)
    cv2.circle(drawn, (92, 60), 8, 170.0, -1, cv2.LINE_AA)
    return drawn


def skin() -> Plane:
    """Light that falls off over a cheek, pores and the sensor's noise, each 1 % of brightness."""
    x, y = grid()
    rng = np.random.default_rng(3)
    pores = cv2.GaussianBlur(rng.normal(0, 6, (SIDE, SIDE)).astype(np.float32), (0, 0), 1.2)
    noise = rng.normal(0, 1.2, (SIDE, SIDE)).astype(np.float32)
    return np.asarray(150 + 40 * x - 30 * y**2 + pores + noise, np.float32)


@given(arrays.arrays(np.int8, (SIDE, SIDE), elements=st.integers(-3, 3)))
def test_steps_come_back_from_their_packed_form(steps: np.ndarray) -> None:
    np.testing.assert_array_equal(unpacked(packed(steps)), steps)


def patch(grey: Plane) -> np.ndarray:
    """Return the patch of a whole picture."""
    return patch_of(grey, Window(SIDE / 2, SIDE / 2, SIDE / 2))


def test_steps_stand_for_the_edges_they_were_made_of() -> None:
    edges = band_pass(profile_like())
    steps = patch(profile_like())
    inside = (np.abs(edges) <= 1.5) & (steps != 0)
    assert inside.sum() > 500
    assert np.abs(edges_of(steps) - edges)[inside].max() <= 0.25 + 1e-6


@pytest.mark.parametrize(("gain", "offset"), [(0.5, 0.0), (1.4, 0.0)])
def test_brightness_cancels_out(gain: float, offset: float) -> None:
    edges = band_pass(profile_like())
    changed = band_pass(np.asarray(profile_like() * gain + offset, np.float32))
    np.testing.assert_allclose(changed, edges, atol=1e-3)


def test_a_slow_change_of_light_changes_little() -> None:
    edges = band_pass(profile_like())
    x, _ = grid()
    lit = band_pass(np.asarray(profile_like() * (1.0 + 0.3 * x), np.float32))
    assert np.abs(lit - edges).mean() < 0.02


def test_an_outline_is_kept() -> None:
    steps = patch(profile_like())
    x, y = 90, 64  # on the shape's right edge
    assert np.abs(steps[y - 12 : y + 12, x - 2 : x + 14]).max() == 3


def test_skin_gives_nothing_at_all() -> None:
    assert not patch(skin()).any()


def test_skin_beside_an_outline_gives_nothing_at_all() -> None:
    """A strong edge keeps what is beside it, some pixels of the patch, and no more."""
    face = skin()
    face[:, 100:] = 60.0
    kept = np.flatnonzero(patch(face).any(axis=0))
    assert 100 in kept
    assert kept.min() >= 92


@pytest.mark.parametrize("level", [0.0, 255.0])
def test_an_even_picture_gives_nothing(level: float) -> None:
    assert not band_pass(np.full((SIDE, SIDE), level, np.float32)).any()


@given(st.binary(max_size=400))
def test_noise_is_no_patch(content: bytes) -> None:
    with pytest.raises(FormatError, match=r"^The edge patch of a pose descriptor is damaged: "):
        unpacked(content)


@pytest.mark.parametrize(
    "raw",
    [
        bytes(SIDE * SIDE - 1),
        bytes(SIDE * SIDE + 1),
        bytes(SIDE * SIDE - 1) + b"\x07",
        b"",
        bytes(100_000_000),
    ],
    ids=["short", "long", "a step of 7", "empty", "a bomb"],
)
def test_a_patch_of_another_shape_is_refused(raw: bytes) -> None:
    with pytest.raises(FormatError, match=f"^{re.escape(NOT_STEPS)}$"):
        unpacked(zlib.compress(raw, 9))


def test_a_cut_patch_is_refused() -> None:
    with pytest.raises(FormatError, match=f"^{re.escape(NOT_STEPS)}$"):
        unpacked(packed(patch(profile_like()))[:-30])
