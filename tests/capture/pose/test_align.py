"""Edge patches laid over rendered profiles that moved as is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from kiosk.capture.guides.values import Deviation
from kiosk.capture.pose.describe import describe_profile
from kiosk.capture.pose.geometry import Angles
from kiosk.capture.pose.head import HeadModel
from kiosk.capture.pose.observer import Sighting
from kiosk.capture.pose.profile import ProfileAgainstBaseline
from kiosk.model import Pixels
from provisioning.demo.patient.pose import Attitude
from tests.capture.pose.scenes import Draw

Look = Callable[[Pixels], Sighting]

BASE = Attitude(yaw=90.0, distance=1.1)
NAMES = ["anna", "bola", "dirk"]


@pytest.fixture
def against(model: HeadModel, look: Look, draw: Draw) -> Callable[[str, Attitude], Sighting]:
    del model
    return lambda name, held: look(draw(name, held))


def measured(
    name: str, to: Attitude, *, draw: Draw, look: Look, model: HeadModel, base: Attitude = BASE
) -> Deviation:
    """Return how far ``to`` is from a baseline, by the code that guides."""
    kept = describe_profile(look(draw(name, base, seed=1)), model, Angles(base.yaw, 0.0, 0.0))
    assert kept is not None
    return ProfileAgainstBaseline(model, kept).deviation(look(draw(name, to, seed=2)))


STEPS = [
    {"yaw": 3.0},
    {"yaw": -4.0},
    {"pitch": 3.0},
    {"pitch": -4.0},
    {"roll": 3.0},
    {"roll": -4.0},
    {"yaw": 2.0, "pitch": -2.0, "roll": 2.0},
    {},
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("step", STEPS, ids=str)
def test_a_turn_since_the_baseline_is_measured(
    name: str, step: dict[str, float], draw: Draw, look: Look, model: HeadModel
) -> None:
    to = replace(BASE, **{axis: getattr(BASE, axis) + by for axis, by in step.items()})
    found = measured(name, to, draw=draw, look=look, model=model)
    for axis in ("yaw", "pitch", "roll"):
        seen = getattr(found, axis)
        assert seen == pytest.approx(step.get(axis, 0.0), abs=0.5), (axis, found)
