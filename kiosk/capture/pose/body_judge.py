"""Judges live pictures and shots of bodies: the trunk's place, size and lean.

How far it is turned can be told only when it is plainly wrong; expression and several people not at
all. What cannot be told is None, and the operator judges it by the silhouette.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kiosk.capture.guides.values import Deviation, Sight
from kiosk.capture.pose.body import TRUNK_MM, trunk_of, yaw_of
from kiosk.capture.pose.body_comparisons import (
    KEPT,
    BodyAgainstBaseline,
    BodyAgainstView,
    BodyComparison,
    limbs,
)
from kiosk.capture.pose.body_observer import BodyObserver, BodySighting
from kiosk.capture.pose.body_outline import mask_of, outlines_of
from kiosk.capture.pose.comparisons import Wanted
from kiosk.capture.pose.descriptor import PoseDescriptor
from kiosk.capture.pose.geometry import Angles, Pinhole
from kiosk.capture.pose.judge import Judged
from kiosk.model import Pixels


class BodyJudge:
    """Keeps the contract of :class:`kiosk.capture.pose.judge.Judge`.

    Args:
        observer: begins anew.
        wanted: where the view wants a trunk to be.
        baseline: this patient's earlier shot of the view; None at a first visit.

    Raises:
        FormatError: the baseline is not of a body.
    """

    def __init__(
        self, observer: BodyObserver, wanted: Wanted, baseline: PoseDescriptor | None
    ) -> None:
        self._observer, self._wanted = observer, wanted
        self._comparison: BodyComparison = (
            BodyAgainstView(wanted) if baseline is None else BodyAgainstBaseline(baseline)
        )
        observer.forget()

    def look(self, picture: Pixels, camera: Pinhole, at_ns: int) -> Deviation:
        return self._judged(self._observer.look(picture, camera, at_ns, self._wanted))

    def shot(self, picture: Pixels, camera: Pinhole) -> Judged:
        self._observer.forget()
        sighting = self._observer.look(picture, camera, 0, self._wanted)
        self._observer.forget()
        return Judged(
            self._judged(sighting),
            self._comparison.registration(sighting),
            describe_body(sighting, self._wanted.angles),
        )

    def _judged(self, sighting: BodySighting) -> Deviation:
        found = self._comparison.deviation(sighting)
        return found if found.sight is not Sight.CLEAR else replace(found, motion=sighting.motion)


def describe_body(sighting: BodySighting, nominal: Angles) -> PoseDescriptor | None:
    """Return the descriptor of a body: joints, limbs and outline; None where none is whole.

    ``nominal`` is the view's pose: the operator made sure of it, and nothing here judges better.
    """
    laid, camera = sighting.laid, sighting.camera
    if sighting.sight is not Sight.CLEAR or laid is None:
        return None
    outlines = outlines_of(mask_of(laid, camera))
    if not outlines:
        return None
    height = camera.height
    trunk, joints = trunk_of(laid.points), laid.points[list(KEPT), :2]
    return PoseDescriptor(
        method="body",
        aspect=camera.width / height,
        focal=camera.focal_px / height,
        pose=nominal,
        coarse=Angles(yaw_of(laid.points), 0.0, -trunk.lean),
        origin=(trunk.x / height, trunk.y / height, 0.0),
        size=trunk.length / TRUNK_MM / height,
        points=np.asarray(joints / height),
        lines=tuple(np.asarray(line / height) for line in (*outlines, *limbs(joints))),
    )
