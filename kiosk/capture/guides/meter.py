"""The match meter: each deviation against its tolerance."""

from __future__ import annotations

import enum
import math
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from kiosk.capture.guides.tolerances import Tolerances
from kiosk.capture.guides.values import Cue, Deviation, Measure, Reading, Sight


class Axis(enum.Enum):
    """One number that has a direction; a place has two of them."""

    YAW = enum.auto()
    PITCH = enum.auto()
    ROLL = enum.auto()
    LEAN_AHEAD = enum.auto()
    LEAN_ASIDE = enum.auto()
    X = enum.auto()
    Y = enum.auto()
    SCALE = enum.auto()
    MOTION = enum.auto()


AXES: Final[Mapping[Measure, tuple[Axis, ...]]] = MappingProxyType(
    {
        Measure.POSITION: (Axis.X, Axis.Y),
        Measure.SCALE: (Axis.SCALE,),
        Measure.YAW: (Axis.YAW,),
        Measure.PITCH: (Axis.PITCH,),
        Measure.ROLL: (Axis.ROLL,),
        Measure.LEAN_AHEAD: (Axis.LEAN_AHEAD,),
        Measure.LEAN_ASIDE: (Axis.LEAN_ASIDE,),
        Measure.EXPRESSION: (),
        Measure.STILLNESS: (Axis.MOTION,),
    }
)

Shares = Mapping[Axis, float | None]
"""Deviation over tolerance for each axis that the view has; None where it cannot be judged."""

_SOMETHING_MISSING: Final = 2.0
"""The share of an expression that is not there; it has no degrees, and this is plainly outside."""


def shares(deviation: Deviation, tolerances: Tolerances) -> dict[Axis, float | None]:
    """Divide each deviation by its tolerance, sign kept."""
    seen = {
        Axis.YAW: deviation.yaw,
        Axis.PITCH: deviation.pitch,
        Axis.ROLL: deviation.roll,
        Axis.LEAN_AHEAD: deviation.pitch,
        Axis.LEAN_ASIDE: deviation.roll,
        Axis.X: deviation.x,
        Axis.Y: deviation.y,
        Axis.SCALE: deviation.scale,
        Axis.MOTION: deviation.motion,
    }
    clear = deviation.sight is Sight.CLEAR
    return {
        axis: _over(seen[axis] if clear else None, tolerance)
        for measure, axes in AXES.items()
        if (tolerance := tolerances.of(measure)) is not None
        for axis in axes
    }


def share_of(measure: Measure, of_axes: Shares, surely: float = 1.0) -> float | None:
    """Return one measure's share: signed for one axis, the length over two.

    Of two axes one of which cannot be judged it is the other's, where that alone is more than
    ``surely``: then the measure is outside whatever the first may be. Else None.
    """
    values = [of_axes[axis] for axis in AXES[measure]]
    known = [value for value in values if value is not None]
    if not known:
        return None
    share = known[0] if len(values) == 1 else math.hypot(*known)
    return share if len(known) == len(values) or share > surely else None


def expression_share(missing: Collection[Cue] | None) -> float | None:
    """Return 0.0 when nothing is missing, else a share outside; None where it was not judged."""
    if missing is None:
        return None
    return _SOMETHING_MISSING if missing else 0.0


def readings(
    tolerances: Tolerances, of_axes: Shares, missing: Collection[Cue] | None
) -> tuple[Reading, ...]:
    """Return the rows of the meter that the view has, in the order of ``Measure``.

    Args:
        tolerances: of the view; says which rows there are.
        of_axes: as :func:`shares` returns them.
        missing: of the expression, as in ``Deviation``.
    """
    return tuple(
        Reading(
            measure,
            expression_share(missing)
            if measure is Measure.EXPRESSION
            else share_of(measure, of_axes),
        )
        for measure in tolerances.measures
    )


def read(deviation: Deviation, tolerances: Tolerances) -> tuple[Reading, ...]:
    """Return the meter of a single picture, as for the record of a shot.

    What can be told coarsely only is in it where it is plainly off.
    """
    missing = deviation.expression if deviation.sight is Sight.CLEAR else None
    of_axes = shares(deviation, tolerances)
    coarse = (Reading(one, share_of(one, of_axes)) for one in Measure if one in tolerances.coarse)
    off = (reading for reading in coarse if reading.share is not None)
    return (*off, *readings(tolerances, of_axes, missing))


def is_within(deviation: Deviation, tolerances: Tolerances) -> bool:
    """Whether a single picture is clear and every measure that the view has is within.

    A view that has none cannot be judged, and is never within.
    """
    shown = read(deviation, tolerances)
    clear = deviation.sight is Sight.CLEAR and not deviation.perhaps_covered
    return clear and bool(shown) and all(reading.within for reading in shown)


def _over(value: float | None, tolerance: float) -> float | None:
    # What is no number was not measured, whatever division made it.
    return value / tolerance if value is not None and math.isfinite(value) else None
