"""Which way the nose of a face points that is seen from the side, from picture to picture.

The detector lays its five points now and then as if such a face looked the other way, for seconds
while the head is held so, and is less sure of where they are: they lie near the middle of its box
instead of at its edge. But nobody comes from one side to the other without being seen from the
front.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from kiosk.capture.pose.detector import Face
from kiosk.capture.pose.head import side_of

_AT_MOST: Final = 0.5
"""What is remembered at most: three seconds of a nose at the edge of its box."""

_FIRST_S, _LONGEST_S = 0.1, 0.4
"""What one picture counts for: the first one, and one that comes late, seconds."""


class Side:
    """Follows one face; forgets it when made anew, and then takes its nose to point right."""

    def __init__(self) -> None:
        self._evidence = 0.0
        self._seen_ns: int | None = None

    @property
    def points(self) -> float:
        """1.0 where the nose points to the right of the picture, else -1.0."""
        return float(np.copysign(1.0, self._evidence))

    def see(self, face: Face, at_ns: int) -> None:
        """Take in a face as it was found at a time, nanoseconds."""
        before, self._seen_ns = self._seen_ns, at_ns
        passed_s = _FIRST_S if before is None else min(max(at_ns - before, 0) / 1e9, _LONGEST_S)
        seen = side_of(face) * _plainly(face) * passed_s
        self._evidence = float(np.clip(self._evidence + seen, -_AT_MOST, _AT_MOST))


def _plainly(face: Face) -> float:
    """Return how plain the side is: the square of how far the nose lies from the box's middle."""
    left, _, width, _ = face.box
    return max(abs((float(face.points[2, 0]) - left) / max(width, 1e-6) - 0.5), 0.05) ** 2
