"""A follow-up in profile: the baseline's edge patch is laid over the picture."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from kiosk.capture.guides.values import Against, Deviation, Sight
from kiosk.capture.pose.align import Aligned, Aligner, Placement
from kiosk.capture.pose.comparisons import coarse_since, pixels
from kiosk.capture.pose.descriptor import Patch, PoseDescriptor
from kiosk.capture.pose.detector import Face
from kiosk.capture.pose.edges import Plane, Window, edges_of, packed, patch_of, unpacked
from kiosk.capture.pose.geometry import Array, Pinhole
from kiosk.capture.pose.head import HeadModel
from kiosk.capture.pose.observer import Sighting
from kiosk.capture.pose.registration import Registration, register
from kiosk.capture.pose.relative import Movement, since
from kiosk.errors import FormatError

LIKE: Final = 0.6
"""Likeness from which an edge patch is taken to lie where it belongs: a head 5° off reads 0.75."""

SURE: Final = 0.8
"""Likeness that ends the search for a better start."""

_LOSS: Final = 0.05
"""Likeness that a patch may lose from picture to picture; one that lost more may have slipped to
where it does not belong, and is searched for anew."""

_REACH: Final = 0.66
"""Half of the window's side over the height of the detector's box: ear and jaw lie within."""

_BACK: Final = 0.2
"""How far behind the middle of the detector's box the window's middle lies, over its height."""

_TURNS: Final = (0.0, -12.0, 12.0)
"""Degrees in the picture from which the search starts when it knows nothing better."""


def window_of(face: Face, yaw: float) -> Window:
    """Return the window that an edge patch of a face is taken from, pixels.

    ``yaw`` tells by its sign which way the nose points.
    """
    left, top, width, height = face.box
    back = math.copysign(_BACK * height, yaw)
    return Window(left + width / 2 - back, top + height / 2, height * _REACH)


def patch(grey: Plane, face: Face, yaw: float) -> Patch:
    """Take the edge patch of a face, with its window in heights of the picture."""
    window, height = window_of(face, yaw), grey.shape[0]
    content = packed(patch_of(grey, window))
    return Patch(content, window.x / height, window.y / height, window.half / height)


class ProfileAgainstBaseline:
    """Keeps the contract of :class:`kiosk.capture.pose.comparisons.Comparison`.

    Args:
        model: of every head.
        baseline: of a profile.

    Raises:
        FormatError: the baseline has no edge patch, or a damaged one.
    """

    def __init__(self, model: HeadModel, baseline: PoseDescriptor) -> None:
        if baseline.patch is None:
            raise FormatError("This pose descriptor of a profile has no edge patch.")
        self._model, self._baseline, self._patch = model, baseline, baseline.patch
        self._edges = edges_of(unpacked(baseline.patch.content))
        self._aligner: tuple[Pinhole, Aligner, Window] | None = None
        self._last: Aligned | None = None

    def deviation(self, sighting: Sighting) -> Deviation:
        if sighting.sight is not Sight.CLEAR or sighting.face is None:
            self._last = None
            return Deviation(sighting.sight, Against.BASELINE)
        self._last = found = self._placed(sighting, sighting.face)
        if found is None:
            return coarse_since(self._baseline, sighting, sighting.face, self._model)
        _, window = self._for(sighting.camera)
        movement = self._movement(found.placement, window, sighting.camera)
        return since(self._baseline.pose, movement, sighting.camera)

    def registration(self, sighting: Sighting) -> Registration | None:
        """Compare where the patch's places are with where a similarity alone would put them."""
        if sighting.face is None:
            return None
        found = self._placed(sighting, sighting.face)
        if found is None:
            return None
        aligner, window = self._for(sighting.camera)
        before, after = aligner.places(found.placement)
        middle = np.array([window.x, window.y])
        return register(
            middle + before * window.half, middle + after * window.half, sighting.camera.width
        )

    def _placed(self, sighting: Sighting, face: Face) -> Aligned | None:
        """Return where the patch is: near where it was, else where the detector sees the face."""
        aligner, window = self._for(sighting.camera)
        best: Aligned | None = None
        if self._last is not None:
            best = aligner.align(sighting.grey, self._last.placement)
            if best.likeness > max(self._last.likeness - _LOSS, LIKE):
                return best
        for start in self._starts(window, face):
            found = aligner.align(sighting.grey, start)
            if best is None or found.likeness > best.likeness:
                best = found
            if best.likeness > SURE:
                break
        return best if best is not None and best.likeness >= LIKE else None

    def _starts(self, window: Window, face: Face) -> tuple[Placement, ...]:
        seen = window_of(face, self._baseline.pose.yaw)
        x, y = (seen.x - window.x) / window.half, (seen.y - window.y) / window.half
        return tuple(Placement(seen.half / window.half, turn, x, y) for turn in _TURNS)

    def _for(self, camera: Pinhole) -> tuple[Aligner, Window]:
        """Return the aligner for pictures of this size."""
        if self._aligner is None or self._aligner[0] != camera:
            kept = self._patch
            place = pixels(np.array([[kept.x, kept.y]]), self._baseline, camera)[0]
            window = Window(float(place[0]), float(place[1]), kept.half * camera.height)
            relief, weight = self._model.side_relief(self._baseline.pose.yaw)
            aligner = Aligner(self._edges, relief, weight, window)
            self._aligner = camera, aligner, window
        return self._aligner[1], self._aligner[2]

    def _movement(self, place: Placement, window: Window, camera: Pinhole) -> Movement:
        origin = pixels(np.array([self._baseline.origin[:2]]), self._baseline, camera)[0]
        middle = np.array([window.x, window.y])
        from_middle = (origin - middle) / window.half
        moved = place.scale * _turned(from_middle, place.turn) + (place.x, place.y)
        after = middle + moved * window.half
        return Movement(
            place.rotation(),
            place.scale,
            (float(origin[0]), float(origin[1])),
            (float(after[0]), float(after[1])),
            (window.x, window.y),
            (window.x + place.x * window.half, window.y + place.y * window.half),
        )


def _turned(point: Array, degrees: float) -> Array:
    """Turn a place, (x, y), clockwise in the picture."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, -s], [s, c]]) @ point
