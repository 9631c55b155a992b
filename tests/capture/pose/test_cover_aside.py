"""Hands over a face that is seen from the side, at a follow-up; what is missed is in 0085."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from kiosk.capture.guides.values import Deviation, Sight
from kiosk.capture.pose import profile as profile_module
from kiosk.capture.pose.cover import FLOOR, PLACES, Covering
from kiosk.capture.pose.descriptor import PoseDescriptor
from kiosk.capture.pose.geometry import Array
from kiosk.capture.pose.head import HeadModel
from kiosk.capture.pose.observer import Sighting
from kiosk.capture.pose.profile import ProfileAgainstBaseline
from kiosk.model import Pixels
from provisioning.demo.patient.pose import Attitude
from tests.capture.pose.scenes import Draw, hand

Look = Callable[[Pixels], Sighting]
Profile = Callable[[str, float], PoseDescriptor]
FollowUp = Callable[[str, float], ProfileAgainstBaseline]

NAMES = ["anna", "bola", "chen", "dirk", "emeka", "fiona"]
SIDES = {"left": -90.0, "right": 90.0}
MISSED = 2
"""Of the eighteen hands of each place and side; up to five where the baseline does not say how bare
its own face looked. Those that are missed lie at a jaw of dark skin."""

PURSED = 4
"""Of six patients whose lips are pursed as they are not in the baseline; the words are wrong then,
and green would be so too."""

FACES = ["eyes_closed", "smile", "brows_up", "pucker", "frown"]


@pytest.fixture(scope="module")
def follow_up(profile: Profile, model: HeadModel) -> FollowUp:
    return lambda name, yaw: ProfileAgainstBaseline(model, profile(name, yaw))


def may_turn_green(told: Deviation) -> bool:
    return told.sight is Sight.CLEAR and not (told.perhaps_covered or told.rough)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("place", ["mouth", "eyes", "jaw"])
def test_a_hand_over_a_face_seen_from_the_side_hardly_ever_turns_green(
    place: str, side: str, draw: Draw, look: Look, follow_up: FollowUp
) -> None:
    yaw, green = SIDES[side], []
    for name in NAMES:
        picture = draw(name, Attitude(yaw=yaw * 0.99, pitch=1.0), seed=2)
        face = look(picture).face
        assert face is not None
        nose = float(np.sign(yaw))
        at = on_a_face(place, face.points, face.box, nose)
        x, y = (int(one) for one in face.points[3:].mean(axis=0) - (nose * 0.3 * face.box[2], 0.0))
        skin = picture[y - 4 : y + 5, x - 4 : x + 5].reshape(-1, 3).mean(axis=0) * 0.95
        comparison = follow_up(name, yaw)
        for degrees in (0.0, 60.0, -60.0):
            covered = hand(picture, at, 0.3 * face.box[3], degrees, skin)
            if may_turn_green(comparison.deviation(look(covered))):
                green.append((name, degrees))
    assert len(green) <= MISSED, green


def on_a_face(
    place: str, points: Array, box: tuple[float, float, float, float], nose: float
) -> Array:
    """Return the middle of a part of a face, pixels; its nose points to the side ``nose``."""
    _, y, w, h = box
    mouth = points[3:].mean(axis=0)
    middles: dict[str, Array] = {
        "eyes": points[:2].mean(axis=0),
        "mouth": mouth,
        "jaw": np.array([mouth[0] - nose * 0.3 * w, y + 0.85 * h]),
    }
    return middles[place]


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("expression", [None, *FACES])
def test_a_bare_face_may_turn_green_whatever_it_does(
    expression: str | None, side: str, draw: Draw, look: Look, follow_up: FollowUp
) -> None:
    yaw = SIDES[side]
    face = {} if expression is None else {expression: 0.7}
    held = Attitude(yaw=yaw * 1.01, pitch=-1.0, expression=face)
    doubted = [
        name
        for name in NAMES
        if not may_turn_green(follow_up(name, yaw).deviation(look(draw(name, held, seed=3))))
    ]
    assert len(doubted) <= (PURSED if expression == "pucker" else 0), doubted


@pytest.mark.parametrize("name", NAMES)
def test_a_left_side_is_seen_as_the_right_one_in_a_mirror(
    name: str, draw: Draw, look: Look
) -> None:
    left = draw(name, Attitude(yaw=-90.0))
    pictures = left, np.asarray(cv2.flip(left, 1), np.uint8)
    seen = [one.likely for one in (look(one).covering for one in pictures) if one is not None]
    assert len(seen) == len(pictures)
    # The detector does not find quite the same in a mirror.
    assert seen[0] == pytest.approx(seen[1], abs=1.5)


class Looks:
    """The patient of a baseline, of whom a part looks as much like covered as a test says."""

    def __init__(self, seen: Sighting) -> None:
        self._seen = seen
        self._times = itertools.count(66_000_000, 66_000_000)

    def __call__(self, likely: float) -> Sighting:
        logits = np.full((PLACES, PLACES), FLOOR, np.float32)
        logits[6:10, 6:10] = likely
        covering = Covering(logits[None], np.ones((1, PLACES, PLACES), np.bool_))
        return replace(self._seen, at_ns=next(self._times), covering=covering)


BARE = np.full((PLACES, PLACES), FLOOR, np.float32)


@pytest.fixture
def looks(draw: Draw, look: Look) -> Looks:
    return Looks(look(draw("anna", Attitude(yaw=90.0), seed=1)))


def test_a_baseline_that_does_not_say_how_its_own_face_looked_is_asked_nothing(
    profile: Profile, model: HeadModel, looks: Looks
) -> None:
    kept = profile("anna", 90.0)
    for known, told in ((BARE, True), (None, False)):
        comparison = ProfileAgainstBaseline(model, replace(kept, bare=known))
        assert comparison.deviation(looks(0.5)).perhaps_covered is told


def test_who_always_looked_like_that_is_bare(
    profile: Profile, model: HeadModel, looks: Looks
) -> None:
    covering = looks(0.5).covering
    assert covering is not None
    kept = replace(profile("anna", 90.0), bare=covering.bare())
    told = ProfileAgainstBaseline(model, kept).deviation(looks(0.5))
    assert (told.sight, told.perhaps_covered) == (Sight.CLEAR, False)


def test_two_signs_that_say_too_little_alone_say_enough_together(
    profile: Profile, model: HeadModel, looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(likely: float, share: float) -> bool:
        monkeypatch.setattr(profile_module, "hidden_share", lambda *_: share)
        comparison = ProfileAgainstBaseline(model, replace(profile("anna", 90.0), bare=BARE))
        return comparison.deviation(looks(likely)).perhaps_covered

    assert not told(-1.0, 0.0)
    assert not told(-2.5, 0.02)
    assert told(-1.0, 0.02)


def test_boxes_that_jump_for_half_a_second_do_not_end_green(
    profile: Profile, model: HeadModel, looks: Looks
) -> None:
    """A hand that stays does."""
    comparison = ProfileAgainstBaseline(model, replace(profile("anna", 90.0), bare=BARE))

    def told(likely: float, pictures: int) -> list[bool]:
        return [comparison.deviation(looks(likely)).perhaps_covered for _ in range(pictures)]

    told(-2.5, 30)
    for _ in range(2):
        assert not any(told(0.9, 7))
        assert not any(told(-2.5, 7))
    assert told(1.5, 20)[-1]
