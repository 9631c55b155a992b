"""Checks that what runs is what was installed."""

from __future__ import annotations

import json
from dataclasses import dataclass

import msgspec

from kiosk.commission.checks import Finding, first_of, not_installed, ok, wrong
from kiosk.commission.digests import RECORD, file_digest, tree_digest
from kiosk.commission.drop_ins import strangers
from kiosk.commission.place import Place
from kiosk.errors import StorageFailed


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
        return not_installed()
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


def added_to_units(place: Place) -> Finding:
    """Find what changes the installed units without being one of their files."""
    record = _record(place)
    if record is None:
        return not_installed()
    found = list(strangers(place, record.files))
    if found:
        return wrong(
            f"{first_of(found)} changes a unit and was not installed; expected nothing that opens "
            "the station's services. `systemctl cat` shows it; remove it, then restart the station."
        )
    return ok("Nothing was added to the units that were installed.")


def installed_program(place: Place) -> Finding:
    """Compare the program's own files with what the installer wrote."""
    record = _record(place)
    if record is None:
        return not_installed()
    folder = place.at(record.program.path)
    if not folder.is_dir():
        return wrong(f"{record.program.path} is missing; run `python3 -m provisioning.install`.")
    if tree_digest(folder) != record.program.sha256:
        return wrong(
            f"The program in {record.program.path} was changed since it was installed; "
            "run `python3 -m provisioning.install` again."
        )
    return ok(f"The program in {record.program.path} is as it was installed.")


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
