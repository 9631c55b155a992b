"""What guiding makes of a view's data and the station's camera, with the real networks."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest

from kiosk import config
from kiosk.capture.guides.directions import Facing
from kiosk.capture.guides.director import Director
from kiosk.capture.guides.tolerances import Tolerances
from kiosk.capture.guides.values import Against, Cue, Guidance, Instruction, Measure, Sight
from kiosk.capture.guiding.shots import pose_of
from kiosk.capture.guiding.views import LONG_SIDE, Judges, Optics, aim_of, require_fitting
from kiosk.capture.pose.body_judge import BodyJudge
from kiosk.capture.pose.descriptor import PoseDescriptor, read, write
from kiosk.capture.pose.geometry import Pinhole
from kiosk.capture.pose.head import load_head_model
from kiosk.capture.pose.judge import HeadJudge, Judge
from kiosk.capture.ui.match_words import match_said
from kiosk.capture.ui.wording import ENGLISH
from kiosk.errors import FormatError
from kiosk.model import Pixels
from kiosk.records.protocols import load_library
from kiosk.records.views import View
from provisioning.demo.patient import data
from provisioning.demo.patient.head import Head
from provisioning.demo.patient.person import PERSONS
from tests.capture.guiding.fakes import descriptor_of
from tests.capture.pose.test_body import picture as body_picture
from tests.guided.visit import Room

VIEWS = load_library().views
FRAME_NS = 66_000_000


def camera(rotation: int, geometry: config.Geometry | None) -> config.SimulatedCamera:
    return config.SimulatedCamera(
        pictures=Path("/nowhere"),
        size=(4056, 3040),
        preview=(1280, 960),
        rotation=rotation,  # type: ignore[arg-type]
        exposure=config.Exposure(exposure_us=20_000, red_gain=2.0, blue_gain=1.6),
        geometry=geometry,
    )


@pytest.mark.parametrize(
    ("rotation", "size"), [(0, (640, 480)), (90, (480, 640)), (180, (640, 480)), (270, (480, 640))]
)
def test_a_measured_camera_sees_as_it_was_measured(rotation: int, size: tuple[int, int]) -> None:
    optics = Optics.of(camera(rotation, config.Geometry(focal_px=9000.0, mm_per_px=0.1)))
    assert (optics.camera.width, optics.camera.height) == size
    assert optics.rotation == rotation
    assert optics.camera.focal_px == pytest.approx(9000.0 * LONG_SIDE / 4056)
    assert optics.field_mm == pytest.approx(405.6 if rotation in (90, 270) else 304.0)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_camera_that_was_not_measured_is_taken_for_a_portrait_lens(rotation: int) -> None:
    optics = Optics.of(camera(rotation, None))
    diagonal = float(np.hypot(optics.camera.width, optics.camera.height))
    assert optics.camera.focal_px == pytest.approx(2.0 * diagonal, rel=1e-3)
    assert optics.field_mm is None


def test_of_a_head_all_angles_count() -> None:
    view = VIEWS["frontal_smile"]
    slack = view.tolerance
    assert aim_of(view).tolerances == Tolerances(
        yaw=slack.yaw,
        pitch=slack.pitch,
        roll=slack.roll,
        position=slack.position,
        scale=slack.scale,
        stillness=slack.stillness,
        expression=True,
    )
    assert aim_of(view).facing is Facing.of(0.0)
    assert aim_of(VIEWS["profile_left"]).facing is Facing.of(-90.0)


HEAD = (Measure.YAW, Measure.PITCH, Measure.ROLL)
ANGLES = (*HEAD, Measure.LEAN_AHEAD, Measure.LEAN_ASIDE)


@pytest.mark.parametrize(
    ("view", "counted", "coarse"),
    [
        ("body_front", (Measure.LEAN_ASIDE,), HEAD[:1]),
        ("body_lateral_left", (Measure.LEAN_AHEAD,), HEAD[:1]),
        ("body_lateral_right", (Measure.LEAN_AHEAD,), HEAD[:1]),
        ("body_oblique_left", (), HEAD[:1]),
        ("body_oblique_right", (), HEAD[:1]),
        ("profile_left", HEAD, ()),
        ("oblique_left", HEAD, ()),
        ("basal", HEAD, ()),
    ],
)
def test_of_a_body_only_its_lean_counts_and_turns_are_told_when_plain(
    view: str, counted: tuple[Measure, ...], coarse: tuple[Measure, ...]
) -> None:
    tolerances = aim_of(VIEWS[view]).tolerances
    assert tuple(one for one in tolerances.measures if one in ANGLES) == counted
    assert tolerances.coarse == set(coarse)
    assert all(tolerances.of(one) is not None for one in coarse)
    assert tolerances.position == VIEWS[view].tolerance.position
    assert tolerances.stillness == VIEWS[view].tolerance.stillness


@pytest.mark.parametrize(
    ("view", "judged"),
    [
        ("frontal_rest", True),
        ("frontal_smile", True),
        ("frontal_frown", False),
        ("profile_left", False),
        ("body_front", False),
    ],
)
def test_an_expression_counts_where_it_can_be_judged(view: str, *, judged: bool) -> None:
    assert aim_of(VIEWS[view]).tolerances.expression is judged


def test_only_a_face_that_is_made_unseen_is_left_to_the_operators_eye() -> None:
    """A frown cannot be measured. Rest is nothing to be made, and a body has no face to make."""
    unseen = {name for name, view in VIEWS.items() if not aim_of(view).wholly_seen}
    assert unseen == {
        *("frontal_animated", "frontal_frown", "frontal_lower_teeth", "frontal_snarl")
    }
    smile_in_profile = msgspec.structs.replace(
        VIEWS["profile_left"], expression=VIEWS["frontal_smile"].expression
    )
    assert not aim_of(smile_in_profile).wholly_seen


def test_of_a_view_without_a_pose_no_angle_counts() -> None:
    view = msgspec.structs.replace(VIEWS["frontal_rest"], pose=None)
    tolerances = aim_of(view).tolerances
    assert (tolerances.yaw, tolerances.pitch, tolerances.roll) == (None, None, None)


@pytest.fixture(scope="session")
def room() -> Room:
    """The networks, loaded once."""
    return Room(load_head_model())


@pytest.fixture(scope="session")
def anna() -> Head:
    return Head.make(data.load(), PERSONS["anna"])


def judge_of(judges: Judges, view: View, baseline: PoseDescriptor | None = None) -> Judge:
    judge = judges.judge(view, baseline)
    assert judge is not None
    return judge


@pytest.mark.parametrize("name", ["frontal_rest", "oblique_left"])
def test_a_face_is_judged_at_a_first_visit_and_at_a_later_one(
    room: Room, anna: Head, name: str
) -> None:
    view, camera = VIEWS[name], room.optics.camera
    held = room.target(view)
    first = judge_of(room.judges, view)
    assert isinstance(first, HeadJudge)
    found = first.look(room.picture(anna, held, 1), camera, 1)
    assert (found.sight, found.against) == (Sight.CLEAR, Against.VIEW)
    assert found.yaw == pytest.approx(0.0, abs=6.0)
    baseline = room.baseline(view, anna, held, 2)
    later = judge_of(room.judges, view, baseline)
    turned = replace(held, yaw=held.yaw + 5.0)
    found = later.look(room.picture(anna, turned, 3), camera, 1)
    assert (found.sight, found.against) == (Sight.CLEAR, Against.BASELINE)
    assert found.yaw == pytest.approx(5.0, abs=2.0)
    judged = later.shot(room.picture(anna, held, 4), camera)
    assert judged.deviation.motion is None
    assert judged.registration is not None
    assert judged.registration.residual_px < 0.7
    assert judged.descriptor is not None


def test_a_profile_is_judged_at_a_later_visit(room: Room, anna: Head) -> None:
    view, camera = VIEWS["profile_left"], room.optics.camera
    held = room.target(view)
    baseline = room.baseline(view, anna, held, 2)
    assert baseline.method == "profile"
    later = judge_of(room.judges, view, baseline)
    found = later.look(room.picture(anna, held, 3), camera, 1)
    assert (found.sight, found.against) == (Sight.CLEAR, Against.BASELINE)
    assert found.yaw == pytest.approx(0.0, abs=1.0)


def test_a_body_is_judged(room: Room) -> None:
    view = VIEWS["body_front"]
    judge = judge_of(room.judges, view)
    assert isinstance(judge, BodyJudge)
    shown = body_picture("front")
    seen = Optics(replace(room.optics.camera, width=shown.shape[1], height=shown.shape[0]), None, 0)
    found = judge_of(Judges(seen), view).shot(shown, seen.camera)
    assert found.deviation.sight is Sight.CLEAR
    assert found.descriptor is not None
    require_fitting(view, read(write(found.descriptor)))


def leaning(name: str, degrees: float) -> Pixels:
    """Return a body that leans clockwise in the picture by so much, about its hips."""
    shown = body_picture(name)
    height, width = shown.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, 0.7 * height), -degrees, 1.0)
    return np.asarray(
        cv2.warpAffine(shown, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def told_of(view: View, shown: Pixels, baseline: Pixels | None = None) -> tuple[Guidance, str]:
    """Return what is said of a body that stands so for a while, and at the review of a shot."""
    camera = Pinhole(shown.shape[1], shown.shape[0], 800.0)
    judges, aim = Judges(Optics(camera, None, 0)), aim_of(view)
    kept = None if baseline is None else judge_of(judges, view).shot(baseline, camera).descriptor
    assert (kept is None) == (baseline is None)
    judge, director = judge_of(judges, view, kept), Director(aim, shoot_by_itself=True)
    for number in range(1, 8):
        at_ns = number * 3 * FRAME_NS
        guidance = director.see(judge.look(shown, camera, at_ns), at_ns)
    summary = pose_of(judge.shot(shown, camera), aim, shown.shape[1::-1]).summary
    assert view.pose is not None
    return guidance, match_said(ENGLISH.guide, summary, view.pose.yaw).finding


@pytest.mark.parametrize(
    ("view", "body", "clockwise", "cue", "said"),
    [
        # Who looks to the right of the picture leans forward when leaning clockwise.
        ("body_lateral_right", "lateral", 8.0, Cue.LEAN_BACKWARD, "further forward"),
        ("body_lateral_right", "lateral", -8.0, Cue.LEAN_FORWARD, "further backward"),
        ("body_lateral_left", "lateral_left", 8.0, Cue.LEAN_FORWARD, "further backward"),
        # The right of the picture is the left of who looks into the camera.
        ("body_front", "front", 8.0, Cue.LEAN_RIGHT, "further to their left"),
        ("body_front", "front", -8.0, Cue.LEAN_LEFT, "further to their right"),
    ],
)
def test_a_trunk_that_leans_is_told_to_lean_back(
    view: str, body: str, clockwise: float, cue: Cue, said: str
) -> None:
    shown, before = leaning(body, clockwise), body_picture(body)
    guidance, finding = told_of(VIEWS[view], shown, before)
    assert guidance.instruction.cue is cue
    assert "eaning" in finding
    assert said in finding
    assert "hin" not in finding
    assert "ilted" not in finding


@pytest.mark.parametrize("returning", [False, True])
@pytest.mark.parametrize(
    ("view", "body", "shown", "cue"),
    [
        ("body_lateral_right", "lateral", "lateral_left", Cue.TURN_LEFT),
        ("body_lateral_right", "lateral", "front", Cue.TURN_LEFT),
        ("body_lateral_left", "lateral_left", "lateral", Cue.TURN_RIGHT),
        ("body_front", "front", "lateral", Cue.TURN_RIGHT),
    ],
)
def test_who_shows_another_side_is_told_to_turn(
    view: str, body: str, shown: str, cue: Cue, *, returning: bool
) -> None:
    before = body_picture(body) if returning else None
    guidance, finding = told_of(VIEWS[view], body_picture(shown), before)
    assert guidance.instruction == Instruction(cue)
    assert not guidance.within
    assert re.match(r"Turned \d+\.\d° ", finding)


@pytest.mark.parametrize("view", ["body_front", "body_lateral_left"])
def test_a_face_that_fills_the_picture_is_no_small_trunk(room: Room, anna: Head, view: str) -> None:
    """It was told to come closer."""
    shown = room.picture(anna, room.target(VIEWS["frontal_rest"]), 1)
    camera = room.optics.camera
    judge = judge_of(Judges(Optics(camera, None, 0)), VIEWS[view])
    seen = [judge.look(shown, camera, number * FRAME_NS).sight for number in range(1, 6)]
    assert Sight.CUT_OFF in seen
    assert set(seen) <= {Sight.CUT_OFF, Sight.NO_PERSON}
    assert judge.shot(shown, camera).descriptor is None


def test_an_expression_is_missed(room: Room, anna: Head) -> None:
    view = VIEWS["frontal_smile"]
    resting = replace(room.target(view), expression={})
    judge, shown = judge_of(room.judges, view), room.picture(anna, resting, 1)
    # The first look has no time to read it.
    judge.look(shown, room.optics.camera, 1)
    found = judge.look(shown, room.optics.camera, 300_000_001)
    assert found.expression == (Cue.SMILE,)


@pytest.mark.parametrize("name", [name for name, view in VIEWS.items() if view.method == "none"])
def test_nobody_judges_what_cannot_be_judged(room: Room, name: str) -> None:
    assert room.judges.judge(VIEWS[name], None) is None


@pytest.mark.parametrize("name", ["frontal_rest", "body_front"])
def test_nobody_judges_a_view_without_a_pose(room: Room, name: str) -> None:
    assert room.judges.judge(msgspec.structs.replace(VIEWS[name], pose=None), None) is None


def test_networks_are_loaded_when_needed_and_kept() -> None:
    optics = Optics.of(camera(0, None))
    judges = Judges(optics)
    judges.forget()
    assert (judges._heads, judges._bodies) == (None, None)
    judge_of(judges, VIEWS["frontal_rest"])
    kept = judges._heads
    assert kept is not None
    judge_of(judges, VIEWS["profile_left"])
    assert judges._heads is kept
    assert judges._bodies is None


@pytest.mark.parametrize("name", ["frontal_rest", "body_front"])
def test_the_last_picture_is_overwritten_when_it_is_forgotten(
    room: Room, anna: Head, name: str
) -> None:
    """What motion is told by is a picture of the patient."""
    view = VIEWS[name]
    shown: Pixels = room.picture(anna, room.target(VIEWS["frontal_rest"]), 1)
    camera = room.optics.camera
    if name == "body_front":
        shown = body_picture("front")
        camera = replace(camera, width=shown.shape[1], height=shown.shape[0])
    judges = Judges(Optics(camera, None, 0))
    judge_of(judges, view).look(shown, camera, 1)
    observer = judges._bodies if judges._heads is None else judges._heads[0]
    assert observer is not None
    kept = observer._stillness._before
    assert kept is not None
    assert kept.any()
    judges.forget()
    assert not kept.any()
    assert observer._stillness._before is None


def test_motion_begins_anew_for_another_patient(room: Room, anna: Head) -> None:
    view, camera = VIEWS["frontal_rest"], room.optics.camera
    held = room.target(view)
    judge = judge_of(room.judges, view)
    judge.look(room.picture(anna, held, 1), camera, FRAME_NS)
    assert judge.look(room.picture(anna, held, 2), camera, 2 * FRAME_NS).motion is not None
    room.judges.forget()
    other = judge_of(room.judges, view)
    assert other.look(room.picture(anna, held, 3), camera, 3 * FRAME_NS).motion is None


def misfits() -> dict[str, tuple[str, PoseDescriptor]]:
    face = descriptor_of()
    return {
        "measured otherwise": ("profile_left", face),
        "of a view that is not judged": ("eyes_close_up", face),
        "landmarks missing": ("frontal_rest", replace(face, points=face.points[:-1])),
        "landmarks flat": ("frontal_rest", replace(face, points=face.points[:, :2])),
        "no patch": ("profile_left", replace(face, method="profile")),
        "no joints": ("body_front", replace(face, method="body")),
    }


@pytest.mark.parametrize("what", misfits())
def test_a_baseline_that_does_not_fit_its_view_is_refused(room: Room, what: str) -> None:
    name, baseline = misfits()[what]
    with pytest.raises(FormatError):
        require_fitting(VIEWS[name], baseline)
    with pytest.raises(FormatError):
        room.judges.judge(VIEWS[name], baseline)


def test_a_damaged_patch_is_refused(room: Room, anna: Head) -> None:
    view = VIEWS["profile_left"]
    baseline = room.baseline(view, anna, room.target(view), 2)
    assert baseline.patch is not None
    require_fitting(view, baseline)
    with pytest.raises(FormatError, match="patch"):
        require_fitting(view, replace(baseline, patch=replace(baseline.patch, content=b"damaged")))
