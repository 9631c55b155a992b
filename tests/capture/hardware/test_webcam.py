from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from kiosk.capture.hardware.webcam import Capture, WebcamDevice
from kiosk.config import Exposure, Webcam
from kiosk.errors import CameraError
from kiosk.model import CameraSettings
from tests.capture.hardware.film_camera import Film, write_film
from tests.contracts.camera_cases import fault_of, next_preview

SIZE, PREVIEW = (64, 48), (32, 24)
MANUAL = (
    cv2.CAP_PROP_AUTO_EXPOSURE,
    cv2.CAP_PROP_EXPOSURE,
    cv2.CAP_PROP_AUTO_WB,
    cv2.CAP_PROP_AUTOFOCUS,
)


@pytest.fixture
def made() -> Iterator[list[WebcamDevice]]:
    cameras: list[WebcamDevice] = []
    yield cameras
    for camera in cameras:
        camera.close()


def webcam(made: list[WebcamDevice], *captures: Capture) -> WebcamDevice:
    """Make a webcam that opens these one after another."""
    left = iter(captures)
    section = Webcam(
        size=SIZE,
        preview=PREVIEW,
        exposure=Exposure(exposure_us=8000),
        device=Path("/dev/video9"),
    )
    made.append(WebcamDevice(section, opener=lambda _device: next(left)))
    return made[-1]


def test_asks_for_manual_exposure_and_says_what_stayed_automatic(
    made: list[WebcamDevice], tmp_path: Path
) -> None:
    film = Film(write_film(tmp_path, SIZE), settable=MANUAL[:2])
    camera = webcam(made, film)
    camera.start()
    assert film.get(cv2.CAP_PROP_AUTO_EXPOSURE) == 1
    assert film.get(cv2.CAP_PROP_EXPOSURE) == 80
    assert camera.identity.driver == "v4l2 (automatic: white balance, focus, gain)"
    camera.apply(CameraSettings(4000, 1.0, (1.0, 1.0)))
    assert film.get(cv2.CAP_PROP_EXPOSURE) == 40


def test_does_not_claim_settings_that_it_cannot_know(
    made: list[WebcamDevice], tmp_path: Path
) -> None:
    camera = webcam(made, Film(write_film(tmp_path, SIZE), settable=MANUAL))
    camera.start()
    assert camera.capture(0).metadata.settings is None


@pytest.mark.parametrize("stamped", [True, False])
@pytest.mark.parametrize("queued", [0, 3])
def test_the_time_it_tells_is_never_later_than_the_exposure(
    made: list[WebcamDevice], tmp_path: Path, *, stamped: bool, queued: int
) -> None:
    """Whatever lay in the driver's queue: a frame is not told younger than it is."""
    film = Film(write_film(tmp_path, SIZE), stamped=stamped, queued=queued)
    camera = webcam(made, film)
    camera.start()
    for _ in range(5):
        frame = camera.capture(time.monotonic_ns())
        # The film's pictures have shades of their own: which grab it was is seen in the picture.
        number = (int(frame.pixels[0, 0, 0]) - 40) // 30
        really_ns = film.begun_ns[number::5][-1]
        assert frame.metadata.exposed_from_ns <= really_ns


def test_a_device_that_is_not_there_is_said(made: list[WebcamDevice], tmp_path: Path) -> None:
    film = Film(write_film(tmp_path, SIZE))
    film.unplugged = True
    with pytest.raises(CameraError, match="/dev/video9: there is no camera"):
        webcam(made, film).start()
    assert film.released


def test_the_real_opener_says_it_as_well(made: list[WebcamDevice]) -> None:
    section = Webcam(
        size=SIZE,
        preview=PREVIEW,
        exposure=Exposure(exposure_us=8000),
        device=Path("/dev/no-such-camera"),
    )
    made.append(WebcamDevice(section))
    with pytest.raises(CameraError, match="/dev/no-such-camera: there is no camera"):
        made[-1].start()


def test_another_size_than_configured_is_refused(made: list[WebcamDevice], tmp_path: Path) -> None:
    camera = webcam(made, Film(write_film(tmp_path, (32, 24))))
    camera.start()
    assert "gives 32 x 24 pixels; camera.size asks for 64 x 48" in fault_of(camera).sentence


def test_unplugging_is_said_and_a_restart_finds_it_again(
    made: list[WebcamDevice], tmp_path: Path
) -> None:
    pattern = write_film(tmp_path, SIZE)
    film, absent, again = Film(pattern), Film(pattern), Film(pattern)
    absent.unplugged = True
    camera = webcam(made, film, absent, again)
    camera.start()
    next_preview(camera)
    film.unplugged = True
    assert "was it unplugged?" in fault_of(camera).sentence
    with pytest.raises(CameraError, match="there is no camera"):
        camera.restart()
    camera.restart()
    next_preview(camera)


def test_a_device_that_hangs_is_not_released_under_its_thread(
    made: list[WebcamDevice], tmp_path: Path
) -> None:
    pattern = write_film(tmp_path, SIZE)
    film = Film(pattern)
    camera = webcam(made, film, Film(pattern))
    camera.start()
    next_preview(camera)
    film.running.clear()
    camera.close()
    assert not film.released
    with pytest.raises(CameraError, match="does not answer"):
        camera.start()
    film.running.set()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            camera.start()
            break
        except CameraError:
            time.sleep(0.01)
    assert film.released
    next_preview(camera)
