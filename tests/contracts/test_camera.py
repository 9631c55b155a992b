"""The camera's contract over the simulated one and over a webcam that plays a film."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.capture.hardware.simulated_camera import SimulatedCamera
from kiosk.capture.hardware.webcam import WebcamDevice
from kiosk.config import Exposure, Webcam
from kiosk.config import SimulatedCamera as SimulatedSection
from kiosk.model import Pixels
from tests.capture.hardware.film_camera import Film, write_film
from tests.contracts.camera_cases import Bench, CameraContract, Maker

SIZE, PREVIEW = (640, 480), (320, 240)
EXPOSURE = Exposure(exposure_us=4000)


class Clockwork:
    """A scene that shows at once what time it is: one grey value for each millisecond."""

    def picture(self, at_ns: int, size: tuple[int, int]) -> Pixels:
        return np.full((size[1], size[0], 3), 60 + at_ns // 1_000_000 % 128, np.uint8)


class TestSimulated(CameraContract):
    @pytest.fixture(params=[None, Clockwork()], ids=["photographs", "scene"])
    def make(self, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Maker]:
        cv2.imwrite(str(tmp_path / "face.png"), np.full((96, 128, 3), 90, np.uint8))
        cameras: list[SimulatedCamera] = []
        lit = threading.Event()
        lit.set()

        def make(*, timeout_ms: int = 5000) -> Bench:
            broken = threading.Event()

            def light() -> float:
                lit.wait()
                if broken.is_set():
                    raise RuntimeError("the lamp's fault")
                return 1.0

            section = SimulatedSection(
                size=SIZE,
                preview=PREVIEW,
                exposure=EXPOSURE,
                timeout_ms=timeout_ms,
                pictures=tmp_path,
                frames_per_second=50.0,
            )
            camera = SimulatedCamera(section, light_level=light)
            camera.play(request.param)
            cameras.append(camera)

            def heal() -> None:
                broken.clear()
                lit.set()

            return Bench(camera, PREVIEW, lit.clear, heal, broken.set)

        yield make
        lit.set()
        for camera in cameras:
            camera.close()


class TestWebcam(CameraContract):
    @pytest.fixture(params=[True, False], ids=["stamped", "unstamped"])
    def make(self, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Maker]:
        pattern = write_film(tmp_path, SIZE)
        films: list[Film] = []
        cameras: list[WebcamDevice] = []

        def opener(_device: str) -> Film:
            films.append(Film(pattern, stamped=request.param))
            return films[-1]

        def make(*, timeout_ms: int = 5000) -> Bench:
            section = Webcam(
                size=SIZE,
                preview=PREVIEW,
                exposure=EXPOSURE,
                timeout_ms=timeout_ms,
                device=Path("/dev/video9"),
            )
            camera = WebcamDevice(section, opener=opener)
            cameras.append(camera)

            def unplug() -> None:
                films[-1].unplugged = True

            def stall() -> None:
                films[-1].running.clear()

            def heal() -> None:
                films[-1].running.set()

            return Bench(camera, PREVIEW, stall, heal, unplug)

        yield make
        for film in films:
            film.running.set()
        for camera in cameras:
            camera.close()


DEVICE = Path(os.environ.get("KIOSK_WEBCAM", "/dev/video0"))


@pytest.mark.skipif(not DEVICE.exists(), reason=f"no webcam here: {DEVICE} does not exist")
def test_a_real_webcam_gives_frames() -> None:
    section = Webcam(size=SIZE, preview=PREVIEW, exposure=EXPOSURE, device=DEVICE)
    camera = WebcamDevice(section)
    camera.start()
    try:
        assert camera.capture(0).pixels.any()
    finally:
        camera.close()
