"""A photograph developed anew under other settings: what the simulated camera's sensor sees."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.capture.picture.srgb import to_light, to_stored
from kiosk.errors import CameraError
from kiosk.model import CameraSettings, Pixels

AMBIENT = 0.1
"""Light of the room with the lamps off, against the lamps at full: 200 lux to 2000 (assumed)."""

BLUR_PER_DIOPTRE = 0.01
"""Defocus: sigma of the blur over the picture's width, for each dioptre off (assumed)."""

_STRIP = 64
"""Rows developed at a time (even): bounds the memory beside the frame itself."""

Table = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Exposure:
    """What one frame was taken with; ``light`` is the level of the lamps, 0 to 1."""

    settings: CameraSettings
    light: float


def load(path: Path, size: tuple[int, int], rotation: int) -> Pixels:
    """Read a photograph as a sensor of ``size`` behind a turned mount would see it.

    Args:
        path: a picture that OpenCV reads.
        size: width and height of the sensor, pixels; bounds what is kept in memory.
        rotation: clockwise turn that makes the sensor's picture upright, degrees.

    Returns:
        BGR, (height, width, 3), not larger than covers ``size``.

    Raises:
        CameraError: missing, or no picture.
    """
    read = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if read is None:
        raise CameraError(f"{path}: expected a photograph (JPEG or PNG), but it cannot be read.")
    picture = turned(np.asarray(read, dtype=np.uint8), rotation)
    scale = _cover(picture, size)
    if scale < 1.0:
        shrunk = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        picture = np.asarray(shrunk, dtype=np.uint8)
    return picture


def turned(picture: Pixels, rotation: int) -> Pixels:
    """Turn an upright picture as the sensor behind a turned mount sees it.

    Args:
        picture: (height, width, 3).
        rotation: clockwise turn that makes the sensor's picture upright: 0, 90, 180 or 270 degrees.
    """
    turn = {
        90: cv2.ROTATE_90_COUNTERCLOCKWISE,
        180: cv2.ROTATE_180,
        270: cv2.ROTATE_90_CLOCKWISE,
    }.get(rotation)
    return picture if turn is None else np.asarray(cv2.rotate(picture, turn), dtype=np.uint8)


def develop(picture: Pixels, size: tuple[int, int], taken: Exposure, like: Exposure) -> Pixels:
    """Render ``picture``, taken under ``like``, as it would look under ``taken``.

    Linear light: a value changes in proportion to exposure x gain x light, and red and blue also
    to their colour gains (IEC 61966-2-1 transfer between stored values and light). The picture
    is scaled and cropped to fill ``size``.

    Returns:
        I420 full range (ITU-T T.871), shape (height * 3 / 2, width), a fresh array.
    """
    width, height = size
    table = _table(taken, like)
    blur = _blur(taken.settings, like.settings, picture.shape[1])
    if blur > 0.0:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), blur), dtype=np.uint8)
    place = _placing(picture, size)
    out = np.empty((height * 3 // 2, width), np.uint8)
    luma, u, v = i420_planes(out, width, height)
    for top in range(0, height, _STRIP):
        rows = min(_STRIP, height - top)
        strip = _strip(picture, place, top, (width, rows))
        y, red, blue = cv2.split(cv2.cvtColor(cv2.LUT(strip, table), cv2.COLOR_BGR2YCrCb))
        luma[top : top + rows] = y
        half, begin = (width // 2, rows // 2), top // 2
        u[begin : begin + half[1]] = cv2.resize(blue, half, interpolation=cv2.INTER_AREA)
        v[begin : begin + half[1]] = cv2.resize(red, half, interpolation=cv2.INTER_AREA)
    return out


def i420_planes(pixels: Pixels, width: int, height: int) -> tuple[Pixels, Pixels, Pixels]:
    """Return views of the Y (height, width), U and V (height / 2, width / 2) planes."""
    flat = pixels.reshape(-1)
    whole, quarter = width * height, width * height // 4
    half = (height // 2, width // 2)
    return (
        flat[:whole].reshape(height, width),
        flat[whole : whole + quarter].reshape(half),
        flat[whole + quarter : whole + 2 * quarter].reshape(half),
    )


def _cover(picture: Pixels, size: tuple[int, int]) -> float:
    return float(max(size[0] / picture.shape[1], size[1] / picture.shape[0]))


def _placing(picture: Pixels, size: tuple[int, int]) -> tuple[float, float, float]:
    """Return source pixels per target pixel and the source position of the target's corner.

    Pixel centres lie at halves, so that target x maps to (x + 0.5) * step - 0.5 + margin.
    """
    step = 1.0 / _cover(picture, size)
    left = (picture.shape[1] - size[0] * step) / 2 + 0.5 * step - 0.5
    top = (picture.shape[0] - size[1] * step) / 2 + 0.5 * step - 0.5
    return step, left, top


def _strip(
    picture: Pixels, place: tuple[float, float, float], top: int, size: tuple[int, int]
) -> Pixels:
    step, left, first = place
    matrix = np.array([[step, 0.0, left], [0.0, step, first + top * step]])
    shrinks = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    strip = cv2.warpAffine(picture, matrix, size, flags=shrinks, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(strip, dtype=np.uint8)


def _table(taken: Exposure, like: Exposure) -> Table:
    """Return the (1, 256, 3) table from stored value to stored value, for B, G and R."""
    now, then = taken.settings, like.settings
    whole = (
        (now.exposure_us * now.analogue_gain * (AMBIENT + taken.light))
        / (then.exposure_us * then.analogue_gain * (AMBIENT + like.light))
    )  # fmt: skip
    red = now.colour_gains[0] / then.colour_gains[0]
    blue = now.colour_gains[1] / then.colour_gains[1]
    light = to_light(np.arange(256) / 255.0)
    columns = [to_stored(light * whole * gain) for gain in (blue, 1.0, red)]
    return np.rint(np.stack(columns, axis=-1) * 255.0).astype(np.uint8).reshape(1, 256, 3)


def _blur(now: CameraSettings, then: CameraSettings, width: int) -> float:
    if now.lens_position is None or then.lens_position is None:
        return 0.0
    return abs(now.lens_position - then.lens_position) * BLUR_PER_DIOPTRE * width
