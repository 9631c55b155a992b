"""The machine as a station: made once, commissioned once, then booted as often as needed."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.vm.clinic import PHOTOGRAPH, PICTURES, SIZES, Practice
from tests.vm.guest import Guest
from tests.vm.image import initramfs, overlay, root_image, state_image
from tests.vm.machine import Boot, Disk, Machine, drive
from tests.vm.tree import CHECKOUT, Tree

DROP_INS: Final = {
    # No GPU here; llvmpipe writes code and runs it, which the sandbox refuses, softpipe does not.
    # Emulated, what takes a second on a Pi takes ten.
    "kiosk-capture.service.d/vm.conf": """\
[Service]
Environment=GALLIUM_DRIVER=softpipe
TimeoutStartSec=300
TimeoutStopSec=120
WatchdogSec=120
""",
    "kiosk-upload.service.d/vm.conf": "[Service]\nTimeoutStartSec=300\nTimeoutStopSec=60\n",
}
"""Additions to the shipped units, none of which opens anything; in place while the program runs."""

STOP_S: Final = 240.0


@dataclass(frozen=True, slots=True)
class Images:
    """Files below ``folder``: the root as installed, later as commissioned, and the state."""

    folder: Path
    kernel: Path

    @property
    def initrd(self) -> Path:
        return self.folder / "initrd"

    @property
    def root(self) -> Path:
        return self.folder / "root.img"

    @property
    def commissioned(self) -> Path:
        return self.folder / "commissioned.qcow2"

    @property
    def state(self) -> Path:
        return self.folder / "state.img"


def images(tree: Tree, folder: Path) -> Images:
    """Make everything that is booted."""
    made = Images(folder, tree.kernel)
    initramfs(tree, made.initrd)
    root_image(tree, made.root)
    state_image(tree, made.state)
    overlay(made.commissioned, made.root)
    return made


@contextmanager
def booted(made: Images, root: Path, state: Disk, name: str) -> Iterator[tuple[Machine, Guest]]:
    """Boot with these disks; the power is cut at the end unless the guest switched itself off."""
    disks = (drive(root, "root", "qcow2"), state)
    boot = Boot(made.kernel, made.initrd, disks, SIZES.display)
    with Machine(boot, made.folder / name) as machine:
        guest = Guest(machine)
        try:
            yield machine, guest
        finally:
            guest.close()


def commission(guest: Guest, practice: Practice) -> str:
    """Do what a technician does on the station; returns what the installer said.

    Fills in the settings, has the installer make the keys and open the way to the server, and
    enrols the station at the clinic and at its server.
    """
    guest.write("/etc/kiosk/station.toml", practice.settings)
    recipients = practice.clinic.keys.recipients.read_text(encoding="utf-8")
    guest.write("/etc/kiosk/recipients.txt", recipients)
    photograph = base64.b64encode(practice.photograph.read_bytes()).decode("ascii")
    guest.run("mkdir", "-p", PICTURES)
    guest.run("sh", "-c", f"base64 -d > {PICTURES}/{PHOTOGRAPH}.png", stdin=photograph)
    install = f"cd /{CHECKOUT} && python3 -m provisioning.install --writable-root"
    said = guest.run("sh", "-c", install, timeout_s=600)
    signing = guest.run("cat", "/etc/kiosk/keys/signing-key.pub")
    practice.list_station(" ".join(signing.split()[:2]))
    practice.server.admit(guest.run("cat", "/etc/kiosk/keys/ssh-key.pub"))
    adapt(guest)
    return said


def adapt(guest: Guest) -> None:
    """Put the drop-ins in place."""
    for path, text in DROP_INS.items():
        full = f"/etc/systemd/system/{path}"
        guest.run("mkdir", "-p", str(Path(full).parent))
        guest.write(full, text)
    guest.run("systemctl", "daemon-reload")


def unadapt(guest: Guest) -> None:
    """Take them away: the units as they are shipped."""
    guest.run("rm", "-f", *(f"/etc/systemd/system/{path}" for path in DROP_INS))
    guest.run("systemctl", "daemon-reload")


def start(guest: Guest) -> None:
    """Start the station's services and wait until both are ready."""
    units = ("kiosk.target", "kiosk-capture", "kiosk-upload")
    guest.run("systemctl", "start", *units, timeout_s=600)


def switch_off(machine: Machine, guest: Guest) -> bool:
    """Have the guest end by itself, with everything written."""
    guest.ask("systemctl", "poweroff", "--no-block")
    return machine.switched_off(STOP_S)
