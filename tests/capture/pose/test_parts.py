"""Hands and masks over a face: never taken for the face itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np
import pytest

from kiosk.capture.guides.values import Sight
from kiosk.capture.pose.comparisons import AgainstView, FaceAgainstBaseline, Wanted
from kiosk.capture.pose.describe import describe_face
from kiosk.capture.pose.geometry import Angles, Array
from kiosk.capture.pose.head import HeadModel
from kiosk.capture.pose.mesh import Mesh
from kiosk.capture.pose.observer import Observer, Sighting
from kiosk.capture.pose.parts import PARTS, SIDE, asked_for, explained, load_ways, squares
from kiosk.model import Pixels
from provisioning.demo.patient.pose import Attitude
from tests.capture.pose.scenes import CAMERA, Draw, glasses, hand, skin_of

Look = Callable[[Pixels], Sighting]

NAMES = ["anna", "bola", "chen", "dirk", "emeka", "fiona"]
POSES = {
    "frontal": Attitude(yaw=2.0),
    "oblique": Attitude(yaw=43.0),
    "oblique, other side": Attitude(yaw=-40.0, pitch=3.0),
    "base": Attitude(pitch=-30.0),
}


def height(mesh: Mesh) -> float:
    return float(np.ptp(mesh.points[:, 1]))


def middle(mesh: Mesh, *points: int) -> Array:
    return np.asarray(mesh.points[list(points), :2].mean(axis=0))


def over_mouth(picture: Pixels, mesh: Mesh) -> Pixels:
    at = middle(mesh, 13, 14)
    return hand(picture, at, 0.33 * height(mesh), 0.0, skin_of(picture, mesh))


def over_mouth_across(picture: Pixels, mesh: Mesh) -> Pixels:
    at = middle(mesh, 13, 14)
    return hand(picture, at, 0.33 * height(mesh), 60.0, skin_of(picture, mesh))


def over_nose(picture: Pixels, mesh: Mesh) -> Pixels:
    return hand(picture, middle(mesh, 1), 0.33 * height(mesh), 0.0, skin_of(picture, mesh))


def over_an_eye(picture: Pixels, mesh: Mesh) -> Pixels:
    """Over the eye that is better seen."""
    eyes = middle(mesh, 33, 133), middle(mesh, 362, 263)
    far = [float(np.linalg.norm(eye - middle(mesh, 1))) for eye in eyes]
    at = eyes[int(np.argmax(far))]
    return hand(picture, at, 0.33 * height(mesh), 20.0, skin_of(picture, mesh))


def over_half_the_face(picture: Pixels, mesh: Mesh) -> Pixels:
    nose, eye = middle(mesh, 1), middle(mesh, 362, 263)
    at = eye + (eye - nose) * [0.2, 0.0] + [0.0, 0.2 * height(mesh)]
    return hand(picture, at, 0.55 * height(mesh), 0.0, skin_of(picture, mesh))


def a_dark_glove(picture: Pixels, mesh: Mesh) -> Pixels:
    at = middle(mesh, 13, 14)
    return hand(picture, at, 0.33 * height(mesh), 0.0, np.array([90.0, 60.0, 40.0]))


def a_mask(picture: Pixels, mesh: Mesh) -> Pixels:
    worn = picture.copy()
    outline = np.rint(mesh.points[[123, 6, 352, 397, 152, 172], :2]).astype(np.int32)
    cv2.fillConvexPoly(worn, outline, (200, 170, 150), cv2.LINE_AA)
    return worn


def dark_lenses(picture: Pixels, mesh: Mesh) -> Pixels:
    return glasses(picture, mesh, dark=True)


COVERS: Mapping[Callable[[Pixels, Mesh], Pixels], Mapping[str, int]] = {
    over_mouth: {"frontal": 6, "oblique": 6, "base": 6},
    over_mouth_across: {"frontal": 5, "oblique": 5, "base": 6},
    over_an_eye: {"frontal": 6, "oblique": 6, "base": 2},
    over_nose: {"frontal": 6, "oblique": 4, "base": 6},
    over_half_the_face: {"frontal": 6, "oblique": 6, "base": 6},
    a_dark_glove: {"frontal": 6, "oblique": 6, "base": 4},
    a_mask: {"frontal": 6, "oblique": 3, "base": 6},
    dark_lenses: {"frontal": 6, "oblique": 4, "base": 5},
}
"""How many of the six patients are told to be covered: from the front nearly all. A mask on a face
that is turned, and an eye of a head thrown back, are told of half of them: a known limit."""


@pytest.mark.parametrize("pose", POSES)
@pytest.mark.parametrize("name", NAMES)
def test_a_bare_face_is_clear(name: str, pose: str, draw: Draw, look: Look) -> None:
    assert look(draw(name, POSES[pose])).sight is Sight.CLEAR


@pytest.mark.parametrize("pose", ["frontal", "oblique", "base"])
@pytest.mark.parametrize("cover", COVERS, ids=lambda cover: cover.__name__)
def test_a_covered_face_is_not_measured_finely(
    cover: Callable[[Pixels, Mesh], Pixels], pose: str, draw: Draw, look: Look
) -> None:
    """Without a mesh nothing is fine enough to be within tolerance: see test_comparisons."""
    told = {}
    for name in NAMES:
        picture = draw(name, POSES[pose])
        mesh = look(picture).mesh
        assert mesh is not None
        sighting = look(cover(picture, mesh))
        told[name] = sighting.sight is not Sight.CLEAR or sighting.mesh is None
    assert sum(told.values()) >= COVERS[cover][pose], told


@pytest.mark.parametrize("cover", [over_half_the_face, a_mask, over_mouth, a_dark_glove])
@pytest.mark.parametrize("pose", ["frontal", "oblique"])
def test_who_looks_ahead_and_is_covered_is_not_told_to_turn(
    cover: Callable[[Pixels, Mesh], Pixels], pose: str, draw: Draw, look: Look, model: HeadModel
) -> None:
    """Where the mesh is lost under what lies over it, the face is not taken for one side of it."""
    held = POSES[pose]
    wanted = Angles(held.yaw, held.pitch, held.roll)
    for name in NAMES:
        picture = draw(name, held)
        bare = look(picture)
        assert bare.mesh is not None
        kept = describe_face(bare, model, wanted)
        assert kept is not None
        hidden = look(cover(picture, bare.mesh))
        for comparison in (
            AgainstView(model, Wanted(wanted, (0.0, 0.5), 1.25 / 480)),
            FaceAgainstBaseline(model, kept),
        ):
            found = comparison.deviation(hidden)
            assert found.sight is Sight.COVERED or hidden.mesh is not None, (name, found)


@pytest.mark.parametrize("yaw", [-90.0, -75.0, 65.0, 80.0])
def test_who_is_turned_too_far_is_told_to_turn_and_not_that_something_hides_the_face(
    yaw: float, draw: Draw, look: Look, model: HeadModel
) -> None:
    front = AgainstView(model, Wanted(Angles(0.0, 0.0, 0.0), (0.0, 0.5), 1.25 / 480))
    for name in NAMES:
        found = front.deviation(look(draw(name, Attitude(yaw=yaw))))
        assert found.sight is Sight.CLEAR, name
        assert found.yaw is not None
        assert np.sign(found.yaw) == np.sign(yaw), name


def test_a_hand_that_comes_up_is_told_while_the_mesh_follows(
    draw: Draw, observer: Observer
) -> None:
    picture = draw("anna", POSES["frontal"])
    observer.forget()
    mesh = observer.look(picture, CAMERA, 0).mesh
    assert mesh is not None
    sighting = observer.look(over_mouth(picture, mesh), CAMERA, 33_000_000)
    assert sighting.sight is Sight.COVERED
    assert observer.look(picture, CAMERA, 66_000_000).sight is Sight.CLEAR


def test_the_far_eye_is_not_asked_for(draw: Draw, look: Look) -> None:
    frontal, turned = (look(draw("anna", Attitude(yaw=yaw))).mesh for yaw in (0.0, 50.0))
    assert frontal is not None
    assert turned is not None
    assert asked_for(frontal) == (True, True, True, True)
    # The nose points to the patient's own left: that eye is the far one.
    assert asked_for(turned) == (True, True, True, False)


def test_a_bowed_face_is_not_asked_for_its_parts(draw: Draw, look: Look) -> None:
    mesh = look(draw("anna", Attitude(pitch=28.0))).mesh
    assert mesh is not None
    assert not any(asked_for(mesh))


def test_brightness_changes_no_part(draw: Draw, look: Look) -> None:
    sighting = look(draw("anna", POSES["frontal"]))
    assert sighting.mesh is not None
    ways = load_ways()
    assert ways.shape == (len(PARTS), 8, SIDE * SIDE)
    full, half = (
        explained(squares(np.asarray(sighting.grey * gain, np.float32), sighting.mesh), ways)
        for gain in (1.0, 0.5)
    )
    np.testing.assert_allclose(half, full, atol=0.05)


def test_a_flat_picture_shows_no_part() -> None:
    rng = np.random.default_rng(1)
    mesh = Mesh(np.asarray(rng.uniform(100, 300, (478, 3))), 1.0)
    flat = np.full((480, 640), 120.0, np.float32)
    np.testing.assert_allclose(explained(squares(flat, mesh), load_ways()), 0.0, atol=1e-6)
