"""The words, against geometry: a patient of three axes obeys them and must come nearer.

Nothing here knows the table. A patient stands where a room is seen by a pinhole camera: X to the
right of the picture, Y up, Z towards the camera. The patient's own left, front and top are axes of
a rotation matrix, and each word is a movement along or about the patient's own axes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pytest

from kiosk.capture.guides.directions import Facing, cue_for
from kiosk.capture.guides.meter import Axis
from kiosk.capture.guides.values import Cue

Array = npt.NDArray[np.float64]
UP = np.array([0.0, 1.0, 0.0])
TO_CAMERA = np.array([0.0, 0.0, 1.0])
DISTANCE = 1.0


def about(axis: Array, degrees: float) -> Array:
    """Return the right-handed rotation about a unit vector (Rodrigues)."""
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = np.radians(degrees)
    turned_by: Array = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * (cross @ cross)
    return turned_by


def head(yaw: float, pitch: float, roll: float) -> Array:
    """Return R = Ry(yaw) Rx(pitch) Rz(roll), the convention of every angle of this program."""
    x, y, z = np.eye(3)
    return about(y, yaw) @ about(x, pitch) @ about(z, roll)


def angles(rotation: Array) -> tuple[float, float, float]:
    """Return yaw, pitch and roll of a rotation, degrees; the inverse of ``head``."""
    yaw = np.arctan2(rotation[0, 2], rotation[2, 2])
    pitch = -np.arcsin(np.clip(rotation[1, 2], -1, 1))
    roll = np.arctan2(rotation[1, 0], rotation[1, 1])
    return (float(np.degrees(yaw)), float(np.degrees(pitch)), float(np.degrees(roll)))


@dataclass(frozen=True)
class Person:
    """A head in front of the camera; ``rotation`` maps its own axes into the room's.

    Its own axes: the patient's left, top, and where the nose points.
    """

    rotation: Array
    place: Array

    @property
    def left(self) -> Array:
        return self.rotation[:, 0]

    @property
    def nose(self) -> Array:
        return self.rotation[:, 2]

    @property
    def ahead(self) -> Array:
        """Where a step forwards goes: along the floor."""
        flat = self.nose * (1, 0, 1)
        return np.asarray(flat / np.linalg.norm(flat))

    @property
    def leftwards(self) -> Array:
        """Where a step to the patient's own left goes."""
        return np.cross(UP, self.ahead)

    def picture(self) -> tuple[float, float, float]:
        """Return x to the right and y down from the middle, and the size, in the picture."""
        depth = DISTANCE - self.place[2]
        return (
            float(self.place[0] / depth),
            float(-self.place[1] / depth),
            float(DISTANCE / depth),
        )


def turned(person: Person, axis: Array, degrees: float) -> Person:
    return replace(person, rotation=about(axis, degrees) @ person.rotation)


def moved(person: Person, by: Array) -> Person:
    return replace(person, place=person.place + by)


# What the words mean to whoever hears them. Thumb along the axis, fingers show the turn.
OBEY: dict[Cue, Callable[[Person], Person]] = {
    Cue.TURN_LEFT: lambda p: turned(p, UP, 1.0),
    Cue.TURN_RIGHT: lambda p: turned(p, UP, -1.0),
    Cue.CHIN_DOWN: lambda p: turned(p, p.left, 1.0),
    Cue.CHIN_UP: lambda p: turned(p, p.left, -1.0),
    Cue.TILT_RIGHT: lambda p: turned(p, p.nose, 1.0),
    Cue.TILT_LEFT: lambda p: turned(p, p.nose, -1.0),
    Cue.LEAN_FORWARD: lambda p: turned(p, p.left, 1.0),
    Cue.LEAN_BACKWARD: lambda p: turned(p, p.left, -1.0),
    Cue.LEAN_RIGHT: lambda p: turned(p, p.nose, 1.0),
    Cue.LEAN_LEFT: lambda p: turned(p, p.nose, -1.0),
    Cue.MOVE_LEFT: lambda p: moved(p, 0.01 * p.leftwards),
    Cue.MOVE_RIGHT: lambda p: moved(p, -0.01 * p.leftwards),
    Cue.MOVE_FORWARD: lambda p: moved(p, 0.01 * p.ahead),
    Cue.MOVE_BACKWARD: lambda p: moved(p, -0.01 * p.ahead),
    Cue.MOVE_UP: lambda p: moved(p, 0.01 * UP),
    Cue.MOVE_DOWN: lambda p: moved(p, -0.01 * UP),
    Cue.COME_CLOSER: lambda p: moved(p, 0.01 * TO_CAMERA),
    Cue.MOVE_BACK: lambda p: moved(p, -0.01 * TO_CAMERA),
}

ANGLES = {Axis.YAW: 0, Axis.PITCH: 1, Axis.ROLL: 2, Axis.LEAN_AHEAD: 1, Axis.LEAN_ASIDE: 2}
"""Which of yaw, pitch and roll each of them is."""

VIEWS = {
    "front": (0.0, 0.0),
    "head back": (0.0, -35.0),
    "chin down": (0.0, 35.0),
    "three-quarter, right side shown": (45.0, 0.0),
    "three-quarter, left side shown": (-45.0, 0.0),
    "right profile": (90.0, 0.0),
    "left profile": (-90.0, 0.0),
    "back": (180.0, 0.0),
}


def test_the_words_move_the_body_as_anybody_understands_them() -> None:
    """Checks the meanings above by where nose, chin, ears and crown go, from the front."""
    patient = Person(np.eye(3), np.zeros(3))
    crown, chin = UP, -UP

    def where(point: Array, cue: Cue) -> Array:
        return np.asarray(OBEY[cue](patient).rotation @ point)

    assert where(TO_CAMERA, Cue.TURN_LEFT)[0] > 0, "own left is the picture's right"
    assert where(chin, Cue.CHIN_DOWN)[2] < 0, "the chin goes to the neck"
    assert where(TO_CAMERA, Cue.CHIN_DOWN)[1] < 0, "the nose goes down"
    assert where(crown, Cue.TILT_LEFT)[0] > 0, "the crown goes to the left shoulder"
    assert where(crown, Cue.LEAN_FORWARD)[2] > 0, "the shoulders go where the patient looks"
    assert where(crown, Cue.LEAN_LEFT)[0] > 0, "the shoulders go to the own left"
    assert OBEY[Cue.MOVE_LEFT](patient).place[0] > 0
    assert OBEY[Cue.MOVE_FORWARD](patient).place[2] > 0


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("off", [-6.0, 6.0])
@pytest.mark.parametrize("axis", ANGLES)
def test_turning_as_told_brings_the_angle_back(axis: Axis, off: float, view: str) -> None:
    yaw, pitch = VIEWS[view]
    number = ANGLES[axis]
    wanted = np.array([yaw, pitch, 0.0])
    seen = wanted.copy()
    seen[number] += off
    patient = Person(head(*seen), np.zeros(3))
    before, after = patient, OBEY[cue_for(axis, off, Facing.of(yaw))](patient)

    def error(person: Person) -> float:
        found = (np.array(angles(person.rotation)) - wanted + 180) % 360 - 180
        return float(abs(found[number]))

    assert error(before) == pytest.approx(6.0)
    assert error(after) < error(before) - 0.9


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("off", [-0.05, 0.05])
@pytest.mark.parametrize("axis", [Axis.X, Axis.Y, Axis.SCALE])
def test_moving_as_told_brings_the_place_back(axis: Axis, off: float, view: str) -> None:
    yaw, pitch = VIEWS[view]
    place = {
        Axis.X: np.array([off, 0.0, 0.0]),
        Axis.Y: np.array([0.0, -off, 0.0]),
        Axis.SCALE: np.array([0.0, 0.0, off]),
    }[axis]
    patient = Person(head(yaw, pitch, 0.0), place)
    number = [Axis.X, Axis.Y, Axis.SCALE].index(axis)

    def deviation(person: Person) -> float:
        return person.picture()[number] - (1.0 if axis is Axis.SCALE else 0.0)

    before = deviation(patient)
    after = deviation(OBEY[cue_for(axis, before, Facing.of(yaw))](patient))
    assert before * off > 0, "the deviation has the sign that it is meant to have"
    assert abs(after) < abs(before) - 0.006


def test_from_the_side_chin_and_tilt_are_the_patients_own() -> None:
    """In a right profile, pitch turns in the picture and roll leans to the camera or away."""
    level = head(90.0, 0.0, 0.0)
    crown = np.array([0.0, 1.0, 0.0])
    chin_down = head(90.0, 10.0, 0.0) @ crown - level @ crown
    assert chin_down[0] > 0.1, "the crown goes forwards, to the right of the picture"
    assert abs(chin_down[2]) < 1e-9
    rolled = head(90.0, 0.0, 10.0) @ crown - level @ crown
    assert rolled[2] > 0.1, "the crown leans to the camera: to the patient's right shoulder"
    assert abs(rolled[0]) < 1e-9
