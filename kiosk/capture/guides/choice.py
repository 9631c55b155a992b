"""Which of several things to say first: an explicit table, and nothing but the present."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from kiosk.capture.guides.directions import Facing, cue_for
from kiosk.capture.guides.meter import AXES, Axis
from kiosk.capture.guides.steadiness import Seen
from kiosk.capture.guides.tolerances import Tolerances
from kiosk.capture.guides.values import Amount, Cue, Instruction, Measure, Sight

SIGHT_CUES: Final[Mapping[Sight, Cue]] = MappingProxyType(
    {
        Sight.NO_PERSON: Cue.COME_INTO_VIEW,
        Sight.SEVERAL_PEOPLE: Cue.ONE_PERSON,
        Sight.COVERED: Cue.UNCOVER,
        Sight.CUT_OFF: Cue.WHOLLY_INTO_VIEW,
        Sight.TOO_DARK: Cue.MORE_LIGHT,
        Sight.TOO_BRIGHT: Cue.LESS_LIGHT,
        Sight.UNCLEAR: Cue.CANNOT_JUDGE,
    }
)


@dataclass(frozen=True, slots=True)
class Rank:
    """One row of the order: a measure counts here when it is off by more than ``beyond``.

    ``beyond`` is in the measure's own unit; a row with one may interrupt an instruction of a
    lower row, because what it corrects spoils the measuring of all below.
    """

    measure: Measure
    beyond: float = 0.0


ORDER: Final = (
    # A face turned this far off is measured badly in all else, and turning moves it about.
    Rank(Measure.YAW, 15.0),
    # So near or far, or so far aside, that the head is about to leave the picture.
    Rank(Measure.SCALE, 0.15),
    Rank(Measure.POSITION, 0.15),
    # Rotation before place: the place of a face follows from turning and tilting, not the other
    # way about. Yaw before pitch before roll: each is seen more truly once the one before is right.
    Rank(Measure.YAW),
    Rank(Measure.PITCH),
    Rank(Measure.ROLL),
    Rank(Measure.POSITION),
    Rank(Measure.SCALE),
    # Nobody holds a smile through the rest of it.
    Rank(Measure.EXPRESSION),
    Rank(Measure.STILLNESS),
)

LITTLE: Final = 3.0
"""In tolerances: nearer than this is "a little" …"""

NO_LONGER_LITTLE: Final = 4.0
"""… until it is farther than this."""

AGAINST: Final = 0.25
"""In tolerances: a newest frame this far on the other side refutes an instruction at once."""

REACHED: Final = 0.5
"""In tolerances: so near the target that going on would only lead past it."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What a view asks for: how exactly, and where the patient looks in it."""

    tolerances: Tolerances
    facing: Facing


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to put right.

    Attributes:
        instruction: what to do about it.
        rank: its row in the order; 0 comes first.
        axis: what it corrects; None where it has no direction.
        share: smoothed, of the axis.
        urgent: may interrupt an instruction of a later row.
    """

    instruction: Instruction
    rank: int
    axis: Axis | None = None
    share: float = 0.0
    urgent: bool = False

    @property
    def lasting(self) -> bool:
        """Whether it is brought to its end before another of later or equal use begins."""
        return self.axis not in (None, Axis.MOTION)


def problems(seen: Seen, aim: Aim, shown: Instruction | None) -> Iterator[Problem]:
    """Yield what is to be put right, the most useful first; nothing when all is within.

    Args:
        seen: the present.
        aim: of the view.
        shown: the instruction that stands, which is kept where two are equally good.
    """
    if seen.sight is not Sight.CLEAR:
        yield Problem(Instruction(SIGHT_CUES[seen.sight]), -1, urgent=True)
        return
    for number, rank in enumerate(ORDER):
        match rank.measure:
            case Measure.EXPRESSION if seen.missing:
                yield Problem(Instruction(_first(seen.missing, shown)), number)
            case Measure.STILLNESS if Measure.STILLNESS in seen.unknown:
                yield Problem(Instruction(Cue.HOLD_STILL), number)
            case measure if measure in seen.outside:
                yield from _correction(number, seen, aim, shown)
    if seen.unknown - {Measure.STILLNESS}:
        yield Problem(Instruction(Cue.CANNOT_JUDGE), len(ORDER))


def _correction(number: int, seen: Seen, aim: Aim, shown: Instruction | None) -> Iterator[Problem]:
    rank = ORDER[number]
    axis = _worse_axis(rank.measure, seen, aim.facing, shown)
    share = seen.smooth[axis] or 0.0
    off = abs(share) * (aim.tolerances.of(rank.measure) or 0.0)
    if off > rank.beyond and not refuted(share, seen.raw[axis]):
        cue = cue_for(axis, share, aim.facing)
        instruction = Instruction(cue, _amount(axis, share, cue, shown))
        yield Problem(instruction, number, axis, share, urgent=rank.beyond > 0.0)


def ended(problem: Problem, seen: Seen) -> bool:
    """Whether its target is reached or about to be passed, or cannot be seen any more."""
    if problem.axis is None or not problem.lasting:
        return False
    share, ahead = seen.smooth[problem.axis], seen.ahead[problem.axis]
    if share is None or ahead is None:
        return True
    sign = 1.0 if problem.share > 0 else -1.0
    reached = sign * share < REACHED or sign * ahead < 0.0
    return reached or refuted(problem.share, seen.raw[problem.axis])


def refuted(share: float, raw: float | None) -> bool:
    """Whether the newest frame lies plainly on the other side of the target than ``share``."""
    return raw is not None and (raw < -AGAINST if share > 0 else raw > AGAINST)


def _first(missing: tuple[Cue, ...], shown: Instruction | None) -> Cue:
    return shown.cue if shown is not None and shown.cue in missing else missing[0]


def _worse_axis(measure: Measure, seen: Seen, facing: Facing, shown: Instruction | None) -> Axis:
    """Return the axis to correct first; one that is being corrected is brought to its end."""

    def size(axis: Axis) -> float:
        share = seen.smooth[axis] or 0.0
        going_on = shown is not None and shown.cue is cue_for(axis, share, facing)
        return abs(share) + (10.0 * LITTLE if going_on and abs(share) >= REACHED else 0.0)

    return max(AXES[measure], key=size)


def _amount(axis: Axis, share: float, cue: Cue, shown: Instruction | None) -> Amount:
    if axis is Axis.MOTION:
        return Amount.PLAIN
    was_little = shown == Instruction(cue, Amount.A_LITTLE)
    return (
        Amount.A_LITTLE
        if abs(share) < (NO_LONGER_LITTLE if was_little else LITTLE)
        else (Amount.PLAIN)
    )
