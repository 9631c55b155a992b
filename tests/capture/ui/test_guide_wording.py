"""What the guide says: to the patient while aiming, and of the match at review."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from kiosk.capture.guides.directions import Facing
from kiosk.capture.guides.match import MatchSummary
from kiosk.capture.guides.values import (
    Against,
    Amount,
    Cue,
    Deviation,
    Instruction,
    Measure,
    Reading,
    Sight,
)
from kiosk.capture.ui.guide_wording import GuideWording
from kiosk.capture.ui.match_words import match_said
from kiosk.capture.ui.wording import ENGLISH, say, wording_in
from kiosk.languages.names import Language
from tests.golden.guided import OF_HEADS, pairs

WORDS = GuideWording()
BASELINE = Deviation(
    Sight.CLEAR,
    Against.BASELINE,
    yaw=0.2,
    pitch=-0.1,
    roll=0.1,
    x=0.001,
    y=-0.002,
    scale=0.004,
    expression=(),
    motion=0.0,
)
ALL = OF_HEADS


def summary(deviation: Deviation, *, within: bool | None, **shares: float | None) -> MatchSummary:
    readings = tuple(Reading(m, shares.get(m.name.lower(), 0.1)) for m in ALL)
    return MatchSummary(deviation, readings, within)


def test_every_cue_and_measure_has_words() -> None:
    assert set(WORDS.cues) == set(Cue)
    assert set(WORDS.measures) == set(Measure)


@pytest.mark.parametrize("cue", Cue, ids=lambda cue: cue.name)
@pytest.mark.parametrize("amount", Amount, ids=lambda amount: amount.name)
def test_instructions_are_short_and_kind(cue: Cue, amount: Amount) -> None:
    said = say(ENGLISH, Instruction(cue, amount))
    assert 4 <= len(said) <= 70
    assert not re.search(r"\b(error|fail|wrong|bad|invalid|!)", said, re.IGNORECASE)


@pytest.mark.parametrize("cue", Cue, ids=lambda cue: cue.name)
def test_a_side_is_the_patients_own_and_the_cues_own(cue: Cue) -> None:
    for amount in Amount:
        said = say(ENGLISH, Instruction(cue, amount))
        for side in ("left", "right"):
            assert (f"YOUR {side}" in said) == cue.name.endswith(side.upper())


@pytest.mark.parametrize("cue", Cue, ids=lambda cue: cue.name)
def test_near_the_target_movements_are_asked_for_a_little(cue: Cue) -> None:
    moving = re.match(r"TURN|CHIN|TILT|LEAN|MOVE|COME_CLOSER", cue.name)
    assert bool(moving) <= ("a little" in say(ENGLISH, Instruction(cue, Amount.A_LITTLE)))
    assert "a little" not in say(ENGLISH, Instruction(cue, Amount.PLAIN))


def test_two_things_are_asked_for_in_one_sentence() -> None:
    chin = Instruction(Cue.CHIN_DOWN, Amount.A_LITTLE)
    said = say(ENGLISH, Instruction(Cue.TURN_LEFT, also=chin))
    assert said == "Turn to YOUR left, chin down a little"
    higher = Instruction(Cue.MOVE_UP, Amount.A_LITTLE)
    said = say(ENGLISH, Instruction(Cue.MOVE_RIGHT, Amount.A_LITTLE, higher))
    assert said == "Move a little to YOUR right and a little higher"


@pytest.mark.parametrize(
    ("language", "backward", "forward"),
    [
        (
            "en",
            "Move backward and a little closer to the camera",
            "Move away from the camera and forward",
        ),
        (
            "de",
            "Bitte nach hinten und etwas näher zur Kamera",
            "Gehen Sie weiter weg von der Kamera und nach vorn",
        ),
        (
            "fr",
            "Reculez et approchez-vous un peu de la caméra",
            "Éloignez-vous de la caméra et vers l\N{RIGHT SINGLE QUOTATION MARK}avant",
        ),
    ],
)
def test_who_looks_aside_is_told_what_to_come_closer_to(
    language: Language, backward: str, forward: str
) -> None:
    """Backward is their own; closer is to the camera, which stands beside them."""
    words = wording_in(language)
    closer = Instruction(Cue.COME_CLOSER, Amount.A_LITTLE)
    assert say(words, Instruction(Cue.MOVE_BACKWARD, also=closer)) == backward
    assert say(words, Instruction(Cue.MOVE_BACK, also=Instruction(Cue.MOVE_FORWARD))) == forward


def test_who_looks_into_the_camera_reads_fewer_words() -> None:
    closer = Instruction(Cue.COME_CLOSER)
    assert say(ENGLISH, Instruction(Cue.MOVE_UP, also=closer)) == "Move higher and closer"


@pytest.mark.parametrize("facing", Facing)
def test_all_that_is_asked_for_together_has_words(facing: Facing) -> None:
    for pair in pairs(facing):
        said = say(ENGLISH, pair)
        assert len(said) <= 70
        for part in pair.parts:
            assert part.amount is Amount.PLAIN or "a little" in said


def test_one_measure_outside_is_told_against_last_time() -> None:
    match = summary(replace(BASELINE, yaw=1.2), within=False, yaw=2.4)
    said = match_said(WORDS, match, view_yaw=-45.0)
    assert said.finding == "Turned 1.2° less than last time; all else within tolerance."
    assert said.advice == WORDS.keep_or_retake


@pytest.mark.parametrize(
    ("yaw", "view_yaw", "told"),
    [
        (2.0, 45.0, "further"),
        (-2.0, 45.0, "less"),
        (-2.0, -45.0, "further"),
        (2.0, -45.0, "less"),
        (2.0, 0.0, "further to their left"),
        (-2.0, 0.0, "further to their right"),
    ],
)
def test_a_turn_is_told_by_what_the_view_asks_for(yaw: float, view_yaw: float, told: str) -> None:
    match = summary(replace(BASELINE, yaw=yaw), within=False, yaw=2.0)
    finding = match_said(WORDS, match, view_yaw).finding
    assert finding.startswith(f"Turned 2.0° {told} than last time;")


@pytest.mark.parametrize(
    ("change", "measure", "told"),
    [
        ({"pitch": 3.0}, "pitch", "Chin 3.0° too low"),
        ({"pitch": -3.0}, "pitch", "Chin 3.0° too high"),
        ({"roll": 3.0}, "roll", "Tilted 3.0° too far to their right"),
        ({"roll": -3.0}, "roll", "Tilted 3.0° too far to their left"),
        ({"x": 0.04}, "position", "4.0 % too far right in the picture"),
        ({"x": -0.04}, "position", "4.0 % too far left in the picture"),
        ({"y": 0.04}, "position", "4.0 % too low in the picture"),
        ({"y": -0.04}, "position", "4.0 % too high in the picture"),
        ({"scale": 0.05}, "scale", "5.0 % too close"),
        ({"scale": -0.05}, "scale", "5.0 % too far away"),
        ({"expression": (Cue.EYES_OPEN,)}, "expression", "Eyes not fully open"),
        ({"motion": 0.1}, "stillness", "The patient was moving"),
    ],
    ids=str,
)
def test_each_measure_has_its_direction_in_words(
    change: dict[str, float], measure: str, told: str
) -> None:
    deviation = replace(BASELINE, against=Against.VIEW, **change)  # type: ignore[arg-type]
    said = match_said(WORDS, summary(deviation, within=False, **{measure: 2.0}))
    assert said.finding == f"{told}; all else within tolerance."


@pytest.mark.parametrize(
    ("change", "measure", "told"),
    [
        ({"pitch": 8.0}, Measure.LEAN_AHEAD, "Leaning 8.0° further forward"),
        ({"pitch": -8.0}, Measure.LEAN_AHEAD, "Leaning 8.0° further backward"),
        ({"roll": 8.0}, Measure.LEAN_ASIDE, "Leaning 8.0° further to their right"),
        ({"roll": -8.0}, Measure.LEAN_ASIDE, "Leaning 8.0° further to their left"),
    ],
    ids=str,
)
def test_a_trunk_is_told_to_lean_and_not_as_a_head(
    change: dict[str, float], measure: Measure, told: str
) -> None:
    deviation = replace(BASELINE, **change)  # type: ignore[arg-type]
    readings = (Reading(Measure.POSITION, 0.1), Reading(measure, 2.0))
    finding = match_said(WORDS, MatchSummary(deviation, readings, within=False), 90.0).finding
    assert finding == f"{told} than last time; all else within tolerance."


@pytest.mark.parametrize(
    ("x", "y", "told"),
    [
        (0.08, None, "8.0 % too far right in the picture"),
        (-0.08, None, "8.0 % too far left in the picture"),
        (None, 0.15, "15.0 % too low in the picture"),
        (None, -0.15, "15.0 % too high in the picture"),
        (0.08, -0.15, "15.0 % too high in the picture"),
    ],
)
def test_a_place_of_which_one_way_alone_is_known_is_told(
    x: float | None, y: float | None, told: str
) -> None:
    """Of a body at a first visit: what is nearer than its error is None."""
    deviation = replace(BASELINE, against=Against.VIEW, x=x, y=y, scale=None)
    match = summary(deviation, within=False, position=3.0, scale=None)
    finding = match_said(WORDS, match).finding
    assert finding == f"{told}; not judged: size."


def test_several_outside_are_told_the_farthest_first() -> None:
    deviation = replace(BASELINE, yaw=1.2, pitch=2.0, expression=(Cue.SMILE,))
    match = summary(deviation, within=False, yaw=1.5, pitch=-3.0, expression=2.0)
    assert match_said(WORDS, match, 45.0).finding == (
        "Chin 2.0° lower and turned 1.2° further than last time, smile not broad enough; "
        "all else within tolerance."
    )


def test_what_was_not_judged_is_not_called_within() -> None:
    match = summary(
        replace(BASELINE, yaw=1.2, pitch=None), within=False, yaw=1.5, pitch=None, expression=None
    )
    finding = match_said(WORDS, match, 45.0).finding
    assert finding == "Turned 1.2° further than last time; not judged: chin, face."


def test_within_tells_the_largest_difference_and_asks_for_nothing() -> None:
    match = summary(replace(BASELINE, yaw=-0.8), within=True, yaw=-0.6)
    said = match_said(WORDS, match, 45.0)
    assert said.finding == ("The same pose as last time. Largest difference: turned 0.8° less.")
    assert said.advice == ""


def test_a_pose_that_nothing_can_judge_says_so() -> None:
    unknown = MatchSummary(Deviation(Sight.UNCLEAR), (), within=None)
    assert match_said(WORDS, unknown).finding == WORDS.match_unknown
    blank = MatchSummary(Deviation(Sight.CLEAR), tuple(Reading(m, None) for m in ALL), within=False)
    assert match_said(WORDS, blank).finding == WORDS.match_unknown


def test_who_may_be_covered_is_not_called_the_same_nor_unknown() -> None:
    doubted = replace(BASELINE, perhaps_covered=True)
    assert match_said(WORDS, summary(doubted, within=None)).finding == WORDS.perhaps_covered
    outside = summary(replace(doubted, yaw=1.2), within=False, yaw=1.5)
    assert match_said(WORDS, outside, 45.0).finding.startswith("Turned 1.2° further")
    unknown = summary(replace(doubted, pitch=None), within=None, pitch=None)
    assert match_said(WORDS, unknown).finding == WORDS.match_unknown


def test_a_day_is_written_out() -> None:
    day = date(2026, 3, 3)
    assert WORDS.earlier(day, measured=True) == "Compared with the picture of 3 March 2026"
    assert WORDS.earlier(day, measured=False) == "Earlier picture: 3 March 2026"
    assert WORDS.earlier(None, measured=True) == "First picture of this view"
    assert WORDS.day(date(2025, 12, 31)) == "31 December 2025"
