"""Who sits before the demo's camera while a session goes on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.capture.guides.values import Cue, Guidance, Instruction
from kiosk.capture.progress import SessionProgress
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.workflow import State
from kiosk.records.protocols import load_protocol
from provisioning.demo.patient import data
from provisioning.demo.patient.behaviour import Spread
from provisioning.demo.patient.pose import Attitude
from provisioning.demo.patient.scene import PatientScene
from provisioning.demo.station import Follower

IDLE = ScreenModel(state=State.SIGNED_OUT, clinic="C", station="s", clock="")
PROTOCOL = load_protocol("face_5")


class Clock:
    def __init__(self) -> None:
        self.now_ns = 0

    def __call__(self) -> int:
        return self.now_ns


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def scene() -> PatientScene:
    return PatientScene(data.load())


@pytest.fixture
def follower(scene: PatientScene, clock: Clock) -> Follower:
    scene.leave()
    return Follower(scene, clock)


def session(kept: int = 0) -> ScreenModel:
    progress = SessionProgress.begin("P-1", PROTOCOL)
    for _ in range(kept):
        progress = progress.accepted()
    return replace(IDLE, state=State.AIM, progress=progress)


def held(scene: PatientScene, clock: Clock) -> Attitude:
    attitude = scene.attitude(clock())
    assert attitude is not None
    return attitude


def said(cue: Cue) -> Guidance:
    return Guidance(Instruction(cue))


def test_nobody_is_there_before_a_session_and_after_it(
    follower: Follower, scene: PatientScene, clock: Clock
) -> None:
    follower.observe(IDLE, None)
    assert scene.attitude(clock()) is None
    follower.observe(session(), None)
    assert scene.attitude(clock()) is not None
    follower.observe(IDLE, None)
    assert scene.attitude(clock()) is None


def test_each_view_finds_the_patient_near_its_pose_but_not_in_it(
    follower: Follower, scene: PatientScene, clock: Clock
) -> None:
    spread = Spread()
    for kept, view in enumerate(PROTOCOL.views):
        follower.observe(session(kept), None)
        assert view.pose is not None
        off = held(scene, clock).yaw - view.pose.yaw
        assert abs(off) <= spread.yaw + 1.0
        assert abs(off) > 0.1


def test_a_view_seen_again_leaves_the_patient_alone(
    follower: Follower, scene: PatientScene, clock: Clock
) -> None:
    follower.observe(session(), None)
    before = held(scene, clock)
    follower.observe(session(), None)
    assert held(scene, clock) == before


def test_the_patient_hears_what_the_guide_says(
    follower: Follower, scene: PatientScene, clock: Clock
) -> None:
    follower.observe(session(), None)
    before = held(scene, clock).yaw
    follower.observe(session(), said(Cue.TURN_LEFT))
    clock.now_ns = 2_000_000_000
    follower.observe(session(), said(Cue.TURN_LEFT))
    assert held(scene, clock).yaw > before + 4.0


def test_no_guidance_is_silence(follower: Follower, scene: PatientScene, clock: Clock) -> None:
    follower.observe(session(), None)
    before = held(scene, clock).yaw
    clock.now_ns = 5_000_000_000
    follower.observe(session(), None)
    assert held(scene, clock).yaw == pytest.approx(before, abs=1.0)


def test_what_was_kept_is_remembered_in_order_over_sessions(follower: Follower) -> None:
    for kept in range(3):
        follower.observe(session(kept), None)
    follower.observe(IDLE, None)
    follower.observe(session(1), None)
    first, second = (view.id for view in PROTOCOL.views[:2])
    assert follower.kept == [first, second, first]
