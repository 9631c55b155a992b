"""A station that enrols, and what its bench does for it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from kiosk.config import StationConfig, Upload
from kiosk.config_reading import parse
from kiosk.enrol.request import Ticket
from kiosk.enrol.sending import send
from kiosk.enrol.station import Home, enrol
from kiosk.records.enrolment import PENDING, Enrolled
from kiosk.records.enrolment_code import Code
from kiosk.upload.sftp import DropBox
from tests.provisioning.server.namespace import Machine

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Station:
    """What a card makes of a machine: settings, and keys that it made for itself."""

    folder: Path
    config: StationConfig

    @property
    def upload(self) -> Upload:
        return msgspec.structs.replace(self.config.upload, key=self.folder / "keys/ssh-key")

    def enrol(self, typed: str, now: datetime | None = None) -> Enrolled:
        home = Home(lambda: now or datetime(2026, 12, 1, tzinfo=UTC), self.folder)
        return enrol(typed, self.config, home, send)

    def log_in(self) -> None:
        DropBox.connect(self.upload, lambda: False).close()


def station(machine: Machine, folder: Path, name: str) -> Station:
    (folder / "keys").mkdir(parents=True)
    for key in ("ssh-key", "signing-key"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "keys" / key)]
        subprocess.run(command, check=True)
    (folder / PENDING).touch()
    text = (ROOT / "provisioning/install/station.toml.example").read_text(encoding="utf-8")
    for old, new in {
        'host = "CHANGE-ME"': f'host = "127.0.0.1"\nport = {machine.port}',
        'host_key = "CHANGE-ME"': f'host_key = "{host_key(machine)}"',
        'desk = "CHANGE-ME"': 'desk = "ssh-ed25519 AAAA"',
        'mailbox = "CHANGE-ME"': f'mailbox = "{"0" * 32}"',
        "CHANGE-ME": name,
    }.items():
        text = text.replace(old, new)
    return Station(folder, parse(text, source="test"))


def added(machine: Machine, folder: Path, name: str) -> Station:
    """A station whose key was added by hand."""
    made = station(machine, folder, name)
    machine.ok("add", name, str(made.upload.key.with_suffix(".pub")))
    return made


def host_key(machine: Machine) -> str:
    return machine.read("/etc/ssh/ssh_host_ed25519_key.pub").strip()


def ticket(name: str, code: Code, hours: float = 24) -> bytes:
    expires = datetime.now(UTC) + timedelta(hours=hours)
    made = Ticket(
        station=name,
        key=code.key(name).public_line(),
        expires_at=expires.isoformat(timespec="seconds"),
    )
    return msgspec.json.encode(made)


def expect(
    machine: Machine, folder: Path, name: str, code: Code
) -> subprocess.CompletedProcess[str]:
    path = folder / f"{name}.ticket"
    path.write_bytes(ticket(name, code))
    return machine.server("expect", str(path))


def listed(machine: Machine, name: str) -> str:
    (line,) = [one for one in machine.ok("list").splitlines() if one.split()[0] == name]
    return line
