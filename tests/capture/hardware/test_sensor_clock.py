from __future__ import annotations

import pytest

from kiosk.capture.hardware.sensor_clock import clock_offset, exposed_from
from kiosk.errors import CameraError

S = 1_000_000_000


@pytest.mark.parametrize(
    ("sensor_s", "monotonic_s", "boottime_s", "offset_s"),
    [
        (99.9, 100.0, 100.0, 0.0),  # never slept: both clocks agree
        (499.9, 100.0, 500.0, 400.0),  # slept; stamps of boot time
        (99.9, 100.0, 500.0, 0.0),  # slept; stamps of monotonic time
        (99.9, 100.0, 101.0, 1.0),  # slept briefly: either; taken as the older
    ],
)
def test_the_clock_is_told_from_a_frame_just_received(
    sensor_s: float, monotonic_s: float, boottime_s: float, offset_s: float
) -> None:
    offset_ns = clock_offset(
        round(sensor_s * S), monotonic_ns=round(monotonic_s * S), boottime_ns=round(boottime_s * S)
    )
    assert offset_ns == round(offset_s * S)


@pytest.mark.parametrize("sensor_s", [0.0, 97.0, 100.1, 1_700_000_000.0])
def test_a_stamp_of_no_clock_here_is_refused(sensor_s: float) -> None:
    with pytest.raises(CameraError, match="not this machine's"):
        clock_offset(round(sensor_s * S), monotonic_ns=100 * S, boottime_ns=100 * S)


def test_the_stamp_ends_the_exposure() -> None:
    assert exposed_from(10 * S, 8_000, 2 * S) == 8 * S - 8_000_000
