"""The station's file tree: a fresh Debian, installed by the product's installer, plus the harness.

The tree is kept between runs, because unpacking Debian takes minutes and installing again takes
seconds.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.deploy import debian
from tests.deploy.debian import ROOT

SUITE = "trixie"

MORE = "linux-image-amd64,kmod,iproute2"
"""Beside what a station's image has: its kernel, and what the harness uses inside."""

UNITS: Final = "/usr/lib/systemd/system"

CHECKOUT = "root/capture-station"
_CHECKOUT_PARTS = ("kiosk", "provisioning", "systemd", "firmware_config", "requirements")
_CHECKOUT_FILES = ("pyproject.toml", "README.md", "LICENSE")

_AGENT_UNIT = """\
[Unit]
Description=The test harness's agent and input devices
DefaultDependencies=no
After=systemd-udevd.service systemd-udev-trigger.service local-fs.target
Before=kiosk-capture.service kiosk-upload.service

[Service]
Type=notify
NotifyAccess=all
ExecStart=/usr/bin/python3 /usr/local/lib/kiosk-vm/agent.py
OOMScoreAdjust=-900
TimeoutStartSec=120
"""

_NETWORK = """\
[Match]
Type=ether

[Network]
Address=10.0.2.15/24
Gateway=10.0.2.2
LinkLocalAddressing=no
IPv6AcceptRA=no
"""

STATE_FOLDERS: Final = {
    "spool": "/var/spool/kiosk",
    "lib": "/var/lib/kiosk",
    "settings": "/etc/kiosk",
    "systemd": "/var/lib/systemd",
    "home": "/home",
}
"""On the state's partition, and where a station has it: all that may be written to on a closed one.

What is not a mount of its own by then becomes one by the product's units.
"""

_FSTAB = "/dev/disk/by-id/virtio-state /state ext4 nodev,nosuid,noexec 0 2\n" + "".join(
    f"/state/{name} {place} none bind 0 0\n" for name, place in STATE_FOLDERS.items()
)
"""Without the root: how it is mounted is the boot loader's word (``rw`` or ``ro``) and stays so."""


@dataclass(frozen=True, slots=True)
class Tree:
    """The tree and what is asked of it."""

    path: Path

    @property
    def kernel(self) -> Path:
        return max((self.path / "boot").glob("vmlinuz-*"))

    @property
    def release(self) -> str:
        return self.kernel.name.removeprefix("vmlinuz-")


def unpacked(folder: Path) -> Tree:
    """Return the Debian in ``folder``, made by debootstrap where there is none yet."""
    tree = folder / SUITE
    debian.unpack(SUITE, tree, debian.PACKAGES, MORE)
    _forget_program(tree)
    return Tree(tree)


def _forget_program(tree: Path) -> None:
    """Take away what an earlier run installed: a station is made from nothing each time."""
    program = tree / "opt/kiosk"
    if program.is_symlink():
        program.unlink()
    for folder in (program, tree / "opt/kiosk.versions"):
        shutil.rmtree(folder, ignore_errors=True)


def install(tree: Tree) -> str:
    """Run the product's installer on the tree and return what it said."""
    return debian.install(tree.path)


def add_harness(tree: Tree, agent: Path, drop_ins: Mapping[str, str]) -> None:
    """Put in what makes it a machine under test: agent, network, where the state lies.

    Args:
        tree: an installed one.
        agent: the program that answers inside.
        drop_ins: additions to units, by name; where those of packages lie, so that ``/run`` can
            take them away again on a closed system.
    """
    units = tree.path / "etc/systemd/system"
    _write(tree.path / "usr/local/lib/kiosk-vm/agent.py", agent.read_text(encoding="utf-8"))
    _write(units / "kiosk-vm-agent.service", _AGENT_UNIT)
    _write(tree.path / "etc/systemd/network/10-kiosk-vm.network", _NETWORK)
    _write(tree.path / "etc/fstab", _FSTAB)
    _write(tree.path / "etc/hostname", "room-vm\n")
    for name, text in drop_ins.items():
        _write(tree.path / UNITS.lstrip("/") / name, text)
    (tree.path / "state").mkdir(exist_ok=True)
    for wants, unit in (
        ("sysinit.target.wants", units / "kiosk-vm-agent.service"),
        ("multi-user.target.wants", Path("/usr/lib/systemd/system/systemd-networkd.service")),
    ):
        link = units / wants / unit.name
        link.parent.mkdir(exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(
            Path("/") / unit.relative_to(tree.path) if unit.is_relative_to(tree.path) else unit
        )
    _copy_checkout(tree.path / CHECKOUT)


def _copy_checkout(target: Path) -> None:
    """The installer is run on the station itself too, from a checkout as a technician has it."""
    shutil.rmtree(target, ignore_errors=True)
    leave_out = shutil.ignore_patterns("__pycache__")
    for part in _CHECKOUT_PARTS:
        shutil.copytree(ROOT / part, target / part, ignore=leave_out)
    for name in _CHECKOUT_FILES:
        shutil.copyfile(ROOT / name, target / name)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
