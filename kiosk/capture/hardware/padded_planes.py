"""Pictures out of a camera's buffer, where each row may be longer than the picture is wide."""

from __future__ import annotations

import numpy as np

from kiosk.errors import CameraError
from kiosk.model import PixelLayout, Pixels


def copy_planes(  # noqa: PLR0913 - what a buffer is described by
    buffer: Pixels,
    layout: PixelLayout,
    *,
    width: int,
    height: int,
    stride: int,
    out: Pixels | None = None,
) -> Pixels:
    """Copy a YUV 4:2:0 picture once, leaving the padding behind.

    Args:
        buffer: the camera's memory, one dimension; may be longer than the picture.
        layout: I420 or NV12, of the buffer and of the result.
        width: pixels of the picture, even.
        height: likewise.
        stride: bytes from one row of Y to the next; U and V of I420 have half of it each (the
            hardware aligns them so), the mixed plane of NV12 the same.
        out: memory to write to instead of fresh one, of the result's shape.

    Returns:
        Shape (height * 3 / 2, width), the caller's own.

    Raises:
        CameraError: the buffer is too small for what it is said to hold.
    """
    if stride < width or len(buffer) < stride * height * 3 // 2:
        raise CameraError(
            f"The camera's buffer of {len(buffer)} bytes in rows of {stride} cannot hold "
            f"{width} x {height} pixels; the driver and picamera2 do not fit each other."
        )
    if out is None:
        out = np.empty((height * 3 // 2, width), np.uint8)
    rows = buffer[: stride * height].reshape(height, stride)
    np.copyto(out[:height], rows[:, :width])
    chroma = buffer[stride * height : stride * height * 3 // 2]
    if layout is PixelLayout.NV12:
        np.copyto(out[height:], chroma.reshape(height // 2, stride)[:, :width])
    elif layout is PixelLayout.I420:
        target = out[height:].reshape(height, width // 2)
        np.copyto(target, chroma.reshape(height, stride // 2)[:, : width // 2])
    else:
        raise CameraError(f"{layout.value} has no planes; expected I420 or NV12.")
    return out
