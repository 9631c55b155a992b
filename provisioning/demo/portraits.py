"""Photographs of nobody: a drawn head and shoulders for the simulated camera to play.

The shape is a handful of ellipsoids melted together (a signed distance field) and lit by two
softboxes, so that every view of a session shows the same head turned the way the view asks. All
of it is drawn here from numbers; nobody's picture and no model is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.errors import ConfigError
from kiosk.model import Pixels
from provisioning.demo.mannequin import MATERIALS, Figure, Points

FIELD_CM = 36.0
"""Height of the field of view, centimetres: the 1:10 framing of head and neck."""

_CENTRE_CM = -2.6
_DRAWN = (480, 640)
_ENLARGED = 2
_BLOCK = 8
_STEPS = 64
_NEAR_CM = 26.0
_HIT_CM = 0.02
_PROBE_CM = 0.06
_FILL = 0.10
_WRAP = 0.3

_LAMPS = (((-0.62, 0.42, 0.66), 0.85), ((0.62, 0.42, 0.66), 0.55), ((0.0, -0.3, 0.95), 0.12))
"""Direction to each softbox (viewer's right, up, to the viewer) and its share of the light."""

_BACKDROP = ((0.36, 0.33, 0.30), (0.20, 0.18, 0.16))
"""Blue, green, red in linear light: middle of the backdrop and its corners."""

_WORDS = (
    ("profile", 90.0, 0.0),
    ("lateral", 90.0, 0.0),
    ("oblique", 45.0, 0.0),
    ("basal", 0.0, -40.0),
    ("bird", 0.0, 40.0),
    ("posterior", 180.0, 0.0),
    ("_back", 180.0, 0.0),
)


@dataclass(frozen=True, slots=True)
class Attitude:
    """How the head is held.

    Attributes:
        yaw: degrees, > 0 turns the nose to the viewer's right.
        pitch: degrees, > 0 lowers the chin.
        smile: 0 at rest to 1.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    smile: float = 0.0


def attitude_of(name: str) -> Attitude:
    """Tell from a view's name how the head is held; what it does not say stays frontal.

    ``left`` and ``right`` name the side of the face that the picture shows: the right side shows
    when the nose points to the viewer's right.
    """
    words = name.lower()
    side = -1.0 if "left" in words else 1.0
    smile = 1.0 if any(word in words for word in ("smile", "animated")) else 0.0
    for word, yaw, pitch in _WORDS:
        if word in words:
            return Attitude(side * yaw, pitch, smile)
    return Attitude(smile=smile)


def portrait(attitude: Attitude) -> Pixels:
    """Draw the figure.

    Returns:
        BGR in sRGB, shape (1280, 960, 3): a portrait of 3:4.
    """
    width, height = _DRAWN
    figure = Figure(attitude.yaw, attitude.pitch, attitude.smile)
    light = _backdrop(width, height).reshape(-1, 3)
    where, points, cover = _march(figure, _starts(figure, width, height), FIELD_CM / height)
    light[where] = light[where] * (1 - cover) + _lit(figure, points).T * cover
    stored = np.clip(light, 0.0, 1.0) ** (1 / 2.2) * 255.0
    drawn = stored.reshape(height, width, 3).astype(np.uint8)
    size = (width * _ENLARGED, height * _ENLARGED)
    return np.asarray(cv2.resize(drawn, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def write_portraits(folder: Path, names: Sequence[str]) -> tuple[Path, ...]:
    """Write one portrait for each view's name as ``NAME.png``, drawn as the name says.

    Args:
        folder: made if it does not exist.
        names: of views, see :func:`attitude_of`; they become names of files.

    Returns:
        The files, in the order of ``names``.

    Raises:
        ConfigError: the folder cannot be written.
    """
    drawn: dict[Attitude, bytes] = {}
    written = []
    for name in names:
        attitude = attitude_of(name)
        if attitude not in drawn:
            drawn[attitude] = cv2.imencode(".png", portrait(attitude))[1].tobytes()
        path = folder / f"{name}.png"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(drawn[attitude])
        except OSError as error:
            raise ConfigError(
                f"{path}: expected to write a portrait here, but: {error.strerror}."
            ) from error
        written.append(path)
    return tuple(written)


def _backdrop(width: int, height: int) -> Points:
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    far = np.clip((x**2 + (y + 0.2) ** 2) / 2.2, 0.0, 1.0)[..., None]
    middle, corner = np.array(_BACKDROP[0]), np.array(_BACKDROP[1])
    return np.asarray(middle * (1 - far) + corner * far, dtype=np.float32)


def _rays(width: int, height: int) -> Points:
    """Points from which parallel rays leave to the figure, (3, height * width)."""
    pixel = FIELD_CM / height
    x, y = np.meshgrid(
        (np.arange(width, dtype=np.float32) - (width - 1) / 2) * pixel,
        ((height - 1) / 2 - np.arange(height, dtype=np.float32)) * pixel + _CENTRE_CM,
    )
    return np.stack([x.ravel(), y.ravel(), np.full(x.size, _NEAR_CM, np.float32)])


def _starts(figure: Figure, width: int, height: int) -> Points:
    """Rays already brought near the figure by one thick ray for each block of pixels."""
    across, down = width // _BLOCK, height // _BLOCK
    thick = _rays(across, down)
    # A ray of the block is at most half the block's diagonal away from its middle.
    radius = 0.75 * FIELD_CM / down
    _follow(figure, thick, radius)
    rays = _rays(width, height)
    depth = thick[2].reshape(down, across).repeat(_BLOCK, axis=0).repeat(_BLOCK, axis=1)
    rays[2] = depth.ravel()
    return rays


def _follow(figure: Figure, points: Points, until: float) -> tuple[npt.NDArray[np.float32], Points]:
    """Move ``points`` along their rays until ``until`` from the figure (Hart 1996).

    Returns:
        For each ray how near it came and where that was.
    """
    nearest = np.full(points.shape[1], np.inf, np.float32)
    best = points.copy()
    active = np.flatnonzero(points[2] > -_NEAR_CM)
    for _ in range(_STEPS):
        distance = figure.distance(points[:, active])
        closer = distance < nearest[active]
        nearest[active[closer]] = distance[closer]
        best[:, active[closer]] = points[:, active[closer]]
        onward = distance > until
        points[2, active[onward]] -= distance[onward] - until / 2
        active = active[onward & (points[2, active] > -_NEAR_CM)]
        if not len(active):
            break
    return nearest, best


def _march(
    figure: Figure, points: Points, pixel: float
) -> tuple[npt.NDArray[np.intp], Points, npt.NDArray[np.float32]]:
    """Follow the rays to the figure.

    Returns:
        Which rays met it or passed within a pixel; the points where, (3, n); and what share of
        each pixel the figure covers, (n, 1), which makes its edges smooth.
    """
    nearest, best = _follow(figure, points, _HIT_CM)
    where = np.flatnonzero(nearest < pixel)
    cover = np.clip(1.0 - (nearest[where] - _HIT_CM) / (pixel - _HIT_CM), 0.0, 1.0)
    return where, best[:, where], cover[:, None]


def _lit(figure: Figure, points: Points) -> Points:
    """Light that each of the (3, n) points sends to the viewer: blue, green, red."""
    normal = _normals(figure, points)
    kind = figure.material(points)
    colour = np.array([m.colour for m in MATERIALS], np.float32).T[:, kind]
    gloss = np.array([m.gloss for m in MATERIALS], np.float32)[kind]
    light = np.full(points.shape[1], _FILL, np.float32)
    shine = np.zeros(points.shape[1], np.float32)
    for direction, share in _LAMPS:
        to_lamp = np.array(direction, np.float32)
        to_lamp /= np.linalg.norm(to_lamp)
        half = to_lamp + np.array((0.0, 0.0, 1.0), np.float32)
        half /= np.linalg.norm(half)
        # A softbox wraps around: the light falls off past the edge instead of at it.
        light += share * np.clip((to_lamp @ normal + _WRAP) / (1 + _WRAP), 0.0, 1.0) ** 1.6
        shine += share * np.clip(half @ normal, 0.0, 1.0) ** 24
    for reach in (0.7, 2.2):
        free = figure.distance(points + normal * reach) / reach
        light *= 0.5 + 0.5 * np.clip(free, 0.0, 1.0)
    return np.asarray(colour * light + gloss * shine, np.float32)


def _normals(figure: Figure, points: Points) -> Points:
    corners = np.array([(1, -1, -1), (-1, -1, 1), (-1, 1, -1), (1, 1, 1)], np.float32)
    total = np.zeros_like(points)
    for corner in corners:
        total += corner[:, None] * figure.distance(points + corner[:, None] * _PROBE_CM)
    return np.asarray(total / (np.linalg.norm(total, axis=0) + 1e-9), np.float32)
