"""Promise 1 for baselines: whatever ends the process, no disk has patient or pose in the clear.

A process keeps a baseline and is ended at each step. Its canaries are the patient's number and
windows of a descriptor that occurs nowhere else in the world; they are searched for, in common
encodings, in every file of the machine that was touched since.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kiosk.capture.baselines import BaselineStore
from kiosk.envelope.recipients import HYBRID, generate_identity, load_identity
from tests.end_to_end.baseline import ISSUER, VIEW
from tests.faults.canary import image_canaries, scan, swap_areas, touched_since

ROOT = Path(__file__).parents[2]
ENDINGS = {
    "none": 0,
    "kill-encoded": -signal.SIGKILL,
    "kill-write": -signal.SIGKILL,
    "kill-fsync": -signal.SIGKILL,
    "kill-renamed": -signal.SIGKILL,
    "kill-decoding": -signal.SIGKILL,
    "abort-fsync": -signal.SIGABRT,
    "full-write": 0,
    "fault-encoded": 1,
    "fault-decoding": 1,
    "swap": 1,
}


@dataclass
class Site:
    """A folder of baselines under a pose key, and whose number and pose were kept there."""

    root: Path
    key: Path
    began_ns: int
    patient: str = field(default_factory=lambda: f"ZQ{secrets.token_hex(6).upper()}")
    descriptor: bytes = field(default_factory=lambda: secrets.token_bytes(6000))

    @property
    def folder(self) -> Path:
        return self.root / "baselines"

    def canaries(self) -> list[bytes]:
        return [self.patient.encode(), *image_canaries(self.descriptor)]

    def run(self, ending: str) -> tuple[int, str]:
        log = self.root / f"{ending}.log"
        given = {"patient": self.patient, "descriptor": self.descriptor.hex()}
        with log.open("wb") as output:
            done = subprocess.run(
                [sys.executable, str(ROOT / "tests/end_to_end/baseline.py"),
                 str(self.key), str(self.folder), ending],
                input=json.dumps(given).encode(), stdout=output, stderr=output,
                cwd=self.root, env=self._environment(), timeout=60, check=False,
            )  # fmt: skip
        return done.returncode, log.read_text(encoding="utf-8", errors="replace")

    def _environment(self) -> dict[str, str]:
        home = str(self.root)
        return {**os.environ, "HOME": home, "TMPDIR": home, "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    began = time.time_ns()
    root = tmp_path_factory.mktemp("baselines").resolve()
    key = root / "pose.identity"
    key.write_text(f"{generate_identity(HYBRID).secret_text()}\n", encoding="ascii")
    return Site(root, key, began)


@pytest.fixture(scope="module")
def ended(site: Site) -> dict[str, tuple[int, str]]:
    return {ending: site.run(ending) for ending in reversed(ENDINGS)}


@pytest.mark.parametrize("ending", ENDINGS)
def test_each_process_ended_as_it_should(ended: dict[str, tuple[int, str]], ending: str) -> None:
    code, said = ended[ending]
    assert code == ENDINGS[ending], said


def test_what_was_kept_has_the_canaries(site: Site, ended: dict[str, tuple[int, str]]) -> None:
    """Otherwise finding nothing would prove nothing."""
    assert "kept" in ended["none"][1]
    baseline = BaselineStore(site.folder, load_identity(site.key)).get(site.patient, ISSUER, VIEW)
    assert baseline is not None
    assert baseline.patient.id == site.patient
    assert baseline.descriptor == site.descriptor
    assert len(site.canaries()) == 9


def test_no_disk_has_patient_or_pose_in_the_clear(
    site: Site, ended: dict[str, tuple[int, str]]
) -> None:
    assert len(ended) == len(ENDINGS)
    files = list(touched_since(site.began_ns))
    assert any(path.parent == site.folder for path in files), "the scan must see the baselines"
    hits = scan(site.canaries(), files, also_swap=False, may_vanish=True)
    hits += [hit for area in swap_areas() for hit in scan(site.canaries(), [area], also_swap=False)]
    assert hits == []


def test_the_pose_key_is_nowhere_but_in_its_file(
    site: Site, ended: dict[str, tuple[int, str]]
) -> None:
    assert ended
    secret = load_identity(site.key).secret_text().encode()
    touched = list(touched_since(site.began_ns))
    hits = scan([secret], touched, also_swap=False, may_vanish=True)
    assert {hit.path for hit in hits} == {site.key}
