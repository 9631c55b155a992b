"""Steps for users, folders, links between units, and swap."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kiosk.commission.machine_paths import CONSOLES, SWAP_FILES, UNITS
from provisioning.install.machine import InstallError, Machine

DESCRIBED = "kiosk.conf"
"""The file's name in sysusers.d and in tmpfiles.d."""


ENABLED = {
    "kiosk.target": "multi-user.target",
    "kiosk-capture.service": "kiosk.target",
    "kiosk-upload.service": "kiosk.target",
    "kiosk-commission.path": "kiosk.target",
    "kiosk-commission-letters.timer": "kiosk.target",
    "kiosk-support.path": "kiosk.target",
    "kiosk-enrol.socket": "kiosk.target",
    "tmp.mount": "local-fs.target",
    "var-tmp.mount": "local-fs.target",
}
"""Unit, and the target that starts it."""

DISTRIBUTION_ENABLED = {"nftables.service": "sysinit.target"}
"""The same, of the distribution's own units."""

_DISTRIBUTION_UNITS = "/usr/lib/systemd/system"

COMMAND = "/usr/local/bin/kiosk"

MASKED = (
    *CONSOLES,
    # Makes /var/swap anew at each boot (Raspberry Pi OS bookworm).
    "dphys-swapfile.service",
)


@dataclass(frozen=True, slots=True)
class UsersStep:
    """The users and groups of ``systemd/sysusers.d/kiosk.conf``."""

    name: str = "users and groups"

    def missing(self, machine: Machine) -> str:
        wanted = _declared(machine.source("systemd/sysusers.d/kiosk.conf"))
        known = _names(machine.read("/etc/passwd")), _names(machine.read("/etc/group"))
        absent = [name for kind, name in wanted if name not in known[kind == "g"]]
        absent += _not_member(machine)
        return f"{', '.join(absent)} not there" if absent else ""

    def apply(self, machine: Machine) -> None:
        machine.run_systemd("systemd-sysusers", DESCRIBED)


@dataclass(frozen=True, slots=True)
class FoldersStep:
    """The folders of ``systemd/tmpfiles.d/kiosk.conf``; systemd makes them again at each boot."""

    name: str = "folders"

    def missing(self, machine: Machine) -> str:
        wrong = []
        for line in machine.source("systemd/tmpfiles.d/kiosk.conf").splitlines():
            if line.startswith("d "):
                _, path, mode, *_ = line.split()
                if _mode(machine.at(path)) != int(mode, 8):
                    wrong.append(f"{path} not with mode {mode}")
        return ", ".join(wrong)

    def apply(self, machine: Machine) -> None:
        machine.run_systemd("systemd-tmpfiles", "--create", DESCRIBED)


@dataclass(frozen=True, slots=True)
class LinksStep:
    """Links by their place, each to its target: units that start by themselves or never do."""

    links: Mapping[str, str]
    name: str

    def missing(self, machine: Machine) -> str:
        wrong = [
            link for link, target in self.links.items() if not points(machine.at(link), target)
        ]
        return f"{', '.join(Path(link).name for link in wrong)} not linked" if wrong else ""

    def apply(self, machine: Machine) -> None:
        for link, target in self.links.items():
            path = machine.at(link)
            if points(path, target):
                continue
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.unlink(missing_ok=True)
                path.symlink_to(target)
            except OSError as error:
                raise InstallError(f"{link} cannot be made: {error.strerror}.") from error
        if machine.live:
            machine.run("systemctl", "daemon-reload")


@dataclass(frozen=True, slots=True)
class SwapStep:
    """No swap now; the files and masks of other steps see to it that none comes back."""

    name: str = "swap"

    def missing(self, machine: Machine) -> str:
        files = [path for path in SWAP_FILES if machine.at(path).exists()]
        if machine.live and len((machine.read("/proc/swaps") or "").splitlines()) > 1:
            files.insert(0, "swap in use")
        return f"{', '.join(files)} must go" if files else ""

    def apply(self, machine: Machine) -> None:
        if machine.live:
            machine.run("swapoff", "--all")
        for path in SWAP_FILES:
            machine.at(path).unlink(missing_ok=True)


def without_swap(fstab: str | None) -> str | None:
    """Return ``/etc/fstab`` with its swap lines as comments; None where there is no such file."""
    if fstab is None:
        return None
    lines = [
        f"# no swap on a Capture Station: {line}" if _is_swap(line) else line
        for line in fstab.splitlines()
    ]
    return "".join(f"{line}\n" for line in lines)


def _is_swap(line: str) -> bool:
    fields = line.split()
    return bool(fields) and not fields[0].startswith("#") and fields[2:3] == ["swap"]


def unit_links() -> dict[str, str]:
    """Return which units start by themselves, which never do, and the technician's command."""
    links = {f"{UNITS}/{by}.wants/{unit}": f"{UNITS}/{unit}" for unit, by in ENABLED.items()}
    links |= {
        f"{UNITS}/{by}.wants/{unit}": f"{_DISTRIBUTION_UNITS}/{unit}"
        for unit, by in DISTRIBUTION_ENABLED.items()
    }
    masks = {f"{UNITS}/{unit}": "/dev/null" for unit in MASKED}
    return {**links, **masks, COMMAND: "/opt/kiosk/bin/kiosk"}


def points(link: Path, target: str) -> bool:
    """Tell whether a path is a link to this target, wherever that is."""
    return link.is_symlink() and str(link.readlink()) == target


def _mode(path: Path) -> int | None:
    return stat.S_IMODE(path.stat().st_mode) if path.is_dir() else None


def _declared(text: str) -> list[tuple[str, str]]:
    rows = [line.split() for line in text.splitlines()]
    return [(row[0], row[1]) for row in rows if row and row[0] in {"u", "g"}]


def _not_member(machine: Machine) -> list[str]:
    """Return what is declared as ``m USER GROUP`` and not so yet."""
    rows = [line.split(":") for line in (machine.read("/etc/group") or "").splitlines()]
    members = {row[0]: row[-1].split(",") for row in rows}
    declared = machine.source("systemd/sysusers.d/kiosk.conf").splitlines()
    wanted = [line.split()[1:] for line in declared if line.startswith("m ")]
    return [f"{user} in {group}" for user, group in wanted if user not in members.get(group, [])]


def _names(text: str | None) -> set[str]:
    return {line.split(":")[0] for line in (text or "").splitlines()}
