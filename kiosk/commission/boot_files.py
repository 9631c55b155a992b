"""Checks of the boot partition: what the firmware and the kernel are asked for at a start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kiosk.commission import kernel_arguments
from kiosk.commission.checks import Finding, first_of, not_applicable, ok, unchecked, wrong
from kiosk.commission.firmware import Problem, check_files, effective, include_names
from kiosk.commission.firmware_camera import check_camera
from kiosk.commission.firmware_pins import check_pins, station_pins
from kiosk.commission.machine_paths import BOOT
from kiosk.commission.place import Place
from kiosk.config import PiCamera, StationConfig
from kiosk.sensors import SENSORS

INCLUDE: Final = "kiosk.txt"

_CONFIG: Final = f"{BOOT}/config.txt"
_CMDLINE: Final = f"{BOOT}/{kernel_arguments.FILE}"
_STARTED: Final = "/proc/cmdline"


def firmware(config: StationConfig | None, place: Place) -> Finding:
    """Read config.txt as the firmware would and name every fault, camera and pins included.

    ``config``: None where the configuration cannot be read; the files are checked without it.
    """
    if not place.exists(_CONFIG):
        return not_applicable("This machine has no Raspberry Pi firmware.")
    files = _firmware_files(place)
    faults = config_problems(files, config)
    if INCLUDE not in include_names(files["config.txt"]):
        return wrong(
            f"config.txt does not include {INCLUDE}; run `python3 -m provisioning.install`."
        )
    if faults:
        return wrong(first_of(faults))
    if config is None:
        return unchecked(
            "config.txt is in order by itself; pins and the camera's sensor cannot be compared "
            "before the configuration is in order."
        )
    return ok(
        f"config.txt and {len(files) - 1} included files are in order, with the station's camera, "
        "and no pin clashes."
    )


def config_problems(files: Mapping[str, str], config: StationConfig | None) -> tuple[Problem, ...]:
    """Check ``config.txt`` with all that it includes; what is merely missing comes last.

    Args:
        files: text by file name, ``config.txt`` among them.
        config: the station's, or None where it is not known.
    """
    settings = effective(files)
    found = {*check_files(files)}
    if config is None:
        found |= {*check_camera(settings, SENSORS)}
    else:
        found |= {*check_pins(settings, station_pins(config))}
        if isinstance(config.camera, PiCamera):
            found |= {*check_camera(settings, (config.camera.sensor,))}
    return tuple(sorted(found, key=lambda problem: (problem.line == 0, problem)))


def kernel(place: Place) -> Finding:
    """Compare cmdline.txt, and what the kernel was started with, to what a station asks of it.

    Both, because ``config.txt`` or the bootloader may hand over other arguments than the file's.
    """
    if not place.exists(kernel_arguments.WANTED):
        return not_applicable("No kernel arguments were asked for on this machine.")
    wanted = place.read(kernel_arguments.WANTED)
    again = "run `python3 -m provisioning.install`, and take out by hand what it leaves"
    if not place.exists(_CMDLINE):
        return wrong(f"{_CMDLINE} is missing; {again}.")
    problems = kernel_arguments.check(place.read(_CMDLINE), wanted)
    if problems:
        return wrong(f"{first_of(problems)}; {again}.")
    for fault in kernel_arguments.faults(place.read(_STARTED), wanted):
        return wrong(
            f"The running kernel was started without what {kernel_arguments.FILE} says: {fault}. "
            "Restart the station; if that does not help, look at what config.txt and the "
            "bootloader name in its place."
        )
    return ok(
        f"The kernel was started with the {len(kernel_arguments.wanted_arguments(wanted))} "
        "arguments of a station, and with none that opens it."
    )


def _firmware_files(place: Place) -> dict[str, str]:
    text = place.read(_CONFIG)
    there = [name for name in include_names(text) if place.at(f"{BOOT}/{name}").is_file()]
    return {"config.txt": text, **{name: place.read(f"{BOOT}/{name}") for name in there}}
