"""The outline of a body: kept of a baseline as lines, and laid over a later picture."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import cv2
import numpy as np

from kiosk.capture.pose.align import Aligned, Aligner, Placement
from kiosk.capture.pose.body_net import Laid
from kiosk.capture.pose.edges import SIDE, Plane, Window, edges_of, patch_of
from kiosk.capture.pose.geometry import Array, Pinhole
from kiosk.capture.pose.registration import WIDTH, Registration

_FULL: Final = 255.0
_SMOOTH: Final = 0.002
_LEAST: Final = 0.003
"""How far a line may be from the edge that it follows, in heights of the picture, and the least
area that is outlined, in squares of that height: the gap between arm and waist is larger."""

_SOFT: Final = 0.005
"""A drawn outline is as soft as the network's own, heights of the picture."""


def mask_of(laid: Laid, camera: Pinhole) -> Plane:
    """Return which part of the picture is of the body, 0 to 255, shape (height, width)."""
    back = cv2.invertAffineTransform(laid.square.matrix())
    size = (camera.width, camera.height)
    mask = cv2.warpAffine(laid.mask, back, size, flags=cv2.INTER_LINEAR)
    return np.asarray(mask * np.float32(_FULL), np.float32)


def outlines_of(mask: Plane) -> tuple[Array, ...]:
    """Return the outlines of a mask, closed (the first point comes again), shape (m, 2), pixels."""
    height = mask.shape[0]
    found, _ = cv2.findContours(
        np.asarray(mask > _FULL / 2, np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE
    )
    large = [one for one in found if cv2.contourArea(one) > _LEAST * height**2]
    thin = [cv2.approxPolyDP(one, _SMOOTH * height, closed=True).reshape(-1, 2) for one in large]
    return tuple(np.asarray(np.vstack([one, one[:1]]) + 0.5, np.float64) for one in thin)


def closed(line: Array) -> bool:
    """Tell whether a line ends where it begins: an outline, not a limb."""
    return bool(np.allclose(line[0], line[-1]))


def filled(outlines: Iterable[Array], camera: Pinhole) -> Plane:
    """Return the mask that outlines in pixels are of, as :func:`mask_of` would have it."""
    mask = np.zeros((camera.height, camera.width), np.uint8)
    cv2.fillPoly(mask, [np.rint(one - 0.5).astype(np.int32) for one in outlines], (_FULL,))
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), _SOFT * camera.height)
    return np.asarray(soft, np.float32)


class OutlineAligner:
    """Lays the outline of a baseline over later masks.

    Args:
        mask: of the baseline, as it would be in pictures of this size.
        window: the part of it that is compared: the trunk.
    """

    def __init__(self, mask: Plane, window: Window) -> None:
        flat, all_alike = np.zeros((SIDE, SIDE), np.float32), np.ones((SIDE, SIDE), np.float32)
        self._aligner = Aligner(edges_of(patch_of(mask, window)), flat, all_alike, window)

    def align(self, mask: Plane, start: Placement) -> Aligned:
        """Find the outline in a mask of the same size, near ``start``."""
        return self._aligner.align(mask, start)


def laid_over(place: Placement, before: list[Array], mask: Plane, window: Window) -> Registration:
    """Return how outlines of a baseline, pixels, lie over a mask once moved to ``place``.

    What they miss by is counted from each of their points in the window to the nearest edge.
    """
    turn = np.radians(place.turn)
    c, s = np.cos(turn) * place.scale, np.sin(turn) * place.scale
    linear = np.array([[c, -s], [s, c]])
    middle = np.array([window.x, window.y])
    shift = middle + np.array([place.x, place.y]) * window.half - linear @ middle
    points = np.vstack([_dense(line) for line in before])
    inside = np.abs(points - middle).max(axis=1) < window.half
    moved = points[inside] @ linear.T + shift
    edge = cv2.Canny(np.asarray(mask > _FULL / 2, np.uint8) * np.uint8(_FULL), 1.0, 2.0)
    away = cv2.distanceTransform(
        np.asarray(edge == 0, np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE
    )
    height, width = mask.shape
    at = np.clip(np.rint(moved - 0.5), 0, (width - 1, height - 1)).astype(np.intp)
    miss = float(away[at[:, 1], at[:, 0]].mean()) if len(at) else float("nan")
    return Registration(np.hstack([linear, shift[:, None]]), miss * WIDTH / width)


def _dense(line: Array) -> Array:
    """Return points along a line, about a pixel apart."""
    along = np.concatenate([[0.0], np.linalg.norm(np.diff(line, axis=0), axis=1).cumsum()])
    asked = np.arange(0.0, along[-1])
    return np.stack([np.interp(asked, along, line[:, k]) for k in (0, 1)], axis=1)
