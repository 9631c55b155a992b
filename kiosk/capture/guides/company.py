"""What is put right in one movement, and so is asked for in one sentence: never more than two."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from kiosk.capture.guides.choice import (
    REACHED,
    Aim,
    Problem,
    amount_of,
    ended,
    overtaken,
    waits_for_tilt,
)
from kiosk.capture.guides.directions import cue_for
from kiosk.capture.guides.meter import Axis
from kiosk.capture.guides.steadiness import Seen
from kiosk.capture.guides.values import Amount, Cue, Instruction, Measure

JOINS: Final = 0.85
"""In tolerances: what is off by more is put right along with something else."""

_ACROSS: Final = ((Measure.POSITION, Axis.X), (Measure.POSITION, Axis.Y))

TOGETHER: Final[Mapping[Axis, tuple[tuple[Measure, Axis], ...]]] = MappingProxyType(
    {
        # Where to look, and where to be. A tilt is asked for alone: people take a while to find
        # out what it means.
        Axis.YAW: ((Measure.PITCH, Axis.PITCH),),
        Axis.PITCH: ((Measure.YAW, Axis.YAW),),
        Axis.X: (_ACROSS[1], (Measure.SCALE, Axis.SCALE)),
        Axis.Y: (_ACROSS[0], (Measure.SCALE, Axis.SCALE)),
        Axis.SCALE: _ACROSS,
    }
)
"""What each axis may be corrected along with."""

MADE_ALONG: Final = frozenset({Cue.BROWS_UP, Cue.SMILE, Cue.MOUTH_OPEN, Cue.PUCKER})
"""Faces that may be asked for along with the last step, where that is soon made: none is held for
longer. Whoever closes the eyes does not see how far to go."""

_SOON_MADE: Final = frozenset({Axis.X, Axis.Y})
"""Aside or up one moves by a hand's breadth at most: half a second. To come closer takes several
steps, and what is no small turn or nod may need a second one."""

_WAITING: Final = frozenset({Measure.PITCH, Measure.POSITION})
"""What of a face that is not made yet may not be told: a nod and a height, see ``pose.unlike``."""


def with_company(
    problem: Problem, seen: Seen, aim: Aim, shown: Instruction | None, *, joining: bool
) -> Problem:
    """Add what is put right along with it: what is in hand already, else the worst.

    Args:
        problem: the one to put right.
        seen: the present.
        aim: of the view.
        shown: the instruction that stands.
        joining: whether anything may be added that is not part of that.
    """
    already = () if shown is None else shown.cues
    found = [
        one
        for one in _candidates(problem, seen, aim, shown)
        if one.instruction.cue in already or (joining and abs(one.share) > JOINS)
    ]
    if not found:
        joining = joining or _left_alone(shown, seen)
        found = list(_face(problem, seen, already, joining=joining))
    if not found:
        return problem
    best = max(found, key=lambda one: (one.instruction.cue in already, abs(one.share)))
    both = replace(problem.instruction, also=best.instruction)
    return replace(problem, instruction=both, along=best)


def partly_ended(problem: Problem, seen: Seen) -> bool:
    """Whether it, or what is put right along with it, has ended; see ``choice.ended``."""
    along = problem.along
    return ended(problem, seen) or (along is not None and _is_done(along, seen))


def _left_alone(shown: Instruction | None, seen: Seen) -> bool:
    """Whether what was asked for along with it is done: the sentence changes anyway."""
    also = None if shown is None else shown.also
    return also is not None and also.cue not in seen.missing


def _is_done(along: Problem, seen: Seen) -> bool:
    if along.axis is None:
        return along.instruction.cue not in seen.missing
    return ended(along, seen)


def _face(
    problem: Problem, seen: Seen, already: Collection[Cue], *, joining: bool
) -> Iterator[Problem]:
    """Yield the face to make along with the last step, where that is soon made."""
    left = seen.outside | (seen.unknown - _WAITING)
    last = len(left - {Measure.STILLNESS}) == 1
    soon = problem.instruction.amount is Amount.A_LITTLE or problem.axis in _SOON_MADE
    for cue in seen.missing[:1]:
        may = cue in MADE_ALONG and problem.axis in TOGETHER
        if may and (cue in already or (joining and last and soon)):
            yield Problem(Instruction(cue), problem.rank)


def _candidates(
    problem: Problem, seen: Seen, aim: Aim, shown: Instruction | None
) -> Iterator[Problem]:
    if problem.axis is None:
        return
    for measure, axis in TOGETHER.get(problem.axis, ()):
        share = seen.smooth.get(axis)
        if share is None or measure not in seen.outside:
            continue
        off = abs(share) * (aim.tolerances.of(measure) or 0.0)
        if waits_for_tilt(axis, off, seen, aim):
            continue
        if abs(share) > REACHED and not overtaken(share, axis, seen):
            cue = cue_for(axis, share, aim.facing)
            also = Instruction(cue, amount_of(measure, off, cue, shown))
            yield Problem(also, problem.rank, axis, share)
