"""Masks of a head's texture, painted once by ``build_heads``: where hair and brows grow."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.model import Pixels
from provisioning.demo.patient import atlas, raster

Floats = npt.NDArray[np.float64]

_HAIR_DARK, _HAIR_LIGHT = 26.0, 52.0
"""Grey values of the dark skin between which scalp hair turns into skin."""

_SOME_HAIR = 0.3
_BARE = (
    ((-1.0, 0.0, 0.75), (9.0, 7.66, 9.0)),
    ((-1.0, 0.0, -9.0), (9.0, 6.75, 9.0)),
    ((0.75, 0.0, 0.2), (9.0, 7.34, 9.0)),
)
"""Boxes (distance from the midline, height, depth; decimetres) where the dark skin is dark too but
no hair grows: face, nape, ears."""

_BROW_FROM, _BROW_TO = 0.11, 0.53
_BROW_HALF, _BROW_DEPTH = 0.042, 0.8
"""Decimetres: from the midline to both ends of a brow; half its height, and least depth."""

_AROUND = 12.0
"""Pixels around a vertex that tell how much hair grows there."""

_SEAM_WIDE = 0.45
"""Decimetres above the torso's seam over which the head's skin fades into it."""


def rest_places(corners: Floats, points: Floats) -> Floats:
    """Return which point of the mesh each pixel of the head's texture shows.

    Args:
        corners: (n, 3, 2), the triangles in the texture, pixels.
        points: (n, 3, 3), the same corners in space.

    Returns:
        (height, width, 3), not a number where nothing is.
    """
    width, height = atlas.HEAD_SIZE
    found = raster.seen(corners, np.zeros(corners.shape[:2]), raster.Grid(width, height))
    at = np.full((height * width, 3), np.nan)
    for axis in range(3):
        at[found.sample, axis] = found.value(points[:, :, axis])
    return at.reshape(height, width, 3)


def hairline(dark_skin: Pixels, at: Floats) -> Pixels:
    """Return where scalp hair grows, read off a skin whose hair is painted black."""
    left, top, width, height = atlas.CROP
    grey = cv2.cvtColor(dark_skin[top : top + height, left : left + width], cv2.COLOR_BGR2GRAY)
    large = cv2.resize(grey, atlas.HEAD_SIZE, interpolation=cv2.INTER_CUBIC).astype(np.float64)
    share = np.clip((_HAIR_LIGHT - large) / (_HAIR_LIGHT - _HAIR_DARK), 0.0, 1.0)
    place = np.stack([np.abs(at[..., 0]), at[..., 1], at[..., 2]], axis=-1)
    for low, high in _BARE:
        share[np.all((place > low) & (place < high), axis=-1)] = 0.0
    y = place[..., 1]
    share[np.isnan(y)] = 0.0
    _, labels = cv2.connectedComponents((share > _SOME_HAIR).astype(np.uint8))
    largest = np.argmax(np.bincount(labels.ravel().astype(np.intp))[1:]) + 1
    grown = cv2.dilate((labels == largest).astype(np.uint8), np.ones((9, 9), np.uint8))
    # Within the hair the dark skin has light specks; at the hairline it thins out.
    closed = cv2.morphologyEx(share * grown, cv2.MORPH_CLOSE, np.ones((25, 25), np.uint8))
    smooth = _blurred(np.asarray(closed, np.float64), ~np.isnan(y), 4.0)
    return np.asarray(np.round(smooth * 255), np.uint8)


def at_places(mask: Pixels, at: Floats, places: list[tuple[float, float]]) -> Pixels:
    """Return a mask's value around places in the texture, 0 to 255."""
    wide = _blurred(mask.astype(np.float64), ~np.isnan(at[..., 1]), _AROUND)
    column, row = np.array(places).astype(int).T
    return np.asarray(np.round(wide[np.clip(row, 0, len(wide) - 1), column]), np.uint8)


def neckline(at: Floats, seam: Floats) -> Pixels:
    """Return how near the seam of head and torso is, 255 on it.

    Args:
        at: see ``rest_places``.
        seam: (n, 3), its vertices.
    """
    nearest = np.full(at.shape[:2], np.inf)
    for vertex in seam:
        nearest = np.fmin(nearest, np.linalg.norm(at - vertex, axis=-1))
    share = np.clip(1.15 - nearest / _SEAM_WIDE, 0.0, 1.0)
    return np.asarray(np.round(share * 255), np.uint8)


def _blurred(mask: Floats, inside: npt.NDArray[np.bool_], sigma: float) -> Floats:
    """Blur without letting what is outside the skin in, which lies beyond a seam."""
    weight = cv2.GaussianBlur(inside.astype(np.float64), (0, 0), sigma)
    total = cv2.GaussianBlur(mask * inside, (0, 0), sigma)
    return np.asarray(total / np.maximum(weight, 1e-3))


def brows(at: Floats) -> Pixels:
    """Return where brows grow, with the strokes of their hairs."""
    side, y = np.abs(at[..., 0]), at[..., 1]
    along = (side - _BROW_FROM) / (_BROW_TO - _BROW_FROM)
    arch = 7.465 + 0.075 * np.sin(np.clip(along, 0, 1) * 2.2) - 0.02 * along
    half = _BROW_HALF * np.interp(along, (0.0, 0.15, 0.6, 1.0), (0.75, 1.0, 0.9, 0.3))
    across = np.abs(y - arch) / half
    ends = np.clip(along / 0.12, 0, 1) * np.clip((1.0 - along) / 0.15, 0, 1)
    share = np.clip(1.35 - across, 0.0, 1.0) * ends * (at[..., 2] > _BROW_DEPTH)
    noise = np.random.default_rng(7).normal(0.0, 1.0, at.shape[:2])
    strokes = cv2.GaussianBlur(noise, (0, 0), sigmaX=2.4, sigmaY=0.8)
    share = np.nan_to_num(share) * np.clip(0.78 + 0.22 * strokes / strokes.std(), 0.3, 1.0)
    return np.asarray(np.round(share * 255), np.uint8)
