"""A hand over a face seen from the side, and what must not be taken for one."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from kiosk.capture.guides.values import Sight
from kiosk.capture.pose import profile as profile_module
from kiosk.capture.pose.describe import describe_profile
from kiosk.capture.pose.descriptor import PoseDescriptor
from kiosk.capture.pose.edges import SIDE, Plane
from kiosk.capture.pose.geometry import Angles, Pinhole
from kiosk.capture.pose.head import HeadModel
from kiosk.capture.pose.hidden import HIDDEN, hidden_share
from kiosk.capture.pose.observer import Observer, Sighting
from kiosk.capture.pose.profile import PERHAPS_HIDDEN, ProfileAgainstBaseline
from kiosk.model import Pixels
from provisioning.demo.patient import data, pose
from provisioning.demo.patient.head import Head
from provisioning.demo.patient.light import Lamps
from provisioning.demo.patient.person import PERSONS
from provisioning.demo.patient.pose import Attitude
from provisioning.demo.patient.render import Renderer
from tests.capture.pose.scenes import Draw, hand

Look = Callable[[Pixels], Sighting]
Profile = Callable[[str, float], PoseDescriptor]
SIDEWAYS = Attitude(yaw=90.0)
EVERYWHERE = np.ones((SIDE, SIDE), np.float32)


def edges(seed: int) -> Plane:
    return np.asarray(np.random.default_rng(seed).normal(0, 1, (SIDE, SIDE)), np.float32)


@pytest.mark.parametrize(("size", "told"), [(0, False), (20, False), (48, True)])
def test_what_is_otherwise_in_a_large_part_is_hidden(size: int, *, told: bool) -> None:
    seen, wanted = edges(1), edges(1)
    seen[16 : 16 + size, 16 : 16 + size] = edges(2)[:size, :size]
    assert (hidden_share(seen, wanted, EVERYWHERE) >= HIDDEN) is told


def test_where_nothing_counts_or_nothing_was_nothing_is_hidden() -> None:
    wanted, other = edges(1), edges(2)
    assert hidden_share(other, wanted, EVERYWHERE * np.float32(0.5)) == 0.0
    assert hidden_share(other, wanted * np.float32(0.1), EVERYWHERE) == 0.0


@pytest.fixture(scope="module")
def follow_up(profile: Profile, model: HeadModel) -> Callable[[str], ProfileAgainstBaseline]:
    return lambda name: ProfileAgainstBaseline(model, profile(name, SIDEWAYS.yaw))


@pytest.mark.parametrize("name", ["anna", "chen", "dirk"])
def test_a_hand_over_the_mouth_is_told(
    name: str, draw: Draw, look: Look, follow_up: Callable[[str], ProfileAgainstBaseline]
) -> None:
    picture = draw(name, replace(SIDEWAYS, yaw=91.0), seed=2)
    face = look(picture).face
    assert face is not None
    mouth, size = face.points[3:].mean(axis=0), 0.3 * face.box[3]
    covered = hand(picture, mouth, size, 0.0, picture[int(mouth[1]), int(mouth[0] - size)] * 0.95)
    comparison = follow_up(name)
    assert comparison.deviation(look(picture)).sight is Sight.CLEAR
    assert comparison.deviation(look(covered)).sight is Sight.COVERED


Told = Callable[[float], bool]


@pytest.fixture
def told(
    draw: Draw,
    look: Look,
    follow_up: Callable[[str], ProfileAgainstBaseline],
    monkeypatch: pytest.MonkeyPatch,
) -> Told:
    """Show a face of which a given share is hidden; tell whether something may lie over it."""
    seen, comparison = look(draw("anna", SIDEWAYS, seed=1)), follow_up("anna")
    times = itertools.count(66_000_000, 66_000_000)

    def shown(share: float) -> bool:
        monkeypatch.setattr(profile_module, "hidden_share", lambda *_: share)
        found = comparison.deviation(replace(seen, at_ns=next(times)))
        assert found.sight is Sight.CLEAR
        return found.perhaps_covered

    return shown


def test_a_part_that_may_be_hidden_keeps_from_green_and_is_measured(told: Told) -> None:
    assert not told(PERHAPS_HIDDEN - 0.01)
    assert [told(PERHAPS_HIDDEN + 0.02) for _ in range(15)][-1]
    assert not [told(PERHAPS_HIDDEN - 0.03) for _ in range(15)][-1]


def test_a_single_picture_of_which_a_part_may_be_hidden_is_judged_by_itself(told: Told) -> None:
    assert told(PERHAPS_HIDDEN + 0.001)


@pytest.mark.parametrize("around", [PERHAPS_HIDDEN, PERHAPS_HIDDEN - 0.015])
def test_a_field_more_or_less_changes_nothing(around: float, told: Told) -> None:
    noise = np.random.default_rng(3).normal(around, 0.006, 100)
    changes = np.diff(np.array([told(share) for share in noise], int))
    assert np.abs(changes).sum() <= 1


@pytest.mark.parametrize("name", ["anna", "bola", "dirk"])
@pytest.mark.parametrize("expression", ["smile", "eyes_closed"])
def test_an_expression_hides_nothing(
    name: str,
    expression: str,
    draw: Draw,
    look: Look,
    follow_up: Callable[[str], ProfileAgainstBaseline],
) -> None:
    held = replace(SIDEWAYS, yaw=88.0, pitch=2.0, expression={expression: 0.6})
    assert follow_up(name).deviation(look(draw(name, held))).sight is Sight.CLEAR


@pytest.mark.parametrize("name", ["anna", "bola", "dirk", "emeka"])
def test_what_lies_beside_an_upright_picture_is_not_covered(
    name: str, observer: Observer, model: HeadModel
) -> None:
    """Nose and lips are beyond the edge: to uncover them helps nobody, to move does."""
    lens = pose.Pinhole(360, 480, 1250.0)
    camera = Pinhole(lens.width, lens.height, lens.focal)
    renderer = Renderer(Head.make(data.load(), PERSONS[name]), lens)

    def seen(held: Attitude, seed: int) -> Sighting:
        return observer.study(renderer.picture(held, Lamps(), seed), camera)

    kept = describe_profile(seen(SIDEWAYS, 1), model, Angles(90.0, 0.0, 0.0))
    assert kept is not None
    comparison = ProfileAgainstBaseline(model, kept)
    for aside in (0.052, 0.056, 0.060):
        found = comparison.deviation(seen(replace(SIDEWAYS, x=aside), 3))
        assert found.sight is Sight.CLEAR, aside
        assert found.x == pytest.approx(aside * lens.focal / lens.height, rel=0.1)
