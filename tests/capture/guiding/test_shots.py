"""What is told, written down and kept of a shot's pose."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from kiosk.capture.guides.match import MatchSummary
from kiosk.capture.guides.values import Against, Cue, Deviation, Sight
from kiosk.capture.guiding.shots import match_record, pose_of
from kiosk.capture.guiding.views import aim_of
from kiosk.capture.pose.descriptor import read
from kiosk.capture.pose.judge import Judged
from kiosk.capture.pose.registration import Registration
from kiosk.records.protocols import load_library
from kiosk.records.shot import MatchRecord
from tests.capture.guiding.fakes import descriptor_of
from tests.golden.guided import OF_HEADS

VIEWS = load_library().views
FRONTAL = aim_of(VIEWS["frontal_rest"])
SMILE = aim_of(VIEWS["frontal_smile"])
SIZE = (480, 640)
SEEN = Deviation(
    Sight.CLEAR,
    Against.BASELINE,
    yaw=0.12345,
    pitch=-0.98765,
    roll=0.00499,
    x=0.001234567,
    y=-0.00098765,
    scale=0.01234567,
    expression=(),
    motion=0.00123456,
)


def told(deviation: Deviation, aim: object = FRONTAL) -> MatchSummary:
    assert aim in (FRONTAL, SMILE)
    return pose_of(Judged(deviation), SMILE if aim is SMILE else FRONTAL, SIZE).summary


def test_all_within_is_within() -> None:
    summary = told(SEEN)
    assert summary.within is True
    assert summary.deviation is SEEN
    assert [row.measure for row in summary.readings] == list(OF_HEADS)


@pytest.mark.parametrize(
    "off",
    [
        {"yaw": 9.0},
        {"pitch": -9.0},
        {"roll": 9.0},
        {"x": 0.2},
        {"y": -0.2},
        {"scale": 0.5},
        {"motion": 1.0},
        {"yaw": 9.0, "pitch": None},
    ],
    ids=str,
)
def test_one_outside_is_outside_whatever_is_known_of_the_rest(off: dict[str, float | None]) -> None:
    assert told(replace(SEEN, **off)).within is False  # type: ignore[arg-type]


@pytest.mark.parametrize("unknown", ["yaw", "pitch", "roll", "x", "y", "scale", "motion"])
def test_what_is_not_known_is_neither_within_nor_outside(unknown: str) -> None:
    assert told(replace(SEEN, **{unknown: None})).within is None  # type: ignore[arg-type]


def test_who_may_be_covered_is_neither_within_nor_outside() -> None:
    assert told(replace(SEEN, perhaps_covered=True)).within is None
    assert told(replace(SEEN, perhaps_covered=True, yaw=9.0)).within is False


@pytest.mark.parametrize("sight", [sight for sight in Sight if sight is not Sight.CLEAR])
def test_what_cannot_be_seen_is_never_within(sight: Sight) -> None:
    assert told(Deviation(sight)).within is None
    assert told(replace(SEEN, sight=sight)).within is None


def test_an_expression_that_misses_is_outside_and_named() -> None:
    assert told(replace(SEEN, expression=()), SMILE).within is True
    assert told(replace(SEEN, expression=None), SMILE).within is None
    summary = told(replace(SEEN, expression=(Cue.SMILE, Cue.LIPS_TOGETHER)), SMILE)
    assert summary.within is False
    assert match_record(summary).expression_missing == ("smile", "lips_together")


def test_a_view_of_which_nothing_can_be_judged_is_not_outside() -> None:
    nothing = replace(FRONTAL, tolerances=type(FRONTAL.tolerances)())
    assert pose_of(Judged(SEEN), nothing, SIZE).summary.within is None


def test_the_record_rounds_to_what_is_measured() -> None:
    registration = Registration(np.eye(2, 3), 0.61803)
    pose = pose_of(Judged(SEEN, registration, descriptor_of()), FRONTAL, SIZE)
    assert match_record(pose.summary) == MatchRecord(
        against="baseline",
        yaw_deg=0.12,
        pitch_deg=-0.99,
        roll_deg=0.0,
        offset=(0.0012, -0.001),
        scale=1.0123,
        expression_missing=(),
        motion=0.0012,
        within_tolerance=True,
        residual_px=0.62,
    )
    assert pose.registration is registration
    assert pose.measured == SIZE
    assert pose.descriptor is not None
    assert read(pose.descriptor).method == "face"


@pytest.mark.parametrize("place", [{"x": None}, {"y": None}, {"x": float("nan")}], ids=str)
def test_a_place_is_known_whole_or_not_at_all(place: dict[str, float | None]) -> None:
    assert match_record(told(replace(SEEN, **place))).offset is None  # type: ignore[arg-type]


def test_nothing_measured_is_recorded_as_nothing() -> None:
    pose = pose_of(Judged(Deviation(Sight.NO_PERSON)), FRONTAL, SIZE)
    assert pose.descriptor is None
    assert pose.registration is None
    assert match_record(pose.summary) == MatchRecord(
        against="view",
        yaw_deg=None,
        pitch_deg=None,
        roll_deg=None,
        offset=None,
        scale=None,
        expression_missing=None,
        motion=None,
        within_tolerance=None,
        residual_px=None,
    )


def test_what_is_no_number_is_recorded_as_unknown() -> None:
    """A registration of which no point was left has no residual; the shot is kept all the same."""
    nan, infinite = float("nan"), float("inf")
    odd = replace(SEEN, yaw=nan, scale=infinite, motion=-infinite)
    record = match_record(
        pose_of(Judged(odd, Registration(np.eye(2, 3), nan)), FRONTAL, SIZE).summary
    )
    assert (record.yaw_deg, record.scale, record.motion, record.residual_px) == (None,) * 4
    assert record.within_tolerance is None


@pytest.mark.parametrize("cue", Cue)
def test_every_cue_has_a_name_that_the_clinic_can_read(cue: Cue) -> None:
    record = match_record(told(replace(SEEN, expression=(cue,))))
    assert msgspec.json.decode(msgspec.json.encode(record), type=MatchRecord) == record
