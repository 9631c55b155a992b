"""What passes between measuring, guiding and showing: frozen values without a picture in them.

Angles are degrees in the picture as recorded, not mirrored: yaw > 0 turns the nose to the right of
the picture, which is the patient's left; pitch > 0 lowers the chin; roll > 0 tilts the head
counter-clockwise in the picture. Of a trunk pitch > 0 leans the way the patient looks, and roll > 0
tilts it as it does a head. Places are fractions of the picture's height, x to the right and
y downwards.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace


class Sight(enum.Enum):
    """What the station makes of a frame; only ``CLEAR`` can ever be within tolerance."""

    CLEAR = enum.auto()
    NO_PERSON = enum.auto()
    SEVERAL_PEOPLE = enum.auto()
    COVERED = enum.auto()  # a hand, hair or a mask hides part of what must be seen
    CUT_OFF = enum.auto()  # part of it lies outside the picture
    TOO_DARK = enum.auto()
    TOO_BRIGHT = enum.auto()
    UNCLEAR = enum.auto()  # somebody is there, and what was measured cannot be trusted


class Against(enum.Enum):
    """What a deviation is counted from."""

    VIEW = "view"  # the view's own nominal pose: a first visit
    BASELINE = "baseline"  # the earlier shot of this patient


class Cue(enum.Enum):
    """What the patient or the operator should do next; left and right are the patient's own."""

    TURN_LEFT = enum.auto()
    TURN_RIGHT = enum.auto()
    CHIN_UP = enum.auto()
    CHIN_DOWN = enum.auto()
    TILT_LEFT = enum.auto()  # the head towards the left shoulder
    TILT_RIGHT = enum.auto()
    LEAN_LEFT = enum.auto()  # the upper body, for views of trunks
    LEAN_RIGHT = enum.auto()
    LEAN_FORWARD = enum.auto()  # the way the patient looks
    LEAN_BACKWARD = enum.auto()
    MOVE_LEFT = enum.auto()
    MOVE_RIGHT = enum.auto()
    MOVE_UP = enum.auto()
    MOVE_DOWN = enum.auto()
    COME_CLOSER = enum.auto()  # to the camera, wherever the patient looks
    MOVE_BACK = enum.auto()  # away from the camera, wherever the patient looks
    MOVE_FORWARD = enum.auto()  # the way the patient looks, for views from the side
    MOVE_BACKWARD = enum.auto()
    EYES_OPEN = enum.auto()
    EYES_CLOSED = enum.auto()
    BROWS_UP = enum.auto()
    SMILE = enum.auto()
    LIPS_TOGETHER = enum.auto()
    MOUTH_OPEN = enum.auto()
    PUCKER = enum.auto()
    RELAX = enum.auto()
    HOLD_STILL = enum.auto()
    READY = enum.auto()  # everything that can be judged is within tolerance
    LOOKING = enum.auto()  # no picture of the last second has been looked at
    # What hinders judging, one for each Sight that is not CLEAR.
    COME_INTO_VIEW = enum.auto()
    ONE_PERSON = enum.auto()
    UNCOVER = enum.auto()
    WHOLLY_INTO_VIEW = enum.auto()
    MORE_LIGHT = enum.auto()
    LESS_LIGHT = enum.auto()
    CANNOT_JUDGE = enum.auto()  # the operator judges by eye, by the silhouette


class Amount(enum.Enum):
    """How much of it: "a little" near the target, else plain."""

    A_LITTLE = enum.auto()
    PLAIN = enum.auto()


class Measure(enum.Enum):
    """The rows of the match meter, in the order in which they are shown."""

    POSITION = enum.auto()
    SCALE = enum.auto()
    YAW = enum.auto()
    PITCH = enum.auto()
    ROLL = enum.auto()
    LEAN_AHEAD = enum.auto()  # of a trunk, as pitch is of a head
    LEAN_ASIDE = enum.auto()  # of a trunk, as roll is of a head
    EXPRESSION = enum.auto()
    STILLNESS = enum.auto()


@dataclass(frozen=True, slots=True)
class Deviation:
    """How far what is seen lies from its target: seen minus wanted; None where it cannot be judged.

    Attributes:
        sight: what the frame shows; all else is None unless it is ``CLEAR``.
        against: what is counted from.
        yaw, pitch, roll: degrees, of the head; in views of trunks of the upper body.
        x, y: fractions of the picture's height; x > 0: too far right in the picture, y > 0: too
            low.
        scale: size over wanted size, minus 1; > 0: too near.
        expression: what is missing from the view's expression, the most telling first; empty when
            nothing is, None where it cannot be judged.
        motion: how fast the head moves, fractions of the picture's height per second; None while
            there is no earlier frame to compare with.
        perhaps_covered: whether something may lie over the face; then it is never within, however
            well it is held.
        rough: whether all of it was told from the side alone: what is no larger than the error of
            that is None.
    """

    sight: Sight
    against: Against = Against.VIEW
    yaw: float | None = None
    pitch: float | None = None
    roll: float | None = None
    x: float | None = None
    y: float | None = None
    scale: float | None = None
    expression: tuple[Cue, ...] | None = None
    motion: float | None = None
    perhaps_covered: bool = False
    rough: bool = False


@dataclass(frozen=True, slots=True)
class Instruction:
    """One thing to do, or two that are done in one movement.

    Attributes:
        cue: what.
        amount: how much of it.
        also: what is done along with it, which has no ``also`` of its own.
    """

    cue: Cue
    amount: Amount = Amount.PLAIN
    also: Instruction | None = None

    @property
    def parts(self) -> tuple[Instruction, ...]:
        """Return one instruction for each thing to do."""
        if self.also is None:
            return (self,)
        return replace(self, also=None), self.also

    @property
    def cues(self) -> tuple[Cue, ...]:
        """Return what is to be done, without how much."""
        return tuple(part.cue for part in self.parts)


@dataclass(frozen=True, slots=True)
class Reading:
    """One row of the match meter.

    Attributes:
        measure: which.
        share: deviation over tolerance, signed where the measure has a direction; within when its
            size is at most 1; None where it cannot be judged.
    """

    measure: Measure
    share: float | None

    @property
    def within(self) -> bool:
        return self.share is not None and abs(self.share) <= 1.0


@dataclass(frozen=True, slots=True)
class Guidance:
    """What the screen shows and the voice says at one moment.

    Attributes:
        instruction: the one thing to do now.
        readings: the match meter, one for each measure that the view has, in the order of
            ``Measure``.
        within: whether the sight is clear and every reading that the view needs is within
            tolerance.
        held: 0 to 1, how much of the time that an automatic shot asks for ``within`` has lasted;
            always 0 where the station does not shoot by itself.
        against: what was compared with.
    """

    instruction: Instruction
    readings: tuple[Reading, ...] = ()
    within: bool = False
    held: float = 0.0
    against: Against = Against.VIEW
