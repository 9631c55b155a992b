"""Eyes, blendshapes, stillness and outlines on rendered heads."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from kiosk.capture.pose.blendshapes import NAMES
from kiosk.capture.pose.edges import Plane, Window
from kiosk.capture.pose.eyes import openings
from kiosk.capture.pose.head import HeadModel
from kiosk.capture.pose.lips import corners_up, parting
from kiosk.capture.pose.observer import Sighting
from kiosk.capture.pose.outlines import contours
from kiosk.capture.pose.profile import window_of
from kiosk.capture.pose.stillness import Stillness
from kiosk.model import Pixels
from provisioning.demo.patient.pose import Attitude
from tests.capture.pose.scenes import Draw

Look = Callable[[Pixels], Sighting]

SECOND = 1_000_000_000
PEOPLE = ["anna", "bola", "chen"]


def moved(sighting: Sighting, name: str) -> float:
    assert sighting.movements is not None
    return sighting.movements[name]


@pytest.mark.parametrize("name", PEOPLE)
def test_closed_eyes_are_closed(name: str, draw: Draw, look: Look) -> None:
    rest = look(draw(name, Attitude())).mesh
    closed = look(draw(name, Attitude(expression={"eyes_closed": 1.0}))).mesh
    assert rest is not None
    assert closed is not None
    for opened, shut in zip(openings(rest), openings(closed), strict=True):
        assert shut < 0.6 * opened


@pytest.mark.parametrize("pitch", [0.0, -35.0])
@pytest.mark.parametrize("name", PEOPLE)
def test_open_lips_are_apart_and_a_smile_raises_the_corners(
    name: str, pitch: float, draw: Draw, look: Look
) -> None:
    """Seen from the front and from below alike."""
    rest, opened, smiling = (
        look(draw(name, Attitude(pitch=pitch, expression=one))).mesh
        for one in ({}, {"mouth_open": 0.5}, {"smile": 1.0})
    )
    assert rest is not None
    assert opened is not None
    assert smiling is not None
    assert parting(rest) < 0.045
    assert parting(opened) > max(0.05, parting(rest) + 0.03)
    assert corners_up(rest) < 0.0
    assert corners_up(smiling) > corners_up(rest) + 0.015


@pytest.mark.parametrize(
    ("expression", "shape"),
    [
        ("smile", "mouthSmileLeft"),
        ("smile", "mouthSmileRight"),
        ("brows_up", "browInnerUp"),
        ("mouth_open", "jawOpen"),
        ("pucker", "mouthPucker"),
        ("eyes_closed", "eyeBlinkLeft"),
    ],
)
@pytest.mark.parametrize("name", PEOPLE)
def test_a_movement_shows_in_its_blendshape(
    name: str, expression: str, shape: str, draw: Draw, look: Look
) -> None:
    rest = look(draw(name, Attitude()))
    made = look(draw(name, Attitude(expression={expression: 1.0})))
    assert moved(made, shape) > moved(rest, shape) + 0.1


def test_every_blendshape_has_a_name_and_a_share(draw: Draw, look: Look) -> None:
    movements = look(draw("anna", Attitude())).movements
    assert movements is not None
    assert len(NAMES) == len(set(NAMES)) == 52
    assert tuple(movements) == NAMES
    assert all(0.0 <= share <= 1.0 for share in movements.values())


def textured(shift: int) -> Plane:
    """A picture of soft blots, moved to the right by whole pixels, shape (480, 640)."""
    blots = np.random.default_rng(6).normal(0, 60, (480, 640))
    return np.asarray(
        np.roll(cv2.GaussianBlur(blots, (0, 0), 3), shift, axis=1) * 5 + 128, np.float32
    )


def test_a_shift_is_a_speed() -> None:
    still = Stillness()
    assert still.motion(textured(0), 0, None) is None
    assert still.motion(textured(0), SECOND, None) == pytest.approx(0.0, abs=1e-3)
    # 12 pixels of 480 in half a second.
    assert still.motion(textured(12), SECOND * 3 // 2, None) == pytest.approx(0.05, rel=0.1)


@pytest.mark.parametrize("later", [0, -5, SECOND + 1])
def test_pictures_too_far_apart_or_in_the_wrong_order_say_nothing(later: int) -> None:
    still = Stillness()
    still.motion(textured(0), 10, None)
    assert still.motion(textured(4), 10 + later, None) is None


def test_a_picture_of_another_shape_says_nothing() -> None:
    still = Stillness()
    still.motion(textured(0), 0, None)
    assert still.motion(textured(0)[:240], SECOND // 2, None) is None


@pytest.mark.parametrize(
    "area",
    [(-50.0, -50.0, 100.0, 100.0), (600.0, 440.0, 200.0, 200.0), (0.0, 0.0, 0.0, 0.0)],
    ids=["upper left", "lower right", "nothing"],
)
def test_an_area_over_the_edge_is_looked_at_inside(area: tuple[float, float, float, float]) -> None:
    still = Stillness()
    still.motion(textured(0), 0, area)
    motion = still.motion(textured(0), SECOND // 2, area)
    assert motion == pytest.approx(0.0, abs=1e-3)


EVERYWHERE = np.ones((8, 8), np.float32)


@pytest.mark.parametrize("yaw", [90.0, -90.0])
def test_outlines_follow_the_profile(yaw: float, draw: Draw, look: Look, model: HeadModel) -> None:
    sighting = look(draw("anna", Attitude(yaw=yaw)))
    assert sighting.face is not None
    lines = contours(sighting.grey, window_of(sighting.face, yaw), model.side_relief(yaw)[1])
    assert 1 <= len(lines) <= 24
    nose = sighting.face.points[2]
    nearest = min(float(np.linalg.norm(line - nose, axis=1).min()) for line in lines)
    assert nearest < 25.0


@pytest.mark.parametrize(
    "window",
    [Window(-500.0, 0.0, 50.0), Window(320.0, 240.0, 0.5), Window(10_000.0, 9_000.0, 90.0)],
    ids=str,
)
def test_a_window_beside_the_picture_has_no_outlines(window: Window) -> None:
    assert contours(textured(0), window, EVERYWHERE) == ()


def test_an_even_picture_has_no_outlines() -> None:
    assert contours(np.full((480, 640), 90.0, np.float32), Window(320, 240, 150), EVERYWHERE) == ()
