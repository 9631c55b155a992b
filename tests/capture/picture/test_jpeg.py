"""The JPEG that goes into the record: strips must be invisible to every decoder."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

import cv2
import numpy as np
import pytest
import simplejpeg
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from kiosk.capture.picture import jpeg, planes
from kiosk.capture.picture.jpeg import Encoding
from kiosk.model import Frame, FrameMetadata, PixelLayout, Pixels

BEST = Encoding(95, "4:4:4", 0)
WIDTH, HEIGHT = 512, 672  # in both directions whole strips and a shorter one


@pytest.fixture(scope="module")
def pool() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


def picture() -> Pixels:
    rng = np.random.default_rng(7)
    coarse = rng.integers(30, 220, (12, 16, 3), dtype=np.uint8)
    return np.asarray(
        cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), dtype=np.uint8
    )


def frame(layout: PixelLayout) -> Frame:
    bgr = picture()
    if layout is PixelLayout.BGR:
        return Frame(bgr, layout, WIDTH, HEIGHT, FrameMetadata(0, None))
    y, cr, cb = cv2.split(cv2.cvtColor(bgr, cv2.COLOR_BGR2YCrCb))
    half = [
        cv2.resize(c, (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA) for c in (cb, cr)
    ]
    if layout is PixelLayout.I420:
        chroma = np.concatenate([c.reshape(-1) for c in half])
    else:
        chroma = np.stack(half, axis=2).reshape(-1)
    flat = np.concatenate([y.reshape(-1), chroma]).astype(np.uint8)
    return Frame(
        flat.reshape(HEIGHT * 3 // 2, WIDTH), layout, WIDTH, HEIGHT, FrameMetadata(0, None)
    )


def decoded(data: bytes | bytearray) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(bytes(data))).convert("RGB"))[:, :, ::-1]


@pytest.mark.parametrize("layout", PixelLayout)
@pytest.mark.parametrize("chroma", ["4:4:4", "4:2:0"])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_shows_the_frame_turned_upright(
    layout: PixelLayout, chroma: str, rotation: int, pool: Executor
) -> None:
    data = jpeg.encode(frame(layout), Encoding(95, chroma, rotation), pool)
    expected = np.rot90(picture(), -rotation // 90)
    shown = decoded(data)
    assert shown.shape == expected.shape
    assert cv2.PSNR(np.ascontiguousarray(shown), np.ascontiguousarray(expected)) > 36


@pytest.mark.parametrize("halved", [False, True])
def test_strips_decode_to_the_very_pixels_of_one_piece(pool: Executor, *, halved: bool) -> None:
    source = frame(PixelLayout.I420)
    chroma = "4:2:0" if halved else "4:4:4"
    striped = jpeg.encode(source, Encoding(95, chroma, 0), pool)
    whole = simplejpeg.encode_jpeg_yuv_planes(
        *planes.strip(source, 0, HEIGHT, 0, halved=halved), 95
    )
    # Fancy upsampling looks across strips, so equality also proves that no seam was made.
    assert np.array_equal(decoded(striped), decoded(whole))


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_planes_of_strips_join_without_a_seam(rotation: int) -> None:
    source = frame(PixelLayout.I420)
    _, height = planes.upright_size(source, rotation)
    whole = planes.strip(source, 0, height, rotation, halved=False)
    pieces = [
        planes.strip(source, top, min(top + jpeg.STRIP_ROWS, height), rotation, halved=False)
        for top in range(0, height, jpeg.STRIP_ROWS)
    ]
    for index in range(3):
        assert np.array_equal(np.vstack([piece[index] for piece in pieces]), whole[index])


def test_both_big_decoders_accept_it(pool: Executor) -> None:
    data = jpeg.encode(frame(PixelLayout.I420), BEST, pool)
    seen = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert seen is not None
    assert cv2.PSNR(np.asarray(seen, dtype=np.uint8), np.ascontiguousarray(decoded(data))) > 48


def test_four_four_four_keeps_every_colour_sample(pool: Executor) -> None:
    data = jpeg.encode(frame(PixelLayout.BGR), BEST, pool)
    opened = Image.open(io.BytesIO(bytes(data)))
    assert isinstance(opened, JpegImageFile)
    sampling = [(across, down) for _, across, down, _ in opened.layer]
    assert sampling == [(1, 1)] * 3


def test_segments_stand_behind_the_jfif_header(pool: Executor) -> None:
    comment = jpeg.segment(0xFE, b"made by the test")
    data = jpeg.encode(frame(PixelLayout.BGR), BEST, pool, [comment])
    assert Image.open(io.BytesIO(bytes(data))).info["comment"] == b"made by the test"


@pytest.mark.parametrize("layout", PixelLayout)
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_the_reduced_picture_shows_the_same_upright(layout: PixelLayout, rotation: int) -> None:
    shown = planes.reduced(frame(layout), rotation, (128, 128))
    upright = np.ascontiguousarray(np.rot90(picture(), -rotation // 90))
    assert max(shown.shape[:2]) == 128
    size = (shown.shape[1], shown.shape[0])
    expected = cv2.resize(upright, size, interpolation=cv2.INTER_AREA)
    assert cv2.PSNR(shown, np.asarray(expected, dtype=np.uint8)) > 36
