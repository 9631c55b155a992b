from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import pytest

from kiosk.capture.guides.silhouette import load_silhouette
from kiosk.capture.guides.values import Against, Deviation, Sight
from kiosk.capture.pose.body import TRUNK_MM, leans, trunk_of, wanted_body, yaw_of
from kiosk.capture.pose.body_comparisons import KEPT
from kiosk.capture.pose.body_judge import BodyJudge
from kiosk.capture.pose.body_net import JOINTS
from kiosk.capture.pose.body_observer import BodyObserver
from kiosk.capture.pose.body_outline import closed
from kiosk.capture.pose.comparisons import Wanted
from kiosk.capture.pose.descriptor import LARGEST, PoseDescriptor, read, write
from kiosk.capture.pose.geometry import Angles, Pinhole
from kiosk.errors import FormatError
from kiosk.model import Pixels
from kiosk.records.protocols import load_library

BODIES: Final = Path(__file__).with_name("bodies")
TRUTH: Final = json.loads((BODIES / "truth.json").read_text(encoding="utf-8"))
CAMERA: Final = Pinhole(240, 320, 800.0)
SHAPE: Final = (CAMERA.height, CAMERA.width, 3)
YAWS: Final = {"front": 0.0, "oblique": 45.0, "lateral": 90.0, "lateral_left": -90.0}
FRAME: Final = 100_000_000


@pytest.fixture(scope="module")
def observer() -> BodyObserver:
    return BodyObserver()


def picture(name: str) -> Pixels:
    found = cv2.imread(str(BODIES / f"{name}.jpg"))
    assert found is not None
    return np.asarray(found, np.uint8)


def wanted(yaw: float) -> Wanted:
    return Wanted(Angles(yaw, 0.0, 0.0), (0.0, 0.5), 1 / 800)


def baseline(observer: BodyObserver, view: str) -> PoseDescriptor:
    kept = BodyJudge(observer, wanted(YAWS[view]), None).shot(picture(view), CAMERA).descriptor
    assert kept is not None
    return read(write(kept))


def follow_up(observer: BodyObserver, view: str, shown: str) -> Deviation:
    judge = BodyJudge(observer, wanted(YAWS[view]), baseline(observer, view))
    return judge.shot(picture(shown), CAMERA).deviation


@pytest.mark.parametrize("view", YAWS)
def test_a_follow_up_is_placed_and_its_lean_told(observer: BodyObserver, view: str) -> None:
    was, now = TRUTH[view], TRUTH[f"{view}_moved"]
    found = follow_up(observer, view, f"{view}_moved")
    assert found.sight is Sight.CLEAR
    assert found.against is Against.BASELINE
    assert found.x == pytest.approx((now["x"] - was["x"]) / CAMERA.height, abs=0.012)
    assert found.y == pytest.approx((now["y"] - was["y"]) / CAMERA.height, abs=0.012)
    grown = now["px_per_m"] / was["px_per_m"] - 1.0
    if grown:
        assert found.scale == pytest.approx(grown, abs=0.03)
    else:
        assert found.scale is None
    assert found.yaw is None
    told = (found.pitch, found.roll)
    true = {"front": (None, now["roll"]), "oblique": (None, None)}.get(view, (now["pitch"], None))
    for seen, wants in zip(told, true, strict=True):
        assert seen == (wants if wants is None else pytest.approx(wants, abs=1.0))


@pytest.mark.parametrize("view", YAWS)
def test_a_baseline_lies_over_a_follow_up(observer: BodyObserver, view: str) -> None:
    judge = BodyJudge(observer, wanted(YAWS[view]), baseline(observer, view))
    registered = judge.shot(picture(f"{view}_moved"), CAMERA).registration
    assert registered is not None
    was, now = TRUTH[view], TRUTH[f"{view}_moved"]
    there = registered.matrix @ (was["x"], was["y"], 1.0)
    assert np.hypot(*(there - (now["x"], now["y"]))) < 4.0
    assert registered.residual_px < 10.0
    linear = registered.matrix[:, :2]
    assert linear @ linear.T == pytest.approx(np.eye(2) * np.linalg.det(linear), abs=1e-9)


@pytest.mark.parametrize("view", YAWS)
def test_the_baseline_itself_is_on_its_place(observer: BodyObserver, view: str) -> None:
    found = follow_up(observer, view, view)
    assert (found.x, found.y) == pytest.approx((0.0, 0.0), abs=0.004)
    assert found.scale is None or abs(found.scale) < 0.01


def test_a_descriptor_keeps_joints_limbs_and_outline(observer: BodyObserver) -> None:
    kept = baseline(observer, "front")
    assert kept.method == "body"
    assert kept.points.shape == (len(KEPT), 2)
    assert kept.patch is None
    assert sum(closed(line) for line in kept.lines) >= 1
    assert sum(not closed(line) for line in kept.lines) == 6
    assert len(write(kept)) < LARGEST / 4


@pytest.mark.parametrize("view", YAWS)
def test_a_first_visit_near_its_place_has_nothing_to_correct(
    observer: BodyObserver, view: str
) -> None:
    found = BodyJudge(observer, wanted(YAWS[view]), None).shot(picture(view), CAMERA).deviation
    assert found.sight is Sight.CLEAR
    assert found.against is Against.VIEW
    assert (found.yaw, found.x, found.scale) == (None, None, None)
    for lean in (found.pitch, found.roll):
        assert lean is None or abs(lean) < 5.0


def test_a_body_turned_the_other_way_is_told(observer: BodyObserver) -> None:
    judge = BodyJudge(observer, wanted(YAWS["lateral"]), None)
    found = judge.shot(picture("lateral_left"), CAMERA).deviation
    assert found.yaw is not None
    # Half way round it is the same to turn either way: past the camera, always.
    assert found.yaw < -90.0
    assert (found.pitch, found.roll) == (None, None), "the lean is another one from there"


def test_a_body_far_from_its_place_is_told(observer: BodyObserver) -> None:
    moved = np.roll(picture("lateral"), 50, axis=1)
    moved[:, :50] = moved[:, 50:51]
    found = BodyJudge(observer, wanted(90.0), None).shot(moved, CAMERA).deviation
    assert found.x is not None
    assert found.x > 0.1


def test_a_body_that_is_cut_off_is_said_to_be(observer: BodyObserver) -> None:
    judged = BodyJudge(observer, wanted(0.0), None).shot(picture("cut_off"), CAMERA)
    assert judged.deviation == Deviation(Sight.CUT_OFF)
    assert judged.descriptor is None


NOBODY: Final = {
    "black": (np.zeros(SHAPE, np.uint8), Sight.TOO_DARK),
    "white": (np.full(SHAPE, 255, np.uint8), Sight.TOO_BRIGHT),
    "backdrop": (np.full(SHAPE, 110, np.uint8), Sight.NO_PERSON),
    "noise": (
        np.random.default_rng(1).integers(0, 255, SHAPE).astype(np.uint8),
        Sight.NO_PERSON,
    ),
}


@pytest.mark.parametrize("name", NOBODY)
@pytest.mark.parametrize("returning", [False, True])
def test_nobody_is_never_judged(observer: BodyObserver, name: str, *, returning: bool) -> None:
    seen, sight = NOBODY[name]
    kept = baseline(observer, "front") if returning else None
    judge = BodyJudge(observer, wanted(0.0), kept)
    against = Against.BASELINE if returning else Against.VIEW
    judged = judge.shot(seen, CAMERA)
    assert judged.deviation == Deviation(sight, against)
    assert judged.descriptor is None
    assert judged.registration is None
    assert judge.look(picture("front"), CAMERA, FRAME).sight is Sight.CLEAR
    assert judge.look(seen, CAMERA, 2 * FRAME) == Deviation(sight, against)


def test_motion_is_told_from_the_second_picture_on(observer: BodyObserver) -> None:
    judge = BodyJudge(observer, wanted(0.0), None)
    front = picture("front")
    assert judge.look(front, CAMERA, FRAME).motion is None
    still = judge.look(front, CAMERA, 2 * FRAME).motion
    moving = judge.look(np.roll(front, 3, axis=1), CAMERA, 3 * FRAME).motion
    assert still == pytest.approx(0.0, abs=0.002)
    assert moving == pytest.approx(3 / 320 / 0.1, abs=0.03)


def test_a_baseline_of_something_else_is_refused(observer: BodyObserver) -> None:
    kept = baseline(observer, "front")
    limbs = tuple(line for line in kept.lines if not closed(line))
    for damaged in (replace(kept, points=kept.points[:3]), replace(kept, lines=limbs)):
        with pytest.raises(FormatError, match="8 joints and an outline"):
            BodyJudge(observer, wanted(0.0), damaged)


def test_a_trunk_leans_clockwise_and_does_not_care_about_left_and_right() -> None:
    points = np.zeros((JOINTS, 3))
    points[[11, 12]] = (90.0, 100.0, 0.0), (130.0, 100.0, 0.0)
    points[[23, 24]] = (80.0, 200.0, 0.0), (120.0, 200.0, 0.0)
    trunk = trunk_of(points)
    assert (trunk.x, trunk.y) == (105.0, 150.0)
    assert trunk.length == pytest.approx(np.hypot(10.0, 100.0))
    assert trunk.lean == pytest.approx(np.degrees(np.arctan2(10.0, 100.0)))
    swapped = points[[*range(11), 12, 11, *range(13, 23), 24, 23, *range(25, JOINTS)]]
    assert trunk_of(swapped) == trunk
    points[0, 0] = 20.0
    assert yaw_of(points) > 30.0


@pytest.mark.parametrize(
    ("yaw", "told"),
    [
        (0.0, (None, -4.0)),
        (90.0, (4.0, None)),
        (-90.0, (-4.0, None)),
        (45.0, (None, None)),
        (180.0, (None, None)),
    ],
)
def test_what_a_lean_in_the_picture_means_depends_on_the_view(
    yaw: float, told: tuple[float | None, float | None]
) -> None:
    assert leans(yaw, 4.0) == told


def test_a_view_wants_the_trunk_in_the_middle_of_its_silhouette() -> None:
    view = load_library().views["body_lateral_right"]
    target = wanted_body(view, load_silhouette(view.silhouette), 900.0, 4 / 3)
    assert target is not None
    assert target.angles == Angles(90.0, 0.0, 0.0)
    assert target.size == pytest.approx(1 / 900)
    x, y = target.place
    assert x == pytest.approx(0.0)
    assert y == pytest.approx(0.1 + 0.8 * 0.52)


def nearer(name: str, zoom: float) -> Pixels:
    """Return a body that is nearer by ``zoom``, in a picture twice as large."""
    matrix = cv2.getRotationMatrix2D((CAMERA.width / 2, CAMERA.height / 2), 0.0, zoom)
    size = (CAMERA.width, CAMERA.height)
    shown = cv2.warpAffine(picture(name), matrix, size, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(shown, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)


@pytest.mark.parametrize("view", ["oblique", "front"])
def test_of_who_stands_still_the_same_is_told_for_ever(observer: BodyObserver, view: str) -> None:
    camera, shown = Pinhole(480, 640, 1600.0), nearer(view, 1.12)
    target, rng = wanted(YAWS[view]), np.random.default_rng(0)
    judge = BodyJudge(observer, target, None)
    shot = judge.shot(shown, camera)
    assert shot.descriptor is not None
    for number in range(25):
        noisy = np.clip(shown + rng.normal(0.0, 1.2, shown.shape), 0, 255).astype(np.uint8)
        seen = observer.look(noisy, camera, (number + 1) * FRAME, target).laid
        assert seen is not None
        trunk = trunk_of(seen.points)
        size = trunk.length / camera.height / (shot.descriptor.size * TRUNK_MM)
        assert size == pytest.approx(1.0, abs=0.08)
        assert trunk.y / camera.height == pytest.approx(shot.descriptor.origin[1], abs=0.03)


def test_a_shot_is_judged_by_itself(observer: BodyObserver) -> None:
    judge = BodyJudge(observer, wanted(0.0), None)
    alone = judge.shot(picture("front"), CAMERA).deviation
    moved = judge.look(picture("front_moved"), CAMERA, FRAME)
    assert judge.shot(picture("front"), CAMERA).deviation == alone
    assert judge.look(picture("front_moved"), CAMERA, 2 * FRAME) == replace(moved, motion=None)
