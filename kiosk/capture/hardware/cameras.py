"""Which camera the configuration asks for; it opens that one or nothing."""

from __future__ import annotations

import time
from collections.abc import Callable

from kiosk.capture.hardware.interfaces import Camera, SettingsOf
from kiosk.capture.hardware.latest import Clock
from kiosk.config import CameraCommon, PiCamera, SimulatedCamera, Webcam
from kiosk.errors import ConfigError

SHAPE_SLACK = 0.02
"""How much the preview's proportions may differ from the still's; sizes must be even."""


def open_camera(
    section: PiCamera | Webcam | SimulatedCamera,
    *,
    light_level: Callable[[], float],
    settings: SettingsOf | None = None,
    clock: Clock = time.monotonic_ns,
) -> Camera:
    """Make the camera of a configuration section; the caller starts it.

    Only the chosen driver is imported: a station has no photographs to play, and a developer's
    machine no picamera2. Nothing stands in for a camera that is not there; ``start`` says so.

    Args:
        section: decides by its type alone.
        light_level: the lamps' level, 0 to 1, which only the simulated camera sees this way.
        settings: what it begins with; the section's own unless told otherwise.
        clock: monotonic nanoseconds.

    Raises:
        ConfigError: the preview would show another cut than the picture.
    """
    _check_preview(section)
    if isinstance(section, PiCamera):
        from kiosk.capture.hardware.picamera import PiCameraModule  # noqa: PLC0415

        return PiCameraModule(section, settings=settings, clock=clock)
    if isinstance(section, Webcam):
        from kiosk.capture.hardware.webcam import WebcamDevice  # noqa: PLC0415

        return WebcamDevice(section, settings=settings, clock=clock)
    from kiosk.capture.hardware.simulated_camera import (  # noqa: PLC0415
        SimulatedCamera as PlayedCamera,
    )

    return PlayedCamera(section, light_level=light_level, settings=settings, clock=clock)


def _check_preview(section: CameraCommon) -> None:
    """Refuse a preview of another shape: the hardware would stretch it to fit (Pi 4's ISP)."""
    width, height = section.size
    small_width, small_height = section.preview
    shape, small = width / height, small_width / small_height
    if abs(small / shape - 1.0) > SHAPE_SLACK:
        raise ConfigError(
            f"camera.preview: {small_width} x {small_height} has another shape than camera.size, "
            f"{width} x {height}; expected a height of about {small_width / shape:.0f}."
        )
    if small_width > width or small_height > height:
        raise ConfigError(
            f"camera.preview: {small_width} x {small_height} is larger than camera.size, "
            f"{width} x {height}; expected at most that."
        )
