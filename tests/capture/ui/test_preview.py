"""Colours and places of the live picture, against conversions that are right by definition."""

from __future__ import annotations

from itertools import product

import cv2
import numpy as np
import numpy.typing as npt
import pygame
import pytest

from kiosk.capture.ui.layout import Rect
from kiosk.capture.ui.orientation import Orientation
from kiosk.capture.ui.preview import Preview, writable
from kiosk.errors import DisplayError
from kiosk.model import Frame, FrameMetadata, PixelLayout

ALL = [Orientation(turns, mirror) for turns, mirror in product(range(4), (False, True))]
WIDTH, HEIGHT = 64, 48


def smooth(width: int = WIDTH, height: int = HEIGHT) -> npt.NDArray[np.uint8]:
    """A BGR picture that differs at every corner and spans black to white."""
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    return np.dstack([255 * x, 255 * y, 255 * (1 - x * y)]).round().astype(np.uint8)


def frame(bgr: npt.NDArray[np.uint8], layout: PixelLayout) -> Frame:
    height, width = bgr.shape[:2]
    if layout is PixelLayout.BGR:
        return Frame(bgr, layout, width, height, FrameMetadata(0, None))
    # JPEG levels: full range, as picamera2 and model.PixelLayout have them.
    ycc = cv2.cvtColor(bgr, cv2.COLOR_BGR2YCrCb)
    half = (width // 2, height // 2)
    u, v = (cv2.resize(ycc[..., i], half, interpolation=cv2.INTER_AREA) for i in (2, 1))
    chroma = [u, v] if layout is PixelLayout.I420 else [np.dstack([u, v])]
    flat = np.concatenate([ycc[..., 0].ravel(), *(plane.ravel() for plane in chroma)])
    pixels = flat.astype(np.uint8).reshape(height * 3 // 2, width)
    return Frame(pixels, layout, width, height, FrameMetadata(0, None))


def shown(screen: pygame.Surface, place: Rect) -> npt.NDArray[np.int64]:
    rgb = np.frombuffer(pygame.image.tobytes(screen, "RGB"), np.uint8)
    picture = rgb.reshape(screen.get_height(), screen.get_width(), 3)[..., ::-1]
    return picture[place.y : place.bottom, place.x : place.right].astype(np.int64)


def turned(bgr: npt.NDArray[np.uint8], orientation: Orientation) -> npt.NDArray[np.uint8]:
    result = np.rot90(bgr, -orientation.turns)
    return result[:, ::-1] if orientation.mirror else result


@pytest.fixture
def screen() -> pygame.Surface:
    surface = pygame.Surface((200, 160), 0, 32)
    surface.fill((9, 9, 9))
    return surface


@pytest.mark.parametrize("layout", PixelLayout)
@pytest.mark.parametrize("orientation", ALL, ids=str)
def test_the_picture_has_its_colours_and_stands_upright(
    screen: pygame.Surface, layout: PixelLayout, orientation: Orientation
) -> None:
    area = Rect(20, 10, *orientation.size((WIDTH, HEIGHT)))
    place = Preview(orientation).draw(screen, frame(smooth(), layout), area)
    assert place == area
    difference = np.abs(shown(screen, place) - turned(smooth(), orientation))
    assert difference.mean() < 2.5
    assert difference.max() <= 12


@pytest.mark.parametrize("layout", [PixelLayout.I420, PixelLayout.NV12])
@pytest.mark.parametrize("level", [0, 10, 128, 245, 255])
def test_neither_shadows_nor_highlights_are_clipped(
    screen: pygame.Surface, layout: PixelLayout, level: int
) -> None:
    grey = np.full((HEIGHT, WIDTH, 3), level, np.uint8)
    area = Rect(0, 0, WIDTH, HEIGHT)
    place = Preview(Orientation()).draw(screen, frame(grey, layout), area)
    assert np.abs(shown(screen, place) - level).max() <= 2


@pytest.mark.parametrize("layout", PixelLayout)
def test_nothing_outside_its_place_is_touched(screen: pygame.Surface, layout: PixelLayout) -> None:
    place = Preview(Orientation()).draw(
        screen, frame(smooth(), layout), Rect(21, 33, WIDTH, HEIGHT)
    )
    outside = shown(screen, Rect(0, 0, 200, 160))
    outside[place.y : place.bottom, place.x : place.right] = 9
    assert (outside == 9).all()


@pytest.mark.parametrize("orientation", ALL, ids=str)
@pytest.mark.parametrize("layout", PixelLayout)
def test_another_size_is_scaled_into_the_area(
    screen: pygame.Surface, layout: PixelLayout, orientation: Orientation
) -> None:
    area = Rect(0, 0, *orientation.size((WIDTH, HEIGHT)))
    large = frame(smooth(WIDTH * 2, HEIGHT * 2), layout)
    place = Preview(orientation).draw(screen, large, area)
    assert place == area
    assert np.abs(shown(screen, place) - turned(smooth(), orientation)).mean() < 2.5


def test_a_little_smaller_frame_is_centred_and_not_scaled() -> None:
    place = Preview(Orientation()).place(
        frame(smooth(), PixelLayout.BGR), Rect(10, 10, WIDTH + 8, HEIGHT + 8)
    )
    assert place == Rect(14, 14, WIDTH, HEIGHT)


def test_a_frame_of_another_shape_keeps_its_proportions() -> None:
    place = Preview(Orientation()).place(frame(smooth(), PixelLayout.BGR), Rect(0, 0, 96, 128))
    assert place == Rect(0, 28, 96, 72)


def test_the_memory_can_be_blitted_to_afterwards(screen: pygame.Surface) -> None:
    """A view left alive would keep the surface locked."""
    area = Rect(0, 0, WIDTH, HEIGHT)
    Preview(Orientation()).draw(screen, frame(smooth(), PixelLayout.I420), area)
    assert not screen.get_locked()
    screen.blit(pygame.Surface((5, 5)), (0, 0))


def test_wiping_leaves_nothing_of_the_last_frame(screen: pygame.Surface) -> None:
    preview = Preview(Orientation(1, mirror=True))
    size = preview._orientation.size((WIDTH, HEIGHT))
    preview.draw(screen, frame(smooth(), PixelLayout.I420), Rect(0, 0, *size))
    kept = [plan.scratch for plan in preview._plans.values()]
    assert kept
    assert any(scratch.any() for scratch in kept)
    preview.wipe()
    assert not any(scratch.any() for scratch in kept)


@pytest.mark.parametrize(
    "surface",
    [
        pygame.Surface((8, 8), 0, 16),
        pygame.Surface((8, 8), 0, 32, (0xFF, 0xFF00, 0xFF0000, 0)),
    ],
    ids=["16 bits", "red first"],
)
def test_another_kind_of_pixels_is_refused(surface: pygame.Surface) -> None:
    with pytest.raises(DisplayError, match="expected 32-bit pixels with red in the third byte"):
        writable(surface)
