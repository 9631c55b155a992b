"""What the technician's screens show; a part of the screen's model, and nothing of a patient.

Values are what they are, words come later: a line says by a remark and figures what was found.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field


class Item(enum.Enum):
    """What a line is about."""

    STATION = enum.auto()
    VERSION = enum.auto()
    UPTIME = enum.auto()
    WAITING = enum.auto()
    OLDEST = enum.auto()
    DISK = enum.auto()
    ARRIVED = enum.auto()
    CLOCK = enum.auto()
    TEMPERATURE = enum.auto()
    POWER = enum.auto()
    CAMERA = enum.auto()
    CAMERA_MODE = enum.auto()
    LIGHT = enum.auto()  # one lamp, by its name
    PEDAL = enum.auto()
    READER = enum.auto()
    OPERATORS = enum.auto()
    LETTERS = enum.auto()
    SWAP = enum.auto()
    SERVER = enum.auto()
    HOST_KEY = enum.auto()
    REACHED = enum.auto()
    TROUBLE = enum.auto()
    TOLD = enum.auto()
    WAY = enum.auto()  # to the clinic, tried by a sealed test object
    EXPOSURE = enum.auto()  # of a grey card
    EVENNESS = enum.auto()  # of the light on it
    BALANCE = enum.auto()  # white balance
    SCALE = enum.auto()  # at the subject plane
    SUPPORT = enum.auto()  # the newest bundle
    REASON = enum.auto()
    FILED = enum.auto()  # where the clinic finds it
    OBJECT = enum.auto()  # its name on the server


class Remark(enum.Enum):
    """What was found; fields in braces of its words are the line's values."""

    AGO = enum.auto()
    NOT_YET = enum.auto()
    NOT_TOLD = enum.auto()
    NONE = enum.auto()
    FREE = enum.auto()
    SYNCHRONISED = enum.auto()
    UNSYNCHRONISED = enum.auto()
    UPTIME = enum.auto()
    POWER_FINE = enum.auto()
    POWER_LOW = enum.auto()
    HOT = enum.auto()
    THERE = enum.auto()
    NO_READER = enum.auto()
    LETTERS = enum.auto()
    NOBODY_ENROLLED = enum.auto()
    NO_SWAP = enum.auto()
    NO_REPORT = enum.auto()
    OLD_REPORT = enum.auto()
    REPORT_OFF = enum.auto()
    NO_TROUBLE = enum.auto()
    SEEN = enum.auto()
    NOT_SEEN = enum.auto()
    TOO_BRIGHT = enum.auto()
    UNSTEADY = enum.auto()
    PROVEN = enum.auto()
    UNPROVEN = enum.auto()
    UNDER_WAY = enum.auto()
    ARRIVED = enum.auto()
    NOT_ARRIVED = enum.auto()
    UNTRIED = enum.auto()
    WAITS = enum.auto()
    RUNS = enum.auto()
    CARD_EXPOSED = enum.auto()
    CARD_NOT_MIDDLE = enum.auto()
    EVEN = enum.auto()
    UNEVEN = enum.auto()
    BALANCING = enum.auto()
    BALANCED = enum.auto()
    NOT_BALANCED = enum.auto()
    NEVER_BALANCED = enum.auto()
    BALANCED_ON = enum.auto()
    BALANCE_OLD = enum.auto()
    BALANCE_OTHER = enum.auto()
    SCALE_LEFT = enum.auto()  # its left edge is to be touched
    SCALE_RIGHT = enum.auto()
    SCALE_FITS = enum.auto()
    SCALE_APART = enum.auto()
    SCALE_UNTOLD = enum.auto()
    SUPPORT_NEVER = enum.auto()
    SUPPORT_ASKED = enum.auto()
    SUPPORT_NOT_TAKEN = enum.auto()
    SUPPORT_MAKING = enum.auto()
    SUPPORT_BROKEN_OFF = enum.auto()
    SUPPORT_REFUSED = enum.auto()
    SUPPORT_WAITS = enum.auto()
    SUPPORT_SENT = enum.auto()


class Mark(enum.Enum):
    """How a line looks: a fact, something right or wrong, or a test that is still to end."""

    PLAIN = enum.auto()
    GOOD = enum.auto()
    BAD = enum.auto()
    UNSURE = enum.auto()
    PENDING = enum.auto()


Values = tuple[tuple[str, str], ...]

Point = tuple[float, float]
"""On a picture, fractions of its width and its height."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list.

    Attributes:
        item: what it is about.
        remark: what was found, in words; None where ``text`` says it.
        values: for the fields of the remark's words.
        text: a figure or name that is the same in every language, or an error's own sentence.
        mark: how it looks.
        name: which one of several, such as a lamp's.
    """

    item: Item
    remark: Remark | None = None
    values: Values = ()
    text: str = ""
    mark: Mark = Mark.PLAIN
    name: str = ""


@dataclass(frozen=True, slots=True)
class PedalModel:
    """The pedal's test: presses since the screen came, and whether the last was just now."""

    presses: int = 0
    lit: bool = False


@dataclass(frozen=True, slots=True)
class JournalModel:
    """The program's own last lines, newest first, and the page that is shown, from 0."""

    lines: tuple[str, ...] = ()
    page: int = 0


@dataclass(frozen=True, slots=True)
class ServiceModel:
    """Everything that a technician's screen may show.

    Attributes:
        lines: of the present screen's list.
        running: whether a test is under way.
        pedal: of the pedal's test.
        touched: numbers of the targets that were touched.
        journal: the program's own lines.
        marks: what was touched on the picture, two at most.
    """

    lines: tuple[Line, ...] = ()
    running: bool = False
    pedal: PedalModel = field(default=PedalModel())
    touched: frozenset[int] = frozenset()
    journal: JournalModel = field(default=JournalModel())
    marks: tuple[Point, ...] = ()

    @property
    def wrong(self) -> int:
        """How many lines need somebody's attention."""
        return sum(line.mark is Mark.BAD for line in self.lines)

    @property
    def ended(self) -> bool:
        """Whether tests were made and all have ended."""
        tested = [line for line in self.lines if line.mark is not Mark.PLAIN]
        return bool(tested) and not any(line.mark is Mark.PENDING for line in tested)
