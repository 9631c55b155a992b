"""How near each place of a face seen from its right side is, on average over rendered heads."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.capture.pose.detector import FaceDetector
from kiosk.capture.pose.edges import SIDE, Plane, Window, grid
from kiosk.capture.pose.profile import window_of
from provisioning.demo.patient import raster
from provisioning.demo.patient.data import HeadData
from provisioning.demo.patient.head import Head
from provisioning.demo.patient.person import somebody
from provisioning.demo.patient.pose import Attitude, Pinhole
from provisioning.demo.patient.render import Renderer
from provisioning.head_model.training import Relief
from provisioning.head_model.variety import HEIGHT, WIDTH

_CAMERA: Final = Pinhole(WIDTH, HEIGHT, 1250.0)
_HELD: Final = Attitude(yaw=90.0)

_RIGID: Final = 0.95
"""From here on a vertex moves with the head; the neck does not."""

_SHORT_M: Final = 0.002
_HAIR_COUNTS: Final = 0.3
"""What longer hair counts: it lies otherwise at the next visit."""

_SMOOTH: Final = 1.5
_REACH: Final = 5
"""Pixels of a patch by which outlines reach over the edge of what they bound."""

Values = npt.NDArray[np.float64]


def relief(data: HeadData, heads: int, seed: int) -> Relief:
    """Return the relief of the mean of ``heads`` heads, and how much each place counts."""
    rng = np.random.default_rng(seed)
    detector = FaceDetector()
    depths, weights = [], []
    for _ in range(heads):
        head = Head.make(data, somebody(rng))
        faces = detector.find(Renderer(head, _CAMERA).picture(_HELD))
        if faces:
            window = window_of(faces[0], _HELD.yaw)
            depth, weight = _one(head, window)
            depths.append(depth)
            weights.append(weight)
    return _mean(np.array(depths), np.array(weights))


def _one(head: Head, window: Window) -> tuple[Plane, Plane]:
    """Return depth in halves of the window's side, NaN beside the head, and weight."""
    depth, counts = _maps(head)
    there = _cut(np.isfinite(depth).astype(np.float32), window)
    near = _cut(np.nan_to_num(depth), window) / np.maximum(there, np.float32(1e-3))
    half_m = window.half / _CAMERA.focal * _HELD.distance
    return np.where(there > 0.5, near / half_m, np.nan), _cut(counts, window)  # noqa: PLR2004


def _maps(head: Head) -> tuple[Plane, Plane]:
    """Return for each pixel how far it is before the head's middle, metres, and how it counts."""
    data = head.data
    at = _HELD.placed(head.vertices, data.rigid)
    triangles = data.vertex_of_corner[data.triangles[head.solid]]
    corners = _CAMERA.project(at)[triangles]
    front = raster.facing(corners)
    vertices = triangles[front]
    seen = raster.seen(corners[front], (-1 / at[:, 2])[vertices], raster.Grid(WIDTH, HEIGHT))
    depth = np.full(WIDTH * HEIGHT, np.nan, np.float32)
    depth[seen.sample] = _HELD.distance - 1 / seen.nearness
    counts = np.zeros(WIDTH * HEIGHT, np.float32)
    rigid, bare = data.rigid > _RIGID, head.hair_m < _SHORT_M
    counted = np.where(rigid & bare, 1.0, np.where(rigid, _HAIR_COUNTS, 0.0))
    counts[seen.sample] = counted[vertices[seen.triangle]].min(axis=1)
    return depth.reshape(HEIGHT, WIDTH), counts.reshape(HEIGHT, WIDTH)


def _cut(values: Plane, window: Window) -> Plane:
    x, y = grid()
    to_x, to_y = x * window.half + window.x - 0.5, y * window.half + window.y - 0.5
    cut = cv2.remap(values, to_x.astype(np.float32), to_y.astype(np.float32), cv2.INTER_LINEAR)
    return np.asarray(cut, np.float32)


def _mean(depths: Values, weights: Values) -> Relief:
    there = np.isfinite(depths)
    heads = there.sum(axis=0)
    mean = np.nan_to_num(depths).sum(axis=0) / np.maximum(heads, 1)
    depth = np.where(heads > len(depths) / 2, mean, 0.0).astype(np.float32)
    kernel = np.ones((_REACH, _REACH), np.uint8)
    weight = cv2.dilate(weights.mean(axis=0).astype(np.float32), kernel)
    smooth = cv2.GaussianBlur(weight, (0, 0), 1.0)
    return Relief(
        np.asarray(cv2.GaussianBlur(depth, (0, 0), _SMOOTH), np.float32).reshape(SIDE, SIDE),
        np.asarray(np.clip(smooth, 0.0, 1.0), np.float32).reshape(SIDE, SIDE),
    )
