"""Steps for Debian's packages, the locked libraries and our own program."""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from kiosk.commission.digests import tree_digest
from provisioning.install.machine import InstallError, Machine

VENV = "/opt/kiosk"
SHARE = f"{VENV}/share"
LOCK = "requirements/station.txt"
BUILD_LOCK = "requirements/build.txt"

DEBIAN = (
    "ca-certificates",
    # SDL opens these by name when it draws on KMS, so no package asks for them.
    "libegl1",
    "libgl1-mesa-dri",
    "libgles2",
    "openssh-client",
    # No wheels for aarch64, and for the newest Python none at all.
    "python3-evdev",
    # The wheels cannot draw on KMS.
    "python3-pygame",
    "python3-systemd",
    "python3-venv",
    # Shots and the server's certificates need the time.
    "systemd-timesyncd",
)
RASPBERRY_PI = (
    "python3-lgpio",
    "python3-picamera2",
)
"""Only in Raspberry Pi OS's own archive, or there in the version that fits its kernel."""

SPEECH = ("espeak-ng",)
"""Only where the station is to speak."""


@dataclass(frozen=True, slots=True)
class PackagesStep:
    """Debian packages by name, without what they merely recommend (desktops, for picamera2)."""

    packages: tuple[str, ...]
    name: str = "Debian packages"

    def missing(self, machine: Machine) -> str:
        absent = sorted(set(self.packages) - installed(machine.read("/var/lib/dpkg/status") or ""))
        return f"{', '.join(absent)} not installed" if absent else ""

    def apply(self, machine: Machine) -> None:
        machine.run("apt-get", "update", "-q")
        machine.run(
            *("apt-get", "install", "-q", "-y", "--no-install-recommends", *self.packages),
            DEBIAN_FRONTEND="noninteractive",
        )


@dataclass(frozen=True, slots=True)
class LibrariesStep:
    """The virtual environment with every locked library; sees Debian's picamera2 and pygame."""

    name: str = "libraries"

    def missing(self, machine: Machine) -> str:
        if not machine.at(f"{VENV}/bin/python").is_symlink():
            return f"no virtual environment in {VENV}"
        if machine.read(f"{SHARE}/station.txt") != machine.source(LOCK):
            return "other versions than locked"
        return ""

    def apply(self, machine: Machine) -> None:
        lock = machine.source(LOCK)
        if not machine.at(f"{VENV}/bin/python").is_symlink():
            machine.run("python3", "-m", "venv", "--system-site-packages", VENV)
        machine.write(f"{SHARE}/station.new.txt", lock, 0o644)
        machine.run(
            *(f"{VENV}/bin/pip", "install", "--quiet", "--disable-pip-version-check"),
            # A source package would be built, that is run, here; a missing wheel has to be seen.
            *("--only-binary=:all:", "--require-hashes", "-r", f"{SHARE}/station.new.txt"),
        )
        machine.write(f"{SHARE}/station.txt", lock, 0o644)
        machine.at(f"{SHARE}/station.new.txt").unlink()


@dataclass(frozen=True, slots=True)
class ProgramStep:
    """Our own program, built into a wheel from this checkout with a locked build tool."""

    name: str = "program"

    def missing(self, machine: Machine) -> str:
        folder = program_folder(machine)
        if folder is None:
            return "not installed"
        same = tree_digest(folder) == tree_digest(machine.checkout / "kiosk")
        return "" if same else "another version than this checkout's"

    def apply(self, machine: Machine) -> None:
        with tempfile.TemporaryDirectory(prefix="kiosk-build-") as folder:
            wheel = _build(machine, Path(folder))
            inside = f"{SHARE}/{wheel.name}"
            shutil.copyfile(wheel, machine.at(inside))
        machine.run(
            *(f"{VENV}/bin/pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--no-index", "--no-deps", "--force-reinstall", "--no-compile", inside),
        )


def installed(status: str) -> set[str]:
    """Return the names of the installed packages in dpkg's status file."""
    found: set[str] = set()
    name = ""
    for line in status.splitlines():
        if line.startswith("Package: "):
            name = line.removeprefix("Package: ")
        elif line == "Status: install ok installed":
            found.add(name)
    return found


def program_folder(machine: Machine) -> Path | None:
    """Return where the installed program is, or None."""
    found = sorted(machine.at(VENV).glob("lib/python3*/site-packages/kiosk"))
    return found[-1] if found else None


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
