"""What is told of a head before its face does what the view asks for."""

from __future__ import annotations

import pytest

from kiosk.capture.guides.expressions import is_rest
from kiosk.capture.guides.values import Against, Deviation, Sight
from kiosk.capture.pose.unlike import UNLIKE, until_made
from kiosk.records.protocols import load_library
from kiosk.records.view_methods import can_measure

VIEWS = load_library().views
SMILE, EYES, BROWS = (
    VIEWS[name] for name in ("frontal_smile", "frontal_eyes_closed_gently", "frontal_brow_raise")
)


def told(pitch: float | None, y: float | None = None) -> Deviation:
    return Deviation(Sight.CLEAR, Against.BASELINE, yaw=5.0, pitch=pitch, y=y, x=0.1, scale=0.2)


@pytest.mark.parametrize(
    ("seen", "left"),
    [
        # Of a head that is held right, or as good as right, nothing is told …
        (-7.0, None),
        (-5.0, None),
        (0.0, None),
        (2.9, None),
        (-9.9, None),
        # … and of others no more than what the smile cannot be the reason of.
        (-12.0, -5.0),
        (4.0, 4.0),
        (None, None),
    ],
)
def test_of_a_nod_only_what_is_surely_off_is_told(seen: float | None, left: float | None) -> None:
    assert SMILE.expression is not None
    found = until_made(told(seen), SMILE.expression, SMILE.tolerance)
    assert found.pitch == (None if left is None else pytest.approx(left))


@pytest.mark.parametrize(
    ("seen", "left"), [(0.04, None), (0.0, None), (0.06, None), (0.1, 0.06), (-0.05, -0.05)]
)
def test_of_a_height_too(seen: float, left: float | None) -> None:
    assert SMILE.expression is not None
    found = until_made(told(None, seen), SMILE.expression, SMILE.tolerance)
    assert found.y == (None if left is None else pytest.approx(left))


def test_all_else_is_told_as_it_is() -> None:
    assert SMILE.expression is not None
    found = until_made(told(-5.0, 0.01), SMILE.expression, SMILE.tolerance)
    assert (found.yaw, found.x, found.scale) == (5.0, 0.1, 0.2)
    assert (found.sight, found.against) == (Sight.CLEAR, Against.BASELINE)
    assert EYES.expression is not None
    assert until_made(told(-5.0, 0.05), EYES.expression, EYES.tolerance).y == 0.05
    assert BROWS.expression is not None
    assert until_made(told(-5.0), BROWS.expression, BROWS.tolerance) == told(-5.0)


def test_only_expressions_that_are_asked_for_and_are_no_rest_are_waited_for() -> None:
    """What is never missing, or never made, would keep a nod from being told for ever."""
    asked = [view.expression for view in VIEWS.values() if view.expression is not None]
    waited = [one for one in asked if (one.scheme, one.value) in UNLIKE]
    assert {(one.scheme, one.value) for one in waited} == set(UNLIKE)
    assert all(can_measure(one) and not is_rest(one) for one in waited)
