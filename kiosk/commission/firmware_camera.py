"""Which camera ``config.txt`` loads: exactly one, and the station's own. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kiosk.commission.firmware import Problem, Setting
from kiosk.commission.firmware_keys import STATION_MODELS
from kiosk.commission.firmware_overlays import CAMERA_OVERLAYS
from kiosk.sensors import Sensor

_DETECT = "camera_auto_detect"


def check_camera(settings: Iterable[Setting], sensors: Sequence[Sensor]) -> tuple[Problem, ...]:
    """Check the settings of ``config.txt`` and its includes, in order, for every board.

    Args:
        settings: as :func:`kiosk.commission.firmware.effective` gives them.
        sensors: the station's one; several where it is not known which of them it has.
    """
    kept = tuple(settings)
    found: set[Problem] = set()
    for model in STATION_MODELS:
        here = [setting for setting in kept if setting.applies_to(model)]
        found |= {*_loaded(here, sensors, model), *_detecting(here)}
    return tuple(sorted(found))


def _loaded(
    settings: Iterable[Setting], sensors: Sequence[Sensor], model: str
) -> Iterator[Problem]:
    cameras = [s for s in settings if s.key == "dtoverlay" and _sensor(s) in CAMERA_OVERLAYS]
    if not cameras:
        only = sensors[0] if len(sensors) == 1 else "SENSOR"
        yield Problem(
            "config.txt",
            0,
            f"nothing loads the camera of a {model}; expected `include kiosk-{only}.txt`, as "
            f"`python3 -m provisioning.install --camera {only}` sets it",
        )
        return
    wanted = [camera for camera in cameras if _sensor(camera) in sensors]
    for camera in cameras:
        if camera not in wanted:
            yield Problem(camera.file, camera.line, _another(_sensor(camera), sensors))
    for camera in wanted[1:]:
        first = wanted[0]
        again = " a second time" if _sensor(camera) == _sensor(first) else ""
        yield Problem(
            camera.file,
            camera.line,
            f"loads the camera {_sensor(camera)}{again}, after {first.file}, line {first.line}; "
            f"expected {'it once' if again else 'one camera'}",
        )


def _another(name: str, sensors: Sequence[Sensor]) -> str:
    if len(sensors) > 1:
        return f"loads the camera {name}; expected {' or '.join(sensors)}, which a station has"
    (sensor,) = sensors
    return (
        f"loads the camera {name}, and this station has {sensor} (camera.sensor in station.toml); "
        f"expected {sensor} alone, as `python3 -m provisioning.install --camera {sensor}` sets it"
    )


def _detecting(settings: Iterable[Setting]) -> Iterator[Problem]:
    said = [setting for setting in settings if setting.key == _DETECT]
    if not said:
        sentence = f"nothing turns {_DETECT} off; expected {_DETECT}=0"
        yield Problem("config.txt", 0, sentence)
    elif said[-1].value != "0":
        yield Problem(
            said[-1].file,
            said[-1].line,
            f"{_DETECT}={said[-1].value} has the firmware look for cameras, and a loose cable "
            f"would be no fault; expected {_DETECT}=0",
        )


def _sensor(setting: Setting) -> str:
    return setting.value.partition(",")[0]
