from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from kiosk.capture.hardware.picamera_controls import check_advertised, starting_controls
from kiosk.errors import CameraError
from kiosk.model import CameraSettings

SETTINGS = CameraSettings(8000, 2.0, (1.9, 1.6))

# As picamera2 reports them of the HQ camera at its full size (values from its manual).
HQ: dict[str, tuple[Any, Any, Any]] = {
    "AeEnable": (False, True, None),
    "AwbEnable": (False, True, None),
    "ExposureTime": (114, 694422939, None),
    "AnalogueGain": (1.0, 22.2608699798584, None),
    "ColourGains": (0.0, 32.0, None),
    "FrameDurationLimits": (100000, 694434742, None),
}
MODULE_3 = {**HQ, "AfMode": (0, 2, 0), "LensPosition": (0.0, 32.0, 1.0)}


def test_every_automatic_is_off_and_everything_is_set_before_the_first_frame() -> None:
    assert starting_controls(SETTINGS, HQ) == {
        "AeEnable": False,
        "AwbEnable": False,
        "ExposureTime": 8000,
        "AnalogueGain": 2.0,
        "ColourGains": (1.9, 1.6),
        "FrameDurationLimits": (100000, 100000),
    }


def test_the_frame_is_long_enough_for_the_exposure() -> None:
    slow = dataclasses.replace(SETTINGS, exposure_us=200_000)
    limits = starting_controls(slow, HQ)["FrameDurationLimits"]
    assert isinstance(limits, tuple)
    shortest, longest = limits
    assert shortest == longest
    assert shortest > 200_000


def test_a_motor_is_set_to_its_place() -> None:
    wanted = starting_controls(dataclasses.replace(SETTINGS, lens_position=1.1), MODULE_3)
    assert wanted["AfMode"] == 0
    assert wanted["LensPosition"] == 1.1


def test_a_motor_without_a_place_is_refused() -> None:
    with pytest.raises(CameraError, match=r"camera\.exposure\.lens_position"):
        starting_controls(SETTINGS, MODULE_3)


def test_a_place_without_a_motor_is_refused() -> None:
    with pytest.raises(CameraError, match="does not offer LensPosition"):
        starting_controls(dataclasses.replace(SETTINGS, lens_position=1.1), HQ)


@pytest.mark.parametrize("name", sorted(HQ))
def test_a_missing_control_is_named(name: str) -> None:
    less = {key: value for key, value in HQ.items() if key != name}
    with pytest.raises(CameraError, match=f"does not offer {name};"):
        starting_controls(SETTINGS, less)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"exposure_us": 100}, "ExposureTime to 100; expected 114 to"),
        ({"analogue_gain": 30.0}, r"AnalogueGain to 30\.0; expected 1\.0 to 22"),
        ({"colour_gains": (1.0, 40.0)}, r"ColourGains to 40\.0; expected 0\.0 to 32\.0"),
    ],
)
def test_what_the_sensor_cannot_do_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(CameraError, match=said):
        starting_controls(dataclasses.replace(SETTINGS, **changes), HQ)


def test_a_range_without_an_upper_end_is_not_one() -> None:
    check_advertised({"ExposureTime": 8000}, {"ExposureTime": (0, 0, 0)})
