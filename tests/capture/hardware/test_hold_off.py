"""The hold-off: pure arithmetic on the times of edges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.capture.hardware.hold_off import HoldOff

INTERVAL = 400
DWELL = 200

edges = st.lists(st.tuples(st.integers(0, 10_000), st.booleans()), min_size=1, max_size=60).map(
    sorted
)
"""Times of edges in order; True is a press."""


def counted(hold_off: HoldOff, happened: list[tuple[int, bool]]) -> list[int]:
    times = []
    for at, pressed in happened:
        if not pressed:
            hold_off.release(at)
        elif hold_off.accept(at):
            times.append(at)
    return times


def test_the_first_press_counts() -> None:
    assert HoldOff(INTERVAL).accept(0)


def test_a_press_is_counted_once() -> None:
    hold_off = HoldOff(INTERVAL)
    assert hold_off.accept(1000)
    assert not hold_off.accept(1000)


@pytest.mark.parametrize(("gap", "counts"), [(1, False), (399, False), (400, True), (5000, True)])
def test_a_second_press_counts_after_the_interval(gap: int, counts: bool) -> None:  # noqa: FBT001
    hold_off = HoldOff(INTERVAL)
    hold_off.accept(1000)
    assert hold_off.accept(1000 + gap) is counts


def test_bounce_at_the_release_of_a_long_press_is_no_second_press() -> None:
    hold_off = HoldOff(INTERVAL)
    held = [(0, True), (3000, False), (3002, True), (3004, False), (3005, True), (3007, False)]
    assert counted(hold_off, held) == [0]


def test_without_an_interval_every_press_counts() -> None:
    assert counted(HoldOff(0), [(5, True), (5, True), (6, True)]) == [5, 5, 6]


def test_a_press_begun_before_the_screen_does_not_count() -> None:
    hold_off = HoldOff(INTERVAL, DWELL)
    hold_off.rearm(1000)
    assert not hold_off.accept(999)


@pytest.mark.parametrize(("at", "counts"), [(1000, False), (1199, False), (1200, True)])
def test_a_press_counts_after_the_dwell(at: int, counts: bool) -> None:  # noqa: FBT001
    hold_off = HoldOff(INTERVAL, DWELL)
    hold_off.rearm(1000)
    assert hold_off.accept(at) is counts


def test_the_bounce_of_a_press_that_came_too_early_does_not_count_either() -> None:
    hold_off = HoldOff(INTERVAL, DWELL)
    hold_off.rearm(1000)
    assert counted(hold_off, [(1190, True), (1201, True), (1300, True)]) == []


def test_an_older_rearm_does_not_undo_a_newer_one() -> None:
    hold_off = HoldOff(INTERVAL, DWELL)
    hold_off.rearm(2000)
    hold_off.rearm(1000)
    assert not hold_off.accept(1900)


@given(edges)
def test_counted_presses_have_quiet_before_them(happened: list[tuple[int, bool]]) -> None:
    times = counted(HoldOff(INTERVAL), happened)
    for at in times:
        before = [other for other, _ in happened if at - INTERVAL < other < at]
        assert before == []


@given(edges)
def test_every_press_after_quiet_counts(happened: list[tuple[int, bool]]) -> None:
    times = counted(HoldOff(INTERVAL), happened)
    for index, (at, pressed) in enumerate(happened):
        last = happened[index - 1][0] if index else None
        if pressed and (last is None or at - last >= INTERVAL):
            assert at in times


@given(
    st.lists(
        st.tuples(
            st.integers(INTERVAL, 3 * INTERVAL),
            st.lists(st.integers(1, 20), min_size=0, max_size=15),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_each_burst_is_one_press(bursts: list[tuple[int, list[int]]]) -> None:
    """Bursts of contacts that bounce, each after quiet, count once each, at their first edge."""
    hold_off, now, expected, times = HoldOff(INTERVAL), 0, [], []
    for quiet, gaps in bursts:
        now += quiet
        expected.append(now)
        times += counted(hold_off, [(now, True)])
        for gap in gaps:
            hold_off.release(now)
            now += gap
            times += counted(hold_off, [(now, True)])
    assert times == expected


@given(edges, st.integers(0, 10_000))
def test_nothing_before_the_screen_counts_and_rearming_adds_no_press(
    happened: list[tuple[int, bool]], screen_at: int
) -> None:
    free = counted(HoldOff(INTERVAL, DWELL), happened)
    hold_off = HoldOff(INTERVAL, DWELL)
    hold_off.rearm(screen_at)
    armed = counted(hold_off, happened)
    assert armed == [at for at in free if at >= screen_at + DWELL]


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_an_edge_told_late_never_counts(first: int, late_by: int) -> None:
    hold_off = HoldOff(INTERVAL)
    hold_off.accept(first)
    assert not hold_off.accept(first - late_by)


def test_an_edge_told_late_does_not_shorten_the_quiet_time() -> None:
    hold_off = HoldOff(INTERVAL)
    assert counted(hold_off, [(1000, True), (500, True), (1399, True)]) == [1000]
