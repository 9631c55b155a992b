from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest

from kiosk.capture.hardware.interfaces import CameraIdentity
from kiosk.capture.hardware.settings_check import capture_matching, check, differences
from kiosk.errors import CameraTimeout, FrameRefused
from kiosk.model import CameraSettings, Frame, FrameMetadata, PixelLayout

ASKED = CameraSettings(8000, 2.0, (1.9, 1.6), 1.0)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"exposure_us": 8081}, "exposure: asked 8000 µs, got 8081 µs"),
        ({"exposure_us": 7919}, "exposure: asked 8000 µs, got 7919 µs"),
        ({"analogue_gain": 2.041}, "analogue gain: asked 2.000, got 2.041"),
        ({"colour_gains": (1.92, 1.6)}, "red gain: asked 1.900, got 1.920"),
        ({"colour_gains": (1.9, 1.58)}, "blue gain: asked 1.600, got 1.580"),
        ({"lens_position": 1.11}, "focus: asked 1.00 dioptres, got 1.11"),
        ({"lens_position": None}, "focus: asked 1.00 dioptres, but the camera does not tell it"),
        ({"analogue_gain": float("nan")}, "analogue gain: asked 2.000, got nan"),
    ],
)
def test_what_is_outside_the_tolerance_is_named(changed: dict[str, object], named: str) -> None:
    applied = dataclasses.replace(ASKED, **changed)  # type: ignore[arg-type]
    assert differences(ASKED, applied) == (named,)


@pytest.mark.parametrize(
    "changed",
    [
        {"exposure_us": 8079},
        {"analogue_gain": 1.97},
        {"colour_gains": (1.915, 1.588)},
        {"lens_position": 0.92},
    ],
)
def test_what_a_sensor_cannot_help_passes(changed: dict[str, object]) -> None:
    applied = dataclasses.replace(ASKED, **changed)  # type: ignore[arg-type]
    assert differences(ASKED, applied) == ()


def test_short_exposures_may_be_off_by_one_row() -> None:
    asked = dataclasses.replace(ASKED, exposure_us=500)
    assert not differences(asked, dataclasses.replace(asked, exposure_us=540))
    assert differences(asked, dataclasses.replace(asked, exposure_us=541))


def test_a_lens_set_by_hand_is_not_compared() -> None:
    asked = dataclasses.replace(ASKED, lens_position=None)
    assert differences(asked, ASKED) == ()


def test_all_differences_are_told_in_one_sentence() -> None:
    applied = CameraSettings(9000, 2.0, (1.0, 1.0), 1.0)
    with pytest.raises(FrameRefused, match=r"exposure: .*; red gain: .*; blue gain: ") as refused:
        check(ASKED, applied)
    assert refused.value.retryable


def test_a_device_that_cannot_tell_passes() -> None:
    check(ASKED, None)


class Played:
    """A camera that gives the frames of a list, then times out."""

    identity = CameraIdentity("", "", "")
    still_size = (2, 2)
    still_layout = PixelLayout.I420

    def __init__(self, applied: list[CameraSettings | None]) -> None:
        self.frames = [
            Frame(
                np.full((3, 2), 9, np.uint8), PixelLayout.I420, 2, 2, FrameMetadata(100 + n, told)
            )
            for n, told in enumerate(applied)
        ]
        self._left: Iterator[Frame] = iter(self.frames)
        self.asked_ns: list[int] = []

    def start(self) -> None: ...

    def apply(self, settings: CameraSettings) -> None: ...

    def preview(self) -> Frame | None:
        return None

    def capture(self, after_ns: int) -> Frame:
        self.asked_ns.append(after_ns)
        for frame in self._left:
            return frame
        raise CameraTimeout("no more")

    def restart(self) -> None: ...

    def close(self) -> None: ...


def clock_of(*times_ns: int) -> Iterator[int]:
    yield from times_ns


OLD = dataclasses.replace(ASKED, exposure_us=4000)


def test_frames_of_the_old_settings_are_passed_over_and_wiped() -> None:
    camera = Played([OLD, OLD, ASKED])
    frame = capture_matching(camera, ASKED, 100, clock=lambda: 0)
    assert frame is camera.frames[2]
    assert frame.pixels.all()
    assert not any(old.pixels.any() for old in camera.frames[:2])
    assert camera.asked_ns == [100, 101, 102]


def test_frames_that_never_match_are_refused_once_the_time_is_over() -> None:
    camera = Played([OLD] * 10)
    times = clock_of(0, 10, 20, 30, 40)
    with pytest.raises(FrameRefused, match="asked 8000 µs, got 4000 µs"):
        capture_matching(camera, ASKED, 100, timeout_ns=30, clock=lambda: next(times))
    assert len(camera.asked_ns) == 3
    assert not any(frame.pixels.any() for frame in camera.frames[:3])


def test_a_device_that_cannot_tell_gives_its_first_frame() -> None:
    camera = Played([None])
    assert capture_matching(camera, ASKED, 100).metadata.settings is None


def test_a_camera_that_gives_nothing_times_out() -> None:
    with pytest.raises(CameraTimeout):
        capture_matching(Played([]), ASKED, 100)
