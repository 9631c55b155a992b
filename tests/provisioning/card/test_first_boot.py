"""What the first boot does with a card, in a small tree with the system's own programs recorded.

The scripts run as they are on the card; accounts, units and the installer are stand-ins that write
down how they were called.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.config_reading import parse
from kiosk.envelope.signatures import SigningKey
from provisioning.card import contents, writing
from provisioning.card.contents import Release
from provisioning.card.order import Wanted, load_bench, take
from provisioning.card.writing import Card
from provisioning.install.files import FileStep
from provisioning.install.machine import Machine
from provisioning.install.plan import Choices, steps
from tests.provisioning.card.conftest import CMDLINE, ROOT, Desk

STANDINS = {
    "systemctl": "",
    "useradd": "mkdir -p $CARD_ROOT/home/technician",
    "id": "exit 1",
    "chown": "",
    "sync": "",
    "timedatectl": "echo ${SYNCHRONISED:-yes}",
    "python3": "exit ${INSTALLER:-0}",
}


@dataclass
class Station:
    """A tree that is not installed yet, and the boot partition beside it."""

    tree: Path
    boot: Path
    tools: Path
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.tools / "log"
        for name, act in STANDINS.items():
            path = self.tools / name
            path.write_text(f'#!/bin/sh\necho {name} "$@" >>{self.log}\n{act}\n', encoding="ascii")
            path.chmod(0o755)

    def run(
        self, script: Path, more: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": f"{self.tools}:{os.defpath}",
            "CARD_ROOT": str(self.tree),
            "BOOT": str(self.boot),
            **(more or {}),
        }
        self.log.write_text("", encoding="ascii")
        return subprocess.run(
            ["sh", str(script)], env=environment, capture_output=True, text=True, check=False
        )

    def place(self) -> subprocess.CompletedProcess[str]:
        return self.run(self.boot / "capture-station/place.sh")

    def first_boot(self, **more: str) -> subprocess.CompletedProcess[str]:
        return self.run(self.tree / "var/lib/capture-station/first-boot", more)

    def called(self) -> list[str]:
        return self.log.read_text(encoding="ascii").splitlines()

    def read(self, name: str) -> str:
        return (self.tree / name).read_text(encoding="utf-8")


def write_card(bench: Desk, boot: Path, release: Release, program: bytes) -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)
    order = take(load_bench(bench.clinic), Wanted("kiosk-01", "imx708"), now)
    card = Card(boot, release)
    writing.write(card, contents.parts(order, program), contents.starters(order, release))


@pytest.fixture
def station(bench: Desk, bookworm: Path, tmp_path: Path, program: bytes) -> Station:
    write_card(bench, bookworm, Release.BOOKWORM, program)
    tree, tools = tmp_path / "tree", tmp_path / "tools"
    (tree / "etc").mkdir(parents=True)
    (tree / "etc/hosts").write_text(
        "127.0.0.1\tlocalhost\n127.0.1.1\traspberrypi\n", encoding="ascii"
    )
    tools.mkdir()
    return Station(tree, bookworm, tools)


def test_everything_comes_to_its_place(station: Station) -> None:
    done = station.place()
    assert done.returncode == 0, done.stderr
    assert station.read("etc/hostname") == "kiosk-01\n"
    assert station.read("etc/hosts") == "127.0.0.1\tlocalhost\n127.0.1.1\tkiosk-01\n"
    config = parse(station.read("etc/kiosk/station.toml"), source="tree")
    assert config.station.name == "kiosk-01"
    assert "age1" in station.read("etc/kiosk/recipients.txt")
    assert (station.tree / "etc/kiosk/enrolment-pending").exists()
    source = station.tree / "usr/local/src/capture-station"
    for part in ("kiosk", "provisioning/install", "systemd", "requirements"):
        for path in (ROOT / part).rglob("*"):
            if path.is_file() and path.suffix != ".pyc":
                copy = source / path.relative_to(ROOT)
                assert copy.read_bytes() == path.read_bytes(), path
    assert "systemctl enable capture-station-first-boot.service" in station.called()
    assert not [line for line in station.called() if line.startswith("useradd")]
    assert not (station.tree / "etc/sudoers.d").exists()


def test_the_installer_finds_its_sources_there(station: Station) -> None:
    """Every file that a step of the installation copies is in the program's archive."""
    station.place()
    source = station.tree / "usr/local/src/capture-station"
    (station.tree / "boot/firmware").mkdir(parents=True)
    for name in ("config.txt", "cmdline.txt"):
        shutil.copy(station.boot / name, station.tree / "boot/firmware")
    machine = Machine(station.tree, source)
    placed = [
        file
        for step in steps(machine, Choices("imx708"))
        if isinstance(step, FileStep)
        for file in step.files
    ]
    assert len(placed) > 10
    assert all(machine.source(file.source) for file in placed)


def test_a_second_time_does_no_harm(station: Station) -> None:
    station.place()
    settings = station.tree / "etc/kiosk/station.toml"
    changed = settings.read_text("utf-8").replace("rotation = 90", "rotation = 270")
    settings.write_text(changed, encoding="utf-8")
    assert station.place().returncode == 0
    assert settings.read_text("utf-8") == changed, "what was changed on the station stays"
    assert station.read("etc/hosts").count("kiosk-01") == 1


def test_a_system_without_a_table_of_hosts_gets_one(station: Station) -> None:
    (station.tree / "etc/hosts").unlink()
    assert station.place().returncode == 0
    assert station.read("etc/hosts") == "127.0.1.1\tkiosk-01\n"


def test_an_enrolled_station_is_not_asked_again(station: Station) -> None:
    station.place()
    (station.tree / "etc/kiosk/enrolment-pending").unlink()
    (station.tree / "etc/kiosk/enrolled.json").write_text("{}", encoding="ascii")
    station.place()
    assert not (station.tree / "etc/kiosk/enrolment-pending").exists()


def test_the_technician_gets_in_by_a_key_alone(
    bench: Desk, station: Station, program: bytes
) -> None:
    key = SigningKey.generate().public_line("me@bench")
    bench.write("tech.pub", key)
    bench.change("clinic =", 'technician_key = "tech.pub"\nclinic =')
    write_card(bench, station.boot, Release.BOOKWORM, program)
    assert station.place().returncode == 0
    assert station.read("home/technician/.ssh/authorized_keys") == f"{key}\n"
    (made,) = [line for line in station.called() if line.startswith("useradd")]
    assert "--password *" in made
    assert station.read("etc/sudoers.d/technician") == "technician ALL=(ALL) NOPASSWD: ALL\n"
    assert (station.tree / "etc/sudoers.d/technician").stat().st_mode & 0o777 == 0o440


@pytest.mark.parametrize(
    "damage",
    [
        lambda card: (card / "SHA256SUMS").unlink(),
        lambda card: (card / "recipients.txt").write_text("age1another\n", encoding="ascii"),
        lambda card: (card / "capture-station.tar.gz").write_bytes(b"half"),
        lambda card: (card / "station.toml").unlink(),
    ],
)
def test_half_a_card_is_refused_and_said(station: Station, damage: object) -> None:
    damage(station.boot / "capture-station")  # type: ignore[operator]
    before = sorted(station.tree.rglob("*"))
    done = station.place()
    assert done.returncode == 1
    assert "this card was not written to its end" in done.stderr
    assert sorted(station.tree.rglob("*")) == before


def test_bookworms_way_is_taken_once(station: Station) -> None:
    done = station.run(station.boot / "firstrun.sh")
    assert done.returncode == 0, done.stderr
    assert (station.boot / "cmdline.txt").read_text("ascii") == CMDLINE
    assert not (station.boot / "firstrun.sh").exists()
    assert (station.tree / "etc/kiosk/station.toml").exists()


def test_bookworm_tries_again_after_half_a_card(station: Station) -> None:
    (station.boot / "capture-station/SHA256SUMS").unlink()
    assert station.run(station.boot / "firstrun.sh").returncode != 0
    assert "systemd.run=" in (station.boot / "cmdline.txt").read_text("ascii")
    assert (station.boot / "firstrun.sh").exists()


def test_it_installs_with_the_cards_choices_and_starts_anew(station: Station) -> None:
    station.place()
    (station.tree / "etc/cloud").mkdir()
    done = station.first_boot()
    assert done.returncode == 0, done.stderr
    assert (station.tree / "etc/cloud/cloud-init.disabled").exists()
    assert station.called()[1:] == [
        "python3 -m provisioning.install --camera imx708",
        "systemctl disable capture-station-first-boot.service",
        "sync",
        "systemctl --no-block reboot",
    ]


def test_it_waits_for_the_time(station: Station) -> None:
    station.place()
    done = station.first_boot(SYNCHRONISED="no")
    assert done.returncode == 1
    assert "no time server has answered yet" in done.stdout
    assert [line.split()[0] for line in station.called()] == ["timedatectl"]


def test_a_failed_installation_is_said_and_not_forgotten(station: Station) -> None:
    station.place()
    done = station.first_boot(INSTALLER="1")
    assert done.returncode == 1
    assert "the installation stopped" in done.stdout
    assert not [line for line in station.called() if line.startswith("systemctl")]
