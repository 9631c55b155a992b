"""Looks at one live picture of a body after the other and says what there is to measure.

The network has no detector before it that runs here: it looks first where the view wants the body,
then where the body was, but never at less than the view wants to see. It sees one body only;
whether there are several people in the picture it cannot tell.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from kiosk.capture.guides.values import Sight
from kiosk.capture.pose.body import HIPS, SHOULDERS, TRUNK_MM, Trunk, head_of, trunk_of
from kiosk.capture.pose.body_net import BodyNet, Laid
from kiosk.capture.pose.comparisons import Wanted
from kiosk.capture.pose.geometry import Pinhole
from kiosk.capture.pose.lighting import lit
from kiosk.capture.pose.stillness import Area, Stillness
from kiosk.model import Pixels

SURE: Final = 0.5
"""The network's score from which it looks at a body."""

_PASSES_FIRST: Final = 3
"""How often the network looks anew before its square stays; following on, once."""

_BODY: Final = 0.5
_FILLED: Final = 0.9
"""The trunk must be of the body, by the network's own mask, over this share of its middle line."""

_LINE: Final = 32
_PLAUSIBLE: Final = (0.25, 1.5)
"""Least and greatest length of a trunk, heights of the picture."""

_HEAD: Final = 0.6
"""Lengths of the trunk from ear to ear: below a wider head, which fills the picture, the trunk is
imagined. Rendered bodies have 0.35 at most, far too near 0.48; heads alone, seen from the front,
0.65 to 1.1."""

_VISIBLE: Final = 0.3
_OUTSIDE: Final = 0.02
"""Heights of the picture by which a shoulder or hip may lie beyond its edge: none is exact."""


@dataclass(frozen=True, slots=True, eq=False)
class BodySighting:
    """What one picture shows.

    Attributes:
        camera: its size and focal length.
        sight: what hinders measuring, or ``CLEAR``.
        laid: joints and mask; None where nobody is seen.
        motion: fractions of the picture's height per second; None for the first picture.
    """

    camera: Pinhole
    sight: Sight
    laid: Laid | None = None
    motion: float | None = None


class BodyObserver:
    """Follows one person; not to be shared between threads."""

    def __init__(self) -> None:
        self._net = BodyNet()
        self.forget()

    def forget(self) -> None:
        """Start anew: another person, another view."""
        self._trunk: Trunk | None = None
        self._stillness = Stillness()

    def wipe(self) -> None:
        """Start anew, and overwrite the last picture."""
        self._stillness.wipe()
        self.forget()

    def look(self, picture: Pixels, camera: Pinhole, at_ns: int, wanted: Wanted) -> BodySighting:
        """Measure a BGR picture, shape (height, width, 3), upright; ``wanted`` says where first."""
        grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.float32)
        sighting = BodySighting(camera, lit(grey))
        if sighting.sight is not Sight.CLEAR:
            self.forget()
            return sighting
        laid = self._lay(picture, camera, wanted)
        if laid is None:
            self.forget()
            return replace(sighting, sight=Sight.NO_PERSON)
        self._trunk = trunk_of(laid.points)
        motion = self._stillness.motion(grey, at_ns, _area(self._trunk))
        return replace(sighting, sight=_whole(laid, camera), laid=laid, motion=motion)

    def _lay(self, picture: Pixels, camera: Pinhole, wanted: Wanted) -> Laid | None:
        passes = _PASSES_FIRST if self._trunk is None else 1
        expected = _expected(camera, wanted)
        trunk = self._trunk or expected
        looks: list[Laid] = []
        for _ in range(passes):
            looks.append(self._net.measure(picture, trunk.square(expected.length)))
            trunk = trunk_of(looks[-1].points)
            if not _sized(trunk, camera):
                break
        # From the side the score of single looks falls now and then.
        found = [one for one in looks if _plausible(one, camera)]
        return found[-1] if found else None


def _expected(camera: Pinhole, wanted: Wanted) -> Trunk:
    pose = wanted.pose(camera)
    return Trunk(pose.x, pose.y, TRUNK_MM * pose.px_per_mm, 0.0)


def _sized(trunk: Trunk, camera: Pinhole) -> bool:
    low, high = _PLAUSIBLE
    return low <= trunk.length / camera.height <= high


def _plausible(laid: Laid, camera: Pinhole) -> bool:
    sized = _sized(trunk_of(laid.points), camera)
    return laid.score >= SURE and sized and _filled(laid) >= _FILLED


def _filled(laid: Laid) -> float:
    """Return the share of the line from shoulders to hips that is of the body."""
    upper, lower = (laid.points[list(pair), :2].mean(axis=0) for pair in (SHOULDERS, HIPS))
    line, mask = np.linspace(upper, lower, _LINE), laid.mask
    to_square = laid.square.matrix()
    at = np.rint(line @ to_square[:, :2].T + to_square[:, 2]).astype(np.intp)
    inside = ((at >= 0) & (at < mask.shape[0])).all(axis=1)
    column, row = at[inside].T
    return float((mask[row, column] > _BODY).sum()) / _LINE


def _whole(laid: Laid, camera: Pinhole) -> Sight:
    if head_of(laid.points) > _HEAD:
        return Sight.CUT_OFF
    joints = [*SHOULDERS, *HIPS]
    if float(laid.visible[joints].min()) < _VISIBLE:
        return Sight.UNCLEAR
    slack = _OUTSIDE * camera.height
    points = laid.points[joints, :2]
    inside = (points > -slack) & (points < np.array([camera.width, camera.height]) + slack)
    return Sight.CLEAR if inside.all() else Sight.CUT_OFF


def _area(trunk: Trunk) -> Area:
    half = trunk.length / 2
    return trunk.x - half, trunk.y - half, trunk.length, trunk.length
