"""Each view that asks for an expression, on faces that rest and on faces that make it.

A face at rest must never be within, whoever it is; one that makes the expression must be, once it
is known how it rests. Drawn patients, and five other heads where they lie beside this checkout.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import cv2
import numpy as np
import pytest

from kiosk.capture.guides.expressions import is_rest
from kiosk.capture.guides.values import Cue, Sight
from kiosk.capture.guiding.views import Judges, Optics
from kiosk.capture.pose.descriptor import PoseDescriptor, read, write
from kiosk.capture.pose.geometry import Pinhole
from kiosk.capture.pose.head import load_head_model
from kiosk.capture.pose.measure import load_truth
from kiosk.model import Pixels
from kiosk.records.protocols import load_library
from kiosk.records.view_methods import can_measure
from kiosk.records.views import View
from provisioning.demo.patient import data
from provisioning.demo.patient.head import Head
from provisioning.demo.patient.person import PERSONS
from tests.capture.shared_faces import truth_file
from tests.guided.visit import EXPRESSIONS, Room

VIEWS: Final = load_library().views
REST: Final = VIEWS["frontal_rest"]
ACTED: Final = {
    view.expression.value: view
    for view in VIEWS.values()
    if view.method == "face"
    and view.expression is not None
    and can_measure(view.expression)
    and not is_rest(view.expression)
}
"""A view for each expression that the station judges and that is no rest."""

BY_REST: Final = {"brow-raise", "pucker"}
"""Expressions of which nothing is told without a known rest."""

PATIENTS: Final = ("anna", "bola", "chen")
HEADS: Final = ("m1", "f1", "f2", "m3", "m4")
SHARED_NAMES: Final = {
    "225583004": "smile",
    "brow-raise": "browraise",
    "eyes-closed-gently": "eyesclosed",
    "eyes-closed-tightly": "eyesclosed",
}


def judged(
    judges: Judges, view: View, picture: Pixels, camera: Pinhole, rest: PoseDescriptor | None
) -> tuple[Cue, ...] | None:
    """Return what a picture of a view lacks of the expression."""
    judge = judges.judge(view, None, rest)
    assert judge is not None
    found = judge.shot(picture, camera).deviation
    assert found.sight is Sight.CLEAR
    return found.expression


def described(judges: Judges, picture: Pixels, camera: Pinhole) -> PoseDescriptor:
    """Return what is kept of a picture of a resting face."""
    judge = judges.judge(REST, None)
    assert judge is not None
    kept = judge.shot(picture, camera).descriptor
    assert kept is not None
    return read(write(kept))


@dataclass
class Patient:
    """One drawn patient."""

    room: Room
    head: Head

    @cached_property
    def rest(self) -> PoseDescriptor:
        return described(self.room.judges, self.picture({}, 1), self.room.optics.camera)

    @cached_property
    def resting(self) -> Pixels:
        return self.picture({}, 2)

    def picture(self, face: dict[str, float], seed: int) -> Pixels:
        return self.room.picture(self.head, replace(self.room.target(REST), expression=face), seed)

    def lacks(self, view: View, picture: Pixels, *, known: bool) -> tuple[Cue, ...] | None:
        rest = self.rest if known else None
        return judged(self.room.judges, view, picture, self.room.optics.camera, rest)


@pytest.fixture(scope="module", params=PATIENTS)
def patient(request: pytest.FixtureRequest) -> Patient:
    return Patient(Room(load_head_model()), Head.make(data.load(), PERSONS[request.param]))


def test_every_expression_that_is_judged_is_tried() -> None:
    assert set(ACTED) <= set(EXPRESSIONS)
    assert set(ACTED) >= BY_REST


@pytest.mark.parametrize("expression", ACTED)
def test_a_patient_at_rest_is_never_within_and_one_who_acts_is(
    patient: Patient, expression: str
) -> None:
    view = ACTED[expression]
    made = patient.picture(EXPRESSIONS[expression], 3)
    assert patient.lacks(view, patient.resting, known=True)
    assert patient.lacks(view, made, known=True) == ()
    unknown = [patient.lacks(view, shown, known=False) for shown in (patient.resting, made)]
    if expression in BY_REST:
        assert unknown == [None, None]
    else:
        assert unknown[0]
        assert unknown[1] == ()


@pytest.mark.parametrize("expression", ["225583004", "eyes-closed-gently"])
def test_a_patient_who_is_held_right_is_not_told_to_nod_before_the_face_is_made(
    patient: Patient, expression: str
) -> None:
    """Against a baseline that smiles, a head at rest in its very pose seems to be thrown back."""
    view, camera = ACTED[expression], patient.room.optics.camera
    made = patient.picture(EXPRESSIONS[expression], 3)
    first = patient.room.judges.judge(view, None, patient.rest)
    assert first is not None
    baseline = first.shot(made, camera).descriptor
    assert baseline is not None
    later = patient.room.judges.judge(view, read(write(baseline)), patient.rest)
    assert later is not None
    assert later.shot(patient.resting, camera).deviation.pitch is None
    found = later.shot(patient.picture(EXPRESSIONS[expression], 4), camera).deviation
    assert found.expression == ()
    assert found.pitch == pytest.approx(0.0, abs=1.0)


@pytest.fixture(scope="module")
def judges() -> Judges:
    return Judges(Optics(Pinhole(640, 480, 1250.0), None, 0))


def other_faces(head: str, does: str) -> Iterator[tuple[Pixels, Pinhole]]:
    """Yield the pictures of one of the other heads that does something at full strength."""
    found = truth_file()
    for one in load_truth(found):
        if (one.of, one.head, one.expr) == ("expr", head, does) and one.file.endswith("_1.0.jpg"):
            picture = cv2.imread(str(found.parent / one.file))
            assert picture is not None
            yield np.asarray(picture, np.uint8), Pinhole(640, 480, one.focal)


@pytest.mark.parametrize("expression", SHARED_NAMES)
@pytest.mark.parametrize("head", HEADS)
def test_another_head_at_rest_is_never_within_and_one_that_acts_is(
    judges: Judges, head: str, expression: str
) -> None:
    view = ACTED[expression]
    ((resting, camera),) = other_faces(head, "rest")
    ((made, _),) = other_faces(head, SHARED_NAMES[expression])
    rest = described(judges, resting, camera)
    assert judged(judges, view, resting, camera, rest)
    assert judged(judges, view, made, camera, rest) == ()
