"""Hands where no part of a face need be hidden: at the chin, over the forehead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import product

import cv2
import numpy as np
import pytest

from kiosk.capture.guides.values import Sight
from kiosk.capture.pose import observer as observer_module
from kiosk.capture.pose.cover import (
    CHANNELS,
    FLOOR,
    LAYERS,
    PLACES,
    POSSIBLE,
    SURE,
    Cover,
    Covering,
    Map,
    Readout,
    Readouts,
    load_readouts,
    on_face,
)
from kiosk.capture.pose.geometry import Array
from kiosk.capture.pose.head import HeadModel
from kiosk.capture.pose.mesh import FaceMesh, Mesh
from kiosk.capture.pose.models import FACE_MESH, load_network
from kiosk.capture.pose.observer import Observer, Sighting
from kiosk.model import Pixels
from provisioning.cover_model import hand as hands
from provisioning.demo.patient import data
from provisioning.demo.patient.head import Head
from provisioning.demo.patient.light import Lamps
from provisioning.demo.patient.person import somebody
from provisioning.demo.patient.pose import Attitude, rotation
from provisioning.demo.patient.render import Renderer
from tests.capture.pose.scenes import CAMERA, LENS, Draw, hand, skin_of
from tests.guided.__main__ import FIRST_PERSON

Look = Callable[[Pixels], Sighting]

NAMES = ["anna", "bola", "chen", "dirk", "emeka", "fiona"]
POSES = {
    "frontal": Attitude(yaw=2.0),
    "oblique": Attitude(yaw=43.0),
    "base": Attitude(pitch=-30.0),
    "bowed": Attitude(pitch=35.0),
    "pursed": Attitude(yaw=2.0, expression={"pucker": 1.0}),
}
MOUTH, LIP, CHIN, FOREHEAD = 13, 18, 199, 151


@dataclass(frozen=True)
class Painted:
    """A hand as it is painted elsewhere in these tests; none such was trained on."""

    point: int
    degrees: float

    def over(self, picture: Pixels, mesh: Mesh) -> Pixels:
        at, size = mesh.points[self.point, :2], 0.33 * float(np.ptp(mesh.points[:, 1]))
        return hand(picture, at, size, self.degrees, skin_of(picture, mesh))


@dataclass(frozen=True)
class Rendered:
    """A rendered hand; degrees by which each part of a finger is bent, and how the arm is turned.

    ``facing``: 0 shows its palm, 180 its back.
    """

    point: int
    curl: float
    facing: float
    turned: float

    def over(self, picture: Pixels, mesh: Mesh) -> Pixels:
        data = hands.load()
        turn = rotation(0.0, 0.0, self.turned) @ rotation(self.facing, 0.0, 0.0)
        gesture = hands.Gesture((25.0, *[self.curl] * 4), 3.0, 0.0, turn, left=False)
        at = hands.posed(data, np.full(4, 0.25), gesture)
        depth = 0.9
        x, y = mesh.points[self.point, :2] - (CAMERA.width / 2, CAMERA.height / 2)
        there = np.array([x, -y, -CAMERA.focal_px]) * depth / CAMERA.focal_px
        skin = hands.Skin(skin_of(picture, mesh) * 1.05, 3)
        covered_picture = picture.copy()
        held = hands.Hand(at + there, left=False, skin=skin)
        hands.draw(covered_picture, data, held, LENS, Lamps())
        return covered_picture


COVERS: Mapping[str, Painted | Rendered] = {
    "painted, at the chin": Painted(CHIN, 0.0),
    "painted, at the chin from aside": Painted(CHIN, 60.0),
    "painted, over the forehead": Painted(FOREHEAD, -70.0),
    "a fist at the chin": Rendered(LIP, 78.0, 180.0, 10.0),
    "a fist before the mouth": Rendered(MOUTH, 78.0, 180.0, 10.0),
    "a bent hand at the chin": Rendered(CHIN, 35.0, 150.0, -40.0),
    "a flat hand over the forehead": Rendered(FOREHEAD, 5.0, 180.0, 80.0),
    "a palm over the forehead": Rendered(FOREHEAD, 20.0, 0.0, -110.0),
}

BESIDE_IT = ("a fist at the chin", "bowed")
"""It lies below the chin then, before the neck."""

ON_A_FACE = [one for one in product(COVERS, POSES) if one != BESIDE_IT]

Faces = Mapping[tuple[str, str], tuple[Pixels, Mesh]]


@pytest.fixture(scope="module")
def faces(draw: Draw, look: Look) -> Faces:
    """Bare pictures of each patient in each pose, and their meshes."""
    found = {}
    for name in NAMES:
        for pose, held in POSES.items():
            picture = draw(name, held)
            mesh = look(picture).mesh
            assert mesh is not None
            found[name, pose] = picture, mesh
    return found


@pytest.mark.parametrize(("cover", "pose"), ON_A_FACE)
def test_a_hand_at_chin_or_forehead_is_told(
    cover: str, pose: str, faces: Faces, look: Look
) -> None:
    told = {}
    for name in NAMES:
        picture, mesh = faces[name, pose]
        sighting = look(COVERS[cover].over(picture, mesh))
        told[name] = sighting.sight is not Sight.CLEAR or sighting.mesh is None
        assert told[name] or sighting.perhaps_covered, f"{name} may turn green"
    assert sum(told.values()) >= 5, told


@pytest.mark.parametrize("pose", POSES)
def test_a_bare_face_may_turn_green(pose: str, faces: Faces, look: Look) -> None:
    for name in NAMES:
        sighting = look(faces[name, pose][0])
        assert sighting.mesh is not None, name
        assert not sighting.perhaps_covered, name


@pytest.mark.parametrize("number", [3, 9, 11, 16, 17, 20, 24, 46, 54])
def test_pursed_lips_may_turn_green(number: int, look: Look) -> None:
    """Of 60 persons those whose lips were once taken for a hand, or nearly."""
    rng = np.random.default_rng((72, number))
    renderer = Renderer(Head.make(data.load(), somebody(rng)), LENS)
    for yaw, strength in product((-6.0, 0.0, 6.0), (0.7, 1.0)):
        held = Attitude(yaw=yaw, expression={"pucker": strength})
        sighting = look(renderer.picture(held, Lamps(), seed=number))
        assert sighting.sight is Sight.CLEAR, held
        assert not sighting.perhaps_covered, held


@pytest.mark.parametrize("number", [82, 94])
def test_closed_eyes_may_turn_green(number: int, look: Look) -> None:
    """Of 100 patients those whose closed eyes were once taken for a hand, and never held."""
    rng = np.random.default_rng(FIRST_PERSON + number)
    renderer = Renderer(Head.make(data.load(), somebody(rng)), LENS)
    for yaw, pitch in product((-3.0, 3.0), (-3.0, 0.0, 3.0)):
        held = Attitude(yaw=yaw, pitch=pitch, expression={"eyes_closed": 1.0})
        sighting = look(renderer.picture(held, Lamps(), seed=number))
        assert sighting.sight is Sight.CLEAR, held
        assert not sighting.perhaps_covered, held


@pytest.mark.parametrize("pitch", [20.0, 28.0, 41.0])
def test_a_bowed_face_may_turn_green_however_far_it_is_bowed(
    pitch: float, draw: Draw, look: Look
) -> None:
    for name in NAMES:
        sighting = look(draw(name, Attitude(pitch=pitch)))
        assert sighting.sight is Sight.CLEAR, name
        assert not sighting.perhaps_covered, name


@pytest.mark.parametrize("pitch", [42.0, 46.0])
@pytest.mark.parametrize("cover", ["painted, at the chin", "painted, over the forehead"])
def test_a_hand_over_a_face_bowed_too_far_never_turns_green(
    cover: str, pitch: float, draw: Draw, look: Look
) -> None:
    """It may be guided: bowed so far bare faces look like that too."""
    for name in NAMES:
        picture = draw(name, Attitude(pitch=pitch))
        mesh = look(picture).mesh
        assert mesh is not None, name
        sighting = look(COVERS[cover].over(picture, mesh))
        measured = sighting.sight is Sight.CLEAR and sighting.mesh is not None
        assert not measured or sighting.perhaps_covered, name


def test_whose_mesh_moves_bowed_too_far_is_guided_and_never_turns_green(
    draw: Draw, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the readout says: here nothing."""
    nothing = replace(
        a_readout(0, 0), last=np.zeros(2, np.float32), last_bias=np.array([-5.0], np.float32)
    )
    observer = Observer(readouts=Readouts(nothing, nothing))
    doubted = 0
    for name in NAMES:
        picture = draw(name, Attitude(pitch=46.0))
        mesh = look(picture).mesh
        assert mesh is not None, name
        hidden = COVERS["painted, at the chin"].over(picture, mesh)
        with monkeypatch.context() as everywhere:
            everywhere.setattr(observer_module, "_BOWED_FAR", -90.0)
            covered = observer.study(hidden, CAMERA).sight is Sight.COVERED
        guided = observer.study(hidden, CAMERA)
        if covered and guided.sight is Sight.CLEAR:
            assert guided.mesh is not None, name
            assert guided.perhaps_covered, name
            doubted += 1
    assert doubted > 0


MS = 1_000_000


def seen(cover: Cover, likely: list[float], every_ms: int = 66) -> list[tuple[bool, bool]]:
    """Show log odds one after the other; return what is told of each: sure, possible."""
    told = []
    for number, one in enumerate(likely):
        cover.see(one, (number + 1) * every_ms * MS)
        told.append((cover.sure, cover.possible))
    return told


@pytest.mark.parametrize("limit", [SURE, POSSIBLE])
def test_noise_around_a_limit_changes_nothing(limit: float) -> None:
    noise = np.random.default_rng(4).normal(limit, 0.15, 300)
    changes = np.diff(np.array(seen(Cover(), noise.tolist()), int), axis=0)
    assert np.abs(changes).sum() <= 1


@pytest.mark.parametrize("bare", [-3.0, -1.6])
def test_a_hand_that_comes_up_is_told_with_its_picture_and_one_that_goes_soon_not(
    bare: float,
) -> None:
    told = seen(Cover(), [bare] * 5 + [5.0] * 5 + [bare] * 10)
    assert told[4] == (False, False)
    assert told[5][1]
    assert told[6] == told[9] == (True, True)
    assert told[-1] == (False, False)


def test_a_single_picture_is_judged_by_itself() -> None:
    assert seen(Cover(), [SURE + 0.1]) == [(True, True)]
    assert seen(Cover(), [POSSIBLE + 0.1]) == [(False, True)]
    assert seen(Cover(), [POSSIBLE - 0.1]) == [(False, False)]


def test_a_clock_that_goes_back_begins_anew() -> None:
    cover = Cover()
    cover.see(5.0, 100 * MS)
    cover.see(-5.0, 100 * MS)
    assert not cover.possible


def fringe(picture: Pixels, mesh: Mesh) -> Pixels:
    """Hair over the forehead, down to a fifth of it above the brows."""
    combed = picture.copy()
    left, right = mesh.points[54, :2], mesh.points[284, :2]
    up = mesh.points[10, :2] - mesh.points[9, :2]
    rng = np.random.default_rng(1)
    for share in np.linspace(0.0, 1.0, 500):
        root = left + (right - left) * share + up * rng.uniform(0.9, 1.1)
        end = root - up * rng.uniform(1.1, 1.3) + (right - left) * 0.05
        colour = tuple(float(one) for one in np.array([30, 45, 65]) * rng.uniform(0.5, 1.5))
        ends = np.rint(np.array([root, end]) * 8).astype(np.int32)
        cv2.polylines(combed, [ends], False, colour, 1, cv2.LINE_AA, 3)  # noqa: FBT003
    return combed


def stubble(picture: Pixels, mesh: Mesh) -> Pixels:
    """A beard of some days on cheeks, jaw and chin."""
    grown = picture.copy()
    rng = np.random.default_rng(2)
    corners = mesh.points[[172, 150, 152, 379, 397, 426, 206, 164, 411, 187], :2]
    for share in rng.dirichlet(np.full(len(corners), 0.4), 1500):
        at = share @ corners
        down = np.array([rng.normal(0, 1), rng.uniform(1, 4)])
        ends = np.rint(np.array([at, at + down]) * 8)
        colour = tuple(float(one) for one in np.array([25, 32, 40]) * rng.uniform(0.6, 1.4))
        cv2.polylines(grown, [ends.astype(np.int32)], False, colour, 1, cv2.LINE_AA, 3)  # noqa: FBT003
    return np.asarray(cv2.addWeighted(grown, 0.5, picture, 0.5, 0.0), np.uint8)


@pytest.mark.parametrize("worn", [fringe, stubble])
@pytest.mark.parametrize("pose", POSES)
def test_hair_is_no_hand(
    worn: Callable[[Pixels, Mesh], Pixels], pose: str, faces: Faces, look: Look
) -> None:
    for name in NAMES:
        sighting = look(worn(*faces[name, pose]))
        assert sighting.mesh is not None, name
        assert sighting.mesh.covering(load_readouts().ahead).likely < SURE, name


def a_readout(layer: int, channel: int) -> Readout:
    """Return a readout that answers what one channel of one layer does, less one."""
    layers = np.zeros((len(LAYERS), CHANNELS, 2), np.float32)
    layers[layer, channel, 1] = 1.0
    one = np.array([0.0, 1.0], np.float32)
    return Readout(layers, np.zeros(2, np.float32), one, np.array([-1.0], np.float32))


def maps(layer: int, channel: int, values: Array) -> list[np.typing.NDArray[np.float32]]:
    found = [np.zeros((CHANNELS, side, side), np.float32) for side in (16, 8, 4)]
    found[layer][channel] = values
    return found


def test_each_place_is_answered_by_its_own_values() -> None:
    values = np.arange(256, dtype=np.float64).reshape(16, 16)
    found = a_readout(0, 7).logits(maps(0, 7, values))
    np.testing.assert_allclose(found, values - 1.0)


def test_fewer_places_are_spread_over_all() -> None:
    values = np.add.outer(np.arange(8.0), 2 * np.arange(8.0))
    found = a_readout(1, 3).logits(maps(1, 3, values)) + 1.0
    # Between the middles of coarse places the values run straight.
    np.testing.assert_allclose(found[1:-1, 4], np.arange(0.25, 7.0, 0.5) + 3.5, atol=1e-5)


@pytest.fixture
def outline(model: HeadModel) -> Array:
    """Points of the mean face that fill the middle of the square."""
    flat = model.mean[:, :2] * [1.0, -1.0]
    low, high = flat.min(axis=0), flat.max(axis=0)
    return np.asarray((flat - (low + high) / 2) / float((high - low).max()) / 1.5 + 0.5)


def test_a_face_takes_the_middle_of_the_square(outline: Array) -> None:
    face = on_face(outline)
    assert face[7:9, 7:9].min() == pytest.approx(1.0)
    assert face[0].max() == face[:, 0].max() == pytest.approx(0.0)
    assert 50 < face.sum() < 110


def test_one_place_alone_and_what_lies_beside_the_face_are_not_told(outline: Array) -> None:
    logits = np.full((PLACES, PLACES), -4.0, np.float32)

    def likely(logits: Map) -> float:
        return Covering.of([(logits, outline)]).likely

    assert likely(logits) == pytest.approx(-4.0)
    beside = logits.copy()
    beside[:3] = 9.0
    assert likely(beside) == pytest.approx(-4.0)
    one = logits.copy()
    one[8, 8] = 6.0
    assert likely(one) < 0.0
    four = logits.copy()
    four[8:10, 8:10] = 6.0
    assert likely(four) == pytest.approx(6.0)


def looking(logits: Map, outline: Array) -> Covering:
    return Covering.of([(logits, outline)])


def test_a_place_is_compared_with_the_same_face_before_it(outline: Array) -> None:
    bare = np.full((PLACES, PLACES), -4.0, np.float32)
    bare[6, 6] = 3.0
    kept = looking(bare, outline).bare()
    assert looking(bare, outline).beyond(kept) == 0.0
    moved = np.roll(bare, (1, -1), axis=(0, 1))
    assert looking(moved, outline).beyond(kept) == 0.0, "a detector's box jumps by a place"
    covered = bare.copy()
    covered[9:11, 8:10] = 1.0
    assert looking(covered, outline).beyond(kept) == pytest.approx(3.5)
    beside = bare.copy()
    beside[:3] = 9.0
    assert looking(beside, outline).beyond(kept) == 0.0
    far = np.roll(bare, 4, axis=1)
    assert looking(far, outline).beyond(kept) > 0.0


def test_of_how_bare_a_face_looks_hardly_anything_is_kept(faces: Faces, look: Look) -> None:
    for (name, pose), (picture, _) in faces.items():
        covering = look(picture).covering
        assert covering is not None
        kept = covering.bare()
        assert kept.min() == FLOOR
        inside = covering.inside.any(axis=0)
        assert (kept[inside] > FLOOR).mean() < 0.15, (name, pose)


def test_the_points_are_those_of_a_network_whose_layers_are_not_asked(
    draw: Draw, look: Look
) -> None:
    """To ask layers changes what the network answers at its end by nothing."""
    picture = draw("chen", Attitude(yaw=9.0))
    mesh = look(picture).mesh
    assert mesh is not None
    square = mesh.square()
    bare = load_network(FACE_MESH)
    cut = cv2.warpAffine(picture, square.matrix(), (256, 256), flags=cv2.INTER_LINEAR)
    bare.setInput(cv2.dnn.blobFromImage(cut, 1 / 255.0, swapRB=True))
    points = np.asarray(bare.forward("Identity"), np.float64).reshape(478, 3)
    np.testing.assert_array_equal(FaceMesh().answers(picture, square).points, points)


def test_of_a_mesh_that_is_the_mean_of_two_the_mean_counts(draw: Draw, look: Look) -> None:
    mesh = look(draw("chen", Attitude(yaw=9.0))).mesh
    assert mesh is not None
    # A bare face is as little like a covered one as can be told; here it is more like one.
    readout = replace(load_readouts().ahead, last_bias=np.array([6.0], np.float32))
    one, other = (Mesh(mesh.points, 1.0, (answer,)).covering(readout) for answer in mesh.answers)
    assert one.likely != other.likely
    both = mesh.covering(readout)
    assert both.likely == pytest.approx((one.likely + other.likely) / 2)
    mean = np.maximum((one.logits[0] + other.logits[0]) / 2, FLOOR)
    np.testing.assert_allclose(both.bare(), mean, rtol=1e-5)


@pytest.mark.parametrize("far", [1e7, -1e12, float("nan"), float("inf")])
def test_points_that_make_no_sense_are_drawn_at_once(far: float) -> None:
    points = np.random.default_rng(1).normal(0.5, 0.2, (478, 2))
    points[::7] = far
    drawn = on_face(points)
    assert drawn.shape == (16, 16)
    assert 0.0 <= drawn.min() <= drawn.max() <= 1.0
