"""What the simulated visits count as wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.capture.guides.directions import Facing, cue_for
from kiosk.capture.guides.meter import Axis
from kiosk.capture.guides.values import Cue
from provisioning.demo.patient.pose import Attitude
from tests.guided.__main__ import LIBRARY, VIEWS
from tests.guided.truth import Truth

SECOND = 1_000_000_000
FRONT = Attitude(distance=0.9)
OFF = {
    "yaw": (5.0, Cue.TURN_RIGHT, Cue.TURN_LEFT),
    "pitch": (5.0, Cue.CHIN_UP, Cue.CHIN_DOWN),
    "roll": (5.0, Cue.TILT_LEFT, Cue.TILT_RIGHT),
    "x": (0.02, Cue.MOVE_RIGHT, Cue.MOVE_LEFT),
    "y": (0.02, Cue.MOVE_DOWN, Cue.MOVE_UP),
    "distance": (0.05, Cue.COME_CLOSER, Cue.MOVE_BACK),
}
"""How far one axis is off, what brings it back, and what leads away."""


def truth_of(held: Attitude, target: Attitude = FRONT, *, known_place: bool = True) -> Truth:
    made = Truth(target, known_place=known_place)
    made.see(held, 0)
    return made


@pytest.mark.parametrize("axis", OFF)
def test_what_leads_away_is_wrong(axis: str) -> None:
    size, back, away = OFF[axis]
    for sign, right, wrong in ((1.0, back, away), (-1.0, away, back)):
        truth = truth_of(replace(FRONT, **{axis: getattr(FRONT, axis) + sign * size}))
        assert not truth.is_wrong(right)
        assert truth.is_wrong(wrong)
    assert not truth_of(FRONT).is_wrong(back)


@pytest.mark.parametrize("yaw", [90.0, -90.0])
def test_forwards_is_where_a_patient_looks_who_is_seen_from_the_side(yaw: float) -> None:
    target = replace(FRONT, yaw=yaw)
    ahead = truth_of(replace(target, x=0.02 if yaw > 0 else -0.02), target)
    assert ahead.is_wrong(Cue.MOVE_FORWARD)
    assert not ahead.is_wrong(Cue.MOVE_BACKWARD)
    assert cue_for(Axis.X, 1.0 if yaw > 0 else -1.0, Facing.of(yaw)) is Cue.MOVE_BACKWARD


def test_who_comes_nearer_is_seen_farther_aside() -> None:
    target = replace(FRONT, x=0.1)
    nearer = truth_of(replace(target, distance=0.6), target)
    assert nearer.is_wrong(Cue.MOVE_LEFT)
    assert not nearer.is_wrong(Cue.MOVE_RIGHT)


def test_the_place_of_a_mean_head_is_no_truth() -> None:
    held = replace(FRONT, x=0.05, distance=0.5, yaw=9.0)
    first = truth_of(held, known_place=False)
    assert not first.is_wrong(Cue.MOVE_LEFT)
    assert not first.is_wrong(Cue.COME_CLOSER)
    assert first.is_wrong(Cue.TURN_LEFT)


@pytest.mark.parametrize(
    ("cue", "done", "undone"),
    [
        (Cue.SMILE, {"smile": 0.9}, {"smile": 0.3}),
        (Cue.PUCKER, {"pucker": 0.9}, {}),
        (Cue.BROWS_UP, {"brows_up": 0.9}, {}),
        (Cue.EYES_CLOSED, {"eyes_closed": 0.9}, {"eyes_closed": 0.5}),
        (Cue.EYES_OPEN, {}, {"eyes_closed": 0.9}),
        (Cue.LIPS_TOGETHER, {}, {"mouth_open": 0.5}),
        (Cue.RELAX, {"eyes_closed": 0.9}, {"brows_up": 0.9}),
    ],
)
def test_a_face_that_is_made_need_not_be_asked_for_again(
    cue: Cue, done: dict[str, float], undone: dict[str, float]
) -> None:
    truth = Truth(FRONT, known_place=True)
    for now in (0, SECOND // 2, 2 * SECOND):
        truth.see(replace(FRONT, expression=undone), now)
        assert not truth.is_wrong(cue)
    truth.see(replace(FRONT, expression=done), 3 * SECOND)
    truth.see(replace(FRONT, expression=done), 4 * SECOND)
    assert not truth.is_wrong(cue), "it takes a second to be seen and said"
    truth.see(replace(FRONT, expression=done), 4 * SECOND + 1)
    assert truth.is_wrong(cue)


def test_every_view_of_a_head_is_tried() -> None:
    assert {name for name, view in LIBRARY.items() if view.method not in {"none", "body"}} == set(
        VIEWS
    )
