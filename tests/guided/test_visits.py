"""Simulated patients are guided into each view by the product's own code, in simulated time.

``make guide-loop`` runs a hundred of each; here a few, and what must hold for every one of them.
"""

from __future__ import annotations

import pytest

from kiosk.capture.guides.values import Cue
from provisioning.demo.patient.data import HeadData
from tests.guided.__main__ import visit_of
from tests.guided.visit import Room

LONGEST_S = 20.0
NEAR_S = 14.0
"""By when whoever cannot be judged has been left to the operator for a while."""

SLOWLY_NS = 133_333_333
"""Between two pictures: a quarter of what a server measures, so that a slow station's are tried."""

ERROR_DEG = 1.0
"""How much more than the tolerance the truth may be off: what measuring errs by, and sway."""

SIDES = (("profile_left", 5), ("profile_right", 7))
"""Patients who are hard to judge: of one all lies at the edge of the error, the other is misjudged
by twice the mean error."""


FOLLOW_UPS = (
    *(("frontal_rest", 0), ("frontal_rest", 1), ("oblique_left", 6), ("basal", 0)),
    *(("birds_eye", 63), ("profile_right", 0), ("profile_right", 1)),
    *(("frontal_smile", 0), ("frontal_eyes_closed_gently", 4)),
)
"""Of the bird's eye view one who sits down bowed farther than the mesh is found at once."""


@pytest.mark.parametrize(("view", "number"), FOLLOW_UPS)
def test_a_follow_up_is_guided_into_its_baseline(
    room: Room, heads: HeadData, view: str, number: int
) -> None:
    visit = visit_of(room, heads, view, number, follow_up=True)
    outcome = room.visit(visit, seed=number, within_s=LONGEST_S, frame_ns=SLOWLY_NS)
    assert outcome.seconds is not None, outcome.said
    slack = visit.view.tolerance
    for off, allowed in zip(outcome.off, (slack.yaw, slack.pitch, slack.roll), strict=True):
        assert abs(off) <= allowed + ERROR_DEG
    assert outcome.wrong <= outcome.outside * 0.02


def test_a_first_visit_is_guided_into_the_view(room: Room, heads: HeadData) -> None:
    visit = visit_of(room, heads, "frontal_rest", 2, follow_up=False)
    outcome = room.visit(visit, seed=2, within_s=LONGEST_S, frame_ns=SLOWLY_NS)
    assert outcome.seconds is not None, outcome.said
    assert abs(outcome.off[0]) <= visit.view.tolerance.yaw + ERROR_DEG


@pytest.mark.parametrize(("view", "number"), SIDES)
def test_a_first_visit_in_profile_is_brought_near_and_left_to_the_operator(
    room: Room, heads: HeadData, view: str, number: int
) -> None:
    """Without a baseline the station cannot judge a profile: it must never say that it is right."""
    visit = visit_of(room, heads, view, number, follow_up=False)
    outcome = room.visit(visit, seed=number, within_s=NEAR_S, frame_ns=SLOWLY_NS)
    said = [cue for _, cues in outcome.said for cue in cues]
    assert outcome.seconds is None
    assert Cue.READY not in said
    assert Cue.CANNOT_JUDGE in said
    # Who was left to the operator is asked for something again once at most.
    assert said.count(Cue.CANNOT_JUDGE) <= 2, outcome.said
    assert outcome.wrong <= outcome.outside * 0.005, outcome.said
    assert abs(outcome.off[0]) < 17.0


@pytest.mark.parametrize("number", [9, 49, 66])
def test_who_turns_far_aside_is_neither_covered_nor_turned_around(
    room: Room, heads: HeadData, number: int
) -> None:
    """The mesh of two of them is sure of itself there and moves; the points of 49 jump over."""
    visit = visit_of(room, heads, "profile_left", number, follow_up=True)
    outcome = room.visit(visit, seed=number, within_s=NEAR_S, frame_ns=SLOWLY_NS)
    said = [cue for _, cues in outcome.said for cue in cues]
    assert Cue.UNCOVER not in said, outcome.said
    assert outcome.wrong <= outcome.outside * 0.02, outcome.said
    assert outcome.seconds is not None, outcome.said
