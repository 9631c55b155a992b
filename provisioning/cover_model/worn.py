"""What people wear on their faces and is no cover: fringes, long hair, beards, glasses, bands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.capture.pose.mesh import Mesh
from kiosk.model import Pixels

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]


class Span(NamedTuple):
    """What the edges of something painted are on a face.

    Attributes:
        across: left and right edge, from one temple, -1, to the other, 1.
        up: upper and lower edge, from the brows, 0, to the forehead's upper end, 1.
    """

    across: tuple[float, float]
    up: tuple[float, float]


Put = Callable[[Pixels, Mesh, Floats, np.random.Generator], Pixels]

_CANVAS: Final = 256
"""Pixels from one temple to the other in what is painted."""

_PARTED: Final = 0.4
_THIN: Final = 0.4
_UNDYED: Final = 0.5
_BESIDE: Final = 0.95
_EITHER: Final = 0.5

_FAR_SIDE: Final = 0.25
"""Hair hangs behind a face that is turned away on that side by more than this."""

_OVAL: Final = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
_BEARDED: Final = (
    *(234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288),
    *(361, 323, 454, 366, 411, 427, 391, 164, 165, 207, 187, 137),
)
_LIPS: Final = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181)


def fringe(picture: Pixels, mesh: Mesh, hair: Floats, rng: np.random.Generator) -> Pixels:
    """Put hair over the forehead, down to somewhere above the brows, at them or beyond."""
    size = 2 * _CANVAS
    x = np.linspace(-1.0, 1.0, size)
    ends = rng.uniform(-0.15, 0.7) + 0.3 * rng.random() * x * rng.choice((-1.0, 1.0))
    jagged = cv2.GaussianBlur(rng.normal(0, 1, (1, size)), (0, 0), rng.uniform(1, 10))[0]
    ends = ends + rng.uniform(0.02, 0.15) * jagged / jagged.std()
    if rng.random() < _PARTED:
        parting = rng.uniform(-0.5, 0.5)
        ends = ends + np.clip(0.5 - np.abs(x - parting) * 2.5, 0.0, 1.0) * 1.2
    up = np.linspace(1.8, -0.2, size)[:, None]
    share = np.clip((up - ends) / 0.06, 0.0, 1.0) * (np.abs(x) < _BESIDE)
    if rng.random() < _THIN:
        locks = cv2.GaussianBlur(rng.normal(0, 1, (1, size)), (0, 0), rng.uniform(1, 5))[0]
        sparse = np.clip(0.5 + 0.5 * locks / locks.std() + rng.uniform(0, 0.7), 0.0, 1.0)
        share = share * sparse
    top = rng.uniform(0.8, 1.8)
    share = share * np.clip((top - up) / 0.05, 0.0, 1.0)
    lean = rng.uniform(-0.6, 0.6)
    painted = _strands(share, _dyed(hair, rng), lean, rng)
    return _laid(picture, mesh, painted, Span((-1.0, 1.0), (1.8, -0.2)))


def long_hair(picture: Pixels, mesh: Mesh, hair: Floats, rng: np.random.Generator) -> Pixels:
    """Let hair hang down beside the face, over the edges of the cheeks."""
    size = 2 * _CANVAS
    up = np.linspace(1.9, -4.0, size)[:, None]
    x = np.linspace(-2.0, 2.0, size)
    waves = cv2.GaussianBlur(rng.normal(0, 1, (size, 1)), (0, 0), 25.0)
    edge = rng.uniform(0.85, 1.05) + 0.05 * waves / waves.std() - 0.25 * np.clip(up - 0.8, 0, 1)
    width = rng.uniform(0.3, 0.7)
    share = np.clip((np.abs(x) - edge) / 0.05, 0.0, 1.0) * (np.abs(x) < edge + width)
    share = share * (x * _turned(mesh) > -_FAR_SIDE)
    share = share * np.clip((up + rng.uniform(2.0, 4.0)) / 0.4, 0.0, 1.0)
    return _laid(
        picture, mesh, _strands(share, _dyed(hair, rng), 0.0, rng), Span((-2.0, 2.0), (1.9, -4.0))
    )


def beard(picture: Pixels, mesh: Mesh, hair: Floats, rng: np.random.Generator) -> Pixels:
    """Let a beard or stubble grow."""
    grown = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(grown, [_points(mesh, _BEARDED)], 255)
    cv2.fillPoly(grown, [_points(mesh, _LIPS)], 0)
    height = float(np.ptp(mesh.points[:, 1]))
    soft = cv2.GaussianBlur(grown.astype(np.float32) / 255, (0, 0), 0.02 * height)
    grain = cv2.GaussianBlur(
        rng.normal(0, 1, grown.shape).astype(np.float32), (0, 0), 0.8, sigmaY=1.6
    )
    grain = grain / grain.std()
    share = soft * np.clip(rng.uniform(0.25, 0.95) + 0.2 * grain, 0.0, 1.0)
    colour = _lit(hair, picture, mesh) * (1.0 + 0.25 * grain[..., None])
    return _mixed(picture, colour, share[..., None])


def clear_glasses(picture: Pixels, mesh: Mesh, hair: Floats, rng: np.random.Generator) -> Pixels:
    """Put glasses on, with round or angular frames."""
    worn = picture.copy()
    eyes = [mesh.points[list(eye), :2].mean(axis=0) for eye in ((33, 133), (362, 263))]
    apart = float(np.linalg.norm(eyes[1] - eyes[0]))
    across = (eyes[1] - eyes[0]) / apart
    colour = tuple(float(one) for one in hair * rng.uniform(0.2, 2.0))
    thick = int(rng.integers(1, 5))
    wide, high = apart * rng.uniform(0.32, 0.44), apart * rng.uniform(0.24, 0.38)
    degrees = float(np.degrees(np.arctan2(across[1], across[0])))
    for eye in eyes:
        box = (tuple(eye.tolist()), (2 * wide, 2 * high), degrees)
        if rng.random() < _EITHER:
            cv2.ellipse(worn, box, colour, thick, cv2.LINE_AA)
        else:
            corners = np.rint(cv2.boxPoints(box)).astype(np.int32)
            cv2.polylines(worn, [corners], isClosed=True, color=colour, thickness=thick)
    ends = [eyes[0] + across * wide, eyes[1] - across * wide]
    _line(worn, ends[0], ends[1], colour, thick)
    _line(worn, eyes[0] - across * wide, mesh.points[127, :2], colour, thick)
    _line(worn, eyes[1] + across * wide, mesh.points[356, :2], colour, thick)
    return worn


def band(picture: Pixels, mesh: Mesh, hair: Floats, rng: np.random.Generator) -> Pixels:
    """Put a band around the hair, above the forehead, as clinics give their patients."""
    del hair
    size = 2 * _CANVAS
    up = np.linspace(2.2, 0.2, size)[:, None]
    x = np.linspace(-1.2, 1.2, size)
    low = rng.uniform(0.8, 1.3) - 0.25 * x**2
    share = np.clip((up - low) / 0.04, 0, 1) * np.clip(
        (low + rng.uniform(0.4, 0.7) - up) / 0.04, 0, 1
    )
    level = rng.uniform(40, 235) * (1 + rng.normal(0, 0.12, 3))
    folds = cv2.GaussianBlur(rng.normal(0, 1, (size, size)), (0, 0), 20.0, sigmaY=3.0)
    colour = level * (1.0 + 0.08 * folds / folds.std())[..., None]
    painted = np.dstack([colour, share]).astype(np.float32)
    return _laid(picture, mesh, painted, Span((-1.2, 1.2), (2.2, 0.2)))


def marks(picture: Pixels, mesh: Mesh, hair: Floats, rng: np.random.Generator) -> Pixels:
    """Draw what a practitioner draws on the skin before a treatment."""
    del hair
    drawn = picture.copy()
    colour = tuple(float(one) for one in rng.uniform(0, 140, 3))
    for _ in range(int(rng.integers(2, 12))):
        at = mesh.points[int(rng.integers(468)), :2]
        if rng.random() < _EITHER:
            cv2.circle(drawn, np.rint(at).astype(int).tolist(), int(rng.integers(1, 4)), colour, -1)
        else:
            to = at + rng.normal(0, 0.08 * float(np.ptp(mesh.points[:, 1])), 2)
            _line(drawn, at, to, colour, int(rng.integers(1, 3)))
    return drawn


WORN: Final[tuple[tuple[float, Put], ...]] = (
    (0.3, fringe),
    (0.18, long_hair),
    (0.2, beard),
    (0.14, clear_glasses),
    (0.1, band),
    (0.08, marks),
)
"""How often each is worn, and what puts it on."""


def something(picture: Pixels, mesh: Mesh, hair: Floats, rng: np.random.Generator) -> Pixels:
    """Return a picture of somebody who wears one of these things.

    Args:
        picture: BGR.
        mesh: of the face.
        hair: its colour, BGR, 0 to 255.
        rng: chance.
    """
    put = WORN[int(rng.choice(len(WORN), p=[share for share, _ in WORN]))][1]
    return put(picture, mesh, hair, rng)


def _dyed(hair: Floats, rng: np.random.Generator) -> Floats:
    """Return the colour of somebody's hair, or mostly another: grey, fair or dyed."""
    other = np.clip(rng.uniform(15, 190) * (1.0 + rng.normal([-0.15, 0.0, 0.15], 0.1)), 5, 235)
    return hair if rng.random() < _UNDYED else np.asarray(other)


def _turned(mesh: Mesh) -> float:
    """Return how far the nose lies to one side between the temples, -1 to 1 and beyond."""
    temples = mesh.points[[54, 284], :2]
    across = temples[1] - temples[0]
    off = mesh.points[1, :2] - temples.mean(axis=0)
    return float(-2.0 * (off @ across) / (across @ across))


def _points(mesh: Mesh, which: tuple[int, ...]) -> npt.NDArray[np.int32]:
    return np.rint(mesh.points[list(which), :2]).astype(np.int32)


def _line(
    picture: Pixels, start: Floats, end: Floats, colour: tuple[float, ...], thick: int
) -> None:
    first, last = (np.rint(one).astype(int).tolist() for one in (start, end))
    cv2.line(picture, first, last, colour, thick, cv2.LINE_AA)


def _strands(share: Floats, hair: Floats, lean: float, rng: np.random.Generator) -> Singles:
    """Return strands of hair that run down, BGRA."""
    shape = share.shape
    thick = rng.uniform(0.6, 2.0)
    fine = cv2.GaussianBlur(rng.normal(0, 1, shape), (0, 0), thick, sigmaY=14.0)
    coarse = cv2.GaussianBlur(rng.normal(0, 1, shape), (0, 0), 4.0, sigmaY=40.0)
    level = 1.0 + rng.uniform(0.1, 0.4) * fine / fine.std() + 0.2 * coarse / coarse.std()
    level = np.maximum(level, 0.2)
    single = 0.25 * fine / fine.std() * ((share > 0.0) & (share < 1.0))
    thin = np.clip(share * 1.6 - 0.3 + single, 0.0, 1.0)
    painted = np.dstack([hair * level[..., None], thin]).astype(np.float32)
    slanted = np.array([[1.0, lean, -lean * shape[0] / 2], [0.0, 1.0, 0.0]])
    return np.asarray(cv2.warpAffine(painted, slanted, shape[::-1]), np.float32)


def _laid(picture: Pixels, mesh: Mesh, painted: Singles, span: Span) -> Pixels:
    """Lay what is painted, BGRA, 0 to 255 and 0 to 1, over the face."""
    (across, up), to = (span.across, span.up), picture.shape[1::-1]
    temples = mesh.points[[54, 284], :2]
    brows = mesh.points[[107, 336], :2].mean(axis=0)
    top = mesh.points[10, :2]
    middle, side = (temples[0] + temples[1]) / 2, (temples[1] - temples[0]) / 2
    high = top - brows
    origin = brows + (middle - brows) - high * float((middle - brows) @ high) / float(high @ high)
    height, width = painted.shape[:2]
    step_x = side * (across[1] - across[0]) / width
    step_y = high * (up[1] - up[0]) / height
    start = origin + side * across[0] + high * up[0]
    to_picture = np.array([[step_x[0], step_y[0], start[0]], [step_x[1], step_y[1], start[1]]])
    laid = np.asarray(cv2.warpAffine(painted, to_picture, to, flags=cv2.INTER_AREA), np.float32)
    return _mixed(picture, laid[..., :3] * np.float32(_light(picture, mesh)), laid[..., 3:])


def _light(picture: Pixels, mesh: Mesh) -> float:
    """Return how brightly a face is lit, about 1: by the cheeks beside those of a fair face."""
    at = np.clip(_points(mesh, (50, 280)), 0, np.array(picture.shape[1::-1]) - 1)
    return float(np.clip(picture[at[:, 1], at[:, 0]].mean() / 150.0, 0.3, 1.1))


def _lit(colour: Floats, picture: Pixels, mesh: Mesh) -> Floats:
    return np.asarray(colour * _light(picture, mesh))


def _mixed(picture: Pixels, colour: npt.NDArray[np.floating], share: Singles) -> Pixels:
    mixed = picture + (colour - picture) * share
    return np.asarray(np.clip(mixed + 0.5, 0, 255), np.uint8)
