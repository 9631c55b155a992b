"""What a sighting of a body is compared with: a view's own pose, or this patient's baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from kiosk.capture.guides.values import Against, Deviation, Sight
from kiosk.capture.pose.align import Aligned, Placement
from kiosk.capture.pose.body import (
    ELBOWS,
    HIPS,
    SHOULDERS,
    TRUNK_MM,
    WRISTS,
    Trunk,
    leans,
    trunk_of,
    yaw_of,
)
from kiosk.capture.pose.body_net import JOINTS, Laid
from kiosk.capture.pose.body_observer import BodySighting
from kiosk.capture.pose.body_outline import OutlineAligner, closed, filled, laid_over, mask_of
from kiosk.capture.pose.comparisons import Wanted, pixels
from kiosk.capture.pose.descriptor import PoseDescriptor
from kiosk.capture.pose.edges import Plane, Window
from kiosk.capture.pose.geometry import Array, Pinhole
from kiosk.capture.pose.registration import Registration, register
from kiosk.errors import FormatError

KEPT: Final = (*SHOULDERS, *ELBOWS, *WRISTS, *HIPS)
"""Joints that a descriptor keeps, in its order; the network's others are not in the picture."""

_SWAPPED: Final = (1, 0, 3, 2, 5, 4, 7, 6)
"""The same with left for right: of a trunk without its head the network may take either."""

_YAW: Final = 45.0
_PLACE_OF_VIEW: Final = 0.06
_SCALE_OF_VIEW: Final = 0.15
_SCALE_OF_JOINTS: Final = 0.08
_SCALE_OF_OUTLINE: Final = 0.05
"""Errors within which a deviation is not judged: of yaw in degrees; of place, heights of the
picture, and size at a first visit; of size by joints alone, and by an outline that is not seen from
the side, where it is mostly upright lines (docs/decisions/0088-bodies.md)."""

_REACH: Final = 0.68
"""Half of the window in which outlines are compared, in lengths of the trunk."""

LIKE: Final = 0.4
"""Likeness of outlines from which the baseline's is taken to lie where it belongs."""

SURE_LIKE: Final = 0.75
"""Likeness that ends the search for a better start."""


class BodyComparison(Protocol):
    """Says how far a sighting is from a target."""

    def deviation(self, sighting: BodySighting) -> Deviation:
        """Return the deviation without motion; None in it where it cannot be judged."""
        ...

    def registration(self, sighting: BodySighting) -> Registration | None:
        """Return how the baseline lies over what is seen; None where there is none to lay."""
        ...


class BodyAgainstView:
    """A first visit: people differ in build, so that place and size are told coarsely."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted

    def deviation(self, sighting: BodySighting) -> Deviation:
        if sighting.sight is not Sight.CLEAR or sighting.laid is None:
            return Deviation(sighting.sight)
        camera, points = sighting.camera, sighting.laid.points
        trunk, wanted = trunk_of(points), self._wanted.pose(camera)
        yaw = _turned(points, wanted.angles.yaw)
        pitch, roll = _leans(wanted.angles.yaw, trunk.lean, yaw)
        return Deviation(
            Sight.CLEAR,
            Against.VIEW,
            yaw=yaw,
            pitch=None if pitch is None else pitch - wanted.angles.pitch,
            roll=None if roll is None else roll - wanted.angles.roll,
            x=_beyond((trunk.x - wanted.x) / camera.height, _PLACE_OF_VIEW),
            y=_beyond((trunk.y - wanted.y) / camera.height, _PLACE_OF_VIEW),
            scale=_beyond(trunk.length / (TRUNK_MM * wanted.px_per_mm) - 1.0, _SCALE_OF_VIEW),
        )

    def registration(self, sighting: BodySighting) -> Registration | None:
        del sighting
        return None


@dataclass(frozen=True, slots=True)
class _Moved:
    """How the trunk moved since the baseline; places in pixels, ``turn`` degrees clockwise."""

    x: float
    y: float
    scale: float | None
    turn: float


class BodyAgainstBaseline:
    """A follow-up: the baseline's outline is laid over what is seen, starting from its joints.

    Args:
        baseline: of a body.

    Raises:
        FormatError: the baseline lacks joints or the outline.
    """

    def __init__(self, baseline: PoseDescriptor) -> None:
        outlines = [line for line in baseline.lines if closed(line)]
        if baseline.points.shape != (len(KEPT), 2) or not outlines:
            raise FormatError(
                f"This pose descriptor of a body is damaged: expected {len(KEPT)} joints and an "
                "outline."
            )
        self._baseline, self._outlines = baseline, outlines
        self._aligner: tuple[Pinhole, OutlineAligner, Window] | None = None

    def deviation(self, sighting: BodySighting) -> Deviation:
        if sighting.sight is not Sight.CLEAR or sighting.laid is None:
            return Deviation(sighting.sight, Against.BASELINE)
        camera, baseline = sighting.camera, self._baseline
        moved = self._moved(sighting.laid, camera)
        yaw = _turned(sighting.laid.points, baseline.coarse.yaw)
        pitch, roll = _leans(baseline.pose.yaw, moved.turn, yaw)
        return Deviation(
            Sight.CLEAR,
            Against.BASELINE,
            yaw=yaw,
            pitch=pitch,
            roll=roll,
            x=moved.x / camera.height,
            y=moved.y / camera.height,
            scale=moved.scale,
        )

    def registration(self, sighting: BodySighting) -> Registration | None:
        """Lay by the outline, or by the joints where it is not found: left and right as fits."""
        laid, camera = sighting.laid, sighting.camera
        if laid is None:
            return None
        mask = mask_of(laid, camera)
        found = self._lay(laid, mask, camera)
        if found.likeness >= LIKE:
            _, window = self._for(camera)
            return laid_over(found.placement, self._lines(camera), mask, window)
        before = pixels(self._baseline.points, self._baseline, camera)
        after = laid.points[list(KEPT), :2]
        either = (register(before, one, camera.width) for one in (after, after[list(_SWAPPED)]))
        return min(either, key=lambda one: one.residual_px)

    def _moved(self, laid: Laid, camera: Pinhole) -> _Moved:
        found = self._lay(laid, mask_of(laid, camera), camera)
        place, (_, window) = found.placement, self._for(camera)
        if found.likeness >= LIKE:
            sideways = leans(self._baseline.pose.yaw, 0.0)[0] is not None
            error = 0.0 if sideways else _SCALE_OF_OUTLINE
            scale = _beyond(place.scale - 1.0, error)
            return _Moved(place.x * window.half, place.y * window.half, scale, place.turn)
        was, now = self._trunk(camera), trunk_of(laid.points)
        scale = _beyond(now.length / was.length - 1.0, _SCALE_OF_JOINTS)
        return _Moved(now.x - was.x, now.y - was.y, scale, now.lean - was.lean)

    def _lay(self, laid: Laid, mask: Plane, camera: Pinhole) -> Aligned:
        """Lay the baseline's outline over a mask; the better of what two starts lead to."""
        was, now = self._trunk(camera), trunk_of(laid.points)
        aligner, window = self._for(camera)
        # The window's middle is the trunk's: where the one goes, the other went.
        x, y = (now.x - was.x) / window.half, (now.y - was.y) / window.half
        # Joints may be wrong about the size by a fifth; then the size of before is a better start.
        starts = (
            Placement(now.length / was.length, now.lean - was.lean, x, y),
            Placement(1.0, 0.0, x, y),
        )
        first = aligner.align(mask, starts[0])
        if first.likeness >= SURE_LIKE:
            return first
        return max(first, aligner.align(mask, starts[1]), key=lambda one: one.likeness)

    def _trunk(self, camera: Pinhole) -> Trunk:
        points = np.zeros((JOINTS, 2))
        points[list(KEPT)] = pixels(self._baseline.points, self._baseline, camera)
        return trunk_of(points)

    def _for(self, camera: Pinhole) -> tuple[OutlineAligner, Window]:
        """Return the aligner for pictures of this size."""
        if self._aligner is None or self._aligner[0] != camera:
            trunk = self._trunk(camera)
            window = Window(trunk.x, trunk.y, _REACH * trunk.length)
            mask = filled(self._lines(camera), camera)
            self._aligner = camera, OutlineAligner(mask, window), window
        return self._aligner[1], self._aligner[2]

    def _lines(self, camera: Pinhole) -> list[Array]:
        return [pixels(line, self._baseline, camera) for line in self._outlines]


def _turned(points: Array, wanted_yaw: float) -> float | None:
    """Return how far a body is turned from where it should be, degrees within a half turn.

    It is counted past the front, where the camera is, and not the shorter way: of who is half way
    round that would be the one now and the other then.
    """
    return _beyond(float(np.clip(yaw_of(points) - wanted_yaw, -180.0, 180.0)), _YAW)


def _leans(view_yaw: float, lean: float, turned: float | None) -> tuple[float | None, float | None]:
    """Return pitch and roll as ``leans`` does; of who stands otherwise they mean something else."""
    return leans(view_yaw, lean) if turned is None else (None, None)


def _beyond(value: float, error: float) -> float | None:
    return value if abs(value) > error else None


def limbs(joints: Array) -> tuple[Array, ...]:
    """Return the lines from joint to joint, shape (m, 2) each; ``joints`` as in ``KEPT``."""
    right, left = joints[1::2], joints[0::2]
    arms = (right[:3], left[:3])
    trunk = joints[[KEPT.index(one) for one in (*SHOULDERS, *reversed(HIPS))]]
    sides = (trunk[[0, 1]], trunk[[1, 2]], trunk[[2, 3]], trunk[[3, 0]])
    return (*arms, *sides)
