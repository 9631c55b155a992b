"""`kiosk check` on a whole station: real processes, a real ``sshd``, the clinic's own collector."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from kiosk.config_reading import load
from kiosk.envelope.signatures import SigningKey
from provisioning.demo.processes import uploading
from tests.end_to_end.conftest import Practice
from tests.end_to_end.test_cli import kiosk
from tests.end_to_end.test_receipts import Collector, collector_of


@pytest.fixture
def collector(practice: Practice) -> Collector:
    return collector_of(practice)


def check(practice: Practice, *more: str) -> dict[str, dict[str, str]]:
    done = kiosk("check", "--config", str(practice.clinic.config), "--json", *more)
    # The throw-away spool is open to every user, which a station's must not be.
    assert done.returncode == 1, done.stdout + done.stderr
    return {row["name"]: row for row in json.loads(done.stdout)["checks"]}


def test_a_test_object_goes_to_the_clinic_which_opens_it_and_says_so(
    practice: Practice, collector: Collector, tmp_path: Path
) -> None:
    page, record = tmp_path / "check.html", tmp_path / "check.json"
    with uploading(practice.clinic.config, practice.root / "upload.log"):
        found = check(practice, "--page", str(page), "--record", str(record))
    sound = ("configuration", "signing key", "recipients", "protocol", "camera", "server")
    for name in (*sound, "test object"):
        assert found[name]["verdict"] == "ok", found[name]
    assert found["spool"]["verdict"] == "wrong"
    assert found["opened by clinic"]["verdict"] == "not checked"
    assert "brighter by" in page.read_text("utf-8"), "the camera has looked at the lamps"
    _verify(practice, page)
    _verify(practice, record)
    filed = json.loads(record.read_text("utf-8"))
    assert {row["name"]: row for row in filed["checks"]} == found
    assert filed["station"] == "room-demo"
    assert filed["checked_at"].startswith("20")
    collector.run()
    with uploading(practice.clinic.config, practice.root / "upload.log"):
        found = check(practice, "--wait", "0")
    opened = found["opened by clinic"]
    assert (opened["verdict"], "an earlier test object" in opened["sentence"]) == ("ok", True)
    assert len(list(collector.library.rglob("*.trial.json"))) == 1


def _verify(practice: Practice, page: Path) -> None:
    key = load(practice.clinic.config).station.signing_key
    allowed = page.with_name("allowed")
    allowed.write_text(f"room-2 {SigningKey.load(key).public_line()}\n", encoding="ascii")
    verify = ["ssh-keygen", "-Y", "verify", "-f", str(allowed), "-I", "room-2"]
    with page.open("rb") as data:
        subprocess.run(
            [*verify, "-n", "check@capture-station", "-s", f"{page}.sig"],
            stdin=data,
            capture_output=True,
            check=True,
        )
