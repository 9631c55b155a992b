"""The step for Debian's packages."""

from __future__ import annotations

from dataclasses import dataclass

from provisioning.install.machine import Machine

DEBIAN = (
    "ca-certificates",
    # SDL opens these by name when it draws on KMS, so no package asks for them.
    "libegl1",
    "libgl1-mesa-dri",
    "libgles2",
    # The firewall.
    "nftables",
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
