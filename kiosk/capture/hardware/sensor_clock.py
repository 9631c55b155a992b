"""When a frame's exposure began, from what libcamera writes beside it."""

from __future__ import annotations

from kiosk.errors import CameraError

PLAUSIBLE_NS = 2_000_000_000
"""A frame that reaches us is younger than this: exposure, readout and processing together."""


def clock_offset(sensor_ns: int, *, monotonic_ns: int, boottime_ns: int) -> int:
    """Tell which clock a camera stamps its frames with, from one frame just received.

    libcamera documents ``SensorTimestamp`` as CLOCK_BOOTTIME, while the Raspberry Pi's receiver
    stamps with CLOCK_MONOTONIC (libcamera bug 254). Both agree on a machine that never sleeps;
    where they do not, the clock under which the frame has a sensible age is the right one. If
    both are possible the frame is taken as the older one: then a capture may wait one frame
    longer, but never returns a frame from before the press.

    Args:
        sensor_ns: ``SensorTimestamp`` of the frame.
        monotonic_ns: CLOCK_MONOTONIC now.
        boottime_ns: CLOCK_BOOTTIME now.

    Returns:
        What to take off the camera's stamps to have them on the monotonic clock, nanoseconds.

    Raises:
        CameraError: the stamp fits neither clock.
    """
    boottime_fits = 0 <= boottime_ns - sensor_ns <= PLAUSIBLE_NS
    monotonic_fits = 0 <= monotonic_ns - sensor_ns <= PLAUSIBLE_NS
    if boottime_fits:
        return boottime_ns - monotonic_ns
    if monotonic_fits:
        return 0
    raise CameraError(
        f"The camera stamps its frames with a clock that is not this machine's: {sensor_ns} ns, "
        f"expected at most {PLAUSIBLE_NS / 1e9:g} s before {monotonic_ns} ns; "
        "no picture could be proven to be from after the press."
    )


def exposed_from(sensor_ns: int, exposure_us: int, offset_ns: int) -> int:
    """Return when the first row's exposure began, monotonic nanoseconds.

    The stamp is taken when the first row arrives, which is when its exposure has ended
    (picamera2 #821); picamera2's own ``flush`` subtracts the exposure time likewise.
    """
    return sensor_ns - offset_ns - exposure_us * 1000
