"""Whether the camera that is there is the one that a station was set up with."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from kiosk.errors import CameraError
from kiosk.sensors import Sensor

I2C_DEVICES: Final = Path("/sys/bus/i2c/devices")
"""Has a sensor that ``config.txt`` loads, whether it answers or not (the kernel's of_i2c)."""

_SENSOR: Final = re.compile(r"(?:imx|ov)\d\w*")


def model_of(
    found: Sequence[Mapping[str, object]], index: int, sensor: Sensor, loaded: Sequence[str]
) -> str:
    """Return the model of camera ``index`` among those that ``global_camera_info`` lists.

    Checked beforehand because picamera2 has raised a bare IndexError where there is no camera.

    Args:
        found: what libcamera has found.
        index: which of them.
        sensor: what the station was set up with.
        loaded: the sensors that ``config.txt`` asks for, as :func:`loaded_sensors` gives them.

    Raises:
        CameraError: there is none, not so many, or it has another sensor.
    """
    if not found:
        raise _not_found(sensor, loaded)
    if index >= len(found):
        raise CameraError(
            f"camera.index: there is no camera {index}; expected 0 to {len(found) - 1}."
        )
    model = str(found[index].get("Model", ""))
    # Variants add a word: imx708_wide, imx708_noir.
    if model.partition("_")[0] != sensor:
        raise _another(f"The camera found is {model or 'one without a name'}", sensor)
    return model


def loaded_sensors(devices: Path = I2C_DEVICES) -> tuple[str, ...]:
    """Return the names of the camera sensors that the kernel was told of at its start."""
    names = {
        path.read_text(encoding="utf-8", errors="replace").strip()
        for path in devices.glob("*/name")
    }
    return tuple(sorted(name for name in names if _SENSOR.fullmatch(name)))


def _not_found(sensor: Sensor, loaded: Sequence[str]) -> CameraError:
    if loaded and sensor not in loaded:
        return _another(f"config.txt loads {' and '.join(loaded)}", sensor)
    return CameraError(
        f"No camera was found; expected {sensor} (camera.sensor in station.toml). Check that its "
        "ribbon cable sits straight at both ends, on a Pi 5 in CAM/DISP 0; `sudo kiosk check` says "
        "whether config.txt loads it."
    )


def _another(what: str, sensor: Sensor) -> CameraError:
    return CameraError(
        f"{what}, and this station has {sensor} (camera.sensor in station.toml); expected the two "
        f"to agree. If it really has {sensor}: `python3 -m provisioning.install --camera {sensor}` "
        "and a restart; else put its sensor and size into station.toml."
    )
