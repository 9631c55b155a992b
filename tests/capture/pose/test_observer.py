"""What the observer makes of pictures that are not of one clear face."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import cv2
import numpy as np
import pytest

from kiosk.capture.guides.values import Sight
from kiosk.capture.pose import shades
from kiosk.capture.pose.detector import Face, FaceDetector
from kiosk.capture.pose.geometry import Pinhole
from kiosk.capture.pose.glance import LIVE
from kiosk.capture.pose.mesh import Mesh, Square
from kiosk.capture.pose.observer import Observer, Sighting
from kiosk.capture.pose.shades import dark_glasses
from kiosk.model import Pixels
from provisioning.demo.patient.light import Lamps
from provisioning.demo.patient.person import PERSONS
from provisioning.demo.patient.pose import Attitude
from tests.capture.pose.scenes import CAMERA, Draw, glasses, hand, skin_of

Look = Callable[[Pixels], Sighting]

SECOND = 1_000_000_000


def plain(level: int, shape: tuple[int, int] = (480, 640)) -> Pixels:
    return np.full((*shape, 3), level, np.uint8)


def noise(seed: int) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (480, 640, 3), dtype=np.uint8)


NOBODY: Mapping[str, tuple[Pixels, Sight]] = {
    "black": (plain(0), Sight.TOO_DARK),
    "nearly black": (plain(29), Sight.TOO_DARK),
    "white": (plain(255), Sight.TOO_BRIGHT),
    "grey": (plain(128), Sight.NO_PERSON),
    "noise": (noise(1), Sight.NO_PERSON),
    "more noise": (noise(2), Sight.NO_PERSON),
    "soft noise": (np.asarray(cv2.GaussianBlur(noise(3), (0, 0), 9), np.uint8), Sight.NO_PERSON),
    "tiny": (plain(128, (64, 64)), Sight.NO_PERSON),
    "one pixel": (plain(128, (1, 1)), Sight.NO_PERSON),
    "a strip": (plain(128, (2, 900)), Sight.NO_PERSON),
    "a post": (plain(128, (900, 2)), Sight.NO_PERSON),
}


@pytest.mark.parametrize("name", NOBODY)
def test_where_nobody_is_nobody_is_seen(name: str, observer: Observer) -> None:
    picture, sight = NOBODY[name]
    observer.forget()
    height, width = picture.shape[:2]
    sighting = observer.look(picture, Pinhole(width, height, 1250.0), 0)
    assert sighting.sight is sight
    assert (sighting.face, sighting.mesh, sighting.movements) == (None, None, None)


def test_a_narrow_picture_is_not_searched_in_a_huge_one(monkeypatch: pytest.MonkeyPatch) -> None:
    detector, searched = FaceDetector(), []
    net = detector._net

    class Asked:
        def setInputSize(self, size: tuple[int, int]) -> None:  # noqa: N802 - OpenCV's name
            searched.append(size)
            net.setInputSize(size)

        def detect(self, picture: Pixels) -> object:
            return net.detect(picture)

    monkeypatch.setattr(detector, "_net", Asked())
    for shape in ((480, 640), (640, 480), (900, 2), (2, 900)):
        detector.find(plain(128, shape))
    assert searched == [(320, 240), (320, 427), (1, 640), (320, 1)]


@pytest.mark.parametrize("name", PERSONS)
@pytest.mark.parametrize("yaw", [0.0, 45.0, -45.0])
def test_every_patient_is_seen_clearly(name: str, yaw: float, draw: Draw, look: Look) -> None:
    sighting = look(draw(name, Attitude(yaw=yaw)))
    assert sighting.sight is Sight.CLEAR
    assert sighting.mesh is not None


@pytest.mark.parametrize("name", PERSONS)
@pytest.mark.parametrize("yaw", [90.0, -90.0])
def test_every_profile_is_seen_and_no_mesh_is_trusted(
    name: str, yaw: float, draw: Draw, look: Look
) -> None:
    sighting = look(draw(name, Attitude(yaw=yaw)))
    assert sighting.sight is Sight.CLEAR
    assert sighting.mesh is None
    assert sighting.guess is not None


LIGHTS = {
    "from the left": Lamps(1.0, 0.02, 0.4),
    "from the right": Lamps(0.02, 1.0, 0.4),
    "little": Lamps(0.25, 0.2, 0.3),
}


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize("name", ["anna", "bola", "emeka"])
def test_strong_light_from_one_side_hides_nobody(
    name: str, light: str, draw: Draw, look: Look
) -> None:
    sighting = look(draw(name, Attitude(yaw=10.0, pitch=-5.0), LIGHTS[light]))
    assert sighting.sight is Sight.CLEAR
    assert sighting.mesh is not None


EXPRESSIONS = ["smile_teeth", "eyes_closed", "mouth_open", "pucker", "snarl", "brows_up"]


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.parametrize("name", ["anna", "bola"])
def test_no_expression_counts_as_covered(
    name: str, expression: str, draw: Draw, look: Look
) -> None:
    sighting = look(draw(name, Attitude(yaw=5.0, expression={expression: 1.0})))
    assert sighting.sight is Sight.CLEAR


@pytest.mark.parametrize("name", ["anna", "chen", "bola"])
def test_glasses_hide_nobody(name: str, draw: Draw, look: Look) -> None:
    picture = draw(name, Attitude(yaw=3.0))
    mesh = look(picture).mesh
    assert mesh is not None
    sighting = look(glasses(picture, mesh))
    assert sighting.sight is Sight.CLEAR
    assert sighting.mesh is not None
    assert np.abs(sighting.mesh.points - mesh.points)[:, :2].mean() < 1.0


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize("name", ["bola", "chen", "emeka"])
def test_no_skin_and_no_light_is_like_dark_glasses(
    name: str, light: str, draw: Draw, look: Look
) -> None:
    sighting = look(draw(name, Attitude(yaw=-8.0, pitch=-4.0), LIGHTS[light]))
    assert sighting.mesh is not None
    assert not dark_glasses(sighting.grey, sighting.mesh)


def test_the_part_around_the_eyes_is_smoothed_as_in_the_whole_picture(
    draw: Draw, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    mesh = look(draw("anna", Attitude())).mesh
    assert mesh is not None
    grey = np.random.default_rng(5).uniform(0, 255, (480, 640)).astype(np.float32)
    soft = cv2.GaussianBlur(grey, (0, 0), 1.5)

    def brightness(points: tuple[int, ...]) -> float:
        x, y = np.rint(mesh.points[list(points), :2]).astype(np.intp).T
        return float(np.median(soft[y, x])) + 4.0

    share = max(brightness(around) / brightness(cheek) for around, cheek in shades._SIDES)
    for limit, told in ((share * 0.999_99, False), (share * 1.000_01, True)):
        monkeypatch.setattr(shades, "_DARK", limit)
        assert dark_glasses(grey, mesh) is told


def beside(left: Pixels, right: Pixels) -> Pixels:
    return np.asarray(np.hstack([left[:, 160:480], right[:, 160:480]]), np.uint8)


def test_two_people_are_told(draw: Draw, look: Look) -> None:
    both = beside(draw("anna", Attitude()), draw("bola", Attitude(yaw=20.0)))
    assert look(both).sight is Sight.SEVERAL_PEOPLE


def test_a_small_face_far_behind_is_not_another_person(draw: Draw, look: Look) -> None:
    """A picture on the wall: smaller than a fifth of the patient's face."""
    room = draw("anna", Attitude(distance=1.2, x=0.05)).copy()
    portrait = cv2.resize(draw("bola", Attitude())[60:420, 140:500], (90, 90))
    room[10:100, 10:100] = portrait
    assert look(room).sight is Sight.CLEAR


@pytest.mark.parametrize("edge", ["left", "right", "top", "bottom"])
def test_a_face_cut_by_the_edge_is_told(edge: str, draw: Draw, look: Look) -> None:
    x, y = {"left": (-0.24, 0.0), "right": (0.24, 0.0), "top": (0, 0.19), "bottom": (0, -0.17)}[
        edge
    ]
    sighting = look(draw("anna", Attitude(x=x, y=y)))
    assert sighting.sight is Sight.CUT_OFF


def test_a_face_is_found_in_a_small_picture(draw: Draw, observer: Observer) -> None:
    small = cv2.resize(draw("anna", Attitude())[60:420, 140:500], (64, 64))
    observer.forget()
    sighting = observer.look(np.asarray(small, np.uint8), Pinhole(64, 64, 200.0), 0)
    assert sighting.face is not None


def test_the_mesh_follows_between_searches(draw: Draw, observer: Observer) -> None:
    """The detector is asked every 0.4 s; in between the mesh moves by itself."""
    observer.forget()
    first = observer.look(draw("anna", Attitude()), CAMERA, 0)
    moved = observer.look(draw("anna", Attitude(x=0.02)), CAMERA, SECOND // 10)
    assert first.face is moved.face
    assert first.mesh is not None
    assert moved.mesh is not None
    shift = (moved.mesh.points - first.mesh.points).mean(axis=0)
    # 20 mm at 1250 pixels a metre; a face is some 90 mm nearer than the middle of its head.
    assert shift[0] == pytest.approx(25.0 / 0.91, abs=0.5)


def test_following_measures_what_looking_anew_measures(draw: Draw, observer: Observer) -> None:
    observer.forget()
    observer.look(draw("anna", Attitude()), CAMERA, 0)
    to = draw("anna", Attitude(yaw=4.0, x=0.01))
    for step in range(1, 4):
        followed = observer.look(to, CAMERA, step * SECOND // 30)
    observer.forget()
    anew = observer.look(to, CAMERA, 0)
    assert followed.mesh is not None
    assert anew.mesh is not None
    assert np.abs(followed.mesh.points - anew.mesh.points)[:, :2].mean() < 0.3


def test_somebody_who_comes_in_is_seen_within_a_search(draw: Draw, observer: Observer) -> None:
    alone = draw("anna", Attitude(x=-0.1))
    observer.forget()
    assert observer.look(alone, CAMERA, 0).sight is Sight.CLEAR
    both = beside(draw("anna", Attitude()), draw("bola", Attitude()))
    sights = [observer.look(both, CAMERA, step * SECOND // 10).sight for step in range(1, 6)]
    assert sights[-1] is Sight.SEVERAL_PEOPLE


def test_who_leaves_is_not_followed(draw: Draw, observer: Observer) -> None:
    observer.forget()
    observer.look(draw("anna", Attitude()), CAMERA, 0)
    empty = plain(128)
    sightings = [observer.look(empty, CAMERA, step * SECOND // 10) for step in range(1, 3)]
    assert all(one.mesh is None for one in sightings)
    assert sightings[-1].sight is Sight.NO_PERSON


def test_motion_is_told_and_rest_is_none(draw: Draw, observer: Observer) -> None:
    observer.forget()
    assert observer.look(draw("anna", Attitude(), seed=1), CAMERA, 0).motion is None
    still = observer.look(draw("anna", Attitude(), seed=2), CAMERA, SECOND // 10).motion
    moved = observer.look(draw("anna", Attitude(y=0.004), seed=3), CAMERA, SECOND // 5).motion
    assert still == pytest.approx(0.0, abs=0.003)
    # 4 mm at 1250 pixels a metre are 5 pixels of 480, in a tenth of a second.
    assert moved == pytest.approx(5 / 480 / 0.1, rel=0.15)


def asked(observer: Observer, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows by each question to a network that is asked for every picture."""
    questions: list[str] = []
    find, measure = observer._detector.find, observer._mesh.measure

    def found(picture: Pixels) -> tuple[Face, ...]:
        questions.append("faces")
        return find(picture)

    def measured(picture: Pixels, square: Square) -> Mesh:
        questions.append("mesh")
        return measure(picture, square)

    monkeypatch.setattr(observer._detector, "find", found)
    monkeypatch.setattr(observer._mesh, "measure", measured)
    return questions


def over_the_mouth(picture: Pixels, mesh: Mesh) -> Pixels:
    at, size = mesh.points[13, :2], 0.33 * float(np.ptp(mesh.points[:, 1]))
    return hand(picture, at, size, 0.0, skin_of(picture, mesh))


@pytest.mark.parametrize("every_ns", [SECOND // 15, SECOND // 4, SECOND])
def test_no_live_picture_asks_more_than_it_has_time_for(
    every_ns: int, draw: Draw, observer: Observer, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes, turns, is covered, is two, leaves or comes back, at any rate of pictures."""
    bare = draw("anna", Attitude(yaw=2.0))
    mesh = look(bare).mesh
    assert mesh is not None
    turns = [draw("anna", Attitude(yaw=yaw)) for yaw in (-30.0, -52.0, -58.0, -65.0, -90.0, 20.0)]
    covered = over_the_mouth(bare, mesh)
    hidden = 14
    story = [*[covered] * hidden, *turns, plain(128), *[bare] * 8, beside(bare, bare), plain(0)]
    observer.forget()
    observer.look(bare, CAMERA, 0)
    questions = asked(observer, monkeypatch)
    searched = []
    for number, picture in enumerate(story, 1):
        questions.clear()
        observer.look(picture, CAMERA, number * every_ns)
        assert len(questions) <= LIVE, number
        searched.append("faces" in questions)
    # However much there is to ask of a covered face, the detector is not forgotten.
    assert any(searched[:hidden])


def test_an_expression_is_read_where_there_is_time_and_soon_all_the_same(
    draw: Draw, observer: Observer, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a bare face as of one that looks odd, which is asked all there is time for each time."""
    bare = draw("anna", Attitude(yaw=2.0))
    mesh = look(bare).mesh
    assert mesh is not None
    for picture in (bare, over_the_mouth(bare, mesh)):
        observer.forget()
        with monkeypatch.context() as patched:
            questions = asked(observer, patched)
            read, all_asked = [], []
            for number in range(6):
                questions.clear()
                sighting = observer.look(picture, CAMERA, number * SECOND // 15)
                read.append(sighting.movements is not None)
                all_asked.append(len(questions) == LIVE)
        assert all_asked[0]
        assert not read[0]
        assert read.index(True) * SECOND // 15 <= SECOND // 3


def test_a_picture_that_is_studied_is_asked_all(
    draw: Draw, observer: Observer, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = asked(observer, monkeypatch)
    observer.study(draw("anna", Attitude()), CAMERA)
    assert sorted(questions) == ["faces"] + ["mesh"] * 6


@pytest.mark.parametrize(("yaw", "won"), [(-45.0, True), (-90.0, False)])
def test_a_first_mesh_that_is_amiss_is_laid_once_more_where_it_ought_to_be_sure(
    yaw: float,
    won: bool,  # noqa: FBT001
    draw: Draw,
    observer: Observer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As on some heads at an angle, of which no baseline could be kept and none was compared with.

    Of a side the network's doubts are right, whatever it says when it is asked again.
    """
    picture = draw("anna", Attitude(yaw=yaw))
    scores = iter([0.06, *[1.0] * 20])
    measure = observer._mesh.measure

    def doubted(picture: Pixels, square: Square) -> Mesh:
        return replace(measure(picture, square), score=next(scores))

    monkeypatch.setattr(observer._mesh, "measure", doubted)
    assert (observer.study(picture, CAMERA).mesh is not None) is won
    scores = iter([0.06, *[1.0] * 20])
    observer.forget()
    assert (observer.look(picture, CAMERA, 0).mesh is not None) is won


@pytest.mark.parametrize(("pitch", "seen"), [(50.0, 6), (52.0, 5)])
def test_who_is_bowed_too_far_is_measured_and_not_told_to_be_covered(
    pitch: float, seen: int, draw: Draw, observer: Observer
) -> None:
    """At the first picture: nobody who hears "uncover your face" then lifts the chin."""
    found = []
    for name in PERSONS:
        observer.forget()
        sighting = observer.look(draw(name, Attitude(pitch=pitch)), CAMERA, 0)
        assert sighting.sight is Sight.CLEAR
        found.append(sighting.mesh is not None)
    assert sum(found) >= seen, found


@pytest.mark.parametrize("yaw", [-90.0, 90.0])
def test_of_a_side_the_mesh_is_asked_once_whichever_side_it_is(
    yaw: float, draw: Draw, observer: Observer, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = draw("anna", Attitude(yaw=yaw))
    studied = look(picture)
    observer.forget()
    observer.look(picture, CAMERA, 0)
    questions = asked(observer, monkeypatch)
    for number in range(1, 7):
        questions.clear()
        sighting = observer.look(picture, CAMERA, number * SECOND // 15)
        assert questions == ["faces", "mesh"]
        assert sighting.mesh is None
        assert sighting.guess is not None
        assert studied.guess is not None
        np.testing.assert_array_equal(sighting.guess.points, studied.guess.points)
        assert sighting.covering is not None
        assert studied.covering is not None
        np.testing.assert_array_equal(sighting.covering.logits, studied.covering.logits)


def test_who_pointed_left_and_points_right_is_not_measured_by_the_mirror(
    draw: Draw, observer: Observer, look: Look
) -> None:
    """Whose nose the detector believed at first to point left."""
    right = draw("anna", Attitude(yaw=90.0))
    studied = look(right).guess
    assert studied is not None
    observer.forget()
    seen = [observer.look(draw("anna", Attitude(yaw=-90.0)), CAMERA, 0)]
    seen += [observer.look(right, CAMERA, number * SECOND // 15) for number in range(1, 9)]
    sides = [one.side for one in seen]
    assert sides == sorted(sides)
    assert sides[-1] > sides[1], "it must be seen to change"
    for one in seen[1:]:
        if one.side > 0.0 and one.guess is not None:
            np.testing.assert_array_equal(one.guess.points, studied.points)


def test_who_turns_from_the_left_to_the_front_is_seen_from_there_at_once(
    draw: Draw, observer: Observer
) -> None:
    for number in range(4):
        observer.look(draw("anna", Attitude(yaw=-90.0), seed=number), CAMERA, number * SECOND // 15)
    for number, yaw in enumerate((-50.0, 0.0), 4):
        sighting = observer.look(draw("anna", Attitude(yaw=yaw)), CAMERA, number * SECOND // 15)
        assert sighting.mesh is not None, yaw


def test_the_second_look_measures_what_a_study_measures(
    draw: Draw, observer: Observer, look: Look
) -> None:
    picture = draw("chen", Attitude(yaw=-9.0, pitch=4.0))
    studied = look(picture).mesh
    first, second = (observer.look(picture, CAMERA, n * SECOND // 15).mesh for n in range(2))
    assert studied is not None
    assert first is not None
    assert second is not None
    off = [np.abs(one.points - studied.points)[:, :2].mean() for one in (first, second)]
    assert off[0] < 1.5
    assert off[1] < 0.3


def test_a_face_is_not_still_before_it_is_known_whether_it_is_covered(
    draw: Draw, observer: Observer
) -> None:
    """Who turns to the camera is compared with the picture before; green must wait all the same."""
    observer.forget()
    observer.look(draw("anna", Attitude(yaw=90.0)), CAMERA, 0)
    front = draw("anna", Attitude())
    first, second = (observer.look(front, CAMERA, n * SECOND // 15) for n in (1, 2))
    assert first.mesh is not None
    assert first.motion is None
    assert second.motion is not None


def test_an_earlier_time_asks_the_detector_again(draw: Draw, observer: Observer) -> None:
    observer.forget()
    first = observer.look(draw("anna", Attitude()), CAMERA, SECOND)
    again = observer.look(draw("anna", Attitude()), CAMERA, 0)
    assert first.face is not again.face
    assert replace(first, at_ns=0).sight is again.sight
