"""What is kept of a baseline to be drawn, and how well a shot matched it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kiosk.capture.guides.values import Against, Deviation, Measure, Reading

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class DrawnBaseline:
    """The lines and landmarks of an earlier picture of this patient; equal only to itself.

    All points are (x, y) fractions of the picture's height, x to the right and y downwards, not
    mirrored; x may exceed 1 in a picture that is wider than high.

    Attributes:
        contours: polylines, each of shape (n, 2), n >= 2.
        landmarks: single points, shape (m, 2), m >= 0.
    """

    contours: tuple[Points, ...]
    landmarks: Points


@dataclass(frozen=True, slots=True)
class MatchSummary:
    """How well one shot matched its target.

    Attributes:
        deviation: of the shot itself: seen minus wanted, and what from.
        readings: the same against the tolerances, one for each measure that the view has.
        within: whether everything that the view needs is within tolerance; None where the station
            cannot judge.
        residual_px: mean distance of the landmarks after registering the shot to the baseline,
            pixels of a picture 640 wide; None where nothing was registered.
    """

    deviation: Deviation
    readings: tuple[Reading, ...]
    within: bool | None
    residual_px: float | None = None

    @property
    def against(self) -> Against:
        return self.deviation.against

    @property
    def outside(self) -> tuple[Reading, ...]:
        """What was judged and lies outside its tolerance, the farthest first."""
        found = (r for r in self.readings if r.share is not None and not r.within)
        return tuple(sorted(found, key=lambda r: -abs(r.share or 0.0)))

    @property
    def unjudged(self) -> tuple[Measure, ...]:
        """What could not be judged."""
        return tuple(r.measure for r in self.readings if r.share is None)
