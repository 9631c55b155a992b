"""Trying this room's devices for real, for ``kiosk check``: each probe opens, uses, closes one."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from kiosk.capture.calibrated import Calibrated, Standing
from kiosk.capture.hardware.cameras import open_camera
from kiosk.capture.hardware.gpio import station_pins
from kiosk.capture.hardware.interfaces import Camera, Pedal, Reader
from kiosk.capture.hardware.lights import open_lights
from kiosk.capture.hardware.pedals import open_pedal
from kiosk.capture.hardware.readers import open_reader
from kiosk.capture.hardware.settings_check import capture_matching
from kiosk.capture.maintenance.brightness import try_lamp
from kiosk.capture.maintenance.probing import send_test_object
from kiosk.capture.maintenance.start import pace_of
from kiosk.capture.maintenance.trials import light_line
from kiosk.capture.ui.display import Display, Setup
from kiosk.capture.ui.service import Mark
from kiosk.capture.ui.wording import ENGLISH
from kiosk.config import StationConfig
from kiosk.errors import CameraError, LightError, PedalError, ReaderError
from kiosk.records.protocols import load_protocol

_MS = 1_000_000

SEARCH_WAIT_S = 3.0
"""A USB pedal or reader is looked for once a second."""


def probes(config: StationConfig) -> dict[str, Callable[[], str]]:
    """Return, by name, what tries each device; a probe raises KioskError with what is wrong."""
    tries = {
        "protocol": _protocol,
        "lights": _lights,
        "camera": _camera,
        "pedal": _pedal,
        **({} if config.reader is None else {"reader": _reader}),
        "screen": _screen,
    }
    return {name: partial(probe, config) for name, probe in tries.items()}


def way_probe(config: StationConfig, reach: Callable[[], str]) -> dict[str, Callable[[], str]]:
    """Return what sends a sealed test object to the server.

    Args:
        config: the station's, with keys that this process can read.
        reach: logs in to the server.
    """
    return {"test object": partial(send_test_object, config, reach)}


def _protocol(config: StationConfig) -> str:
    protocol = load_protocol(config.session.protocol, config.session.protocols)
    return f"{protocol.title}, {len(protocol.views)} views."


def _lights(config: StationConfig) -> str:
    """Light each lamp alone and have the camera look whether it becomes brighter."""
    pace = pace_of(config)
    said: list[str] = []
    unseen: list[str] = []
    with open_lights(config.lights, station_pins()) as lights:
        camera = open_camera(config.camera, light_level=lights.level)
        try:
            camera.start()
            for channel in config.lights.channels:
                seen = try_lamp(camera, lights, channel.name, config.lights.level, pace)
                line = light_line(channel.name, seen.verdict(), seen.gain, seen.dark)
                told = f"{channel.name} (pin {channel.pin}): {ENGLISH.service.said(line)}"
                (said if line.mark is Mark.GOOD else unseen).append(told)
        finally:
            camera.close()
    if unseen:
        raise LightError(f"{'. '.join((*unseen, *said))}.")
    return f"{'. '.join(said)}."


def _camera(config: StationConfig) -> str:
    with open_lights(config.lights, station_pins()) as lights:
        lights.set(config.lights.level)
        calibrated = Calibrated.of(config)
        camera = open_camera(config.camera, light_level=lights.level, settings=calibrated.settings)
        try:
            camera.start()
            _require_calibrated_for(calibrated, camera)
            settled_ns = time.monotonic_ns() + config.lights.settle_ms * _MS
            frame = capture_matching(
                camera,
                calibrated.settings(camera.identity),
                settled_ns,
                timeout_ns=config.camera.timeout_ms * _MS,
            )
            frame.wipe()
            identity = camera.identity
        finally:
            camera.close()
    proven = "with the settings asked for" if frame.metadata.settings else "settings not told"
    return f"{identity.model} gave a picture of {frame.width} x {frame.height}, {proven}."


def _require_calibrated_for(calibrated: Calibrated, camera: Camera) -> None:
    """Refuse a calibration of another camera, which pictures are taken without.

    Raises:
        CameraError: naming both.
    """
    kept, found = calibrated.kept, camera.identity
    if kept is not None and calibrated.standing(found, datetime.now(UTC)) is Standing.OTHER_CAMERA:
        raise CameraError(
            f"The white balance was calibrated with the camera {kept.model} and is not used "
            f"for this one, {found.model}: calibrate it on the service screen White balance."
        )


def _pedal(config: StationConfig) -> str:
    pedal = open_pedal(config.pedal, station_pins(), time.monotonic_ns)
    if fault := _lasting(pedal):
        raise PedalError(fault)
    return "It is there; press it once in a session to be sure of its switch."


def _reader(config: StationConfig) -> str:
    reader = open_reader(config.reader, time.monotonic_ns)
    if reader is None:
        raise AssertionError("it is asked for where there is one alone")
    if fault := _lasting(reader):
        raise ReaderError(fault)
    return "It is there; read a card once to be sure of how it is set."


def _lasting(device: Pedal | Reader) -> str:
    """Return what is still wrong with a device once it was looked for, and close it."""
    deadline = time.monotonic() + SEARCH_WAIT_S
    try:
        while (fault := device.fault()) and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        device.close()
    return fault


def _screen(config: StationConfig) -> str:
    display = Display(Setup(config.display, camera_rotation=config.camera.rotation))
    try:
        width, height = display.layout.size
    finally:
        display.close()
    return f"Opened, {width} x {height} as it is looked at."
