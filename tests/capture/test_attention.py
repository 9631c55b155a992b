"""Dark after a minute, out after three, out after a shift; by a clock that never jumps."""

from __future__ import annotations

from kiosk.capture.attention import Attention, Limits
from kiosk.capture.flow.values import Event

S = 1_000_000_000
LIMITS = Limits(blank_ns=60 * S, sign_out_ns=180 * S, shift_ns=8 * 3600 * S)


def told(attention: Attention, *seconds: float) -> list[tuple[float, Event]]:
    return [(s, event) for s in seconds for event in attention.due(round(s * S))]


def test_the_screen_goes_dark_once_and_the_operator_out_until_it_is_done() -> None:
    attention = Attention(LIMITS, 0)
    attention.signed(0, in_=True)
    assert told(attention, 30, 59.9, 60, 61, 179.9, 180, 181) == [
        (60, Event.BLANKED),
        (180, Event.SIGN_OUT_DUE),
        (181, Event.SIGN_OUT_DUE),
    ]
    attention.signed(182 * S, in_=False)
    assert told(attention, 183, 1000) == []


def test_an_act_starts_both_times_anew() -> None:
    attention = Attention(LIMITS, 0)
    attention.signed(0, in_=True)
    attention.active(59 * S)
    assert told(attention, 100, 118.9, 119) == [(119, Event.BLANKED)]
    attention.active(120 * S)
    assert told(attention, 121, 179) == []
    assert told(attention, 180, 299) == [(180, Event.BLANKED)]
    assert told(attention, 300) == [(300, Event.SIGN_OUT_DUE)]


def test_an_act_that_was_noticed_late_does_not_turn_time_back() -> None:
    attention = Attention(LIMITS, 0)
    attention.active(50 * S)
    attention.active(10 * S)
    assert told(attention, 109.9, 110) == [(110, Event.BLANKED)]


def test_a_shift_ends_whoever_is_active() -> None:
    attention = Attention(LIMITS, 0)
    attention.signed(100 * S, in_=True)
    end = 100 + 8 * 3600
    for second in range(0, end + 10, 10):
        attention.active(second * S)
        attention.signed(second * S, in_=True)
        expected = (Event.SIGN_OUT_DUE,) if second >= end else ()
        assert attention.due(second * S) == expected
    attention.signed((end + 10) * S, in_=False)
    attention.signed((end + 11) * S, in_=True)
    assert attention.due((end + 11) * S) == ()


def test_nobody_signed_in_is_not_signed_out() -> None:
    attention = Attention(LIMITS, 0)
    assert told(attention, 60, 200, 100_000) == [(60, Event.BLANKED)]
