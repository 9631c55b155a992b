from __future__ import annotations

import threading

import numpy as np
import pytest

from kiosk.capture.guides.values import Cue, Instruction
from kiosk.capture.hardware.simulated_camera import Scene
from provisioning.demo.patient.behaviour import PatientMind, Temper
from provisioning.demo.patient.data import HeadData
from provisioning.demo.patient.light import Lamps
from provisioning.demo.patient.person import PERSONS
from provisioning.demo.patient.pose import Attitude
from provisioning.demo.patient.render import room
from provisioning.demo.patient.scene import DISTANCE_M, FIELD_M, PatientScene, camera_of

SIZE = (180, 240)
S = 1_000_000_000


@pytest.fixture
def scene(heads: HeadData) -> PatientScene:
    return PatientScene(heads)


def seat(scene: PatientScene, person: str = "anna", *, at_ns: int = 0) -> None:
    calm = Temper(sway_deg=0.0, sway_m=0.0)
    start = Attitude(distance=DISTANCE_M)
    scene.sit(PERSONS[person], PatientMind(np.random.default_rng(1), start, at_ns, calm))


def test_it_is_a_scene_for_the_camera(scene: PatientScene) -> None:
    played: Scene = scene
    assert played.picture(0, SIZE).shape == (240, 180, 3)


def test_an_empty_chair_shows_the_room(scene: PatientScene) -> None:
    empty = room(camera_of(SIZE), Lamps())
    assert (scene.picture(0, SIZE) == empty).all()
    assert scene.attitude(0) is None
    seat(scene)
    assert not (scene.picture(0, SIZE) == empty).all()
    scene.leave()
    assert (scene.picture(0, SIZE) == empty).all()


def test_nobody_hears_in_an_empty_room(scene: PatientScene) -> None:
    scene.hear(Instruction(Cue.TURN_LEFT), 0)
    seat(scene)
    held = scene.attitude(3 * S)
    assert held is not None
    assert held.yaw == pytest.approx(0.0, abs=0.1)


def test_the_patient_does_what_is_said_and_the_picture_shows_it(scene: PatientScene) -> None:
    seat(scene)
    before = scene.picture(0, SIZE).astype(int)
    scene.hear(Instruction(Cue.TURN_LEFT), 0)
    assert np.abs(scene.picture(S // 10, SIZE).astype(int) - before).mean() < 2.0
    held = scene.attitude(2 * S)
    assert held is not None
    assert held.yaw > 4.0
    assert np.abs(scene.picture(2 * S, SIZE).astype(int) - before).mean() > 4.0


def test_the_same_moment_gives_the_same_picture(scene: PatientScene) -> None:
    seat(scene)
    assert (scene.picture(7 * S, SIZE) == scene.picture(7 * S, SIZE)).all()
    assert not (scene.picture(7 * S, SIZE) == scene.picture(7 * S + 1, SIZE)).all(), "no noise"


def test_each_person_looks_different(scene: PatientScene) -> None:
    pictures = []
    for person in ("anna", "emeka"):
        seat(scene, person)
        pictures.append(scene.picture(0, SIZE).astype(int))
    assert np.abs(pictures[0] - pictures[1]).mean() > 5.0


@pytest.mark.parametrize(
    ("asked", "most"), [((480, 640), 480 * 640), ((960, 1280), 310_000), ((3040, 4056), 1_500_000)]
)
def test_large_pictures_are_drawn_smaller_in_the_same_shape(
    scene: PatientScene, asked: tuple[int, int], most: int
) -> None:
    height, width = scene.picture(0, asked).shape[:2]
    assert 0.95 * most < width * height <= 1.005 * most
    assert width / height == pytest.approx(asked[0] / asked[1], rel=0.003)


def test_the_field_is_that_of_the_framing() -> None:
    camera = camera_of((720, 960))
    assert 960 / camera.px_per_m(Attitude(distance=DISTANCE_M)) == pytest.approx(FIELD_M)


def test_screen_and_camera_may_ask_at_once(scene: PatientScene) -> None:
    seat(scene)
    faults: list[BaseException] = []

    def look() -> None:
        try:
            for k in range(25):
                scene.picture(k * S // 10, (60, 80))
        except Exception as error:  # noqa: BLE001 - told to the test
            faults.append(error)

    camera = threading.Thread(target=look)
    camera.start()
    for k in range(400):
        cue = (Cue.TURN_LEFT, Cue.CHIN_UP, Cue.SMILE)[k % 3]
        scene.hear(Instruction(cue), k * S // 160)
    camera.join()
    assert not faults
