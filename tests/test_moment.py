"""The station's clocks, against the kernel's own words."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kiosk import moment


def test_a_moment_agrees_with_every_clock_of_the_machine() -> None:
    before = time.monotonic_ns()
    now = moment.now()
    assert before <= now.monotonic_ns <= time.monotonic_ns()
    assert abs(datetime.fromisoformat(now.wall) - datetime.now(UTC)) < timedelta(minutes=1)
    assert now.boot_id == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert now.clock is moment.clock_state()


def test_the_time_carries_its_offset() -> None:
    assert moment.now().wall.endswith("+00:00")
