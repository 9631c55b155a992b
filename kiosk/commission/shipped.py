"""Checks that what runs is what was installed, and what the firmware is asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import msgspec

from kiosk.commission.checks import Finding, not_applicable, ok, wrong
from kiosk.commission.digests import RECORD, file_digest, tree_digest
from kiosk.commission.firmware import check_files, effective, parse
from kiosk.commission.firmware_pins import check_pins, station_pins
from kiosk.commission.place import Place
from kiosk.config import StationConfig
from kiosk.errors import StorageFailed

BOOT = Path("/boot/firmware")
INCLUDE = "kiosk.txt"


@dataclass(frozen=True, slots=True)
class Program:
    """Where the installed package is, and its digest."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Record:
    """What the installer put onto the machine; see :mod:`kiosk.commission.digests`."""

    program: Program
    files: dict[str, str]


def installed_files(place: Place) -> Finding:
    """Compare units, firmware includes and system settings with what the installer wrote."""
    record = _record(place)
    if record is None:
        return _not_installed()
    for path, digest in sorted(record.files.items()):
        try:
            found = file_digest(place.at(path))
        except OSError as error:
            return wrong(f"{path} was installed and cannot be read now: {error.strerror}.")
        if found != digest:
            return wrong(
                f"{path} was changed since it was installed; settings of a clinic's own belong "
                "into station.toml. Run `python3 -m provisioning.install` again."
            )
    return ok(f"{len(record.files)} files are as they were installed.")


def installed_program(place: Place) -> Finding:
    """Compare the program's own files with what the installer wrote."""
    record = _record(place)
    if record is None:
        return _not_installed()
    folder = place.at(record.program.path)
    if not folder.is_dir():
        return wrong(f"{record.program.path} is missing; run `python3 -m provisioning.install`.")
    if tree_digest(folder) != record.program.sha256:
        return wrong(
            f"The program in {record.program.path} was changed since it was installed; "
            "run `python3 -m provisioning.install` again."
        )
    return ok(f"The program in {record.program.path} is as it was installed.")


def firmware(config: StationConfig, place: Place) -> Finding:
    """Read config.txt as the firmware would and name every fault, pins included."""
    if not place.exists(BOOT / "config.txt"):
        return not_applicable("This machine has no Raspberry Pi firmware.")
    files = _firmware_files(place)
    faults = [*check_files(files), *check_pins(effective(files), station_pins(config))]
    if not any(setting.value == INCLUDE for setting in parse(files["config.txt"], "")[0]):
        return wrong(
            f"config.txt does not include {INCLUDE}; run `python3 -m provisioning.install`."
        )
    if faults:
        more = f" ({len(faults) - 1} more)" if len(faults) > 1 else ""
        return wrong(f"{faults[0]}{more}")
    return ok(f"config.txt and {len(files) - 1} included files are in order, and no pin clashes.")


def _firmware_files(place: Place) -> dict[str, str]:
    files = {"config.txt": place.read(BOOT / "config.txt")}
    for setting in parse(files["config.txt"], "config.txt")[0]:
        if setting.key == "include" and place.exists(BOOT / setting.value):
            files[setting.value] = place.read(BOOT / setting.value)
    return files


def _record(place: Place) -> Record | None:
    if not place.exists(RECORD):
        return None
    try:
        return msgspec.convert(json.loads(place.read(RECORD)), Record)
    except (ValueError, msgspec.ValidationError) as error:
        raise StorageFailed(
            f"{RECORD} is no record of an installation ({error}); "
            "run `python3 -m provisioning.install` again."
        ) from error


def _not_installed() -> Finding:
    return not_applicable("Nothing was installed on this machine by provisioning.install.")
