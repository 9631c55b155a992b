"""Deviations from a view and from a baseline, on rendered heads whose pose is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from kiosk.capture.guides.values import Against, Deviation, Sight
from kiosk.capture.pose.comparisons import (
    AGAINST_BASELINE,
    AGAINST_VIEW,
    AgainstView,
    Coarse,
    Comparison,
    FaceAgainstBaseline,
    Wanted,
    coarse_since,
    only_coarse,
    pixels,
)
from kiosk.capture.pose.describe import describe_face, describe_profile
from kiosk.capture.pose.descriptor import LARGEST, PoseDescriptor, read, write
from kiosk.capture.pose.edges import unpacked
from kiosk.capture.pose.geometry import Angles, Pinhole
from kiosk.capture.pose.head import HeadModel
from kiosk.capture.pose.observer import Sighting
from kiosk.capture.pose.profile import ProfileAgainstBaseline
from kiosk.errors import FormatError
from kiosk.model import Pixels
from provisioning.demo.patient.person import PERSONS
from provisioning.demo.patient.pose import Attitude
from tests.capture.pose.scenes import CAMERA, LENS, Draw

Look = Callable[[Pixels], Sighting]

AXES = ("yaw", "pitch", "roll")
FRONTAL = Angles(0.0, 0.0, 0.0)
MIDDLE = Wanted(FRONTAL, (0.0, 0.5), 1.25 / 480)

VIEWS = {
    "frontal": Attitude(distance=1.05),
    "oblique left": Attitude(yaw=45.0, distance=1.05),
    "oblique right": Attitude(yaw=-45.0, distance=1.05),
    "base": Attitude(pitch=-35.0, distance=1.05),
}


def angles_of(held: Attitude) -> Angles:
    return Angles(held.yaw, held.pitch, held.roll)


def baseline(look: Look, picture: Pixels, model: HeadModel, held: Attitude) -> PoseDescriptor:
    kept = describe_face(look(picture), model, angles_of(held))
    assert kept is not None
    return read(write(kept))


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("step", [-4.0, 4.0])
def test_a_turn_since_the_baseline_is_told_with_its_sign(  # noqa: PLR0913, PLR0917 - fixtures
    view: str, axis: str, step: float, draw: Draw, look: Look, model: HeadModel
) -> None:
    base = VIEWS[view]
    kept = baseline(look, draw("chen", base, seed=1), model, base)
    to = replace(base, **{axis: getattr(base, axis) + step})
    found = FaceAgainstBaseline(model, kept).deviation(look(draw("chen", to, seed=2)))
    assert found.against is Against.BASELINE
    for other in AXES:
        true = step if other == axis else 0.0
        assert getattr(found, other) == pytest.approx(true, abs=2.0), other


@pytest.mark.parametrize("view", ["oblique left", "oblique right"])
def test_a_tilt_at_an_angle_is_not_told_as_a_lifted_chin(
    view: str, draw: Draw, look: Look, model: HeadModel
) -> None:
    """Half of it is a nod to the camera, which a fit of landmarks alone sees too small."""
    base = VIEWS[view]
    chins, tilts = [], []
    for name in PERSONS:
        kept = baseline(look, draw(name, base, seed=1), model, base)
        for roll in (-8.0, 8.0):
            found = FaceAgainstBaseline(model, kept).deviation(
                look(draw(name, replace(base, roll=roll), seed=2))
            )
            assert found.pitch is not None
            assert found.roll is not None
            chins.append(found.pitch / roll)
            tilts.append(found.roll / roll)
    assert abs(float(np.mean(chins))) < 0.17
    assert float(np.mean(tilts)) == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("name", PERSONS)
@pytest.mark.parametrize("view", VIEWS)
def test_the_same_pose_again_is_near_none(
    name: str, view: str, draw: Draw, look: Look, model: HeadModel
) -> None:
    base = VIEWS[view]
    kept = baseline(look, draw(name, base, seed=1), model, base)
    found = FaceAgainstBaseline(model, kept).deviation(look(draw(name, base, seed=2)))
    for axis in AXES:
        assert getattr(found, axis) == pytest.approx(0.0, abs=0.6)
    assert found.x == pytest.approx(0.0, abs=0.003)
    assert found.y == pytest.approx(0.0, abs=0.003)
    assert found.scale == pytest.approx(0.0, abs=0.006)


@pytest.mark.parametrize("view", VIEWS)
def test_a_move_is_told_with_its_sign(view: str, draw: Draw, look: Look, model: HeadModel) -> None:
    base = VIEWS[view]
    kept = baseline(look, draw("anna", base, seed=1), model, base)
    to = replace(base, x=0.015, y=0.01, distance=1.0)
    found = FaceAgainstBaseline(model, kept).deviation(look(draw("anna", to, seed=2)))
    (x, y), (x2, y2) = LENS.origin(base), LENS.origin(to)
    assert found.x == pytest.approx((x2 - x) / 480, abs=0.004)
    assert found.y == pytest.approx((y2 - y) / 480, abs=0.004)
    assert y2 < y, "up in the room is up in the picture"
    assert found.scale == pytest.approx(0.05, abs=0.01)
    for axis in AXES:
        assert getattr(found, axis) == pytest.approx(0.0, abs=0.8)


@pytest.mark.parametrize("name", PERSONS)
@pytest.mark.parametrize(
    ("held", "within"),
    [
        (Attitude(), (2.0, 6.0, 1.0)),
        (Attitude(yaw=8.0, pitch=5.0, roll=-4.0, x=0.03, y=-0.02), (2.0, 6.0, 1.0)),
        (Attitude(yaw=45.0), (5.0, 6.0, 3.0)),
        (Attitude(yaw=-45.0), (5.0, 6.0, 3.0)),
        (Attitude(pitch=-35.0), (3.0, 6.0, 2.0)),
    ],
    ids=str,
)
def test_a_first_visit_is_told(  # noqa: PLR0913, PLR0917 - fixtures
    name: str,
    held: Attitude,
    within: tuple[float, float, float],
    draw: Draw,
    look: Look,
    model: HeadModel,
) -> None:
    found = AgainstView(model, MIDDLE).deviation(look(draw(name, held)))
    assert found.against is Against.VIEW
    for axis, error in zip(AXES, within, strict=True):
        assert getattr(found, axis) == pytest.approx(getattr(held, axis), abs=error), axis
    x, y = LENS.origin(held)
    assert found.x == pytest.approx((x - 320) / 480, abs=0.04)
    assert found.y == pytest.approx((y - 240) / 480, abs=0.04)
    assert found.scale == pytest.approx(0.0, abs=0.12)


@pytest.mark.parametrize("name", PERSONS)
@pytest.mark.parametrize("yaw", [90.0, -90.0])
def test_a_first_visit_in_profile_says_nothing_finer_than_its_error(
    name: str, yaw: float, draw: Draw, look: Look, model: HeadModel
) -> None:
    wanted = replace(MIDDLE, angles=Angles(yaw, 0.0, 0.0))
    exact = AgainstView(model, wanted).deviation(look(draw(name, Attitude(yaw=yaw))))
    for axis in AXES:
        seen = getattr(exact, axis)
        assert seen is None or abs(seen) > getattr(AGAINST_VIEW.angles, axis)
    off = AgainstView(model, wanted).deviation(look(draw(name, Attitude(yaw=yaw * 0.72))))
    assert off.yaw is not None
    assert np.sign(off.yaw) == -np.sign(yaw)


@pytest.mark.parametrize("error", [AGAINST_VIEW, AGAINST_BASELINE])
def test_what_is_smaller_than_a_coarse_error_is_not_judged(error: Coarse) -> None:
    small = Deviation(
        Sight.CLEAR,
        yaw=error.angles.yaw,
        pitch=-error.angles.pitch,
        roll=error.angles.roll,
        x=error.place,
        y=-error.place,
        scale=error.scale,
    )
    assert only_coarse(small, error) == Deviation(Sight.CLEAR, rough=True)
    large = Deviation(
        Sight.CLEAR,
        yaw=-error.angles.yaw - 0.1,
        pitch=error.angles.pitch + 0.1,
        roll=-error.angles.roll - 0.1,
        x=error.place + 0.001,
        y=-error.place - 0.001,
        scale=-error.scale - 0.001,
    )
    assert only_coarse(large, error) == replace(large, rough=True)
    assert only_coarse(Deviation(Sight.CLEAR), error) == Deviation(Sight.CLEAR, rough=True)


@pytest.mark.parametrize("yaw", [90.0, -90.0])
def test_a_profile_far_from_its_baseline_is_told_coarsely_with_its_sign(
    yaw: float, draw: Draw, look: Look, model: HeadModel
) -> None:
    base = Attitude(yaw=yaw)
    kept = describe_profile(look(draw("anna", base)), model, angles_of(base))
    assert kept is not None
    sighting = look(draw("anna", Attitude(yaw=yaw * 0.75, pitch=12.0)))
    assert sighting.face is not None
    found = coarse_since(kept, sighting, sighting.face, model)
    assert found.yaw is not None
    assert np.sign(found.yaw) == -np.sign(yaw)
    # The turn first: what else differs looks otherwise from there.
    assert (found.pitch, found.roll) == (None, None)
    sighting = look(draw("anna", Attitude(yaw=yaw, pitch=16.0)))
    assert sighting.face is not None
    found = coarse_since(kept, sighting, sighting.face, model)
    assert found.yaw is None
    assert found.pitch is not None
    assert found.pitch > 0.0


UNSEEN = [sight for sight in Sight if sight is not Sight.CLEAR]


@pytest.mark.parametrize("sight", UNSEEN, ids=lambda sight: sight.name)
def test_what_is_not_clear_is_not_measured(
    sight: Sight, draw: Draw, look: Look, model: HeadModel
) -> None:
    front, side = look(draw("anna", Attitude())), look(draw("anna", Attitude(yaw=90.0)))
    face = describe_face(front, model, FRONTAL)
    profile = describe_profile(side, model, Angles(90.0, 0.0, 0.0))
    assert face is not None
    assert profile is not None
    cases: list[tuple[Comparison, Sighting]] = [
        (AgainstView(model, MIDDLE), front),
        (FaceAgainstBaseline(model, face), front),
        (ProfileAgainstBaseline(model, profile), side),
    ]
    for comparison, sighting in cases:
        found = comparison.deviation(replace(sighting, sight=sight))
        assert found == Deviation(sight, found.against)
    hidden = replace(front, sight=sight)
    assert describe_face(hidden, model, FRONTAL) is None
    assert describe_profile(hidden, model, Angles(90.0, 0.0, 0.0)) is None


def test_a_baseline_of_a_larger_picture_is_told_in_a_smaller_one(
    draw: Draw, look: Look, model: HeadModel
) -> None:
    kept = baseline(look, draw("anna", Attitude()), model, Attitude())
    large, small = CAMERA, Pinhole(320, 240, 625.0)
    np.testing.assert_allclose(
        pixels(kept.points, kept, large), 2 * pixels(kept.points, kept, small), atol=1e-9
    )
    wide = Pinhole(800, 480, 1250.0)
    shifted = pixels(kept.points, kept, wide) - pixels(kept.points, kept, large)
    np.testing.assert_allclose(shifted, np.broadcast_to([80.0, 0.0, 0.0], shifted.shape), atol=1e-9)


@pytest.mark.parametrize("name", PERSONS)
def test_a_profile_descriptor_is_small_and_shows_no_cheek(
    name: str, draw: Draw, look: Look, model: HeadModel
) -> None:
    kept = describe_profile(look(draw(name, Attitude(yaw=90.0))), model, Angles(90.0, 0.0, 0.0))
    assert kept is not None
    assert kept.patch is not None
    assert len(kept.patch.content) < 3_000
    assert len(write(kept)) <= LARGEST // 2
    cheek = unpacked(kept.patch.content)[60:80, 70:90]
    assert not cheek.any()


@pytest.mark.parametrize("name", PERSONS)
def test_a_face_descriptor_is_small(name: str, draw: Draw, look: Look, model: HeadModel) -> None:
    kept = describe_face(look(draw(name, Attitude())), model, FRONTAL)
    assert kept is not None
    assert len(write(kept)) <= LARGEST


def test_a_head_held_nearly_as_asked_counts_as_held_so(
    draw: Draw, look: Look, model: HeadModel
) -> None:
    near = describe_face(look(draw("anna", Attitude(yaw=3.0))), model, FRONTAL)
    far = describe_face(look(draw("anna", Attitude(yaw=14.0))), model, FRONTAL)
    assert near is not None
    assert far is not None
    assert near.pose == FRONTAL
    assert far.pose.yaw == pytest.approx(14.0, abs=2.0)


def test_a_profile_without_a_patch_is_refused(draw: Draw, look: Look, model: HeadModel) -> None:
    kept = baseline(look, draw("anna", Attitude()), model, Attitude())
    with pytest.raises(
        FormatError, match=r"^This pose descriptor of a profile has no edge patch\.$"
    ):
        ProfileAgainstBaseline(model, kept)
