"""Hands over a face at a follow-up, which is compared with how bare it looked in its baseline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from kiosk.capture.guides.values import Sight
from kiosk.capture.pose.comparisons import FaceAgainstBaseline
from kiosk.capture.pose.cover import FLOOR, PLACES, Covering
from kiosk.capture.pose.describe import describe_face
from kiosk.capture.pose.descriptor import PoseDescriptor
from kiosk.capture.pose.head import HeadModel
from kiosk.capture.pose.observer import Sighting
from kiosk.model import Pixels
from provisioning.demo.patient.pose import Attitude
from tests.capture.pose.scenes import Draw, hand, skin_of

Look = Callable[[Pixels], Sighting]

NAMES = ["anna", "bola", "chen", "dirk", "emeka", "fiona"]
POSES = {
    "frontal": Attitude(yaw=1.0),
    "left": Attitude(yaw=44.0),
    "right": Attitude(yaw=-44.0),
    "base": Attitude(pitch=-30.0),
    "bowed": Attitude(pitch=33.0),
}
PLACES_OF_MESH = {"nose": 1, "beside the nose": 36, "chin": 199, "forehead": 151, "mouth": 13}


@pytest.mark.parametrize("size", [0.25, 0.33], ids=["a child's", "a small"])
@pytest.mark.parametrize("pose", POSES)
def test_no_hand_turns_green_and_a_bare_face_does(
    pose: str, size: float, look: Look, draw: Draw, model: HeadModel
) -> None:
    held = POSES[pose]
    for name in NAMES:
        comparison = FaceAgainstBaseline(model, kept(look(draw(name, held)), model))
        off = replace(held, yaw=held.yaw + 1.5, pitch=held.pitch + 1.0)
        picture = draw(name, off, seed=4)
        seen = look(picture)
        assert may_turn_green(comparison, seen), name
        assert seen.mesh is not None
        height, skin = float(np.ptp(seen.mesh.points[:, 1])), skin_of(picture, seen.mesh)
        for where, point in PLACES_OF_MESH.items():
            at = seen.mesh.points[point, :2]
            covered = look(hand(picture, at, size * height, 25.0, skin))
            assert not may_turn_green(comparison, covered), (name, where)


def test_a_baseline_that_does_not_say_how_bare_it_looked_is_asked_nothing(
    look: Look, draw: Draw, model: HeadModel
) -> None:
    seen = look(draw("anna", POSES["frontal"]))
    logits = np.full((1, PLACES, PLACES), FLOOR + 1.0, np.float32)
    doubtful = replace(seen, covering=Covering(logits, np.ones((1, PLACES, PLACES), np.bool_)))
    bare = np.full((PLACES, PLACES), FLOOR, np.float32)
    for known, told in ((bare, True), (None, False)):
        comparison = FaceAgainstBaseline(model, replace(kept(seen, model), bare=known))
        assert comparison.deviation(doubtful).perhaps_covered is told


def kept(seen: Sighting, model: HeadModel) -> PoseDescriptor:
    baseline = describe_face(seen, model, None)
    assert baseline is not None
    return baseline


def may_turn_green(comparison: FaceAgainstBaseline, seen: Sighting) -> bool:
    told = comparison.deviation(seen)
    doubted = told.perhaps_covered or seen.perhaps_covered or told.rough
    return told.sight is Sight.CLEAR and not doubted
