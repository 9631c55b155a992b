from __future__ import annotations

import numpy as np
import pytest

from kiosk.capture.hardware.padded_planes import copy_planes
from kiosk.errors import CameraError
from kiosk.model import PixelLayout, Pixels

WIDTH, HEIGHT, PADDING = 6, 4, 255


def padded(layout: PixelLayout, stride: int) -> tuple[Pixels, Pixels]:
    """Make a buffer in rows of ``stride`` and the picture that is in it."""
    rng = np.random.default_rng(1)
    picture = rng.integers(0, 200, (HEIGHT * 3 // 2, WIDTH), np.uint8)
    parts = []
    luma = np.full((HEIGHT, stride), PADDING, np.uint8)
    luma[:, :WIDTH] = picture[:HEIGHT]
    parts.append(luma)
    chroma = picture[HEIGHT:]
    if layout is PixelLayout.NV12:
        mixed = np.full((HEIGHT // 2, stride), PADDING, np.uint8)
        mixed[:, :WIDTH] = chroma
        parts.append(mixed)
    else:
        for plane in chroma.reshape(2, HEIGHT // 2, WIDTH // 2):
            half = np.full((HEIGHT // 2, stride // 2), PADDING, np.uint8)
            half[:, : WIDTH // 2] = plane
            parts.append(half)
    tail = np.full(100, PADDING, np.uint8)
    return np.concatenate([*(part.ravel() for part in parts), tail]), picture


@pytest.mark.parametrize("layout", [PixelLayout.I420, PixelLayout.NV12])
@pytest.mark.parametrize("stride", [6, 8, 64])
def test_padding_stays_behind(layout: PixelLayout, stride: int) -> None:
    buffer, picture = padded(layout, stride)
    got = copy_planes(buffer, layout, width=WIDTH, height=HEIGHT, stride=stride)
    assert (got == picture).all()
    assert not np.shares_memory(got, buffer)


def test_given_memory_is_used() -> None:
    buffer, picture = padded(PixelLayout.I420, 8)
    mine = np.zeros_like(picture)
    got = copy_planes(buffer, PixelLayout.I420, width=WIDTH, height=HEIGHT, stride=8, out=mine)
    assert got is mine
    assert (mine == picture).all()


@pytest.mark.parametrize(("stride", "length"), [(4, 1000), (8, 47), (64, 100)])
def test_a_buffer_that_cannot_hold_the_picture_is_refused(stride: int, length: int) -> None:
    with pytest.raises(CameraError, match="cannot hold 6 x 4"):
        copy_planes(
            np.zeros(length, np.uint8),
            PixelLayout.I420,
            width=WIDTH,
            height=HEIGHT,
            stride=stride,
        )


def test_a_layout_without_planes_is_refused() -> None:
    with pytest.raises(CameraError, match="expected I420 or NV12"):
        copy_planes(np.zeros(100, np.uint8), PixelLayout.BGR, width=6, height=4, stride=6)
