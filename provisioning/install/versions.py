"""Versions of the program side by side: each is whole in a folder of its own, and one is in use.

    /opt/kiosk.versions/ID      virtual environment, locked libraries, program, what it was made of
    /opt/kiosk.versions/before  link to the version that was in use before
    /opt/kiosk                  link to the one in use

A version is built beside what runs, and one link is moved. Going back is installing the version
before from its own files, where nothing is left to build (docs/decisions/0110).
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.commission.digests import tree_digest
from kiosk.commission.versions import BEFORE, IN_USE, SOURCE, VERSIONS
from kiosk.durable import sync_directory
from provisioning.install.machine import InstallError, Machine
from provisioning.install.parts import files, version

LOCK: Final = "requirements/station.txt"
BUILD_LOCK: Final = "requirements/build.txt"

_COMPLETE: Final = "share/complete"
_PIP: Final = ("install", "--quiet", "--disable-pip-version-check")


@dataclass(frozen=True, slots=True)
class VersionStep:
    """This checkout's program and its libraries; sees Debian's picamera2 and pygame."""

    name: str = "program and libraries"

    def missing(self, machine: Machine) -> str:
        folder = _folder(machine)
        if machine.read(f"{folder}/{_COMPLETE}") is None:
            return "this version is not there"
        program = program_folder(machine, folder)
        same = program is not None and tree_digest(program) == tree_digest(_program(machine))
        return "" if same else "its program was changed"

    def apply(self, machine: Machine) -> None:
        folder = _folder(machine)
        shutil.rmtree(machine.at(folder), ignore_errors=True)
        machine.run("python3", "-m", "venv", "--system-site-packages", folder)
        _install_libraries(machine, folder)
        _install_program(machine, folder)
        _copy_source(machine, folder)
        # Or a power cut leaves a version that says it is complete, with empty files.
        os.sync()
        machine.write(f"{folder}/{_COMPLETE}", "", 0o644)


@dataclass(frozen=True, slots=True)
class SwitchStep:
    """Takes this checkout's version into use, and remembers which was before."""

    name: str = "version in use"

    def missing(self, machine: Machine) -> str:
        used = _used(machine)
        return "" if used == _folder(machine) else f"in use is {used or 'none'}"

    def apply(self, machine: Machine) -> None:
        used = _used(machine)
        if used is not None:
            _link(machine, BEFORE, used)
        _link(machine, IN_USE, _folder(machine))


@dataclass(frozen=True, slots=True)
class PruneStep:
    """Removes every version but the one in use and the one before."""

    name: str = "older versions"

    def missing(self, machine: Machine) -> str:
        old = _old(machine)
        return f"{len(old)} are left" if old else ""

    def apply(self, machine: Machine) -> None:
        for path in _old(machine):
            shutil.rmtree(path)


def program_folder(machine: Machine, folder: str = IN_USE) -> Path | None:
    """Return where a version's program is, that in use where none is named; or None."""
    found = sorted(machine.at(folder).glob("lib/python3*/site-packages/kiosk"))
    return found[-1] if found else None


def _folder(machine: Machine) -> str:
    return f"{VERSIONS}/{version(machine.checkout)}"


def _program(machine: Machine) -> Path:
    return machine.checkout / "kiosk"


def _used(machine: Machine) -> str | None:
    """Return the folder of the version in use.

    Raises:
        InstallError: something else is in its place.
    """
    link = machine.at(IN_USE)
    if not os.path.lexists(link):
        return None
    if not link.is_symlink():
        raise InstallError(
            f"{IN_USE} is a folder; expected a link to a version in {VERSIONS}. Move it away."
        )
    return f"{VERSIONS}/{link.readlink().name}"


def _old(machine: Machine) -> list[Path]:
    links = [machine.at(link) for link in (IN_USE, BEFORE)]
    kept = {link.readlink().name for link in links if link.is_symlink()}
    folders = machine.at(VERSIONS).glob("*/")
    return [path for path in folders if path.name not in kept and not path.is_symlink()]


def _link(machine: Machine, link: str, folder: str) -> None:
    """Point a link to a folder, whatever happens to the power; inside a tree for an image too."""
    place = machine.at(link)
    target = os.path.relpath(folder, Path(link).parent)
    fresh = place.with_name(f".{place.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(place)
    sync_directory(place.parent)


def _install_libraries(machine: Machine, folder: str) -> None:
    lock = f"{folder}/share/station.txt"
    machine.write(lock, machine.source(LOCK), 0o644)
    machine.run(
        # A source package would be built, that is run, here; a missing wheel has to be seen.
        *(f"{folder}/bin/pip", *_PIP, "--only-binary=:all:", "--require-hashes", "-r", lock)
    )


def _install_program(machine: Machine, folder: str) -> None:
    with tempfile.TemporaryDirectory(prefix="kiosk-build-") as build:
        wheel = _build(machine, Path(build))
        inside = f"{folder}/share/{wheel.name}"
        shutil.copyfile(wheel, machine.at(inside))
    machine.run(*(f"{folder}/bin/pip", *_PIP, "--no-index", "--no-deps", "--no-compile", inside))


def _copy_source(machine: Machine, folder: str) -> None:
    for path in files(machine.checkout):
        place = machine.at(folder) / SOURCE / path.relative_to(machine.checkout)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)


def _build(machine: Machine, folder: Path) -> Path:
    """Make the wheel on the machine that runs the installer, outside of an image's tree."""
    pip = str(folder / "venv/bin/pip")
    quiet = ("--quiet", "--disable-pip-version-check")
    build_lock = str(machine.checkout / BUILD_LOCK)
    machine.runner((sys.executable, "-m", "venv", str(folder / "venv")), {})
    machine.runner(
        (pip, "install", *quiet, "--only-binary=:all:", "--require-hashes", "-r", build_lock), {}
    )
    machine.runner(
        (
            *(pip, "wheel", *quiet, "--no-deps", "--no-build-isolation"),
            *("--wheel-dir", str(folder / "wheel"), str(machine.checkout)),
        ),
        {},
    )
    wheels = list((folder / "wheel").glob("*.whl"))
    if len(wheels) != 1:
        raise InstallError(f"Building the program gave {len(wheels)} wheels; expected one.")
    return wheels[0]
