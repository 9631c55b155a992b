"""A hand over a face seen from the side, and what must not be taken for one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from kiosk.capture.guides.values import Sight
from kiosk.capture.pose.describe import describe_profile
from kiosk.capture.pose.edges import SIDE, Plane
from kiosk.capture.pose.geometry import Angles
from kiosk.capture.pose.head import HeadModel
from kiosk.capture.pose.hidden import hidden
from kiosk.capture.pose.observer import Sighting
from kiosk.capture.pose.profile import ProfileAgainstBaseline
from kiosk.model import Pixels
from provisioning.demo.patient.pose import Attitude
from tests.capture.pose.scenes import Draw, hand

Look = Callable[[Pixels], Sighting]
SIDEWAYS = Attitude(yaw=90.0)
EVERYWHERE = np.ones((SIDE, SIDE), np.float32)


def edges(seed: int) -> Plane:
    return np.asarray(np.random.default_rng(seed).normal(0, 1, (SIDE, SIDE)), np.float32)


@pytest.mark.parametrize(("size", "told"), [(0, False), (20, False), (48, True)])
def test_what_is_otherwise_in_a_large_part_is_hidden(size: int, *, told: bool) -> None:
    seen, wanted = edges(1), edges(1)
    seen[16 : 16 + size, 16 : 16 + size] = edges(2)[:size, :size]
    assert hidden(seen, wanted, EVERYWHERE) is told


def test_where_nothing_counts_or_nothing_was_nothing_is_hidden() -> None:
    wanted, other = edges(1), edges(2)
    assert not hidden(other, wanted, EVERYWHERE * np.float32(0.5))
    assert not hidden(other, wanted * np.float32(0.1), EVERYWHERE)


@pytest.fixture(scope="module")
def follow_up(draw: Draw, look: Look, model: HeadModel) -> Callable[[str], ProfileAgainstBaseline]:
    def made(name: str) -> ProfileAgainstBaseline:
        kept = describe_profile(look(draw(name, SIDEWAYS, seed=1)), model, Angles(90.0, 0.0, 0.0))
        assert kept is not None
        return ProfileAgainstBaseline(model, kept)

    return made


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
