"""What runs inside the rig's tree: the driver over the real picamera2 and libcamera's camera.

Not collected by the suite itself; ``test_picamera.py`` runs it where picamera2 is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from kiosk.capture.hardware.picamera import PiCameraModule
from kiosk.config import Exposure, PiCamera
from kiosk.errors import CameraError
from kiosk.model import CameraSettings, PixelLayout
from tests.contracts.camera_cases import Bench, CameraContract, Maker, next_preview
from tests.rig import virtual_help

SIZE, PREVIEW = (1920, 1080), (640, 360)
EXPOSURE = Exposure(exposure_us=8000)


def section(**changes: Any) -> PiCamera:  # noqa: ANN401 - keys of the section
    return PiCamera(
        **{"sensor": "imx477", "size": SIZE, "preview": PREVIEW, "exposure": EXPOSURE, **changes}
    )


def virtual(made: PiCamera) -> PiCameraModule:
    return PiCameraModule(made, layout=PixelLayout.NV12, manual_controls=False)


@pytest.fixture(autouse=True, scope="module")
def help_picamera2() -> None:
    virtual_help.install()


class Hog:
    """Takes every finished request and keeps it, so that the camera runs out of buffers."""

    def __init__(self, camera: PiCameraModule) -> None:
        assert camera._device is not None
        self._picamera2 = camera._device._camera
        self._held: list[Any] = []
        self._full = threading.Event()
        self._picamera2.pre_callback = self._take

    def wait(self) -> None:
        assert self._full.wait(10)
        # One more turn, so that the driver under test has given back the last one it had.
        time.sleep(0.1)

    def give_back(self) -> None:
        self._picamera2.pre_callback = None
        while self._held:
            self._held.pop().release()

    def _take(self, request: Any) -> None:  # noqa: ANN401 - a picamera2 request
        request.acquire()
        self._held.append(request)
        if len(self._held) == 3:
            self._full.set()


class TestVirtualCamera(CameraContract):
    @pytest.fixture
    def make(self) -> Iterator[Maker]:
        cameras: list[PiCameraModule] = []
        hogs: list[Hog] = []

        def make(*, timeout_ms: int = 5000) -> Bench:
            camera = virtual(section(timeout_ms=timeout_ms))
            cameras.append(camera)

            def stall() -> None:
                hogs.append(Hog(camera))
                hogs[-1].wait()

            def heal() -> None:
                while hogs:
                    hogs.pop().give_back()

            def die() -> None:
                assert camera._device is not None
                # The stream is gone, as after a fault of the driver's: reading it fails.
                camera._device._strides["lores"] = 10_000

            return Bench(camera, PREVIEW, stall, heal, die)

        yield make
        for hog in hogs:
            hog.give_back()
        for camera in cameras:
            camera.close()

    def test_names_the_module(self, make: Maker) -> None:
        camera = make().camera
        camera.start()
        assert camera.identity.model == "imx477"
        assert camera.identity.driver.startswith("picamera2 0.")

    def test_shows_the_bars_of_the_test_pattern(self, make: Maker) -> None:
        """White at the left to black at the right: rows are not sheared, planes not swapped."""
        camera = make().camera
        camera.start()
        for frame in (camera.capture(time.monotonic_ns()), next_preview(camera)):
            luma = frame.pixels[: frame.height]
            assert (luma == luma[0]).all()
            bars = luma[0, frame.width // 16 :: frame.width // 8].astype(int)
            assert len(bars) == 8
            assert (np.diff(bars) < 0).all()
            colour = frame.pixels[frame.height :].reshape(frame.height // 2, frame.width // 2, 2)
            assert (colour == colour[0]).all()
            assert (abs(colour[0, frame.width // 32].astype(int) - 128) <= 2).all()

    def test_gives_every_buffer_back(self, make: Maker) -> None:
        """With three buffers, one that leaks on each of a hundred frames would show at once."""
        camera = make(timeout_ms=2000).camera
        camera.start()
        for number in range(100):
            frame = next_preview(camera)
            if number % 10 == 0:
                camera.capture(frame.metadata.exposed_from_ns)


def test_refuses_a_camera_without_manual_exposure() -> None:
    camera = PiCameraModule(section(), layout=PixelLayout.NV12)
    with pytest.raises(CameraError, match=r"does not offer AeEnable, AnalogueGain, AwbEnable"):
        camera.start()
    # And it holds nothing: the next one can have the device.
    after = virtual(section())
    after.start()
    after.close()


def test_refuses_a_camera_that_is_in_use() -> None:
    first, second = virtual(section()), virtual(section())
    first.start()
    try:
        with pytest.raises(CameraError, match="another program"):
            second.start()
    finally:
        first.close()


def test_refuses_a_module_that_is_not_official() -> None:
    with pytest.raises(CameraError, match="arducam_64mp"):
        virtual(section(index=1)).start()


def test_refuses_a_camera_number_that_is_not_there() -> None:
    with pytest.raises(CameraError, match=r"camera.index: there is no camera 7; expected 0 to 1"):
        virtual(section(index=7)).start()


def test_refuses_a_size_that_the_camera_would_change() -> None:
    with pytest.raises(CameraError, match=r"asks for \(1000, 562\)"):
        virtual(section(size=(1000, 562))).start()


def test_refuses_a_layout_that_the_camera_would_change() -> None:
    with pytest.raises(CameraError, match="YUV420"):
        PiCameraModule(section(), manual_controls=False).start()


def test_takes_settings_only_while_it_runs() -> None:
    camera = virtual(section())
    with pytest.raises(CameraError, match="not started"):
        camera.apply(CameraSettings(8000, 1.0, (1.0, 1.0)))
