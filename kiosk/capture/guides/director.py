"""From what is measured, frame by frame, to one steady instruction, a meter and a moment to shoot.

Why it is as it is: docs/decisions/0081-one-steady-instruction.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from kiosk.capture.guides.choice import Aim, Problem, ended, problems
from kiosk.capture.guides.company import partly_ended, with_company
from kiosk.capture.guides.hold import HoldTimer
from kiosk.capture.guides.meter import Shares, readings
from kiosk.capture.guides.steadiness import Seen, Steadiness
from kiosk.capture.guides.values import (
    Against,
    Cue,
    Deviation,
    Guidance,
    Instruction,
    Reading,
)

DWELL_NS: Final = 800_000_000
"""The least time an instruction stands, so that it can be read, unless it has become wrong."""

PAUSE_NS: Final = 400_000_000
"""… but for "hold still", which asks for nothing that has to be begun: what a movement brought
along is told as soon as that is over."""

SURE_NS: Final = 200_000_000
"""How long all must be within before it is said: a head that turns through the pose is not in
it, nor is one that noise took there."""

STALE_NS: Final = 1_000_000_000
"""Without a frame for this long nothing is known any more."""

AGAIN_NS: Final = 1_000_000_000
"""How long, in every frame, something must be plainly wrong before it is said after the station
said that it cannot judge: near the error of a rough measurement noise alone exceeds it now and
then."""

_PRAISE: Final = (Cue.HOLD_STILL, Cue.READY)
"""The one change that asks nothing new of the patient and need not wait."""


@dataclass(slots=True)
class _Course:
    """What is remembered from one frame to the next."""

    steadiness: Steadiness
    guidance: Guidance
    seen_ns: int | None = None
    shown: Instruction | None = None
    since_ns: int = 0
    within_since_ns: int | None = None
    problem: Problem | None = None
    plain: Cue | None = None
    plain_since_ns: int = 0


class Director:
    """Guides one patient into one view; to be used from one thread.

    Args:
        aim: what the view asks for.
        shoot_by_itself: whether ``held`` grows and a shot becomes due, where the station sees all
            that the view asks for.
    """

    def __init__(self, aim: Aim, *, shoot_by_itself: bool) -> None:
        self._aim = aim
        self._shoot_by_itself = shoot_by_itself and aim.wholly_seen
        self._hold = HoldTimer()
        self._course = self._begin(Against.VIEW)

    def see(self, deviation: Deviation, at_ns: int) -> Guidance:
        """Take in what one frame shows.

        Args:
            deviation: of the frame.
            at_ns: when it was exposed, on the monotonic clock. A frame that is not newer than the
                one before changes nothing.
        """
        before = self._course.seen_ns
        if before is not None and at_ns <= before:
            return self._course.guidance
        if before is None or at_ns - before >= STALE_NS:
            self._hold.reset()
            self._course = self._begin(deviation.against)
        course = self._course
        course.seen_ns = at_ns
        seen = course.steadiness.update(deviation, at_ns)
        instruction = _instruct(course, seen, self._aim, at_ns)
        within = instruction.cue is Cue.READY
        if self._shoot_by_itself:
            self._hold.update(at_ns, within=within)
        course.guidance = Guidance(
            instruction=instruction,
            readings=readings(self._aim.tolerances, _measured(seen), seen.expression),
            within=within,
            held=self._hold.held,
            against=deviation.against,
        )
        return course.guidance

    def now(self, at_ns: int) -> Guidance:
        """Return what to show at this moment, which is never "ready" once frames stop coming."""
        course = self._course
        if course.seen_ns is None or at_ns - course.seen_ns >= STALE_NS:
            return _unknown(self._aim, course.guidance.against)
        return course.guidance

    def take_shot(self, at_ns: int) -> bool:
        """Whether the station should shoot by itself now; true once, until ``rearm``."""
        return self.now(at_ns).within and self._hold.take()

    def rearm(self) -> None:
        """Begin anew: another aim at this view."""
        self._hold.rearm()
        self._course = self._begin(Against.VIEW)

    def _begin(self, against: Against) -> _Course:
        return _Course(Steadiness(self._aim.tolerances), _unknown(self._aim, against))


def _instruct(course: _Course, seen: Seen, aim: Aim, at_ns: int) -> Instruction:
    """Let the instruction that stands go on, or put another in its place."""
    if not seen.within:
        course.within_since_ns = None
    elif course.within_since_ns is None:
        course.within_since_ns = at_ns
    following = _following(course.problem, seen, tuple(problems(seen, aim, course.shown)))
    if following is not None:
        shown = course.shown
        new = shown is None or following.instruction.cue is not shown.cue
        joining = new or at_ns - course.since_ns >= DWELL_NS
        following = with_company(following, seen, aim, shown, joining=joining)
    wanted = following.instruction if following else _without_problem(course, at_ns)
    _keep_plain(course, following, seen, at_ns)
    if course.shown is None or wanted.cues != course.shown.cues:
        if course.shown is not None and not _may_end(course, seen, wanted.cue, at_ns):
            return course.shown
        course.since_ns = at_ns
    course.shown, course.problem = wanted, following
    return wanted


def _following(hand: Problem | None, seen: Seen, found: tuple[Problem, ...]) -> Problem | None:
    """Return the problem to work on: the one in hand, unless something more urgent comes."""
    if not found:
        return None
    first = found[0]
    if hand is None or not hand.lasting or ended(hand, seen):
        return first
    if first.urgent and first.rank < hand.rank:
        return first
    for one in found:
        if one.instruction.cue is hand.instruction.cue:
            # It keeps the rank with which it began, though less of it is left by now.
            return replace(one, rank=min(one.rank, hand.rank))
    return first


def _keep_plain(course: _Course, following: Problem | None, seen: Seen, at_ns: int) -> None:
    """Remember since when each frame has shown the problem to work on."""
    shown = following is not None and (
        following.axis is None or seen.raw[following.axis] is not None
    )
    cue = following.instruction.cue if following is not None and shown else None
    if cue is not course.plain:
        course.plain, course.plain_since_ns = cue, at_ns


def _may_end(course: _Course, seen: Seen, wanted: Cue, at_ns: int) -> bool:
    """Whether what is shown has stood for long enough, or is wrong by now."""
    shown = course.shown
    if shown is None or shown.cue is Cue.READY or (shown.cue, wanted) == _PRAISE:
        return True
    if shown.cue is Cue.CANNOT_JUDGE and seen.rough and wanted is not Cue.CANNOT_JUDGE:
        return wanted is course.plain and at_ns - course.plain_since_ns >= AGAIN_NS
    if course.problem is not None and partly_ended(course.problem, seen):
        return True
    if seen.within and wanted is Cue.HOLD_STILL:
        # Not sure of it yet, and not at the target either: the old instruction is still right.
        return False
    dwell_ns = PAUSE_NS if shown.cue is Cue.HOLD_STILL else DWELL_NS
    return at_ns - course.since_ns >= dwell_ns


def _without_problem(course: _Course, at_ns: int) -> Instruction:
    """Say "ready", or to wait for it: a blink or a glitch is no problem and not within either."""
    since = course.within_since_ns
    sure = since is not None and at_ns - since >= SURE_NS
    return Instruction(Cue.READY if sure else Cue.HOLD_STILL)


def _measured(seen: Seen) -> Shares:
    """Return the smoothed shares of what the newest frame shows."""
    return {
        axis: share if seen.raw[axis] is not None else None for axis, share in seen.smooth.items()
    }


def _unknown(aim: Aim, against: Against) -> Guidance:
    return Guidance(
        instruction=Instruction(Cue.LOOKING if aim.looked_at else Cue.CANNOT_JUDGE),
        readings=tuple(Reading(measure, None) for measure in aim.tolerances.measures),
        against=against,
    )
