"""The shape and colours of the drawn head, as distances to melted ellipsoids.

Lengths are centimetres, the origin is the middle of the head; x to the viewer's right, y up, z to
the viewer. The formulas are the usual ones for signed distance fields (ellipsoid, capsule and
polynomial smooth minimum after Inigo Quilez).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float32]
Distances = npt.NDArray[np.float32]
Triple = tuple[float, float, float]

NECK: Triple = (0.0, -7.0, -2.5)
"""Around which the head nods."""


@dataclass(frozen=True, slots=True)
class Material:
    """``colour``: blue, green, red reflectance in linear light; ``gloss``: strength of shine."""

    colour: Triple
    gloss: float


MATERIALS = (
    Material((0.36, 0.46, 0.68), 0.05),  # skin
    Material((0.26, 0.28, 0.52), 0.09),  # lips
    Material((0.78, 0.80, 0.80), 0.25),  # white of the eye
    Material((0.10, 0.11, 0.13), 0.35),  # iris
    Material((0.035, 0.05, 0.08), 0.04),  # hair and brows
    Material((0.42, 0.38, 0.33), 0.0),  # gown
)
_SKIN, _LIPS, _WHITE, _IRIS, _HAIR, _GOWN = range(6)

_CHUNK = 8192
"""Points at a time, so that the temporary arrays stay in the processor's cache."""


class Figure:
    """A head and shoulders in one attitude."""

    def __init__(self, yaw: float, pitch: float, smile: float) -> None:
        self._body = _turn(yaw, 0.0)
        self._head = _turn(yaw, pitch)
        self._smile = smile

    def distance(self, points: Points) -> Distances:
        """Return the distance of each of (3, n) points to the surface, < 0 inside."""
        out = np.empty(points.shape[1], np.float32)
        for begin in range(0, len(out), _CHUNK):
            part = slice(begin, begin + _CHUNK)
            # Ellipsoids overstate far distances; 0.9 keeps the rays from stepping through.
            out[part] = np.min(self._parts(points[:, part]), axis=0) * 0.9
        return out

    def material(self, points: Points) -> npt.NDArray[np.intp]:
        """Return for each point the index into ``MATERIALS`` of what is nearest."""
        parts = self._parts(points)
        # Brows are painted on the skin, so that they cast no shadow of their own.
        head = self._in_head(points)
        kind: npt.NDArray[np.intp] = np.argmin(parts, axis=0)
        kind[(kind == _SKIN) & (_brows(head) < 0.0)] = _HAIR
        return kind

    def _in_head(self, points: Points) -> Points:
        neck = np.array(NECK, np.float32)[:, None]
        moved = self._head.T @ (points - self._body @ neck) + neck
        return np.asarray(moved, dtype=np.float32)

    def _parts(self, points: Points) -> npt.NDArray[np.float32]:
        """Distances to each material, in the order of ``MATERIALS``."""
        head = self._in_head(points)
        body = np.asarray(self._body.T @ points, np.float32)
        # The head is its own mirror image: one half is enough.
        head[0] = np.abs(head[0])
        white = _ellipsoid(head, (3.1, 0.9, 6.35), (1.36, 1.36, 1.36))
        iris = _ellipsoid(head, (3.1, 0.9, 7.2), (0.62, 0.62, 0.58))
        skin = _smooth_min(_face(head), _neck(body), 2.5)
        return np.stack([skin, _lips(head, self._smile), white, iris, _hair(head), _gown(body)])


def _turn(yaw: float, pitch: float) -> Points:
    """Rotation from the head's axes to the viewer's; its transpose leads back."""
    y, p = np.radians(yaw), np.radians(pitch)
    about_y = [[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]]
    about_x = [[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]]
    return np.asarray(np.array(about_y) @ np.array(about_x), dtype=np.float32)


def _face(p: Points) -> Distances:
    """The head without hair, one half of it mirrored (``x`` is not negative)."""
    shape = _ellipsoid(p, (0, 3.2, -1.4), (7.3, 8.6, 9.2))
    for centre, radii, melt in (
        ((0.0, -3.4, 2.0), (5.4, 7.9, 6.5), 2.5),
        ((0.0, -9.4, 5.9), (2.1, 1.7, 1.9), 2.4),
        ((3.7, -1.8, 4.9), (2.3, 2.3, 2.3), 2.0),
        ((2.9, 2.7, 6.6), (2.6, 0.9, 1.3), 1.4),
        ((4.0, -6.2, 1.2), (1.2, 2.2, 2.4), 2.2),
    ):
        shape = _smooth_min(shape, _ellipsoid(p, centre, radii), melt)
    shape = -_smooth_min(-shape, _ellipsoid(p, (3.1, 0.9, 9.0), (2.0, 1.4, 1.9)), 1.2)
    shape = _smooth_min(shape, _capsule(p, (0, 2.0, 7.4), (0, -2.3, 9.7), 0.75), 1.0)
    shape = _smooth_min(shape, _ellipsoid(p, (0, -2.6, 9.7), (0.95, 0.85, 0.95)), 0.6)
    shape = _smooth_min(shape, _ellipsoid(p, (1.15, -2.9, 8.7), (0.75, 0.7, 1.0)), 0.5)
    # Eyelids: shells over the eyeballs, open in front.
    lids = np.maximum(_ellipsoid(p, (3.1, 0.9, 6.35), (1.5, 1.45, 1.5)), 0.42 - np.abs(p[1] - 0.85))
    shape = _smooth_min(shape, lids, 0.25)
    ears = _ellipsoid(p, (7.3, 0.2, -1.2), (0.7, 3.1, 1.8))
    ears = np.maximum(ears, -_ellipsoid(p, (8.0, 0.3, -0.9), (0.6, 2.0, 1.0)))
    return _smooth_min(shape, ears, 0.6)


def _neck(p: Points) -> Distances:
    return _capsule(p, (0, -8.0, -3.0), (0, -22.0, -5.0), 4.9)


def _lips(p: Points, smile: float) -> Distances:
    bent = p.copy()
    bent[1] -= smile * 0.13 * p[0] ** 2
    wide = 2.5 + 0.7 * smile
    bent[2] += 0.12 * p[0] ** 2
    upper = _ellipsoid(bent, (0, -5.75, 7.95), (wide, 0.5, 0.75))
    lower = _ellipsoid(bent, (0, -6.75, 7.85), (wide * 0.86, 0.62, 0.8))
    return np.minimum(upper, lower)


def _brows(p: Points) -> Distances:
    side = np.abs(p[0])
    arch = 3.3 - 0.16 * (side - 3.4) ** 2
    across = np.abs(p[1] - arch) - (0.42 - 0.05 * (side - 1.0))
    lengthwise = np.maximum(np.abs(side - 3.2) - 1.9, 5.2 - p[2])
    return np.asarray(np.maximum(across, lengthwise), dtype=np.float32)


def _hair(p: Points) -> Distances:
    cap = _ellipsoid(p, (0, 3.5, -2.0), (7.9, 9.1, 9.6))
    x, y, z = p[0], p[1], p[2]
    front = (1.1 * z - y + 0.6 + 0.02 * x**2) / 1.49
    below = -3.8 - y
    return _smooth_max(_smooth_max(cap, front, 0.9), below, 0.9)


def _gown(p: Points) -> Distances:
    shoulders = _ellipsoid(p, (0, -23.0, -5.0), (21.0, 7.0, 8.5))
    chest = _ellipsoid(p, (0, -31.0, -3.0), (17.0, 14.0, 10.5))
    collar = _capsule(p, (0, -16.2, -4.6), (0, -20.0, -4.6), 5.6)
    return _smooth_min(_smooth_min(shoulders, chest, 4.0), collar, 3.0)


def _ellipsoid(p: Points, centre: Triple, radii: Triple) -> Distances:
    x, y, z = ((p[axis] - centre[axis]) / np.float32(radii[axis]) for axis in range(3))
    outer = np.sqrt(x * x + y * y + z * z)
    inner = np.sqrt((x / radii[0]) ** 2 + (y / radii[1]) ** 2 + (z / radii[2]) ** 2)
    return np.asarray(outer * (outer - 1.0) / (inner + 1e-6), dtype=np.float32)


def _capsule(p: Points, begin: Triple, end: Triple, radius: float) -> Distances:
    a = np.array(begin, np.float32)[:, None]
    line = np.array(end, np.float32)[:, None] - a
    along = np.clip((line.T @ (p - a))[0] / (line * line).sum(), 0.0, 1.0)
    off = p - a - line * along
    return np.asarray(np.sqrt((off * off).sum(axis=0)) - radius, np.float32)


def _smooth_min(a: Distances, b: Distances, width: float) -> Distances:
    share = np.clip(0.5 + 0.5 * (b - a) / width, 0.0, 1.0)
    return np.asarray(b + (a - b) * share - width * share * (1.0 - share), dtype=np.float32)


def _smooth_max(a: Distances, b: Distances, width: float) -> Distances:
    return -_smooth_min(-a, -b, width)
