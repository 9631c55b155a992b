"""What is asked of libcamera so that no automatic is left, checked before the camera starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kiosk.errors import CameraError
from kiosk.model import CameraSettings

Advertised = Mapping[str, tuple[Any, Any, Any]]
"""Each control's smallest, largest and default value, as picamera2's ``camera_controls``."""

AUTOMATICS_OFF: Mapping[str, object] = {"AeEnable": False, "AwbEnable": False}

AF_MANUAL = 0
"""libcamera's ``AfModeManual``."""

BLANKING_US = 2000
"""Rows that a sensor needs between exposures: at most 1.5 ms (imx708: 48 rows of 26 us)."""


def controls_for(settings: CameraSettings, advertised: Advertised) -> dict[str, object]:
    """Return the libcamera controls that carry ``settings``.

    Raises:
        CameraError: the camera lacks a control, or a value lies outside what it can do.
    """
    return _checked(_carrying(settings), settings, advertised)


def starting_controls(settings: CameraSettings, advertised: Advertised) -> dict[str, object]:
    """Return everything to set before the first frame.

    Automatic exposure and white balance are off (picamera2 #691), and focus is where it was set
    (#1105, #1127, #800).

    Raises:
        CameraError: the camera lacks a control, or a value lies outside what it can do.
    """
    wanted = {**AUTOMATICS_OFF, **_carrying(settings)}
    if "AfMode" in advertised:
        if settings.lens_position is None:
            raise CameraError(
                "camera.exposure.lens_position: this camera focuses by motor; expected the "
                "distance to focus at, in dioptres (1 / metres), so that it cannot hunt."
            )
        wanted["AfMode"] = AF_MANUAL
    return _checked(wanted, settings, advertised)


def _carrying(settings: CameraSettings) -> dict[str, object]:
    wanted: dict[str, object] = {
        "ExposureTime": settings.exposure_us,
        "AnalogueGain": settings.analogue_gain,
        "ColourGains": settings.colour_gains,
    }
    if settings.lens_position is not None:
        wanted["LensPosition"] = settings.lens_position
    return wanted


def _checked(
    wanted: dict[str, object], settings: CameraSettings, advertised: Advertised
) -> dict[str, object]:
    """Check the controls and add the frames' rate.

    One fixed rate, the fastest that leaves room for the exposure: an exposure longer than the
    frame would be cut to fit it.
    """
    check_advertised({**wanted, "FrameDurationLimits": None}, advertised)
    duration = max(int(advertised["FrameDurationLimits"][0]), settings.exposure_us + BLANKING_US)
    return {**wanted, "FrameDurationLimits": (duration, duration)}


def check_advertised(wanted: Mapping[str, object], advertised: Advertised) -> None:
    """Refuse controls that the camera does not have or values that it cannot take.

    Raises:
        CameraError: naming each of them.
    """
    missing = sorted(set(wanted) - set(advertised))
    if missing:
        raise CameraError(
            f"The camera does not offer {', '.join(missing)}; its pictures could not be "
            "compared. Expected an official Raspberry Pi camera module with its own driver."
        )
    for name, value in wanted.items():
        least, most, _ = advertised[name]
        for number in value if isinstance(value, tuple) else (value,):
            if not _within(number, least, most):
                raise CameraError(
                    f"The camera cannot set {name} to {number}; expected {least} to {most}."
                )


def _within(value: object, least: object, most: object) -> bool:
    numbers = (value, least, most)
    if not all(isinstance(n, int | float) and not isinstance(n, bool) for n in numbers):
        return True
    low, number, high = float(least), float(value), float(most)  # type: ignore[arg-type]
    # Some sensors state no upper end by repeating the lower one or zero.
    return low <= number and (number <= high or high <= low)
