from __future__ import annotations

import math

import pytest

from kiosk.capture.guides.meter import is_within, read
from kiosk.capture.guides.tolerances import Tolerances
from kiosk.capture.guides.values import Cue, Deviation, Measure, Sight
from tests.golden.guided import OF_HEADS

HEAD = Tolerances(
    yaw=2.0, pitch=4.0, roll=1.0, position=0.02, scale=0.04, stillness=0.02, expression=True
)
RIGHT = Deviation(
    Sight.CLEAR,
    yaw=1.0,
    pitch=-2.0,
    roll=0.5,
    x=0.006,
    y=-0.008,
    scale=-0.02,
    expression=(),
    motion=0.005,
)


def changed(**fields: object) -> Deviation:
    values = {name: getattr(RIGHT, name) for name in Deviation.__dataclass_fields__}
    return Deviation(**{**values, **fields})


def test_each_deviation_is_shown_against_its_tolerance() -> None:
    shares = {reading.measure: reading.share for reading in read(RIGHT, HEAD)}
    assert shares == pytest.approx(
        {
            Measure.POSITION: 0.5,
            Measure.SCALE: -0.5,
            Measure.YAW: 0.5,
            Measure.PITCH: -0.5,
            Measure.ROLL: 0.5,
            Measure.EXPRESSION: 0.0,
            Measure.STILLNESS: 0.25,
        }
    )
    assert [reading.measure for reading in read(RIGHT, HEAD)] == list(OF_HEADS)
    assert is_within(RIGHT, HEAD)


@pytest.mark.parametrize(
    "fields",
    [
        {"yaw": 2.01},
        {"pitch": -4.01},
        {"roll": -1.01},
        {"x": 0.0145, "y": 0.0145},  # each within, both together not
        {"scale": 0.041},
        {"expression": (Cue.SMILE,)},
        {"motion": 0.021},
    ],
)
def test_one_measure_outside_is_not_within(fields: dict[str, object]) -> None:
    deviation = changed(**fields)
    assert not is_within(deviation, HEAD)
    assert sum(not reading.within for reading in read(deviation, HEAD)) == 1


@pytest.mark.parametrize(
    "name", ["yaw", "pitch", "roll", "x", "y", "scale", "expression", "motion"]
)
def test_what_cannot_be_judged_is_not_within(name: str) -> None:
    assert not is_within(changed(**{name: None}), HEAD)
    assert [r.share for r in read(changed(**{name: None}), HEAD)].count(None) == 1


@pytest.mark.parametrize(("x", "share"), [(0.021, 1.05), (-0.05, 2.5), (0.019, None)])
def test_one_axis_that_is_surely_outside_needs_no_other(x: float, share: float | None) -> None:
    """However high the head is held."""
    aside = changed(x=x, y=None)
    read_as = {r.measure: r.share for r in read(aside, HEAD)}[Measure.POSITION]
    assert read_as == (None if share is None else pytest.approx(share))
    assert not is_within(aside, HEAD)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_no_number_cannot_be_judged(value: float) -> None:
    shares = {r.measure: r.share for r in read(changed(yaw=value), HEAD)}
    assert shares[Measure.YAW] is None


@pytest.mark.parametrize("sight", [sight for sight in Sight if sight is not Sight.CLEAR])
def test_only_a_clear_sight_is_ever_within(sight: Sight) -> None:
    deviation = changed(sight=sight)
    assert not is_within(deviation, HEAD)
    assert {reading.share for reading in read(deviation, HEAD)} == {None}


def test_who_may_be_covered_is_read_and_is_not_within() -> None:
    assert is_within(RIGHT, HEAD)
    doubted = changed(perhaps_covered=True)
    assert read(doubted, HEAD) == read(RIGHT, HEAD)
    assert not is_within(doubted, HEAD)


def test_a_view_shows_only_what_it_has() -> None:
    standing = Tolerances(position=0.03, scale=0.03)
    deviation = Deviation(Sight.CLEAR, x=0.0, y=0.0, scale=0.0, yaw=80.0)
    assert [r.measure for r in read(deviation, standing)] == [Measure.POSITION, Measure.SCALE]
    assert is_within(deviation, standing)


def test_a_view_of_which_nothing_can_be_judged_is_never_within() -> None:
    assert read(RIGHT, Tolerances()) == ()
    assert not is_within(RIGHT, Tolerances())
