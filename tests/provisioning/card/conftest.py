"""A bench with a clinic's file, and boot partitions as the two releases of the system have them."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk import cli
from kiosk.clinic.keygen import make_keys
from kiosk.envelope.recipients import X25519
from kiosk.envelope.signatures import SigningKey
from kiosk.records.enrolment_code import ALPHABET
from provisioning.card import cli as card_cli
from provisioning.card.archive import archive

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
CMDLINE = "console=serial0,115200 console=tty1 root=PARTUUID=ab-02 rootfstype=ext4 rootwait\n"


@dataclass(frozen=True)
class Desk:
    """The bench's folder with everything that a clinic gives to it."""

    folder: Path

    @property
    def clinic(self) -> Path:
        return self.folder / "clinic.toml"

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def change(self, old: str, new: str) -> None:
        text = self.clinic.read_text(encoding="utf-8")
        assert old in text
        self.clinic.write_text(text.replace(old, new), encoding="utf-8")

    def people(self, station: str) -> Path:
        """What the desk prints for a station."""
        key = SigningKey.generate().public_line("desk")
        mailbox = station.encode().hex().ljust(32, "0")
        lines = f'# for the station\'s station.toml\n[people]\ndesk = "{key}"\n'
        return self.write(f"people/{station}.toml", f'{lines}mailbox = "{mailbox}"\n')


@pytest.fixture
def bench(tmp_path: Path) -> Desk:
    made = Desk(tmp_path / "bench")
    made.folder.mkdir()
    make_keys(made.folder / "keys", X25519, NOW)
    recipients = (made.folder / "keys/recipients.txt").read_text(encoding="ascii")
    made.write("recipients.txt", recipients)
    host_key = SigningKey.generate().public_line("root@server")
    made.write(
        "clinic.toml",
        f'clinic = "Praxis am Weiher"\n\n[server]\nhost = "192.0.2.5"\nport = 2222\n'
        f'host_key = "{host_key}"\n',
    )
    made.people("kiosk-01")
    return made


def boot(folder: Path, *, cloud: bool) -> Path:
    """Make what a freshly written card's small partition has, as far as we look at it."""
    folder.mkdir()
    for name, text in {
        "config.txt": "dtparam=audio=on\n",
        "cmdline.txt": CMDLINE,
        "kernel8.img": "kernel",
    }.items():
        (folder / name).write_text(text, encoding="ascii")
    if cloud:
        for name in ("user-data", "meta-data", "network-config"):
            (folder / name).write_text("# an example of Raspberry Pi OS\n", encoding="ascii")
    return folder


@pytest.fixture
def trixie(tmp_path: Path) -> Path:
    return boot(tmp_path / "trixie", cloud=True)


@pytest.fixture
def bookworm(tmp_path: Path) -> Path:
    return boot(tmp_path / "bookworm", cloud=False)


@pytest.fixture(scope="session")
def program() -> bytes:
    return archive(ROOT)


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_ino, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def sums_agree(card: Path) -> bool:
    """As the station itself looks."""
    command = ["sha256sum", "--check", "--quiet", "SHA256SUMS"]
    folder = card / "capture-station"
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


CODE = re.compile(rf"CSE1(?:-[{ALPHABET}]{{5}}){{4}}")


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch, program: bytes) -> None:
    """Packed once for all tests of this file; and the clock stands."""
    monkeypatch.setattr(card_cli, "archive", lambda _: program)
    monkeypatch.setattr(card_cli, "_now", lambda: NOW)


def provision(*words: str | Path) -> int:
    options = cli._parser().parse_args(["provision", *map(str, words)])
    return int(options.handler(options))


def one(bench: Desk, card: Path, *more: str | Path) -> int:
    words = ("card", "--station", "kiosk-01", "--camera", "imx708")
    return provision(*words, "--clinic", bench.clinic, "--out", card, *more)
