"""Edge patches laid over rendered profiles that moved as is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, replace
from typing import Protocol

import cv2
import numpy as np
import pytest

from kiosk.capture.guides.values import Deviation
from kiosk.capture.pose.align import Aligned, Aligner, Placement
from kiosk.capture.pose.describe import describe_profile
from kiosk.capture.pose.descriptor import read, write
from kiosk.capture.pose.edges import SIDE, Plane, Window, edges_of, grid, patch_of
from kiosk.capture.pose.geometry import Angles, Array
from kiosk.capture.pose.head import HeadModel
from kiosk.capture.pose.observer import Sighting
from kiosk.capture.pose.profile import ProfileAgainstBaseline
from kiosk.model import Pixels
from provisioning.demo.patient.pose import Attitude
from tests.capture.pose.scenes import LENS, Draw

NAMES = ["anna", "bola", "emeka"]
AXES = ("yaw", "pitch", "roll")

WINDOW = Window(320.0, 240.0, 150.0)
EVERYWHERE = np.ones((SIDE, SIDE), np.float32)


class Measure(Protocol):
    """Measures how far a patient is from a baseline, by the code that guides."""

    def __call__(self, name: str, base: Attitude, to: Attitude) -> Deviation: ...


@pytest.fixture(scope="module")
def measured(draw: Draw, look: Callable[[Pixels], Sighting], model: HeadModel) -> Measure:
    def measure(name: str, base: Attitude, to: Attitude) -> Deviation:
        kept = describe_profile(look(draw(name, base, seed=1)), model, Angles(base.yaw, 0.0, 0.0))
        assert kept is not None
        follow_up = ProfileAgainstBaseline(model, read(write(kept)))
        return follow_up.deviation(look(draw(name, to, seed=2)))

    return measure


def textured() -> Plane:
    """A picture of strong edges everywhere, shape (480, 640)."""
    rng = np.random.default_rng(5)
    soft = cv2.GaussianBlur(rng.normal(0, 1, (480, 640)), (0, 0), 5)
    return np.asarray(128 + 60 * np.tanh(soft / soft.std()), np.float32)


def blotches() -> Plane:
    """A picture of a few outlines, as a face has them, shape (480, 640)."""
    rng = np.random.default_rng(7)
    grey = np.full((480, 640), 128.0, np.float32)
    for x, y in rng.uniform((190, 110), (450, 370), (9, 2)):
        size = tuple(int(one) for one in rng.uniform(8, 30, 2))
        level = float(rng.choice([60.0, 200.0]))
        cv2.ellipse(grey, (int(x), int(y)), size, float(x), 0.0, 360.0, level, cv2.FILLED)
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), 2), np.float32)


def aligner(grey: Plane, relief: Plane) -> Aligner:
    return Aligner(edges_of(patch_of(grey, WINDOW)), relief, EVERYWHERE, WINDOW)


def warped(grey: Plane, place: Placement, relief: Plane) -> Plane:
    """Return a picture in which each place of the window lies where ``place`` puts it."""
    y, x = np.mgrid[0.5:480:1, 0.5:640:1].astype(np.float32)
    target = np.stack([(x - WINDOW.x) / WINDOW.half, (y - WINDOW.y) / WINDOW.half], axis=-1)
    turn = np.radians(place.turn)
    turned = place.scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    source = (target - (place.x, place.y)) @ np.linalg.inv(turned).T
    # What relief adds is small: one look-up at the place without it is near enough.
    near = looked_up(relief, (source + 1.0) * SIDE / 2)
    source -= near[..., None] * (place.sideways, place.nodding)
    return looked_up(grey, source * WINDOW.half + (WINDOW.x, WINDOW.y))


def looked_up(values: Plane, places: Array) -> Plane:
    """Look values up at places of shape (height, width, 2), counted from the upper left corner."""
    x, y = (np.asarray(places[..., axis] - 0.5, np.float32) for axis in (0, 1))
    found = cv2.remap(values, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32)


PLACES = [
    Placement(),
    Placement(scale=1.05),
    Placement(scale=0.94),
    Placement(turn=4.0),
    Placement(turn=-3.0),
    Placement(x=0.06, y=-0.04),
    Placement(sideways=0.05),
    Placement(nodding=-0.05),
    Placement(1.03, 2.0, 0.03, 0.02, 0.03, 0.02),
]


@pytest.mark.parametrize("true", PLACES, ids=str)
def test_a_known_placement_is_found(true: Placement) -> None:
    x, y = grid()
    relief = np.asarray(0.5 - x**2 - 0.5 * y**2, np.float32)
    grey = textured()
    found = aligner(grey, relief).align(warped(grey, true, relief), Placement())
    place = found.placement
    assert found.likeness > 0.9
    assert place.scale == pytest.approx(true.scale, abs=0.002)
    assert place.turn == pytest.approx(true.turn, abs=0.1)
    assert (place.x, place.y) == pytest.approx((true.x, true.y), abs=0.003)
    assert place.sideways == pytest.approx(true.sideways, abs=0.004)
    assert place.nodding == pytest.approx(true.nodding, abs=0.004)


@pytest.mark.parametrize("true", PLACES, ids=str)
def test_a_placement_knows_how_the_head_is_rotated(true: Placement) -> None:
    found = replace(true, turn=0.0, sideways=0.0, nodding=0.0).held(true.rotation())
    np.testing.assert_allclose(astuple(found), astuple(true), atol=1e-9)


FAR_OFF = [Placement(x=0.2, y=-0.1), Placement(turn=10.0), Placement(scale=0.85, y=0.1)]


@pytest.mark.parametrize("true", FAR_OFF, ids=str)
def test_how_much_edge_there_is_reaches_farther_than_the_edges(true: Placement) -> None:
    grey, flat = blotches(), EVERYWHERE * 0
    moved = warped(grey, true, flat)
    edges = edges_of(patch_of(grey, WINDOW))
    fine, wide = (Aligner(edges, flat, EVERYWHERE, WINDOW, blur) for blur in (None, 5.0))
    assert fine.align(moved, Placement()).likeness < 0.6
    found = fine.align(moved, wide.align(moved, Placement()).placement)
    assert found.likeness > 0.9
    assert astuple(found.placement) == pytest.approx(astuple(true), abs=0.1)


def test_other_edges_are_not_alike() -> None:
    grey = textured()
    other = np.asarray(grey[::-1, ::-1], np.float32).copy()
    assert aligner(grey, EVERYWHERE * 0).align(other, Placement()).likeness < 0.5


def test_a_patch_without_edges_stays_and_is_alike_to_nothing() -> None:
    even = np.full((480, 640), 128.0, np.float32)
    found = aligner(even, EVERYWHERE * 0).align(textured(), Placement())
    assert found.likeness == 0.0
    assert np.isfinite(found.placement.x)


def test_places_move_as_they_are_said_to() -> None:
    before, after = aligner(textured(), EVERYWHERE * 0).places(Placement(2.0, 90.0, 0.1, 0.2))
    np.testing.assert_allclose(
        after, np.stack([-before[:, 1], before[:, 0]], 1) * 2 + (0.1, 0.2), atol=1e-5
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("yaw", [90.0, -90.0])
def test_the_same_pose_again_is_none(name: str, yaw: float, measured: Measure) -> None:
    base = Attitude(yaw=yaw)
    found = measured(name, base, base)
    for axis in AXES:
        assert getattr(found, axis) == pytest.approx(0.0, abs=0.1)
    assert found.x == pytest.approx(0.0, abs=0.0005)
    assert found.y == pytest.approx(0.0, abs=0.0005)
    assert found.scale == pytest.approx(0.0, abs=0.001)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("yaw", [90.0, -90.0])
@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("step", [-2.0, -1.0, 1.0, 2.0])
def test_a_turn_is_measured(
    name: str, yaw: float, axis: str, step: float, measured: Measure
) -> None:
    """Pitch lies in the picture and is exact; the rest takes the relief of the mean head."""
    base = Attitude(yaw=yaw)
    found = measured(name, base, replace(base, **{axis: getattr(base, axis) + step}))
    for other in AXES:
        seen, true = getattr(found, other), step if other == axis else 0.0
        assert seen == pytest.approx(true, abs=0.1 if axis == "pitch" else 0.4 * abs(step))


@pytest.mark.parametrize("name", NAMES)
def test_a_shift_and_a_step_nearer_are_measured(name: str, measured: Measure) -> None:
    base = Attitude(yaw=90.0)
    to = replace(base, x=0.02, y=-0.01, distance=0.96)
    found = measured(name, base, to)
    (x, y), (x2, y2) = LENS.origin(base), LENS.origin(to)
    assert found.x == pytest.approx((x2 - x) / 480, abs=0.004)
    assert found.y == pytest.approx((y2 - y) / 480, abs=0.004)
    assert found.scale == pytest.approx(1 / 0.96 - 1, abs=0.006)
    for axis in AXES:
        assert getattr(found, axis) == pytest.approx(0.0, abs=0.4)


FAR_HELD = [
    Attitude(yaw=100.0, pitch=8.0, roll=8.0, distance=1.1),
    Attitude(yaw=78.0, pitch=-8.0, roll=-6.0, x=0.03, distance=0.9),
    Attitude(yaw=90.0, pitch=-12.0, roll=9.0, y=0.03, distance=1.15),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("to", FAR_HELD, ids=["away", "towards", "bowed"])
def test_who_is_far_off_is_told_where_to_go(name: str, to: Attitude, measured: Measure) -> None:
    """Far from the baseline yaw and roll come out up to a half too large; never the other way."""
    base = Attitude(yaw=90.0)
    found = measured(name, base, to)
    for axis in AXES:
        seen, true = getattr(found, axis), getattr(to, axis) - getattr(base, axis)
        assert seen == pytest.approx(true, abs=2.0 + 0.5 * abs(true))
    assert found.scale == pytest.approx(1 / to.distance - 1, abs=0.06)


def test_another_head_is_not_taken_for_the_baseline(
    draw: Draw, look: Callable[[Pixels], Sighting], model: HeadModel
) -> None:
    """Nobody is identified, but a patch that fits nowhere measures nothing finely."""
    base = Attitude(yaw=90.0)
    kept = describe_profile(look(draw("anna", base)), model, Angles(90.0, 0.0, 0.0))
    assert kept is not None
    front = look(draw("anna", Attitude(yaw=20.0)))
    found = ProfileAgainstBaseline(model, kept).deviation(front)
    assert found.yaw is not None
    assert found.yaw < -50.0


@pytest.mark.parametrize(
    ("name", "slid"),
    [
        ("emeka", Placement(turn=60.0)),
        ("emeka", Placement(turn=2.0, sideways=0.2)),
        ("bola", Placement(turn=8.0, sideways=-0.2)),
    ],
    ids=str,
)
def test_a_patch_that_slid_away_is_searched_anew(
    name: str, slid: Placement, draw: Draw, look: Callable[[Pixels], Sighting], model: HeadModel
) -> None:
    """From some places the steps end at edges that are alike, and not those of the patch."""
    base = Attitude(yaw=90.0, distance=1.1)
    kept = describe_profile(look(draw(name, base, seed=1)), model, Angles(90.0, 0.0, 0.0))
    assert kept is not None
    follow_up = ProfileAgainstBaseline(model, kept)
    follow_up._last = Aligned(slid, 0.92)
    step = (2.0, -2.0, 2.0) if name == "emeka" else (0.0, 0.0, 0.0)
    to = replace(base, yaw=90.0 + step[0], pitch=step[1], roll=step[2])
    found = follow_up.deviation(look(draw(name, to, seed=2)))
    assert (found.yaw, found.pitch, found.roll) == pytest.approx(step, abs=0.8)
