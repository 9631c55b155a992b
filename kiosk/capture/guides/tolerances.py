"""How far each measure may be off and still count as within."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.capture.guides.values import Measure


@dataclass(frozen=True, slots=True)
class Tolerances:
    """The tolerance of each measure that a view has; None for one that it has not.

    Attributes:
        yaw, pitch, roll: degrees, > 0.
        lean_ahead, lean_aside: of a trunk that is seen from the side, and from the front; degrees,
            > 0.
        position: fraction of the picture's height, > 0, in any direction.
        scale: fraction of the wanted size, > 0.
        stillness: fractions of the picture's height per second, > 0.
        expression: whether an expression is asked for that can be judged.
        coarse: measures of which only what is plainly off can be told. While they cannot be judged
            they count as within, and they have no row in the meter.
    """

    yaw: float | None = None
    pitch: float | None = None
    roll: float | None = None
    lean_ahead: float | None = None
    lean_aside: float | None = None
    position: float | None = None
    scale: float | None = None
    stillness: float | None = None
    expression: bool = False
    coarse: frozenset[Measure] = frozenset()

    def of(self, measure: Measure) -> float | None:
        """Return the tolerance in the measure's own unit; of an expression, nothing may miss."""
        return {
            Measure.YAW: self.yaw,
            Measure.PITCH: self.pitch,
            Measure.ROLL: self.roll,
            Measure.LEAN_AHEAD: self.lean_ahead,
            Measure.LEAN_ASIDE: self.lean_aside,
            Measure.POSITION: self.position,
            Measure.SCALE: self.scale,
            Measure.STILLNESS: self.stillness,
            Measure.EXPRESSION: 1.0 if self.expression else None,
        }[measure]

    @property
    def measures(self) -> tuple[Measure, ...]:
        """What the view needs, in the order in which it is shown."""
        return tuple(one for one in Measure if self.of(one) is not None and one not in self.coarse)
