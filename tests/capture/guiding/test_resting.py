"""Which shot shows the face at rest from which a view's expression is told."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from kiosk.capture.guiding.resting import rest_for
from kiosk.capture.pose.descriptor import PoseDescriptor
from kiosk.capture.pose.geometry import Angles
from kiosk.records.protocols import available, load_library, load_protocol
from tests.capture.guiding.fakes import descriptor_of

LIBRARY = load_library().views
SMILE = LIBRARY["frontal_smile"]
VIEWS = tuple(LIBRARY.values())


def held(yaw: float = 0.0, pitch: float = 0.0) -> PoseDescriptor:
    return replace(descriptor_of(), coarse=Angles(yaw, pitch, 0.0))


def test_what_was_kept_now_comes_before_earlier_visits() -> None:
    now, before = held(), held()
    assert rest_for(SMILE, VIEWS, {"frontal_rest": now}, {"frontal_rest": before}) is now
    assert rest_for(SMILE, VIEWS, {}, {"frontal_rest": before}) is before
    assert rest_for(SMILE, VIEWS, {}, {}) is None


def test_of_several_the_one_held_most_nearly_counts() -> None:
    near, far = held(yaw=2.0), held(yaw=-9.0)
    shots = {"frontal_rest": far, "oblique_left": near}
    assert rest_for(SMILE, VIEWS, shots, {}) is near


@pytest.mark.parametrize(("yaw", "pitch"), [(13.0, 0.0), (0.0, -13.0), (-45.0, 0.0)])
def test_a_rest_in_another_pose_does_not_count(yaw: float, pitch: float) -> None:
    before = held()
    kept = {"frontal_rest": held(yaw, pitch)}
    assert rest_for(SMILE, VIEWS, kept, {}) is None
    assert rest_for(SMILE, VIEWS, kept, {"frontal_rest": before}) is before


@pytest.mark.parametrize("name", ["frontal_smile", "frontal_frown", "profile_left", "body_front"])
def test_only_a_face_that_was_asked_to_rest_counts(name: str) -> None:
    assert rest_for(SMILE, VIEWS, {name: held()}, {name: held()}) is None


def test_only_views_of_the_protocol_count() -> None:
    assert rest_for(SMILE, (SMILE,), {"frontal_rest": held()}, {}) is None


def test_a_view_without_a_pose_has_no_rest() -> None:
    view = msgspec.structs.replace(SMILE, pose=None)
    assert rest_for(view, VIEWS, {"frontal_rest": held()}, {}) is None


@pytest.mark.parametrize("name", available())
def test_every_set_that_ships_has_the_rest_before_the_expressions(name: str) -> None:
    """What a view at rest shows must be known when an expression is judged by it."""
    views = load_protocol(name).views
    rests: dict[str, PoseDescriptor] = {}
    for view in views:
        pose = view.pose
        if view.id.startswith("frontal_") and view.id != "frontal_rest":
            assert rest_for(view, views, rests, {}) is not None, view.id
        if pose is not None:
            rests[view.id] = held(pose.yaw, pose.pitch)
