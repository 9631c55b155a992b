from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kiosk.capture.hardware.cameras import open_camera
from kiosk.capture.hardware.picamera import PiCameraModule
from kiosk.capture.hardware.simulated_camera import SimulatedCamera
from kiosk.capture.hardware.webcam import WebcamDevice
from kiosk.config import Exposure, PiCamera, Webcam
from kiosk.config import SimulatedCamera as Simulated
from kiosk.errors import CameraError, ConfigError

COMMON: dict[str, Any] = {
    "size": (64, 48),
    "preview": (32, 24),
    "exposure": Exposure(exposure_us=8000),
}
SECTIONS = {
    PiCamera(**COMMON, sensor="imx477"): PiCameraModule,
    Webcam(**COMMON, device=Path("/dev/no-such-camera")): WebcamDevice,
    Simulated(**COMMON, pictures=Path("/no/such/folder")): SimulatedCamera,
}


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: type(section).__name__)
def test_the_type_of_the_section_decides_alone(section: PiCamera | Webcam | Simulated) -> None:
    camera = open_camera(section, light_level=lambda: 1.0)
    assert type(camera) is SECTIONS[section]
    with pytest.raises(CameraError):
        camera.start()


@pytest.mark.parametrize(
    ("kind", "others"),
    [
        ("PiCamera(**c, sensor='imx477')", ["simulated_camera", "webcam"]),
        ("Webcam(**c, device=Path('/dev/x'))", ["simulated_camera", "picamera"]),
        ("SimulatedCamera(**c, pictures=Path('/x'))", ["picamera", "webcam"]),
    ],
)
def test_only_the_chosen_driver_is_loaded(kind: str, others: list[str]) -> None:
    program = f"""
import sys
from pathlib import Path
from kiosk.config import Exposure, PiCamera, SimulatedCamera, Webcam
from kiosk.capture.hardware.cameras import open_camera
c = dict(size=(64, 48), preview=(32, 24), exposure=Exposure(exposure_us=8000))
open_camera({kind}, light_level=lambda: 1.0)
print([name for name in {others} if 'kiosk.capture.hardware.' + name in sys.modules])
print('cv2' in sys.modules)
"""
    ran = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    loaded, cv2_loaded = ran.stdout.split()
    assert loaded == "[]"
    assert cv2_loaded == str(not kind.startswith("PiCamera"))


@pytest.mark.parametrize(
    ("preview", "said"),
    [
        ((32, 32), "has another shape than camera.size, 64 x 48; expected a height of about 24"),
        ((128, 96), "is larger than camera.size"),
    ],
)
def test_a_preview_that_would_be_stretched_is_refused(preview: tuple[int, int], said: str) -> None:
    section = PiCamera(**{**COMMON, "preview": preview}, sensor="imx477")
    with pytest.raises(ConfigError, match=said):
        open_camera(section, light_level=lambda: 1.0)
