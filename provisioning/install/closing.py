"""Closes the root file system for writing, but for the places that the station writes to.

The places are mounts of their own, so that the root's mount alone becomes read-only, on whatever
card; who puts one of them onto a partition of its own says so in fstab. docs/decisions/0115.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TextIO

from kiosk.commission.machine_paths import UNITS
from kiosk.commission.root import CLOSING, IN_MEMORY, KEPT, mounts
from provisioning.install.files import FileStep, MergedStep, Placed
from provisioning.install.machine import InstallError, Machine
from provisioning.install.steps import Step
from provisioning.install.system import LinksStep, points

RESOLV: Final = "/etc/resolv.conf"
NETWORK_MANAGERS: Final = "/run/NetworkManager/resolv.conf"
"""What NetworkManager writes in any case; to its own name in /etc it could not."""

IDLE: Final = (
    # Would write where nothing can be written, and fetch what no version was proven with.
    *("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "man-db.timer"),
    # Logs are in memory, and short.
    "logrotate.timer",
    # Keeps the time in /etc (bookworm, trixie); timesyncd keeps it in /var/lib/systemd.
    *("fake-hwclock.service", "fake-hwclock-save.service", "fake-hwclock-save.timer"),
)
"""Units of the distribution's that have nothing to do on a closed system."""

_HEAD: Final = """\
# Written by provisioning.install: {why}
# docs/decisions/0115-read-only-root.md

[Unit]
Description=Capture Station: {path}, which may be written to
DefaultDependencies=no
Conflicts=umount.target
Before=local-fs.target umount.target

[Mount]
Where={path}
"""
_KEPT: Final = "What={path}\nType=none\nOptions=bind\n"
_IN_MEMORY: Final = (
    "What=tmpfs\nType=tmpfs\nOptions=mode=0755,nodev,nosuid,noexec,size=64M,nr_inodes=10k\n"
)


def steps(machine: Machine, *, writable: bool) -> tuple[Step, ...]:
    """Return the steps that close a station, or that open one again for a bench.

    Args:
        machine: a station that runs; an image is closed by its first start's own installation,
            because until then the system makes itself at home (host keys, its size).
        writable: a bench, where everything may be written to.
    """
    units = mount_units(machine)
    closing = f"{UNITS}/{CLOSING}"
    links = {f"{UNITS}/local-fs.target.wants/{name}": f"{UNITS}/{name}" for name in units}
    links |= {f"{UNITS}/sysinit.target.wants/{CLOSING}": closing}
    links |= {f"{UNITS}/{name}": "/dev/null" for name in IDLE}
    if writable:
        return (UnlinkedStep(links),)
    return (
        FileStep("the unit that closes", (Placed(f"systemd/{CLOSING}", closing),)),
        *(MergedStep(name, f"{UNITS}/{name}", _always(text)) for name, text in units.items()),
        ResolverStep(),
        LinksStep(links, "the system read-only from the next start on"),
    )


def mount_units(machine: Machine) -> dict[str, str]:
    """Return the units of the places that may be written to, by name, where fstab has none."""
    rows = [line.split() for line in (machine.read("/etc/fstab") or "").splitlines()]
    taken = {row[1] for row in rows if len(row) > 1 and not row[0].startswith("#")}
    kinds = [(path, _KEPT, "it stays on the card.") for path in KEPT]
    kinds += [(path, _IN_MEMORY, "in memory.") for path in IN_MEMORY]
    return {
        f"{path.strip('/').replace('/', '-')}.mount": (_HEAD + kind).format(path=path, why=why)
        for path, kind, why in kinds
        if path not in taken
    }


@dataclass(frozen=True, slots=True)
class UnlinkedStep:
    """None of the closed system's links is there."""

    links: Mapping[str, str]
    name: str = "the system writable"

    def missing(self, machine: Machine) -> str:
        left = [link for link in self.links if self._is_there(link, machine)]
        return f"{len(left)} links of the read-only system must go" if left else ""

    def apply(self, machine: Machine) -> None:
        for link in self.links:
            if self._is_there(link, machine):
                machine.at(link).unlink()

    def _is_there(self, link: str, machine: Machine) -> bool:
        return points(machine.at(link), self.links[link])


@dataclass(frozen=True, slots=True)
class ResolverStep:
    """Who asks name servers finds those of NetworkManager, which cannot write into /etc."""

    name: str = "name servers"

    def missing(self, machine: Machine) -> str:
        here = machine.at(RESOLV)
        managed = machine.at(NETWORK_MANAGERS).exists()
        return f"{RESOLV} is a file" if managed and not here.is_symlink() else ""

    def apply(self, machine: Machine) -> None:
        fresh = machine.at(f"{RESOLV}.kiosk")
        try:
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(NETWORK_MANAGERS)
            fresh.replace(machine.at(RESOLV))
        except OSError as error:
            raise InstallError(f"{RESOLV} cannot be made a link: {error.strerror}.") from error


@contextmanager
def opened(machine: Machine, out: TextIO) -> Iterator[None]:
    """Let the installer write, and close again what was closed.

    Raises:
        InstallError: it cannot be opened.
    """
    if not machine.live or "ro" not in mounts(machine.read("/proc/1/mounts") or "").get("/", ()):
        yield
        return
    machine.run("systemctl", "stop", CLOSING)
    try:
        yield
    finally:
        try:
            if machine.at(f"{UNITS}/sysinit.target.wants/{CLOSING}").is_symlink():
                machine.run("systemctl", "start", CLOSING)
        except InstallError:
            # A program still has a file open that was replaced.
            out.write("The system stays writable until the next start.\n")


def _always(text: str) -> Callable[[Machine, str | None], str | None]:
    return lambda _machine, _present: text
