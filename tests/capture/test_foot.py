"""A press and a hold, told apart where both mean something."""

from __future__ import annotations

import pytest

from kiosk import config
from kiosk.capture.foot import HELD, HOLD_NS, Foot, Step
from kiosk.capture.hardware.simulated_pedal import SimulatedPedal
from kiosk.capture.workflow import Event, State

MS = 1_000_000
HOLD_MS = HOLD_NS // MS


class Leg:
    """A foot on a pedal before a screen; times in milliseconds."""

    def __init__(self) -> None:
        self.now = 0
        self.state = State.REVIEW
        self.pedal = SimulatedPedal(config.SimulatedPedal(), lambda: self.now * MS)
        self.foot = Foot(self.pedal)
        self.told: list[tuple[Event, int]] = []

    def at(self, now: int) -> None:
        """Let the loop come round once."""
        self.now = now
        for at_ns in self.pedal.poll():
            self._tell(self.foot.pressed(at_ns, self.state))
        self._tell(self.foot.ended(self.state, now * MS))

    def _tell(self, step: Step | None) -> None:
        if step is not None:
            self.told.append((step.event, step.at_ns // MS))


@pytest.fixture
def leg() -> Leg:
    return Leg()


def test_review_is_where_a_hold_means_something() -> None:
    assert {State.REVIEW} == HELD


def test_a_press_counts_when_the_foot_lets_go(leg: Leg) -> None:
    leg.pedal.down(1000 * MS)
    leg.at(1000)
    assert (leg.told, leg.foot.down) == ([], True)
    leg.pedal.up(1200 * MS)
    leg.at(1300)
    assert (leg.told, leg.foot.down) == ([(Event.PEDAL, 1000)], False)
    leg.at(5000)
    assert len(leg.told) == 1


def test_a_hold_counts_after_a_second_and_is_no_press(leg: Leg) -> None:
    leg.pedal.down(1000 * MS)
    leg.at(1000)
    leg.at(1000 + HOLD_MS - 1)
    assert leg.told == []
    leg.at(1000 + HOLD_MS)
    assert (leg.told, leg.foot.down) == ([(Event.PEDAL_HELD, 1000)], False)
    leg.pedal.up(4000 * MS)
    leg.at(4100)
    assert len(leg.told) == 1


def test_a_press_that_came_and_went_between_two_looks_counts(leg: Leg) -> None:
    leg.pedal.down(1000 * MS)
    leg.pedal.up(1030 * MS)
    leg.at(1200)
    assert leg.told == [(Event.PEDAL, 1000)]


def test_elsewhere_a_press_counts_at_once(leg: Leg) -> None:
    leg.state = State.AIM
    leg.pedal.down(1000 * MS)
    leg.at(1000)
    assert (leg.told, leg.foot.down) == ([(Event.PEDAL, 1000)], False)
    leg.at(1000 + 2 * HOLD_MS)
    assert len(leg.told) == 1


def test_a_screen_that_changes_meanwhile_takes_the_press_away(leg: Leg) -> None:
    leg.pedal.down(1000 * MS)
    leg.at(1000)
    leg.state = State.SAVING
    leg.at(1100)
    leg.state = State.REVIEW
    leg.at(1000 + 2 * HOLD_MS)
    assert leg.told == []


def test_a_pedal_that_is_pulled_out_is_let_go_of(leg: Leg) -> None:
    """Kept rather than thrown away."""
    leg.pedal.down(1000 * MS)
    leg.at(1000)
    leg.pedal.unplug()
    leg.at(1100)
    assert leg.told == [(Event.PEDAL, 1000)]
