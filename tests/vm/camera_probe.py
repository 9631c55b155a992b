"""Stands in the program's place under the capture process's unit: tries picamera2, tells, ends.

Runs inside the machine with the product's own Python; ends with code 2, after which systemd does
not start it again.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import virtual_help  # type: ignore[import-not-found] # lies beside picamera2, there

from kiosk.capture.hardware.picamera import PiCameraModule
from kiosk.config import Exposure, PiCamera
from kiosk.errors import KioskError
from kiosk.model import Frame, PixelLayout

PATIENCE_S = 60.0


def main() -> None:
    if sys.argv[1:] != ["capture"]:
        return
    try:
        found = tried()
    except KioskError as error:
        found = {"said": error.sentence}
    print(f"CAMERA {json.dumps(found)}", flush=True)
    sys.exit(2)


def tried() -> dict[str, object]:
    """Have the driver refuse the camera as it is shipped, and then stream from it."""
    virtual_help.install()
    section = PiCamera(
        sensor="imx477",
        size=(1920, 1080),
        preview=(640, 360),
        exposure=Exposure(exposure_us=8000),
        timeout_ms=int(PATIENCE_S * 1000),
    )
    refused = sentence(PiCameraModule(section, layout=PixelLayout.NV12))
    camera = PiCameraModule(section, layout=PixelLayout.NV12, manual_controls=False)
    camera.start()
    try:
        picture = camera.capture(time.monotonic_ns())
        preview = first_preview(camera)
        mapped = Path("/proc/self/maps").read_text(encoding="utf-8")
        return {
            "the driver as shipped": refused.partition(", AnalogueGain")[0],
            "module": camera.identity.model,
            "driver": camera.identity.driver,
            "picture": [picture.width, picture.height],
            "preview": [preview.width, preview.height],
            "bars from white to black": bars(picture) and bars(preview),
            "buffers of the kernel's heap": "/dmabuf:" in mapped,
        }
    finally:
        camera.close()


def sentence(camera: PiCameraModule) -> str:
    try:
        camera.start()
    except KioskError as error:
        return error.sentence
    camera.close()
    return "not refused"


def first_preview(camera: PiCameraModule) -> Frame:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        frame = camera.preview()
        if frame is not None:
            return frame
        time.sleep(0.05)
    raise SystemExit("CAMERA gave no preview")


def bars(frame: Frame) -> bool:
    """Whether it shows the virtual camera's eight bars: rows not sheared, planes not swapped."""
    luma = frame.pixels[: frame.height]
    seen = luma[0, frame.width // 16 :: frame.width // 8].astype(int)
    return bool((luma == luma[0]).all() and len(seen) == 8 and (np.diff(seen) < 0).all())


if __name__ == "__main__":
    main()
