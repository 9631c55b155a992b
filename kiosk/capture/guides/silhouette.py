"""Silhouettes: the outline that a patient should fill, from data to smooth lines in pixels.

A data file holds strokes in fractions of a 3:4 frame. The curve through a stroke's points is a
uniform Catmull-Rom spline (E. Catmull, R. Rom, "A class of local interpolating
splines", 1974): it passes through every point, so that a person who edits the data sees where the
line will go.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Annotated, Literal

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from kiosk.errors import ConfigError

Fraction = Annotated[float, Meta(ge=-0.2, le=1.2)]
Part = Literal["head", "ear", "neck", "shoulder", "outline", "feature"]
Points = npt.NDArray[np.float64]

FRAME_ASPECT = 3 / 4
"""Width over height of the frame in which silhouettes are drawn."""

_STEPS = 10


class Stroke(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One curve; ``points`` are (x, y) fractions of the frame, y downwards."""

    part: Part
    closed: bool
    points: Annotated[tuple[tuple[Fraction, Fraction], ...], Meta(min_length=3)]


class Silhouette(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A view's outline; lines are fractions of the frame, None where the view has none."""

    strokes: Annotated[tuple[Stroke, ...], Meta(min_length=1)]
    eye_line: Fraction | None = None
    centre_line: Fraction | None = None

    def mirrored(self) -> Silhouette:
        """Return the same outline seen in a mirror."""
        strokes = tuple(
            Stroke(part=s.part, closed=s.closed, points=tuple((1.0 - x, y) for x, y in s.points))
            for s in self.strokes
        )
        centre = None if self.centre_line is None else 1.0 - self.centre_line
        return Silhouette(strokes=strokes, eye_line=self.eye_line, centre_line=centre)


class _MirrorOf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    mirror_of: str


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One polyline in pixels: ``points`` has shape (n, 2), x then y, ends included."""

    part: str
    points: Points


@dataclass(frozen=True, slots=True)
class Box:
    """Where a silhouette goes, in pixels: left, top, width, height."""

    x: float
    y: float
    width: float
    height: float


def load_silhouette(name: str) -> Silhouette:
    """Read ``data/silhouettes/NAME.toml``.

    Raises:
        ConfigError: no such silhouette, or a damaged file; names file and key.
    """
    return _parse(name, _read(name), allow_mirror=True)


def _parse(name: str, text: str, *, allow_mirror: bool) -> Silhouette:
    source = f"silhouettes/{name}.toml"
    try:
        table = tomllib.loads(text)
        if allow_mirror and "mirror_of" in table:
            other = msgspec.convert(table, _MirrorOf).mirror_of
            return _parse(other, _read(other), allow_mirror=False).mirrored()
        return msgspec.convert(table, Silhouette)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{source}: expected TOML, but: {error}") from error
    except msgspec.ValidationError as error:
        raise ConfigError(f"{source}: {error}") from error


def _read(name: str) -> str:
    place = resources.files("kiosk.records").joinpath("data", "silhouettes", f"{name}.toml")
    try:
        return place.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"silhouettes/{name}.toml: expected this file among the program's data, but: {error}"
        ) from error


def frame_in(box: Box) -> Box:
    """Return the largest 3:4 frame centred in ``box``."""
    width = min(box.width, box.height * FRAME_ASPECT)
    height = width / FRAME_ASPECT
    return Box(box.x + (box.width - width) / 2, box.y + (box.height - height) / 2, width, height)


def lines(silhouette: Silhouette, box: Box, *, mirror: bool) -> tuple[Line, ...]:
    """Return the smooth outline in pixels of ``box``.

    ``mirror`` is for a preview that is shown as in a mirror: the outline follows the picture.
    """
    shown = silhouette.mirrored() if mirror else silhouette
    frame = frame_in(box)
    scale = np.array([frame.width, frame.height])
    origin = np.array([frame.x, frame.y])
    return tuple(
        Line(s.part, catmull_rom(np.array(s.points), closed=s.closed) * scale + origin)
        for s in shown.strokes
    )


def catmull_rom(points: Points, *, closed: bool, steps: int = _STEPS) -> Points:
    """Interpolate (n, 2) points, n >= 2, by ``steps`` segments between neighbours.

    An open curve starts and ends in its first and last point; a closed one ends where it starts.
    """
    if closed:
        control = np.vstack([points[-1], points, points[0], points[1]])
    else:
        control = np.vstack(
            [2 * points[0] - points[1], points, 2 * points[-1] - points[-2]],
        )
    t = np.linspace(0.0, 1.0, steps, endpoint=False)
    powers = np.stack([np.ones_like(t), t, t**2, t**3], axis=1)
    basis = 0.5 * np.array([[0, 2, 0, 0], [-1, 0, 1, 0], [2, -5, 4, -1], [-1, 3, -3, 1]])
    weights = powers @ basis
    windows = np.stack([control[i : len(control) - 3 + i] for i in range(4)], axis=1)
    curve = np.einsum("sk,wkc->wsc", weights, windows).reshape(-1, 2)
    return np.vstack([curve, control[-2]])
