"""The files of a card, as names and bytes; nothing here touches a disk.

Nothing of the code is among them, and nothing that opens anything: the station makes its own keys.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from provisioning.card.order import Order

FOLDER: Final = "capture-station"
"""On the boot partition; everything of ours but what starts it is in it."""

SUMS: Final = f"{FOLDER}/SHA256SUMS"
"""Written last: ``place.sh`` takes a card without it, or with another, for a half written one."""

CMDLINE: Final = (
    "systemd.run=/boot/firmware/firstrun.sh",
    "systemd.run_success_action=reboot",
    # Or the machine would switch itself off before anybody has read why.
    "systemd.run_failure_action=none",
    "systemd.unit=kernel-command-line.target",
)
"""systemd-run-generator(8); added to the kernel's arguments where there is no cloud-init."""

_HERE = Path(__file__).parent
_SHIPPED = ("place.sh", "first-boot.sh", "capture-station-first-boot.service")


class Release(enum.Enum):
    """Of Raspberry Pi OS; they differ in how a card says what is to be done at the first boot."""

    TRIXIE = "trixie"
    BOOKWORM = "bookworm"
    IMAGE = "image"
    """A Capture Station's own image (provisioning/image), which looks for our folder by itself."""


def parts(order: Order, program: bytes) -> dict[str, bytes]:
    """Return the files of :data:`FOLDER`, by their path on the boot partition, without the sums."""
    wanted = order.wanted
    battery = "--clock-battery\n" if wanted.clock_battery else ""
    files = {
        "name": f"{wanted.station}\n".encode(),
        "station.toml": order.settings.encode(),
        "recipients.txt": order.recipients,
        "install.args": f"--camera\n{wanted.camera}\n{battery}".encode(),
        "capture-station.tar.gz": program,
        **order.files,
        **{name: (_HERE / name).read_bytes() for name in _SHIPPED},
    }
    if order.technician is not None:
        files["technician.pub"] = f"{order.technician}\n".encode()
    return {f"{FOLDER}/{name}": content for name, content in files.items()}


def sums(files: Mapping[str, bytes]) -> bytes:
    """Return what ``sha256sum --check`` reads in :data:`FOLDER`."""
    lines = [
        f"{hashlib.sha256(content).hexdigest()}  {name.removeprefix(f'{FOLDER}/')}\n"
        for name, content in sorted(files.items())
    ]
    return "".join(lines).encode()


def starters(order: Order, release: Release) -> dict[str, bytes]:
    """Return what has the first boot look into :data:`FOLDER`; written after it."""
    if release is Release.IMAGE:
        return {}
    if release is Release.BOOKWORM:
        return {"firstrun.sh": (_HERE / "firstrun.sh").read_bytes()}
    name = order.wanted.station
    return {
        "network-config": _NETWORK.encode(),
        "meta-data": f"instance-id: capture-station-{name}\nlocal-hostname: {name}\n".encode(),
        "user-data": _USER_DATA.format(name=name, folder=FOLDER).encode(),
    }


def with_firstrun(cmdline: str) -> str:
    """Return bookworm's ``cmdline.txt`` with our arguments, once."""
    keys = {argument.partition("=")[0] for argument in CMDLINE}
    kept = [word for word in cmdline.split() if word.partition("=")[0] not in keys]
    return " ".join([*kept, *CMDLINE]) + "\n"


_USER_DATA = """\
#cloud-config
# Written by `kiosk provision card`; what is done at the first boot is in {folder}/place.sh.
hostname: {name}
manage_etc_hosts: false
# Nobody but the technician, whom place.sh lets in by a key if the bench has one, and else nobody.
users:
  - name: technician
    groups: [sudo]
    shell: /bin/bash
    lock_passwd: true
ssh_pwauth: false
disable_root: true
runcmd:
  - [sh, /boot/firmware/{folder}/place.sh]
  - [systemctl, start, --no-block, capture-station-first-boot.service]
"""

_NETWORK = """\
# Written by `kiosk provision card`: the cable, an address by DHCP, no radio.
version: 2
ethernets:
  eth0:
    dhcp4: true
"""
