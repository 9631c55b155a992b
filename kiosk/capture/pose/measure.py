"""``kiosk guide measure``: how well poses are measured, on pictures of faces whose pose is known.

A folder of pictures is described by a JSON file: for each picture its file, the set it belongs to,
its head, yaw, pitch and roll in degrees, where the head's middle is in the picture (``origin_px``),
the scale there (``px_per_m``), the focal length ``f`` in pixels and the expression. In each set
``micro_…`` the picture of a head whose name ends in ``_rep0`` is the baseline and the others are
follow-ups of it. Everything is measured by the code that guides patients.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import cv2
import msgspec
import numpy as np
from msgspec import Meta

from kiosk.capture.guides.values import Deviation
from kiosk.capture.pose.comparisons import Comparison, FaceAgainstBaseline, pose_of
from kiosk.capture.pose.describe import describe_face, describe_profile
from kiosk.capture.pose.descriptor import PoseDescriptor, read, write
from kiosk.capture.pose.geometry import Angles, Pinhole
from kiosk.capture.pose.head import HeadModel
from kiosk.capture.pose.observer import Observer, Sighting
from kiosk.capture.pose.profile import ProfileAgainstBaseline
from kiosk.capture.pose.relative import turned
from kiosk.errors import UsageError


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of the table: a set of follow-ups, the view that it is of, and its pose."""

    title: str
    of: str
    view: str
    pose: Angles
    profile: bool = False


KINDS: Final = (
    Kind("frontal", "micro_front", "frontal_rest", Angles(0.0, 0.0, 0.0)),
    Kind("oblique", "micro_obl", "oblique_right", Angles(45.0, 0.0, 0.0)),
    Kind("base", "micro_base", "basal", Angles(0.0, -35.0, 0.0)),
    Kind("bowed", "micro_bowed", "birds_eye", Angles(0.0, 35.0, 0.0)),
    Kind("profile", "micro_prof", "profile_right", Angles(90.0, 0.0, 0.0), profile=True),
)

_NEAR: Final = 10.0
"""Pictures of other sets count as first visits of a view within so many degrees of its pose."""


_Degrees = Annotated[float, Meta(ge=-360.0, le=360.0)]
_Positive = Annotated[float, Meta(gt=0.0, le=1e7)]


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one picture; other keys of the file are not read."""

    file: str
    of: str = msgspec.field(name="set")
    head: str = msgspec.field(name="id")
    yaw: _Degrees
    pitch: _Degrees
    roll: _Degrees
    origin_px: tuple[float, float]
    px_per_m: _Positive
    focal: _Positive = msgspec.field(name="f")
    expr: str = "rest"


class _File(msgspec.Struct, frozen=True, kw_only=True):
    images: Annotated[tuple[Truth, ...], Meta(min_length=1)]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One follow-up: what was measured against what is true; errors signed.

    Attributes:
        error: of yaw, pitch, roll (degrees), x, y (of the picture's height) and scale.
        true: the true deviation in the same order.
        residual: pixels that registered landmarks miss by, of a picture 640 pixels wide.
        deviation: as measured.
    """

    error: tuple[float, ...]
    true: tuple[float, ...]
    residual: float
    deviation: Deviation


def load_truth(path: Path) -> tuple[Truth, ...]:
    """Read the description of a folder of pictures.

    Raises:
        UsageError: it cannot be read, or it lacks something; says what and where.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=_File).images
    except OSError as error:
        raise UsageError(f"{path}: expected a description of faces: {error.strerror}.") from error
    except msgspec.DecodeError as error:
        raise UsageError(f"{path}: {error}.") from error


def sight(observer: Observer, folder: Path, truth: Truth) -> Sighting:
    """Look at one picture as if nothing had been seen before.

    Raises:
        UsageError: the picture cannot be read.
    """
    path = folder / truth.file
    picture = cv2.imread(str(path))
    if picture is None:
        raise UsageError(f"{path}: expected a picture here.")
    height, width = picture.shape[:2]
    camera = Pinhole(width, height, truth.focal)
    return observer.study(np.asarray(picture, np.uint8), camera)


class Bench:
    """Measures pictures of a folder with the station's own code."""

    def __init__(self, folder: Path, model: HeadModel) -> None:
        self._folder, self._model, self._observer = folder, model, Observer()

    def sight(self, truth: Truth) -> Sighting:
        """Look at one picture; see :func:`sight`."""
        return sight(self._observer, self._folder, truth)

    def first_visit(self, truth: Truth) -> tuple[float, float, float] | None:
        """Return the errors of yaw, pitch and roll without a baseline; None if nobody is seen."""
        sighting = self.sight(truth)
        if sighting.face is None:
            return None
        angles = pose_of(sighting, self._model, sighting.face).angles
        return (
            turned(angles.yaw - truth.yaw),
            angles.pitch - truth.pitch,
            turned(angles.roll - truth.roll),
        )

    def follow_ups(self, kind: Kind, truths: Sequence[Truth]) -> Iterator[FollowUp | None]:
        """Measure each follow-up of one head against its baseline; None where nothing is seen.

        Raises:
            UsageError: there is no baseline among them, or none that a descriptor can be made of.
        """
        baseline = next((t for t in truths if _is_baseline(t)), None)
        if baseline is None:
            raise UsageError(
                f"{self._folder}: set {kind.of}, head {truths[0].head}: expected a baseline, a "
                "picture whose name ends in _rep0."
            )
        comparison = self._comparison(kind, baseline)
        for truth in truths:
            if truth is not baseline:
                yield self._follow_up(comparison, baseline, truth)

    def _comparison(self, kind: Kind, baseline: Truth) -> Comparison:
        sighting = self.sight(baseline)
        kept: PoseDescriptor | None
        if kind.profile:
            kept = describe_profile(sighting, self._model, kind.pose)
        else:
            kept = describe_face(sighting, self._model, kind.pose)
        if kept is None:
            raise UsageError(f"{baseline.file}: no face was found in this baseline.")
        # As a station does: through the form in which it is kept.
        stored = read(write(kept))
        if kind.profile:
            return ProfileAgainstBaseline(self._model, stored)
        return FaceAgainstBaseline(self._model, stored)

    def _follow_up(self, comparison: Comparison, baseline: Truth, truth: Truth) -> FollowUp | None:
        sighting = self.sight(truth)
        found = comparison.deviation(sighting)
        measured = (found.yaw, found.pitch, found.roll, found.x, found.y, found.scale)
        if None in measured:
            return None
        height = sighting.camera.height
        true = (
            turned(truth.yaw - baseline.yaw),
            truth.pitch - baseline.pitch,
            turned(truth.roll - baseline.roll),
            (truth.origin_px[0] - baseline.origin_px[0]) / height,
            (truth.origin_px[1] - baseline.origin_px[1]) / height,
            truth.px_per_m / baseline.px_per_m - 1.0,
        )
        error = tuple(m - t for m, t in zip(measured, true, strict=True) if m is not None)
        registered = comparison.registration(sighting)
        residual = float("nan") if registered is None else registered.residual_px
        return FollowUp(error, true, residual, found)


def by_head(truths: Sequence[Truth], of: str) -> Mapping[str, tuple[Truth, ...]]:
    """Return the pictures of one set by the head that they show."""
    heads: dict[str, list[Truth]] = {}
    for truth in truths:
        if truth.of == of:
            heads.setdefault(truth.head, []).append(truth)
    return {head: tuple(found) for head, found in heads.items()}


def first_visits(truths: Sequence[Truth], kind: Kind) -> tuple[Truth, ...]:
    """Return the pictures that could be first visits of a view: near its pose, at rest."""
    return tuple(
        t for t in truths if t.expr == "rest" and near(Angles(t.yaw, t.pitch, t.roll), kind.pose)
    )


def near(angles: Angles, pose: Angles) -> bool:
    """Tell whether a head is held as in a first visit of a view, from whichever side."""
    yaw = min(abs(turned(angles.yaw - pose.yaw)), abs(turned(angles.yaw + pose.yaw)))
    off = (yaw, angles.pitch - pose.pitch, angles.roll - pose.roll)
    return max(abs(one) for one in off) <= _NEAR


def _is_baseline(truth: Truth) -> bool:
    return Path(truth.file).stem.endswith("_rep0")
