"""A follow-up in profile: the baseline's edge patch is laid over the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np

from kiosk.capture.guides.one_euro import OneEuro
from kiosk.capture.guides.values import Against, Deviation, Sight
from kiosk.capture.pose.align import Aligned, Aligner, Placement
from kiosk.capture.pose.comparisons import (
    Coarse,
    coarse_since,
    only_coarse,
    pixels,
    pose_of,
)
from kiosk.capture.pose.cover import Cover
from kiosk.capture.pose.descriptor import Patch, PoseDescriptor
from kiosk.capture.pose.detector import Face
from kiosk.capture.pose.edges import Plane, Window, edges_of, packed, patch_of, unpacked
from kiosk.capture.pose.geometry import Angles, Array, Pinhole
from kiosk.capture.pose.head import HeadModel
from kiosk.capture.pose.hidden import HIDDEN, hidden_share
from kiosk.capture.pose.observer import Sighting
from kiosk.capture.pose.registration import Registration, register
from kiosk.capture.pose.relative import Movement, since, turned
from kiosk.errors import FormatError

LIKE: Final = 0.6
"""Likeness from which an edge patch is taken to lie where it belongs: a head 5° off reads 0.75."""

ROUGHLY: Final = 0.4
"""Likeness from which a patch lies roughly where it belongs; below it the detector's points tell
more."""

ROUGH: Final = Coarse(Angles(4.0, 3.0, 5.0), 0.04, 0.06)
"""What a patch that lies roughly where it belongs may be wrong by: of 45 heads, most of them turned
by 15° to 25°, two were told a wrong direction, in scale and place."""

_NEAR: Final = 4.0
"""Degrees within which a patch is compared field by field: beyond, it differs by the turn."""

_WIDE: Final = 5.0
"""Pixels of the patch over which edges are spread for a search that knows the pose within some
10°; narrower and wider by a third find as many."""

_LOSS: Final = 0.05
"""Likeness that a patch may lose from picture to picture; one that lost more may have slipped to
where it does not belong, and is searched for anew."""

_COVERED: Final = 3.5
"""By how much likelier than in the baseline it must be that something lies over the face, as log
odds, for it to be told wherever the head is turned: twice as much as of any bare one."""

_PERHAPS_COVERED: Final = 2.1
"""… and for it not to turn green."""

_LIKELIER: Final = 40.0
"""As many log odds count as much as a whole patch that is hidden. Where a hand leaves most edges as
they are, it is mostly a little likelier as well that it is there."""

PERHAPS_HIDDEN: Final = 0.045
"""Share from which something may hide a part, the log odds added; docs/decisions/0085."""

_SLOW_HZ: Final = 0.1
"""Cut-off of what smooths that: the detector's boxes jump, and with them which places are asked,
for half a second at a time; a hand stays."""

_PARTS_HZ: Final = 0.5
_PARTS_STAY: Final = 0.01
"""The same of what share of a patch is hidden, and by how much that must fall short again: noise
changes it by one field or two from picture to picture."""

_REACH: Final = 0.66
"""Half of the window's side over the height of the detector's box: ear and jaw lie within."""

_BACK: Final = 0.2
"""How far behind the middle of the detector's box the window's middle lies, over its height."""


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


@dataclass(frozen=True, slots=True, eq=False)
class _Aligners:
    """For pictures of one camera: the patch's window in them, and what lays it over them."""

    camera: Pinhole
    window: Window
    fine: Aligner
    wide: Aligner


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
        self._aligners: _Aligners | None = None
        self._last: Aligned | None = None
        self._cover = Cover(_COVERED, _PERHAPS_COVERED, partial(OneEuro, _SLOW_HZ, 0.0))
        smoother = partial(OneEuro, _PARTS_HZ, 0.0)
        self._parts = Cover(HIDDEN, PERHAPS_HIDDEN, smoother, _PARTS_STAY)

    def deviation(self, sighting: Sighting) -> Deviation:
        if sighting.sight is not Sight.CLEAR or sighting.face is None:
            self._last = None
            return Deviation(sighting.sight, Against.BASELINE)
        if sighting.covering is not None and self._baseline.bare is not None:
            self._cover.see(sighting.covering.beyond(self._baseline.bare), sighting.at_ns)
        told = self._told(sighting, sighting.face)
        if self._cover.sure:
            return Deviation(Sight.COVERED, Against.BASELINE)
        return replace(told, perhaps_covered=told.perhaps_covered or self._cover.possible)

    def _told(self, sighting: Sighting, face: Face) -> Deviation:
        self._last = found = self._placed(sighting, face)
        if found is None:
            return coarse_since(self._baseline, sighting, face, self._model)
        window = self._for(sighting.camera).window
        movement = self._movement(found.placement, window, sighting.camera)
        told = since(self._baseline.pose, movement, sighting.camera)
        if found.likeness < LIKE:
            return only_coarse(told, ROUGH)
        if not _near(told):
            return told
        hidden = self._hidden(sighting, found.placement)
        self._parts.see(hidden + self._cover.smooth / _LIKELIER, sighting.at_ns)
        # What is plain is told with its own picture, not once it is smoothed.
        if hidden >= HIDDEN or self._parts.sure:
            return Deviation(Sight.COVERED, Against.BASELINE)
        return replace(told, perhaps_covered=self._parts.possible)

    def registration(self, sighting: Sighting) -> Registration | None:
        """Compare where the patch's places are with where a similarity alone would put them."""
        if sighting.face is None:
            return None
        found = self._placed(sighting, sighting.face)
        if found is None or found.likeness < LIKE:
            return None
        aligners = self._for(sighting.camera)
        before, after = aligners.fine.places(found.placement)
        window = aligners.window
        middle = np.array([window.x, window.y])
        return register(
            middle + before * window.half, middle + after * window.half, sighting.camera.width
        )

    def _placed(self, sighting: Sighting, face: Face) -> Aligned | None:
        """Return where the patch is: near where it was, else where the head is seen roughly."""
        fine, grey = self._for(sighting.camera).fine, sighting.grey
        followed: Aligned | None = None
        if self._last is not None:
            followed = fine.align(grey, self._last.placement)
            if followed.likeness > max(self._last.likeness - _LOSS, LIKE):
                return followed
        found = self._searched(sighting, face)
        if followed is not None and followed.likeness > found.likeness:
            found = followed
        return found if found.likeness >= ROUGHLY else None

    def _searched(self, sighting: Sighting, face: Face) -> Aligned:
        """Return where the patch is that may be anywhere around where the head is seen."""
        aligners, grey = self._for(sighting.camera), sighting.grey
        roughly = aligners.wide.align(grey, self._seen(sighting, face, aligners.window))
        return aligners.fine.align(grey, roughly.placement)

    def _seen(self, sighting: Sighting, face: Face, window: Window) -> Placement:
        """Return where the patch would be if the head were held as is seen without it."""
        camera, baseline = sighting.camera, self._baseline
        seen = pose_of(sighting, self._model, face)
        was, kept, now = baseline.coarse, baseline.pose, seen.angles
        origin = self._origin(camera)
        moved = np.array([seen.x, seen.y]) - origin
        held = Angles(
            kept.yaw + turned(now.yaw - was.yaw),
            kept.pitch + now.pitch - was.pitch,
            kept.roll + turned(now.roll - was.roll),
        )
        # What of the rotation is the camera's, see ``since``.
        ray = camera.ray(window.x + float(moved[0]), window.y + float(moved[1]))
        rotation = ray.T @ held.matrix() @ kept.matrix().T @ camera.ray(window.x, window.y)
        scale = seen.px_per_mm / (baseline.size * camera.height)
        place = Placement(scale).held(rotation)
        from_middle = (origin - (window.x, window.y)) / window.half
        x, y = from_middle + moved / window.half - scale * _turned(from_middle, place.turn)
        return replace(place, x=float(x), y=float(y))

    def _hidden(self, sighting: Sighting, place: Placement) -> float:
        """Return how much of the face is not seen where the patch lies."""
        return hidden_share(*self._for(sighting.camera).fine.compared(sighting.grey, place))

    def _for(self, camera: Pinhole) -> _Aligners:
        """Return what aligns in pictures of this size."""
        if self._aligners is None or self._aligners.camera != camera:
            kept = self._patch
            place = pixels(np.array([[kept.x, kept.y]]), self._baseline, camera)[0]
            window = Window(float(place[0]), float(place[1]), kept.half * camera.height)
            relief, weight = self._model.side_relief(self._baseline.pose.yaw)
            self._aligners = _Aligners(
                camera,
                window,
                Aligner(self._edges, relief, weight, window),
                Aligner(self._edges, relief, weight, window, _WIDE),
            )
        return self._aligners

    def _origin(self, camera: Pinhole) -> Array:
        """Return where the head's middle was, pixels."""
        found = pixels(np.array([self._baseline.origin[:2]]), self._baseline, camera)[0]
        return np.asarray(found, np.float64)

    def _movement(self, place: Placement, window: Window, camera: Pinhole) -> Movement:
        origin = self._origin(camera)
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


def _near(told: Deviation) -> bool:
    """Whether a head is held so nearly alike that every part of it must look alike."""
    return all(abs(angle or 0.0) < _NEAR for angle in (told.yaw, told.pitch, told.roll))


def _turned(point: Array, degrees: float) -> Array:
    """Turn a place, (x, y), clockwise in the picture."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, -s], [s, c]]) @ point
