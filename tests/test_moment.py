"""The station's clocks, against the kernel's own words."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk import moment
from kiosk.errors import ClockLost
from kiosk.moment import WRITTEN, require_plausible


def test_a_moment_agrees_with_every_clock_of_the_machine() -> None:
    before = time.monotonic_ns()
    now = moment.now()
    assert before <= now.monotonic_ns <= time.monotonic_ns()
    assert abs(datetime.fromisoformat(now.wall) - datetime.now(UTC)) < timedelta(minutes=1)
    assert now.boot_id == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert now.clock is moment.clock_state()


def test_the_time_carries_its_offset() -> None:
    assert moment.now().wall.endswith("+00:00")


@pytest.mark.parametrize(
    ("now", "fine"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), False),
        (datetime(2026, 10, 31, 23, 59, tzinfo=UTC), False),
        (WRITTEN, True),
        (datetime(2050, 1, 1, tzinfo=UTC), True),
    ],
)
def test_a_clock_that_lost_the_time_is_found(now: datetime, *, fine: bool) -> None:
    if fine:
        require_plausible(now, "It")
        return
    with pytest.raises(ClockLost, match=f"It says {now:%Y-%m-%d}"):
        require_plausible(now, "It")
