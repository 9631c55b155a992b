"""Whether the mesh stays when the network looks from elsewhere: with numbers, without a network."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from kiosk.capture.guides.values import Sight
from kiosk.capture.pose.doubt import AGAIN_NS, ALL_MOVE, MOVES, SIZES, Doubt, share_of
from kiosk.capture.pose.geometry import Array
from kiosk.capture.pose.head import HeadModel
from kiosk.capture.pose.mesh import CHIN, FOREHEAD, Mesh, Square
from kiosk.capture.pose.observer import Sighting
from kiosk.model import Pixels
from provisioning.demo.patient.pose import Attitude
from tests.capture.pose.scenes import Draw

MOUTH = next(iter(MOVES))


@pytest.fixture
def face(model: HeadModel) -> Mesh:
    """The mean face from the front, about 200 pixels high."""
    return Mesh(model.mean * [1.6, -1.6, -1.6] + [320.0, 240.0, 0.0], 1.0)


def height(mesh: Mesh) -> float:
    return float(np.linalg.norm(mesh.points[FOREHEAD] - mesh.points[CHIN]))


@dataclass
class Elsewhere:
    """A network that puts the points of the mouth elsewhere, by a share of the face's height."""

    seen: Mesh
    by: float
    left: float = math.inf
    asked: list[Square] = field(default_factory=list)

    def mesh(self, square: Square) -> Mesh:
        assert self.left > 0
        self.left -= 1
        self.asked.append(square)
        points = self.seen.points.copy()
        points[list(MOUTH), 0] += self.by * height(self.seen)
        return Mesh(points, 1.0)


def test_a_mesh_that_stays_is_not_doubted(face: Mesh) -> None:
    assert Doubt().share(face, Elsewhere(face, 0.0), 0, afresh=False) == pytest.approx(0.0)


def test_a_mouth_that_moves_is_doubted_by_how_far(face: Mesh) -> None:
    for share in (0.5, 1.0, 2.0):
        look = Elsewhere(face, share * MOVES[MOUTH])
        found = Doubt().share(face, look, 0, afresh=False)
        assert found == pytest.approx(share, rel=0.01)


def test_a_face_that_moves_as_a_whole_is_doubted(face: Mesh) -> None:
    assert share_of(np.full(478, 1.1 * ALL_MOVE), face) == pytest.approx(1.1)


def test_a_mesh_that_moves_as_far_as_it_may_is_not_doubted_by_turns(face: Mesh) -> None:
    doubt, noise = Doubt(), np.random.default_rng(2).normal(1.0, 0.03, 200)
    odd = []
    for number, share in enumerate(noise):
        doubt.share(face, Elsewhere(face, share * MOVES[MOUTH]), number * AGAIN_NS, afresh=True)
        odd.append(doubt.odd)
    assert np.abs(np.diff(np.array(odd, int))).sum() <= 1
    doubt.share(face, Elsewhere(face, 0.5 * MOVES[MOUTH]), 200 * AGAIN_NS, afresh=True)
    assert not doubt.odd


def test_of_a_face_that_is_bowed_more_is_borne(face: Mesh) -> None:
    away: Array = np.full(478, ALL_MOVE)
    bowed = Mesh(face.points.copy(), 1.0)
    bowed.points[FOREHEAD, 2] = bowed.points[CHIN, 2] - height(face)
    assert share_of(away, bowed) < share_of(away, face) / 1.2


def test_of_a_face_that_is_turned_more_is_borne(face: Mesh) -> None:
    away: Array = np.full(478, ALL_MOVE)
    turned = Mesh(face.points.copy(), 1.0)
    # One eye is seen half as wide as the other.
    turned.points[33] = (turned.points[33] + turned.points[133]) / 2
    assert share_of(away, turned) < share_of(away, face) / 1.5


@pytest.mark.parametrize("pitch", [-50.0, -45.0, 28.0, 44.0])
def test_a_head_thrown_far_back_or_bowed_is_not_taken_for_a_covered_one(
    pitch: float, draw: Draw, look: Callable[[Pixels], Sighting]
) -> None:
    """There the mesh stays less well."""
    for name in ("anna", "bola", "chen"):
        sighting = look(draw(name, Attitude(yaw=14.0, pitch=pitch, distance=1.1)))
        assert sighting.sight is not Sight.COVERED, name


def test_it_looks_twice_at_first_and_then_once_in_a_while_in_turns(face: Mesh) -> None:
    doubt, look = Doubt(), Elsewhere(face, 0.0)
    side = face.square().side
    for at_ns in range(0, 3 * AGAIN_NS + 1, AGAIN_NS // 4):
        doubt.share(face, look, at_ns, afresh=False)
    sizes = [round(square.side / side, 2) for square in look.asked]
    assert sizes == [*SIZES, SIZES[0], SIZES[1], SIZES[0]]


def test_what_there_is_no_time_for_is_looked_at_next_time(face: Mesh) -> None:
    doubt, side = Doubt(), face.square().side
    assert doubt.share(face, Elsewhere(face, 0.1, left=0), 0, afresh=True) == pytest.approx(0.0)
    assert not doubt.settled
    once, again = Elsewhere(face, 0.1, left=1), Elsewhere(face, 0.1, left=1)
    assert doubt.share(face, once, 1, afresh=False) > 1.0
    assert not doubt.settled
    doubt.share(face, again, 2, afresh=False)
    assert doubt.settled
    sizes = [round(one.side / side, 2) for one in (*once.asked, *again.asked)]
    assert sizes == list(SIZES)


def test_of_two_looks_one_of_which_was_taken_one_is_missing(face: Mesh) -> None:
    doubt, rest = Doubt(), Elsewhere(face, 0.1)
    doubt.share(face, Elsewhere(face, 0.1, left=1), 0, afresh=False)
    doubt.share(face, rest, 1, afresh=False)
    assert doubt.settled
    assert len(rest.asked) == 1


def test_a_first_sign_is_followed_at_once(face: Mesh) -> None:
    """Whoever raises a hand is not believed for as long as old looks last."""
    doubt = Doubt()
    doubt.share(face, Elsewhere(face, 0.0), 0, afresh=False)
    hand = Elsewhere(face, 0.1)
    assert doubt.share(face, hand, 1, afresh=False) < 1.0
    assert doubt.share(face, hand, 2, afresh=True) > 1.0


def test_a_dark_bowed_face_is_not_taken_for_a_covered_one(
    draw: Draw, look: Callable[[Pixels], Sighting]
) -> None:
    """Its parts alone look as if something lay over them."""
    held = Attitude(yaw=17.0, pitch=13.0, roll=8.0, distance=0.88)
    for name in ("emeka", "bola"):
        for turn in (-6.0, 0.0, 6.0):
            sighting = look(draw(name, replace(held, yaw=held.yaw + turn)))
            assert sighting.sight is Sight.CLEAR, (name, turn)
