"""Pieces of a frame as full-resolution Y, Cb and Cr, turned upright, whatever its layout.

A piece is made only when it is needed: a whole 12-megapixel picture in three full planes would
take twice the memory of the frame itself.
"""

from __future__ import annotations

import cv2
import numpy as np

from kiosk.model import Frame, PixelLayout, Pixels

_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


def upright_size(frame: Frame, rotation: int) -> tuple[int, int]:
    """Return width and height after turning the frame clockwise by ``rotation`` degrees."""
    if rotation in (90, 270):
        return frame.height, frame.width
    return frame.width, frame.height


def strip(
    frame: Frame, top: int, bottom: int, rotation: int, *, halved: bool
) -> tuple[Pixels, Pixels, Pixels]:
    """Return Y, Cb and Cr of the rows ``top`` to ``bottom`` of the upright picture.

    ``top`` and ``bottom`` are even, as is the picture's height. Y has the shape (bottom - top,
    upright width); Cb and Cr the same or, where ``halved``, half of both. Full range after
    ITU-T T.871 (JFIF).
    """
    # One row of chroma beyond each edge, so that pieces join without a seam.
    _, height = upright_size(frame, rotation)
    first, last = max(0, top - 2), min(height, bottom + 2)
    y, cb, cr = _cut(frame, *_source(frame, first, last, rotation))
    turn = _TURNS.get(rotation)
    if turn is not None:
        y, cb, cr = (_turned(plane, turn) for plane in (y, cb, cr))
    rows = slice(top - first, bottom - first)
    half_rows = slice(rows.start // 2, rows.stop // 2)
    if halved:
        return _packed(y[rows]), _shrunk(cb, y)[half_rows], _shrunk(cr, y)[half_rows]
    return _packed(y[rows]), _enlarged(cb, y)[rows], _enlarged(cr, y)[rows]


def reduced(frame: Frame, rotation: int, size: tuple[int, int]) -> Pixels:
    """Return the upright picture as BGR, as large as fits into ``size`` (width, height).

    Each plane is scaled by itself, so that a large frame is never converted whole.
    """
    width, height = upright_size(frame, rotation)
    factor = min(size[0] / width, size[1] / height, 1.0)
    columns, rows = max(1, round(frame.width * factor)), max(1, round(frame.height * factor))
    planes = _cut(frame, 0, 0, frame.width, frame.height)
    y, cb, cr = (_resized(plane, rows, columns, cv2.INTER_AREA) for plane in planes)
    bgr = _pixels(cv2.cvtColor(cv2.merge((y, cr, cb)), cv2.COLOR_YCrCb2BGR))
    turn = _TURNS.get(rotation)
    return bgr if turn is None else _turned(bgr, turn)


def _source(frame: Frame, top: int, bottom: int, rotation: int) -> tuple[int, int, int, int]:
    width, height = frame.width, frame.height
    return {
        0: (0, top, width, bottom),
        90: (top, 0, bottom, height),
        180: (0, height - bottom, width, height - top),
        270: (width - bottom, 0, width - top, height),
    }[rotation]


def _cut(
    frame: Frame, left: int, upper: int, right: int, lower: int
) -> tuple[Pixels, Pixels, Pixels]:
    if frame.layout is PixelLayout.BGR:
        ycc = cv2.cvtColor(frame.pixels[upper:lower, left:right], cv2.COLOR_BGR2YCrCb)
        y, cr, cb = cv2.split(ycc)
        return _pixels(y), _pixels(cb), _pixels(cr)
    luma = frame.pixels[: frame.height]
    cb, cr = _chroma(frame)
    half = (slice(upper // 2, lower // 2), slice(left // 2, right // 2))
    return luma[upper:lower, left:right], cb[half], cr[half]


def _chroma(frame: Frame) -> tuple[Pixels, Pixels]:
    rows, columns = frame.height // 2, frame.width // 2
    below = frame.pixels[frame.height :]
    if frame.layout is PixelLayout.NV12:
        pairs = below.reshape(rows, columns, 2)
        return pairs[:, :, 0], pairs[:, :, 1]
    cb, cr = below.reshape(2, rows, columns)
    return cb, cr


def _turned(plane: Pixels, turn: int) -> Pixels:
    return _pixels(cv2.rotate(np.ascontiguousarray(plane), turn))


def _enlarged(chroma: Pixels, luma: Pixels) -> Pixels:
    """Bilinear between centred samples, as JFIF places chroma."""
    rows, columns = luma.shape
    return _resized(chroma, rows, columns, cv2.INTER_LINEAR)


def _shrunk(chroma: Pixels, luma: Pixels) -> Pixels:
    rows, columns = luma.shape
    return _resized(chroma, rows // 2, columns // 2, cv2.INTER_AREA)


def _resized(plane: Pixels, rows: int, columns: int, how: int) -> Pixels:
    if plane.shape == (rows, columns):
        return _packed(plane)
    return _pixels(cv2.resize(_packed(plane), (columns, rows), interpolation=how))


def _packed(plane: Pixels) -> Pixels:
    return np.ascontiguousarray(plane)


def _pixels(array: cv2.typing.MatLike) -> Pixels:
    return np.asarray(array, dtype=np.uint8)
