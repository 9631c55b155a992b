"""Each planted fault of a camera ends in an error of ours, never in an accepted picture."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.capture.hardware.settings_check import capture_matching
from kiosk.capture.hardware.simulated_camera import SimulatedCamera
from kiosk.config import Exposure
from kiosk.config import SimulatedCamera as Section
from kiosk.errors import CameraError, CameraTimeout, FrameRefused
from tests.capture.hardware.faulty_camera import Fault, FaultyCamera
from tests.contracts.camera_cases import next_preview

EXPOSURE = Exposure(exposure_us=2000)


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[FaultyCamera]:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((24, 32, 3), 90, np.uint8))
    section = Section(
        size=(64, 48),
        preview=(32, 24),
        exposure=EXPOSURE,
        pictures=tmp_path,
        frames_per_second=100.0,
    )
    made = FaultyCamera(SimulatedCamera(section, light_level=lambda: 1.0))
    made.start()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        (Fault.DIES, CameraError, "stopped"),
        (Fault.HANGS, CameraTimeout, "No picture"),
        (Fault.OLD_FRAMES, FrameRefused, "1000 ms before it was asked for"),
        (Fault.WRONG_EXPOSURE, FrameRefused, "exposure: asked 2000 µs, got 4000 µs"),
        (Fault.NEVER_MATCHING_GAINS, FrameRefused, "red gain"),
    ],
)
def test_a_fault_is_no_picture(
    camera: FaultyCamera, fault: Fault, error: type[CameraError], said: str
) -> None:
    next_preview(camera)
    camera.fault = fault
    camera.release_hang.set()
    with pytest.raises(error, match=said):
        capture_matching(camera, EXPOSURE.settings(), time.monotonic_ns(), timeout_ns=100_000_000)


@pytest.mark.parametrize("fault", [Fault.NONE, Fault.TELLS_NOTHING])
def test_what_is_no_fault_passes(camera: FaultyCamera, fault: Fault) -> None:
    camera.fault = fault
    frame = capture_matching(camera, EXPOSURE.settings(), time.monotonic_ns())
    assert frame.pixels.any()


@pytest.mark.parametrize("fault", [Fault.DIES, Fault.HANGS])
def test_a_restart_heals(camera: FaultyCamera, fault: Fault) -> None:
    camera.fault = fault
    camera.restart()
    assert next_preview(camera).pixels.any()
