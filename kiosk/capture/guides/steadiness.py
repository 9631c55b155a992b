"""From frame to frame: what noise, a blink or one lost frame must not change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kiosk.capture.guides.meter import AXES, Axis, Shares, share_of, shares
from kiosk.capture.guides.one_euro import OneEuro
from kiosk.capture.guides.tolerances import Tolerances
from kiosk.capture.guides.values import Cue, Deviation, Measure, Sight

_MILLISECOND: Final = 1_000_000

ENTER: Final = 0.85
"""A measure counts as within once its smoothed share is this small …"""

LEAVE: Final = 1.0
"""… and until it is larger than this: the tolerance itself, so that green never lies. The band
between is 1.6 times the smoothed noise of a measurement whose noise is 0.3 of the tolerance."""

JUMP: Final = 1.5
"""One frame this far out is a movement and no noise: not within, whatever the smoothed share."""

AHEAD_S: Final = 0.25
"""From the exposure of a frame until what it leads to is on the screen, and a glance at it."""

QUICK: Final = 4.0
"""Tolerances a second; slower than this, a speed may be noise and overshoots little."""

LOST_NS: Final = 300 * _MILLISECOND
"""A face lost for less is a glitch of detection and changes no instruction."""

BLINK_NS: Final = 400 * _MILLISECOND
"""Eyes closed, or a lip moved, for less than a slow blink lasts is no missing expression."""

COARSE_NS: Final = 300 * _MILLISECOND
"""What is told coarsely must be off in every frame for so long: single looks err now and then."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the frames up to now come to.

    Attributes:
        sight: what has been in sight long enough to be said; ``CLEAR`` during a glitch.
        raw: shares of the newest frame.
        smooth: smoothed shares; None for an axis that has not been measured for a while.
        ahead: the same at their present speed ``AHEAD_S`` later, by when the patient can have
            seen what is said now.
        outside: measures that are known and steadily outside their tolerance; of those that are
            told coarsely only, which are steadily told.
        unknown: measures that the view has and that cannot be judged.
        missing: of the expression, for longer than a blink.
        expression: of the newest frame, as in ``Deviation``.
        perhaps_covered: for longer than a glitch.
        rough: of the newest frame, as in ``Deviation``.
        within: whether everything that the view has is within, the newest frame included.
    """

    sight: Sight
    raw: Shares
    smooth: Shares
    ahead: Shares
    outside: frozenset[Measure]
    unknown: frozenset[Measure]
    missing: tuple[Cue, ...]
    expression: tuple[Cue, ...] | None
    perhaps_covered: bool
    rough: bool
    within: bool


class Steadiness:
    """Takes in deviations in the order of time; made anew after a gap."""

    def __init__(self, tolerances: Tolerances) -> None:
        self._tolerances = tolerances
        self._coarse = {one: _Persisting(COARSE_NS) for one in tolerances.coarse}
        measures = (*tolerances.measures, *self._coarse)
        self._tracks = {axis: _Track() for measure in measures for axis in AXES[measure]}
        self._outside = frozenset(tolerances.measures)
        # Nothing is believed before the first clear frame.
        self._lost = _Persisting(LOST_NS)
        self._undone = _Persisting(BLINK_NS)
        self._expression_lost = _Persisting(LOST_NS)
        self._doubted = _Persisting(LOST_NS)

    def update(self, deviation: Deviation, at_ns: int) -> Seen:
        """Take in one frame; ``at_ns`` is later than that of the frame before."""
        raw = shares(deviation, self._tolerances)
        smooth = {axis: track.update(raw[axis], at_ns) for axis, track in self._tracks.items()}
        clear = deviation.sight is Sight.CLEAR
        lost = self._lost.update(at_ns, holds=not clear)
        expression = deviation.expression if clear else None
        undone = self._undone.update(at_ns, holds=bool(expression))
        dim = self._expression_lost.update(at_ns, holds=expression is None)
        known = {measure: share_of(measure, smooth, ENTER) for measure in self._tolerances.measures}
        known.pop(Measure.EXPRESSION, None)
        wants_expression = self._tolerances.expression
        self._outside = self._bands(known)
        plainly_off = {
            measure
            for measure, persisting in self._coarse.items()
            if persisting.update(at_ns, holds=share_of(measure, raw) is not None)
        }
        unknown = {measure for measure, share in known.items() if share is None}
        if wants_expression and dim:
            unknown.add(Measure.EXPRESSION)
        missing = (expression or ()) if wants_expression and undone else ()
        return Seen(
            sight=deviation.sight if lost else Sight.CLEAR,
            raw=raw,
            smooth=smooth,
            ahead={axis: track.ahead() for axis, track in self._tracks.items()},
            outside=(self._outside - unknown) | plainly_off,
            unknown=frozenset(unknown),
            missing=missing,
            expression=expression,
            perhaps_covered=self._doubted.update(at_ns, holds=deviation.perhaps_covered),
            rough=deviation.rough,
            # Without a clear sight every share is None.
            within=(
                bool(self._tolerances.measures)
                and not self._outside
                and not unknown
                and not deviation.perhaps_covered
                and all(self._near(axis, share) for axis, share in raw.items())
                and (not wants_expression or expression == ())
            ),
        )

    def _near(self, axis: Axis, share: float | None) -> bool:
        """Whether the newest frame itself shows no movement, nor anything that is plainly off."""
        if any(axis in AXES[measure] for measure in self._coarse):
            return share is None
        return share is not None and abs(share) <= JUMP

    def _bands(self, known: Mapping[Measure, float | None]) -> frozenset[Measure]:
        """Return what is outside now; unknown counts as outside until it is seen within."""
        return frozenset(
            measure
            for measure, share in known.items()
            if share is None or abs(share) > (ENTER if measure in self._outside else LEAVE)
        )


class _Track:
    """One axis: smoothed, kept through glitches, forgotten when it is gone for longer."""

    def __init__(self) -> None:
        self._filter = OneEuro()
        self._value: float | None = None
        self._gone = _Persisting(LOST_NS)

    def update(self, raw: float | None, at_ns: int) -> float | None:
        gone = self._gone.update(at_ns, holds=raw is None)
        if raw is not None:
            self._value = self._filter.update(raw, at_ns)
        elif gone:
            self._value, self._filter = None, OneEuro()
        return self._value

    def ahead(self) -> float | None:
        quick = abs(self._filter.speed) >= QUICK
        return None if self._value is None else self._value + quick * self._filter.speed * AHEAD_S


class _Persisting:
    """Whether something has held without a break for a time; true until it first does not."""

    def __init__(self, for_ns: int) -> None:
        self._for_ns = for_ns
        self._since_ns: int | None = None
        self._never_ended = True

    def update(self, at_ns: int, *, holds: bool) -> bool:
        if not holds:
            self._since_ns, self._never_ended = None, False
            return False
        if self._since_ns is None:
            self._since_ns = at_ns
        return self._never_ended or at_ns - self._since_ns >= self._for_ns
