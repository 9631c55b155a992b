"""Judges live pictures and shots of one view of one patient."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from kiosk.capture.guides.expressions import FaceActs, is_rest, missing_cues
from kiosk.capture.guides.values import Cue, Deviation, Sight
from kiosk.capture.pose.comparisons import AgainstView, Comparison, FaceAgainstBaseline, Wanted
from kiosk.capture.pose.describe import describe_face, describe_profile
from kiosk.capture.pose.descriptor import PoseDescriptor
from kiosk.capture.pose.eyes import brow_heights, openings
from kiosk.capture.pose.geometry import Angles, Pinhole
from kiosk.capture.pose.head import HeadModel
from kiosk.capture.pose.lips import corners_up, parting, width
from kiosk.capture.pose.mesh import Mesh
from kiosk.capture.pose.observer import Observer, Sighting
from kiosk.capture.pose.profile import ProfileAgainstBaseline
from kiosk.capture.pose.registration import Registration
from kiosk.capture.pose.unlike import until_made
from kiosk.model import Pixels
from kiosk.records.views import Code, View


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What one shot shows.

    Attributes:
        deviation: of the shot itself.
        registration: how the baseline lies over it; None where there is none to lay.
        descriptor: of its pose; None where it could not be measured.
    """

    deviation: Deviation
    registration: Registration | None = None
    descriptor: PoseDescriptor | None = None


class Judge(Protocol):
    """Judges pictures of one view; one thread at a time.

    Pictures are BGR, shape (height, width, 3), upright, taken by ``camera``.
    """

    def look(self, picture: Pixels, camera: Pinhole, at_ns: int) -> Deviation:
        """Return how far a live picture, exposed at ``at_ns``, is from the target."""
        ...

    def shot(self, picture: Pixels, camera: Pinhole) -> Judged:
        """Judge a picture by itself, whatever was seen before it; of motion it tells nothing."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known of a patient from other shots.

    Attributes:
        baseline: the earlier shot of the view; None at a first visit.
        rest: a shot of the face at rest; not asked for where the baseline itself shows that.
    """

    baseline: PoseDescriptor | None = None
    rest: PoseDescriptor | None = None


class HeadJudge:
    """Judges heads, from the front, at an angle and from the side.

    Args:
        observer: begins anew.
        model: of every head.
        view: what is asked for.
        wanted: where the view wants a head to be.
        known: of this patient.
    """

    def __init__(
        self,
        observer: Observer,
        model: HeadModel,
        view: View,
        wanted: Wanted,
        known: Known,
    ) -> None:
        self._observer, self._model, self._view, self._wanted = observer, model, view, wanted
        self._comparison = _comparison(view, model, wanted, known.baseline)
        observer.forget()
        resting = known.rest
        if known.baseline is not None and is_rest(view.expression):
            resting = known.baseline
        self._rest = None if resting is None else self._at_rest(resting)

    def look(self, picture: Pixels, camera: Pinhole, at_ns: int) -> Deviation:
        return self._judged(self._observer.look(picture, camera, at_ns))

    def shot(self, picture: Pixels, camera: Pinhole) -> Judged:
        sighting = self._observer.study(picture, camera)
        return Judged(
            self._judged(sighting),
            self._comparison.registration(sighting),
            self._describe(sighting),
        )

    def _judged(self, sighting: Sighting) -> Deviation:
        found = self._comparison.deviation(sighting)
        if found.sight is not Sight.CLEAR:
            return found
        wanted = self._view.expression
        missing = self._missing(sighting, wanted)
        unread = sighting.mesh is not None and sighting.movements is None
        if wanted is not None and (missing or unread):
            found = until_made(found, wanted, self._view.tolerance)
        return replace(
            found,
            motion=sighting.motion,
            expression=missing,
            perhaps_covered=found.perhaps_covered or sighting.perhaps_covered,
        )

    def _missing(self, sighting: Sighting, wanted: Code | None) -> tuple[Cue, ...] | None:
        """Return what the expression lacks; None where the view's cannot be judged."""
        if wanted is None or sighting.mesh is None or sighting.movements is None:
            return None
        seen = self._model.of_mesh(sighting.mesh, sighting.camera).angles
        face = _acts(sighting.mesh, sighting.movements, seen)
        return missing_cues(wanted, face, self._rest)

    def _at_rest(self, shot: PoseDescriptor) -> FaceActs | None:
        """Return what this patient's face does at rest: everybody's rests in another way."""
        if shot.method != "face":
            return None
        mesh = Mesh(shot.points, 1.0)
        return _acts(mesh, self._observer.movements(mesh), shot.coarse)

    def _describe(self, sighting: Sighting) -> PoseDescriptor | None:
        if self._view.method == "profile":
            return describe_profile(sighting, self._model, self._wanted.angles)
        return describe_face(sighting, self._model, self._wanted.angles)


def _acts(mesh: Mesh, movements: Mapping[str, float], seen: Angles) -> FaceActs:
    right_eye, left_eye = openings(mesh)
    right_brow, left_brow = brow_heights(mesh)
    return FaceActs(
        scores=movements,
        right_eye=right_eye,
        left_eye=left_eye,
        lips=parting(mesh),
        corners=corners_up(mesh),
        right_brow=right_brow,
        left_brow=left_brow,
        mouth=width(mesh),
        yaw=seen.yaw,
        pitch=seen.pitch,
    )


def _comparison(
    view: View, model: HeadModel, wanted: Wanted, baseline: PoseDescriptor | None
) -> Comparison:
    if baseline is None:
        return AgainstView(model, wanted)
    by_method: dict[str, Callable[[HeadModel, PoseDescriptor], Comparison]] = {
        "face": FaceAgainstBaseline,
        "profile": ProfileAgainstBaseline,
    }
    return by_method[view.method](model, baseline)
