"""The words of the guide: what the patient should do, and how well a picture matched.

The same words are shown and spoken. Left and right are the patient's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Final

from kiosk.capture.guides.values import Against, Amount, Cue, Instruction, Measure


@dataclass(frozen=True, slots=True)
class Said:
    """One thing to do, plainly and near the target, where an empty text says the same."""

    plain: str
    a_little: str = ""

    def amount(self, amount: Amount) -> str:
        return (amount is Amount.A_LITTLE and self.a_little) or self.plain


@dataclass(frozen=True, slots=True)
class Differs:
    """How a deviation is told; ``{}`` takes the figure with its unit.

    ``view``: seen against the view's own pose; ``baseline``: against the earlier picture, before
    the words "than last time".
    """

    view: str
    baseline: str

    def against(self, against: Against, figure: str) -> str:
        text = self.view if against is Against.VIEW else self.baseline
        return text.format(figure)


_CUES: Final[Mapping[Cue, Said]] = MappingProxyType(
    {
        Cue.TURN_LEFT: Said("Turn to YOUR left", "Turn a little to YOUR left"),
        Cue.TURN_RIGHT: Said("Turn to YOUR right", "Turn a little to YOUR right"),
        Cue.CHIN_UP: Said("Chin up", "Chin up a little"),
        Cue.CHIN_DOWN: Said("Chin down", "Chin down a little"),
        Cue.TILT_LEFT: Said("Tilt your head to YOUR left", "Tilt your head a little to YOUR left"),
        Cue.TILT_RIGHT: Said(
            "Tilt your head to YOUR right", "Tilt your head a little to YOUR right"
        ),
        Cue.LEAN_LEFT: Said("Lean to YOUR left", "Lean a little to YOUR left"),
        Cue.LEAN_RIGHT: Said("Lean to YOUR right", "Lean a little to YOUR right"),
        Cue.LEAN_FORWARD: Said("Lean forward", "Lean forward a little"),
        Cue.LEAN_BACKWARD: Said("Lean backward", "Lean backward a little"),
        Cue.MOVE_LEFT: Said("Move to YOUR left", "Move a little to YOUR left"),
        Cue.MOVE_RIGHT: Said("Move to YOUR right", "Move a little to YOUR right"),
        Cue.MOVE_UP: Said("Move higher", "Move a little higher"),
        Cue.MOVE_DOWN: Said("Move lower", "Move a little lower"),
        Cue.COME_CLOSER: Said("Come closer to the camera", "Come a little closer to the camera"),
        Cue.MOVE_BACK: Said("Move away from the camera", "Move a little away from the camera"),
        Cue.MOVE_FORWARD: Said("Move forward", "Move forward a little"),
        Cue.MOVE_BACKWARD: Said("Move backward", "Move backward a little"),
        Cue.EYES_OPEN: Said("Open your eyes", "Open your eyes a little wider"),
        Cue.EYES_CLOSED: Said("Close your eyes"),
        Cue.BROWS_UP: Said("Raise your brows", "Raise your brows a little more"),
        Cue.SMILE: Said("Smile", "Smile a little more"),
        Cue.LIPS_TOGETHER: Said("Lips together"),
        Cue.MOUTH_OPEN: Said("Open your mouth", "Open your mouth a little more"),
        Cue.PUCKER: Said("Purse your lips", "Purse your lips a little more"),
        Cue.RELAX: Said("Let your face rest"),
        Cue.HOLD_STILL: Said("Hold still"),
        Cue.READY: Said("Perfect. Hold still."),
        Cue.LOOKING: Said("One moment, please"),
        Cue.COME_INTO_VIEW: Said("I cannot see you. Please come in front of the camera."),
        Cue.ONE_PERSON: Said("One person at a time, please"),
        Cue.UNCOVER: Said("Show your whole face, please: no hand, no hair"),
        Cue.WHOLLY_INTO_VIEW: Said("Please come wholly into the picture"),
        Cue.MORE_LIGHT: Said("It is too dark to see you"),
        Cue.LESS_LIGHT: Said("It is too bright to see you"),
        Cue.CANNOT_JUDGE: Said("I cannot judge this pose: your practitioner does"),
    }
)

_ALONG: Final[Mapping[Cue, Said]] = MappingProxyType(
    {
        Cue.TURN_LEFT: Said(", turn to YOUR left", ", turn a little to YOUR left"),
        Cue.TURN_RIGHT: Said(", turn to YOUR right", ", turn a little to YOUR right"),
        Cue.CHIN_UP: Said(", chin up", ", chin up a little"),
        Cue.CHIN_DOWN: Said(", chin down", ", chin down a little"),
        Cue.MOVE_LEFT: Said(" and to YOUR left", " and a little to YOUR left"),
        Cue.MOVE_RIGHT: Said(" and to YOUR right", " and a little to YOUR right"),
        Cue.MOVE_UP: Said(" and higher", " and a little higher"),
        Cue.MOVE_DOWN: Said(" and lower", " and a little lower"),
        Cue.COME_CLOSER: Said(" and closer", " and a little closer"),
        Cue.MOVE_BACK: Said(" and farther away", " and a little farther away"),
        Cue.MOVE_FORWARD: Said(" and forward", " and a little forward"),
        Cue.MOVE_BACKWARD: Said(" and backward", " and a little backward"),
        Cue.BROWS_UP: Said(" and raise your brows"),
        Cue.SMILE: Said(" and smile"),
        Cue.MOUTH_OPEN: Said(" and open your mouth"),
        Cue.PUCKER: Said(" and purse your lips"),
    }
)
"""What is said of a thing that is done along with another, after the words of that …"""

_ALONG_ASIDE: Final[Mapping[Cue, Said]] = MappingProxyType(
    {
        Cue.COME_CLOSER: Said(" and closer to the camera", " and a little closer to the camera"),
        Cue.MOVE_BACK: Said(
            " and farther from the camera", " and a little farther from the camera"
        ),
    }
)
"""… to who looks aside, to whom "backward and closer" are opposites; others read larger letters."""

_ASIDE: Final = frozenset({Cue.MOVE_FORWARD, Cue.MOVE_BACKWARD})
"""What is asked only of who looks aside."""

_BEFORE: Final[Mapping[Cue, Said]] = MappingProxyType(
    {
        **_CUES,
        Cue.COME_CLOSER: Said("Come closer", "Come a little closer"),
        Cue.MOVE_BACK: Said("Move farther away", "Move a little farther away"),
    }
)
"""What is said before the words of ``_ALONG``: two lines hold no more."""

_MEASURES: Final[Mapping[Measure, str]] = MappingProxyType(
    {
        Measure.POSITION: "Place",
        Measure.SCALE: "Size",
        Measure.YAW: "Turn",
        Measure.PITCH: "Chin",
        Measure.ROLL: "Tilt",
        Measure.LEAN_AHEAD: "Lean",
        Measure.LEAN_ASIDE: "Lean",
        Measure.EXPRESSION: "Face",
        Measure.STILLNESS: "Still",
    }
)
"""Of four or five letters: seven stand beside each other on a narrow screen."""

_MISSING: Final[Mapping[Cue, str]] = MappingProxyType(
    {
        Cue.EYES_OPEN: "eyes not fully open",
        Cue.EYES_CLOSED: "eyes not closed",
        Cue.BROWS_UP: "brows not raised enough",
        Cue.SMILE: "smile not broad enough",
        Cue.LIPS_TOGETHER: "lips apart",
        Cue.MOUTH_OPEN: "mouth not open enough",
        Cue.PUCKER: "lips not pursed enough",
        Cue.RELAX: "face not at rest",
    }
)

_IN_A_LIST: Final[Mapping[Measure, str]] = MappingProxyType(
    {measure: word.lower() for measure, word in _MEASURES.items()}
)

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class GuideWording:
    """The guide's words in one language."""

    cues: Mapping[Cue, Said] = field(default_factory=lambda: _CUES)
    before: Mapping[Cue, Said] = field(default_factory=lambda: _BEFORE)
    along: Mapping[Cue, Said] = field(default_factory=lambda: _ALONG)
    along_aside: Mapping[Cue, Said] = field(default_factory=lambda: _ALONG_ASIDE)
    measures: Mapping[Measure, str] = field(default_factory=lambda: _MEASURES)
    measures_listed: Mapping[Measure, str] = field(default_factory=lambda: _IN_A_LIST)
    by_eye: str = "The station cannot judge this pose: the practitioner does by eye."

    first_picture: str = "First picture of this view"
    now: str = "Now"
    last_time: str = "Last time"

    show_shot: str = "Picture"
    show_outline: str = "Outline"
    show_beside: str = "Side by side"
    show_blink: str = "Blink"
    show_wipe: str = "Wipe"
    not_registered: str = "As they were taken, not laid over each other."

    turned_less: Differs = Differs("turned {} too little", "turned {} less")
    turned_more: Differs = Differs("turned {} too far", "turned {} further")
    turned_left: Differs = Differs(
        "turned {} too far to their left", "turned {} further to their left"
    )
    turned_right: Differs = Differs(
        "turned {} too far to their right", "turned {} further to their right"
    )
    chin_low: Differs = Differs("chin {} too low", "chin {} lower")
    chin_high: Differs = Differs("chin {} too high", "chin {} higher")
    tilted_left: Differs = Differs(
        "tilted {} too far to their left", "tilted {} further to their left"
    )
    tilted_right: Differs = Differs(
        "tilted {} too far to their right", "tilted {} further to their right"
    )
    leaning_forward: Differs = Differs("leaning {} too far forward", "leaning {} further forward")
    leaning_backward: Differs = Differs(
        "leaning {} too far backward", "leaning {} further backward"
    )
    leaning_left: Differs = Differs(
        "leaning {} too far to their left", "leaning {} further to their left"
    )
    leaning_right: Differs = Differs(
        "leaning {} too far to their right", "leaning {} further to their right"
    )
    placed_left: Differs = Differs("{} too far left in the picture", "{} further left")
    placed_right: Differs = Differs("{} too far right in the picture", "{} further right")
    placed_low: Differs = Differs("{} too low in the picture", "{} lower in the picture")
    placed_high: Differs = Differs("{} too high in the picture", "{} higher in the picture")
    near: Differs = Differs("{} too close", "{} closer")
    far: Differs = Differs("{} too far away", "{} farther away")
    than_last_time: str = " than last time"
    missing: Mapping[Cue, str] = field(default_factory=lambda: _MISSING)
    not_asked_expression: str = "expression not as asked"
    moved: str = "the patient was moving"

    matches_view: str = "In the view's pose."
    matches_baseline: str = "The same pose as last time."
    largest: str = "Largest difference: {}."
    rest_within: str = "all else within tolerance"
    keep_or_retake: str = "Take again for a closer match, or keep: it is noted."
    perhaps_covered: str = (
        "Within tolerance; but something may lie over the face. Please compare by eye."
    )
    match_unknown: str = "The station could not judge this pose. Please compare by eye."

    unjudged_measures: str = "not judged: {measures}"
    compared_with_picture: str = "Compared with the picture of {day}"
    earlier_picture: str = "Earlier picture: {day}"
    and_last: str = "{others} and {last}"
    and_then: str = "; "
    decimal_mark: str = "."
    degrees_figure: str = "{figure}°"
    percent_figure: str = "{figure} %"
    months: tuple[str, ...] = _MONTHS
    first_of_month: str = "{day} {month} {year}"
    day_of_month: str = "{day} {month} {year}"

    def instruction(self, instruction: Instruction) -> str:
        also = instruction.also
        if also is None:
            return self.cues[instruction.cue].amount(instruction.amount)
        before, along = self.before, self.along
        if not _ASIDE.isdisjoint(instruction.cues):
            before, along = self.cues, {**self.along, **self.along_aside}
        first = before[instruction.cue].amount(instruction.amount)
        return first + along[also.cue].amount(also.amount)

    def day(self, day: date) -> str:
        written = self.first_of_month if day.day == 1 else self.day_of_month
        return written.format(day=day.day, month=self.months[day.month - 1], year=day.year)

    def earlier(self, taken: date | None, *, measured: bool) -> str:
        """Say what the next picture follows, see ``Earlier``."""
        if taken is None:
            return self.first_picture
        said = self.compared_with_picture if measured else self.earlier_picture
        return said.format(day=self.day(taken))

    def unjudged(self, measures: tuple[Measure, ...]) -> str:
        names = ", ".join(self.measures_listed[m] for m in measures)
        return self.unjudged_measures.format(measures=names)

    def listed(self, parts: tuple[str, ...]) -> str:
        """Join what belongs together: "a, b and c"."""
        if len(parts) < 2:  # noqa: PLR2004 - nothing to join
            return "".join(parts)
        return self.and_last.format(others=", ".join(parts[:-1]), last=parts[-1])

    def degrees(self, value: float) -> str:
        return self.degrees_figure.format(figure=self._figure(value))

    def percent(self, fraction: float) -> str:
        return self.percent_figure.format(figure=self._figure(fraction * 100))

    def _figure(self, value: float) -> str:
        """The size of a figure, with one decimal."""
        return f"{abs(value):.1f}".replace(".", self.decimal_mark)
