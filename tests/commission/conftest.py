"""A station in a tree of its own, as the installer and a technician leave one."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.commission.digests import RECORD, file_digest, tree_digest
from kiosk.commission.place import Place
from kiosk.config import StationConfig, parse
from kiosk.envelope.recipients import generate_identity
from kiosk.envelope.signatures import SigningKey

ROOT = Path(__file__).parents[2]
PROGRAM = "/opt/kiosk/lib/python3.11/site-packages/kiosk"

MACHINE_FILES = {
    "/proc/swaps": "Filename\tType\tSize\tUsed\tPriority\n",
    "/proc/sys/kernel/core_pattern": "|/bin/false\n",
    "/proc/sys/fs/suid_dumpable": "0\n",
    "/proc/mounts": "/dev/root / ext4\ntmpfs /tmp tmpfs\ntmpfs /var/tmp tmpfs\n",
    "/sys/block/zram0/backing_dev": "none\n",
    "/etc/systemd/system/kiosk.target": "[Unit]\n",
    f"{PROGRAM}/__init__.py": "# the program\n",
    "/boot/firmware/config.txt": "[all]\ninclude kiosk.txt\ninclude kiosk-imx477.txt\n",
}


@dataclass(frozen=True)
class StationTree:
    """A whole station: ``toml`` is the path of its configuration as the station sees it."""

    place: Place
    toml: Path
    config: StationConfig

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
    text = _filled_in(tmp_path)
    tree = StationTree(place, toml, parse(text, source="station.toml"))
    tree.write(toml, text)
    for path, content in MACHINE_FILES.items():
        tree.write(path, content)
    for name in ("kiosk.txt", "kiosk-imx477.txt"):
        tree.write(f"/boot/firmware/{name}", (ROOT / "firmware_config" / name).read_text("utf-8"))
    keys = [str(generate_identity().recipient()) for _ in range(2)]
    tree.write("/etc/kiosk/recipients.txt", "\n".join(keys) + "\n")
    for name in ("signing-key", "ssh-key"):
        tree.write(f"/etc/kiosk/keys/{name}", SigningKey.generate().private_text(), 0o600)
    tree.write("/etc/kiosk/keys/pose-key", generate_identity().secret_text(), 0o600)
    spool = tree.at("/var/spool/kiosk")
    spool.mkdir(parents=True)
    spool.chmod(0o2770)
    record(tree)
    return tree


def record(tree: StationTree) -> None:
    unit = "/etc/systemd/system/kiosk.target"
    document = {
        "program": {"path": PROGRAM, "sha256": tree_digest(tree.at(PROGRAM))},
        "files": {unit: file_digest(tree.at(unit))},
    }
    tree.write(RECORD, json.dumps(document))


def _filled_in(root: Path) -> str:
    text = (ROOT / "provisioning/install/station.toml.example").read_text("utf-8")
    for key, value in {
        'name = "CHANGE-ME"': 'name = "room-2"',
        'clinic = "CHANGE-ME"': 'clinic = "Clinic by the Park"',
        'host = "CHANGE-ME"': 'host = "192.0.2.5"',
        'user = "CHANGE-ME"': 'user = "room-2"',
        'host_key = "CHANGE-ME"': 'host_key = "ssh-ed25519 AAAAC3Nz"',
        "#pose_key = ": "pose_key = ",
        'path = "/var/spool/kiosk"': 'path = "/var/spool/kiosk"\nreserve_mb = 1',
    }.items():
        assert key in text, (root, key)
        text = text.replace(key, value)
    return text
