"""Silhouettes: the outline that a patient should fill, from data to smooth lines in pixels.

A data file holds strokes and reference lines in fractions of a 3:4 frame, and how high that frame
is at the subject plane, so that where the camera is calibrated the outline has its true size in
the picture. The curve through a stroke's points is a
uniform Catmull-Rom spline (E. Catmull, R. Rom, "A class of local interpolating
splines", 1974): it passes through every point, so that a person who edits the data sees where the
line will go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from kiosk.config import CameraCommon
from kiosk.records.data_files import converted, shipped_text, table_of

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
    """A view's outline and reference lines; None where the view has none.

    Attributes:
        height_mm: height of the frame at the subject plane.
        strokes: the outline.
        eye_line: height of the level line through the pupils, fraction of the frame.
        centre_line: where the upright line in the middle of the face or body stands.
        frankfort_line: height of the level line from the lower rim of the orbit to the top of the
            ear canal (the Frankfort plane, seen from the side).
        chin_mark: the lowest point of the chin, (x, y).
        hairline_mark: where the hair begins above the middle of the forehead, (x, y).
    """

    height_mm: Annotated[float, Meta(gt=0.0)]
    strokes: Annotated[tuple[Stroke, ...], Meta(min_length=1)]
    eye_line: Fraction | None = None
    centre_line: Fraction | None = None
    frankfort_line: Fraction | None = None
    chin_mark: tuple[Fraction, Fraction] | None = None
    hairline_mark: tuple[Fraction, Fraction] | None = None

    def mirrored(self) -> Silhouette:
        """Return the same outline seen in a mirror."""
        strokes = tuple(
            Stroke(part=s.part, closed=s.closed, points=tuple((1.0 - x, y) for x, y in s.points))
            for s in self.strokes
        )
        centre = None if self.centre_line is None else 1.0 - self.centre_line
        return msgspec.structs.replace(
            self,
            strokes=strokes,
            centre_line=centre,
            chin_mark=_mirrored(self.chin_mark),
            hairline_mark=_mirrored(self.hairline_mark),
        )


def _mirrored(point: tuple[float, float] | None) -> tuple[float, float] | None:
    return None if point is None else (1.0 - point[0], point[1])


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


@dataclass(frozen=True, slots=True)
class Field:
    """What a picture shows at the subject plane.

    Attributes:
        height_mm: how high that is.
        measured: whether the camera was calibrated; else it is what the view asks for.
    """

    height_mm: float
    measured: bool


def field_of(framing_mm: tuple[float, float], calibrated_mm: float | None = None) -> Field:
    """Return what a picture shows: as calibrated, else the smallest 3:4 field that holds the view.

    Args:
        framing_mm: width and height that must lie in the picture.
        calibrated_mm: height that the whole picture is known to show; None: unknown.
    """
    if calibrated_mm is not None:
        return Field(calibrated_mm, measured=True)
    width, height = framing_mm
    return Field(max(height, width / FRAME_ASPECT), measured=False)


def field_height_mm(camera: CameraCommon) -> float | None:
    """Return how many mm at the subject plane the upright picture is high; None: not calibrated."""
    if camera.geometry is None:
        return None
    turned = camera.rotation in (90, 270)
    return camera.size[0 if turned else 1] * camera.geometry.mm_per_px


def load_silhouette(name: str) -> Silhouette:
    """Read ``data/silhouettes/NAME.toml``.

    Raises:
        ConfigError: no such silhouette, or a damaged file; names file and key.
    """
    return _parse(name, _read(name), allow_mirror=True)


def _parse(name: str, text: str, *, allow_mirror: bool) -> Silhouette:
    source = f"silhouettes/{name}.toml"
    table = table_of(text, source, "strokes, or mirror_of")
    if allow_mirror and "mirror_of" in table:
        other = converted(table, _MirrorOf, source).mirror_of
        return _parse(other, _read(other), allow_mirror=False).mirrored()
    return converted(table, Silhouette, source)


def _read(name: str) -> str:
    return shipped_text("silhouettes", f"{name}.toml")


def frame_in(box: Box, share: float | None = None) -> Box:
    """Return the 3:4 frame centred in the picture ``box``.

    ``share`` is its height as a share of the picture's, more than 1 where it reaches beyond the
    picture; None: as large as fits.
    """
    height = min(box.height, box.width / FRAME_ASPECT) if share is None else box.height * share
    width = height * FRAME_ASPECT
    return Box(box.x + (box.width - width) / 2, box.y + (box.height - height) / 2, width, height)


def frame_of(silhouette: Silhouette, box: Box, field: Field | None) -> Box:
    """Return the silhouette's frame in the picture ``box``, in its true size if that is known."""
    if field is None:
        return frame_in(box)
    if field.measured:
        return frame_in(box, silhouette.height_mm / field.height_mm)
    whole = frame_in(box)
    return frame_in(box, silhouette.height_mm / field.height_mm * whole.height / box.height)


def lines(
    silhouette: Silhouette, box: Box, *, mirror: bool, field: Field | None = None
) -> tuple[Line, ...]:
    """Return the smooth outline in pixels of the picture ``box``.

    ``mirror`` is for a preview that is shown as in a mirror: the outline follows the picture.
    Without a ``field`` the frame fills the picture.
    """
    shown = silhouette.mirrored() if mirror else silhouette
    frame = frame_of(silhouette, box, field)
    size = np.array([frame.width, frame.height])
    origin = np.array([frame.x, frame.y])
    return tuple(
        Line(s.part, catmull_rom(np.array(s.points), closed=s.closed) * size + origin)
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
