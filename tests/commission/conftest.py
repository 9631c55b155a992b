"""A station in a tree of its own, as the installer and a technician leave one."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.capture.people.key_files import KeyFiles
from kiosk.commission.digests import RECORD, file_digest, tree_digest
from kiosk.commission.firewall import RULES, STATION_RULES
from kiosk.commission.kernel_arguments import WANTED
from kiosk.commission.machine_paths import CONSOLES
from kiosk.commission.place import Place
from kiosk.commission.root import CLOSING, IN_MEMORY, KEPT
from kiosk.commission.running import ACTIVE, MAILBOX, SETTINGS
from kiosk.config import StationConfig
from kiosk.config_reading import parse
from kiosk.envelope.letter import Heading, Kind, write_letter
from kiosk.envelope.recipients import generate_identity
from kiosk.envelope.signatures import SigningKey
from provisioning.install.firmware import merge_cmdline
from tests.capture.people.clinic_keys import WALL, Desk, Person
from tests.commission.boards import plant_bootloader

ROOT = Path(__file__).parents[2]
STATION, CLINIC = "room-2", "Clinic by the Park"
SHARE = b"s" * 32
PROGRAM = "/opt/kiosk/lib/python3.11/site-packages/kiosk"
MACHINE_ID = "0123456789abcdef0123456789abcdef"

ARGUMENTS = merge_cmdline(
    "console=serial0,115200 root=PARTUUID=ab-02 rootwait",
    (ROOT / "firmware_config/cmdline.txt").read_text("utf-8"),
).strip()
RUNNING = f"coherent_pool=1M vc_mem.mem_base=0x3ec00000 {ARGUMENTS}\n"
"""As the firmware hands it over, with its own arguments before those of the file."""

MACHINE_FILES = {
    "/proc/swaps": "Filename\tType\tSize\tUsed\tPriority\n",
    "/proc/sys/kernel/core_pattern": "|/bin/false\n",
    "/proc/sys/fs/suid_dumpable": "0\n",
    "/proc/mounts": "/dev/root / ext4\ntmpfs /tmp tmpfs\ntmpfs /var/tmp tmpfs\n",
    "/proc/self/mountinfo": (
        "1 0 179:2 / / rw - ext4 /dev/root rw\n2 1 0:20 / /run rw,nosuid - tmpfs tmpfs rw\n"
    ),
    "/proc/1/mounts": "".join(
        (
            "/dev/mmcblk0p2 / ext4 ro,noatime 0 0\n",
            "/dev/mmcblk0p1 /boot/firmware vfat ro,relatime 0 0\n",
            *(f"/dev/mmcblk0p2 {path} ext4 rw,noatime 0 0\n" for path in KEPT),
            *(f"tmpfs {path} tmpfs rw,nosuid,nodev,noexec 0 0\n" for path in IN_MEMORY),
        )
    ),
    f"/etc/systemd/system/sysinit.target.wants/{CLOSING}": "",
    **{
        f"/proc/sys/{key}": f"{value}\n"
        for key, value in {
            "kernel/sysrq": "0",
            "kernel/yama/ptrace_scope": "2",
            "net/ipv4/tcp_allowed_congestion_control": "reno cubic bbr",
        }.items()
    },
    "/etc/systemd/system/getty.target.wants/getty@tty1.service": "# Debian's own\n",
    "/etc/machine-id": f"{MACHINE_ID}\n",
    f"/run/log/journal/{MACHINE_ID}/system.journal": "",
    "/sys/block/zram0/backing_dev": "none\n",
    "/run/systemd/timesync/synchronized": "",
    "/etc/systemd/system/kiosk.target": "[Unit]\n",
    f"{PROGRAM}/__init__.py": "# the program\n",
    RULES: "# as shipped\n",
    STATION_RULES: "# this station's\n",
    "/boot/firmware/cmdline.txt": f"{ARGUMENTS}\n",
    "/proc/cmdline": RUNNING,
    "/boot/firmware/config.txt": "[all]\ninclude kiosk.txt\ninclude kiosk-imx477.txt\n",
}


FIREWALL = json.dumps(
    {
        "nftables": [
            {"metainfo": {"version": "1.0.6"}},
            {"set": {"table": "kiosk", "name": "server4", "elem": [{"concat": ["192.0.2.5", 22]}]}},
        ]
    }
)


def asked(command: Sequence[str]) -> str:
    """Answer as the system's programs of a station in order do."""
    if tuple(command) == ACTIVE:
        return ""
    assert "nft -j list ruleset" in " ".join(command)
    return FIREWALL


@dataclass(frozen=True)
class StationTree:
    """A whole station.

    ``toml`` is the path of its configuration as the station sees it, ``desk`` the key whose letters
    it takes.
    """

    place: Place
    toml: Path
    config: StationConfig
    desk: SigningKey

    def at(self, path: Path | str) -> Path:
        return self.place.at(path)

    def write(self, path: Path | str, text: str, mode: int = 0o644) -> None:
        target = self.at(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        target.chmod(mode)


@pytest.fixture
def station(tmp_path: Path) -> StationTree:
    place = Place(tmp_path, os.geteuid())
    toml = Path("/etc/kiosk/station.toml")
    desk = SigningKey.generate()
    text = _filled_in(tmp_path, desk)
    tree = StationTree(place, toml, parse(text, source="station.toml"), desk)
    tree.write(toml, text)
    for path, content in MACHINE_FILES.items():
        tree.write(path, content)
    plant_bootloader(tmp_path)
    for name in ("kiosk.txt", "kiosk-imx477.txt"):
        tree.write(f"/boot/firmware/{name}", (ROOT / "firmware_config" / name).read_text("utf-8"))
    for unit in CONSOLES:
        tree.at(f"/etc/systemd/system/{unit}").symlink_to("/dev/null")
    tree.write(SETTINGS, (ROOT / "systemd/sysctl.d/90-kiosk.conf").read_text("utf-8"))
    tree.write(MAILBOX, "", 0o600)
    tree.write(WANTED, (ROOT / "firmware_config/cmdline.txt").read_text("utf-8"))
    keys = [str(generate_identity().recipient()) for _ in range(2)]
    tree.write("/etc/kiosk/recipients.txt", "\n".join(keys) + "\n")
    for name in ("signing-key", "ssh-key"):
        tree.write(f"/etc/kiosk/keys/{name}", SigningKey.generate().private_text(), 0o600)
    _people(tree, desk)
    record(tree)
    return tree


def record(tree: StationTree) -> None:
    unit = "/etc/systemd/system/kiosk.target"
    document = {
        "program": {"path": PROGRAM, "sha256": tree_digest(tree.at(PROGRAM))},
        "files": {unit: file_digest(tree.at(unit))},
    }
    tree.write(RECORD, json.dumps(document))


def _people(tree: StationTree, desk: SigningKey) -> None:
    """Two operators, one of them a supervisor, the server's share, and the clinic's own texts."""
    for folder in ("/var/spool/kiosk", "/var/spool/kiosk/inbox", "/run/kiosk-share"):
        tree.at(folder).mkdir(parents=True)
        tree.at(folder).chmod(0o2750 if folder.startswith("/run") else 0o2770)
    tree.at("/run/kiosk-metrics").mkdir()
    tree.at("/run/kiosk-metrics").chmod(0o3775)
    tree.at("/var/lib/kiosk/capture/operators").mkdir(mode=0o700, parents=True)
    example = ROOT / "kiosk/records/data/consent/example-en.toml"
    tree.write(
        "/etc/kiosk/consent/ours-en.toml",
        example.read_text("utf-8").replace("example = true\n", ""),
    )
    enrol(tree, clinic_desk(), [Person(supervisor=True), Person(id="ben")])
    send(tree, desk, Kind.SHARE, SHARE, "/run/kiosk-share/share.letter")


def clinic_desk() -> Desk:
    """Return what the desk of the station's clinic holds of it."""
    return Desk(STATION, CLINIC, share=SHARE)


def enrol(tree: StationTree, desk: Desk, persons: Sequence[Person], number: int = 1) -> None:
    """Have the station take operators in, by the program's own hand."""
    folder = tree.at("/var/lib/kiosk/capture/operators")
    KeyFiles(folder, STATION, CLINIC).receive(desk.body(persons, number))


def send(tree: StationTree, key: SigningKey, kind: Kind, body: bytes, path: str) -> None:
    """Put a letter where the upload process would have put it."""
    head = Heading(STATION, CLINIC, kind, 1, WALL)
    tree.at(path).write_bytes(write_letter(head, body, key, []))


def _filled_in(root: Path, desk: SigningKey) -> str:
    text = (ROOT / "provisioning/install/station.toml.example").read_text("utf-8")
    for key, value in {
        'name = "CHANGE-ME"': 'name = "room-2"',
        'clinic = "CHANGE-ME"': 'clinic = "Clinic by the Park"',
        'host = "CHANGE-ME"': 'host = "192.0.2.5"',
        'user = "CHANGE-ME"': 'user = "room-2"',
        'host_key = "CHANGE-ME"': 'host_key = "ssh-ed25519 AAAAC3Nz"',
        'desk = "CHANGE-ME"': f'desk = "{desk.public_line("desk")}"',
        'mailbox = "CHANGE-ME"': f'mailbox = "{"0" * 32}"',
        "#share = ": "share = ",
        "#receipts = ": "receipts = ",
        "#consent_texts = ": "consent_texts = ",
        "#consent_text = ": "consent_text = ",
        'path = "/var/spool/kiosk"': 'path = "/var/spool/kiosk"\nreserve_mb = 1',
    }.items():
        assert key in text, (root, key)
        text = text.replace(key, value)
    return text
