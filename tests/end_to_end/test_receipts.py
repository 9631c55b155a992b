"""A picture's way with receipts: sent, kept, collected, acknowledged, gone, and in the trail.

The real capture and upload processes, a real ``sshd``, the clinic's own commands.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.spool import Backlog, Spool
from provisioning.demo.collector import make_boxes, words
from provisioning.demo.processes import ROOT, uploading
from tests.end_to_end.conftest import Practice


@dataclass
class Collector:
    """The clinic's side; ``server`` shows the station's drop box under the station's name."""

    practice: Practice
    server: Path

    @property
    def library(self) -> Path:
        return self.practice.clinic.opened

    def run(self) -> str:
        command, *arguments = words(self.practice.clinic, self.server)
        assert command == "clinic"
        return self.kiosk(*arguments)

    def kiosk(self, *arguments: object) -> str:
        command = [sys.executable, "-m", "kiosk.cli", "clinic", *map(str, arguments)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def collector_of(practice: Practice) -> Collector:
    return Collector(practice, make_boxes(practice.clinic, practice.server.path.parent))


@pytest.fixture
def collector(practice: Practice) -> Collector:
    with practice.clinic.config.open("a") as config:  # its last section is [upload]
        config.write("receipts = true\n")
    return collector_of(practice)


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 50.0
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def logins(practice: Practice) -> int:
    return practice.server.log.read_text(errors="replace").count("Accepted publickey")


def test_pictures_stay_until_the_clinic_has_acknowledged_them(
    practice: Practice, collector: Collector
) -> None:
    config, log = practice.clinic.config, practice.root / "upload.log"
    spool = Spool(practice.clinic.spool)
    first = practice.play("none")
    assert first.code == 0, first.said
    sealed = {entry.name: entry.size for entry in spool.entries()}
    assert len(sealed) > first.saved >= 1
    with uploading(config, log):
        wait_for(lambda: spool.backlog() == Backlog(0, 0, sent=len(sealed)))
    assert {path.name for path in practice.server.collected()} == set(sealed)
    before = logins(practice)
    with uploading(config, log):
        wait_for(lambda: logins(practice) > before)  # for letters, and for nothing else
    assert {path.name for path in practice.server.collected()} == set(sealed)
    said = collector.run()
    assert f"{len(sealed)} taken, 0 there already, 0 set aside, 0 failed" in said
    assert practice.patient not in said
    assert practice.server.collected() == []
    with uploading(config, log):
        wait_for(lambda: spool.backlog() == Backlog(0, 0))
    assert not list(practice.clinic.spool.glob("*.age"))

    second = practice.play("none")
    assert second.code == 0, second.said
    with uploading(config, log):
        wait_for(lambda: spool.backlog().count == 0)
    collector.run()
    stations = practice.clinic.stations
    trail = collector.kiosk("audit", "show", collector.library, "--stations", stations)
    noted = [line for line in trail.splitlines() if "receipt of the clinic" in line]
    assert len(noted) == len(sealed)
    assert all(sum(name in line for line in noted) == 1 for name in sealed)
    collector.kiosk("audit", "verify", collector.library, "--stations", stations)
    collector.kiosk("verify", collector.library, "--stations", stations)
    assert len(list(collector.library.rglob("*.jpg"))) == first.saved + second.saved
