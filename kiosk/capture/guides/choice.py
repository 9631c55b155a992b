"""Which of several things to say first: an explicit table, and nothing but the present."""

from __future__ import annotations

import math
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
    # So near or far, or so far aside, that the head is about to leave the picture. Less than that
    # waits: a tilt that follows moves the head aside again.
    Rank(Measure.SCALE, 0.25),
    Rank(Measure.POSITION, 0.15),
    # Rotation before place: the place of a face follows from turning and tilting, not the other
    # way about. Yaw before pitch before roll: each is seen more truly once the one before is right.
    Rank(Measure.YAW),
    Rank(Measure.PITCH),
    Rank(Measure.ROLL),
    Rank(Measure.LEAN_AHEAD),
    Rank(Measure.LEAN_ASIDE),
    Rank(Measure.POSITION),
    Rank(Measure.SCALE),
    # Nobody holds a smile through the rest of it.
    Rank(Measure.EXPRESSION),
    Rank(Measure.STILLNESS),
)

LITTLE: Final[Mapping[Measure, float]] = MappingProxyType(
    {
        Measure.YAW: 8.0,
        Measure.PITCH: 8.0,
        Measure.ROLL: 8.0,
        Measure.LEAN_AHEAD: 8.0,
        Measure.LEAN_ASIDE: 8.0,
        Measure.POSITION: 0.08,
        Measure.SCALE: 0.07,
    }
)
"""Nearer than this is "a little", in the measure's own unit. What people make of the words does not
depend on the tolerance: about 3 degrees of "a little", 10 of the plain word. The border is nearer
to the large step, because a second small one costs less than the way back."""

NO_LONGER_LITTLE: Final = 1.3
"""… until it is farther than this many times as much."""

AGAINST: Final = 0.25
"""In tolerances: a newest frame this far on the other side refutes an instruction at once."""

BESIDE_TILT: Final = 0.6
"""A turn or a nod that is told beside a tilt waits while it is less than this share of the tilt:
part of a tilt is told as those (docs/decisions/0081)."""

REACHED: Final = 0.7
"""In tolerances: so near the target that going on would only lead past it."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What a view asks for.

    Attributes:
        tolerances: how exactly.
        facing: where the patient looks.
        looked_at: whether the station looks at live pictures at all.
        wholly_seen: whether it sees all that the patient is asked to do. Where the operator's eye
            must see to a part of it, the station does not shoot by itself.
    """

    tolerances: Tolerances
    facing: Facing
    looked_at: bool = True
    wholly_seen: bool = True


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to put right.

    Attributes:
        instruction: what to do about it.
        rank: its row in the order; 0 comes first.
        axis: what it corrects; None where it has no direction.
        share: smoothed, of the axis.
        urgent: may interrupt an instruction of a later row.
        along: what is put right in the same movement, see ``company``.
    """

    instruction: Instruction
    rank: int
    axis: Axis | None = None
    share: float = 0.0
    urgent: bool = False
    along: Problem | None = None

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
    if seen.perhaps_covered:
        # Last: it is a doubt, and all else can be put right meanwhile.
        yield Problem(Instruction(Cue.UNCOVER), len(ORDER))
    if seen.unknown - {Measure.STILLNESS} or not aim.tolerances.measures:
        yield Problem(Instruction(Cue.CANNOT_JUDGE), len(ORDER))


def _correction(number: int, seen: Seen, aim: Aim, shown: Instruction | None) -> Iterator[Problem]:
    rank = ORDER[number]
    axis = _worse_axis(rank.measure, seen, aim.facing, shown)
    share = seen.smooth[axis] or 0.0
    off = abs(share) * (aim.tolerances.of(rank.measure) or 0.0)
    if off <= rank.beyond or waits_for_tilt(axis, off, seen, aim):
        return
    if not overtaken(share, axis, seen):
        cue = cue_for(axis, share, aim.facing)
        instruction = Instruction(cue, amount_of(rank.measure, off, cue, shown))
        yield Problem(instruction, number, axis, share, urgent=rank.beyond > 0.0)


def waits_for_tilt(axis: Axis, off: float, seen: Seen, aim: Aim) -> bool:
    """Whether what is ``off`` by so many degrees may be the tilt that is put right after it."""
    if axis not in (Axis.YAW, Axis.PITCH) or Measure.ROLL not in seen.outside:
        return False
    tilt = abs(seen.smooth[Axis.ROLL] or 0.0) * (aim.tolerances.roll or 0.0)
    return off < BESIDE_TILT * tilt


def ended(problem: Problem, seen: Seen) -> bool:
    """Whether its target is reached or as good as passed, or cannot be seen any more."""
    if problem.axis is None or not problem.lasting:
        return False
    share = seen.smooth[problem.axis]
    if share is None:
        return True
    left = share if problem.share > 0 else -share
    return left < REACHED or overtaken(problem.share, problem.axis, seen)


def overtaken(share: float, axis: Axis, seen: Seen) -> bool:
    """Whether to correct a share of this sign would be wrong by the time it is done.

    The newest frame lies plainly on the other side, however slow the smoothing is to see it; or
    the patient is on the way already, and so quick as to pass the target.
    """
    raw, ahead = seen.raw[axis] or 0.0, seen.ahead[axis] or 0.0
    return raw < -AGAINST or ahead < 0.0 if share > 0 else raw > AGAINST or ahead > 0.0


def _first(missing: tuple[Cue, ...], shown: Instruction | None) -> Cue:
    return shown.cue if shown is not None and shown.cue in missing else missing[0]


def _worse_axis(measure: Measure, seen: Seen, facing: Facing, shown: Instruction | None) -> Axis:
    """Return the axis to correct first; one that is being corrected is brought to its end."""

    def size(axis: Axis) -> float:
        share = seen.smooth[axis] or 0.0
        going_on = shown is not None and shown.cue is cue_for(axis, share, facing)
        return math.inf if going_on and abs(share) >= REACHED else abs(share)

    return max(AXES[measure], key=size)


def amount_of(measure: Measure, off: float, cue: Cue, shown: Instruction | None) -> Amount:
    """Return how much of it to ask for; ``off`` is in the measure's own unit."""
    if measure not in LITTLE:
        return Amount.PLAIN
    was_little = shown is not None and Instruction(cue, Amount.A_LITTLE) in shown.parts
    limit = LITTLE[measure] * (NO_LONGER_LITTLE if was_little else 1.0)
    return Amount.A_LITTLE if off < limit else Amount.PLAIN
