"""A technician's test object at the clinic: opened, filed, counted and proven as all else is."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest

from kiosk.clinic.filing import file_object
from kiosk.clinic.opening import read_sealed
from kiosk.envelope.bundle import AuditAnchor, ManifestHead
from kiosk.envelope.recipients import load_identity, load_recipients
from kiosk.envelope.trial import SUPPORT, TRIAL, seal_trial, trial_parts
from kiosk.errors import ContainerError
from kiosk.model import ClockState
from kiosk.records.shot import Instant
from kiosk.records.trial import TrialRecord
from tests.clinic.conftest import Clinic, Run

AT = Instant(
    wall="2026-11-26T14:05:00.000+00:00",
    monotonic_ns=1,
    boot_id="00000000-0000-4000-8000-000000000000",
    clock=ClockState.SYNCHRONISED,
)
PLACE = Path("trials/kiosk-01")


def arrived(
    clinic: Clinic, signer: str = "kiosk-01", sequence: int = 14, support: bytes | None = None
) -> Path:
    record = TrialRecord(station="kiosk-01", clinic="Lakeside Clinic", at=AT, software="x 1")
    head = ManifestHead(station="kiosk-01", sequence=sequence, sealed_at=AT, consent=None)
    out = io.BytesIO()
    keys = clinic.signing[signer], load_recipients(clinic.keys.recipients)
    seal_trial(
        out.write, trial_parts(record, support), head, AuditAnchor(entries=3, head="0" * 64), keys
    )
    path = clinic.folder / "incoming" / f"{sequence:032x}.age"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(out.getvalue())
    return path


def test_it_is_opened_beside_the_patients_and_proven_by_stock_tools(
    clinic: Clinic, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "opened"
    options = ("-i", clinic.keys.archive, "-o", out, "--stations", clinic.stations)
    assert run("open", arrived(clinic), *options) == 0
    stem = out / PLACE / "000014_2026-11-26"
    assert sorted(path.name for path in (out / PLACE).iterdir()) == [
        f"{stem.name}{suffix}" for suffix in (".manifest.json", ".manifest.json.sig", ".trial.json")
    ]
    with Path(f"{stem}.manifest.json").open("rb") as manifest:
        subprocess.run(
            [
                *("ssh-keygen", "-Y", "verify", "-f", str(clinic.stations), "-I", "kiosk-01"),
                *("-n", TRIAL.namespace, "-s", f"{stem}.manifest.json.sig"),
            ],
            stdin=manifest,
            capture_output=True,
            check=True,
        )
    capsys.readouterr()
    assert run("verify", out, "--stations", clinic.stations) == 0
    assert "test object" in capsys.readouterr().out


def test_it_counts_among_what_the_station_sent(
    clinic: Clinic, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """Else its number would look like a picture that is missing."""
    paths = [clinic.shot(sequence=13), arrived(clinic), clinic.shot(sequence=15)]
    options = ("-i", clinic.keys.archive, "--stations", clinic.stations)
    assert run("verify", *paths, *options) == 0
    assert "missing" not in capsys.readouterr().out.lower()


def test_a_strangers_is_refused(
    clinic: Clinic, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("-i", clinic.keys.archive, "-o", tmp_path / "out", "--stations", clinic.stations)
    assert run("open", arrived(clinic, signer="kiosk-02"), *options) == 1
    assert "1 failed" in capsys.readouterr().out


def test_a_support_bundle_lies_beside_what_says_whose_it_is(
    clinic: Clinic, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "opened"
    path = arrived(clinic, support=b"a tar of some kind")
    options = ("-i", clinic.keys.archive, "-o", out, "--stations", clinic.stations)
    assert run("open", path, *options) == 0
    stem = out / PLACE / "000014_2026-11-26"
    assert sorted(path.name for path in (out / PLACE).iterdir()) == [
        f"{stem.name}{suffix}"
        for suffix in (".manifest.json", ".manifest.json.sig", ".support.tar.gz", ".trial.json")
    ]
    bundle = Path(f"{stem}.support.tar.gz")
    assert bundle.read_bytes() == b"a tar of some kind"
    capsys.readouterr()
    assert run("verify", out, "--stations", clinic.stations) == 0
    assert "support bundle" in capsys.readouterr().out
    bundle.write_bytes(b"another")
    assert run("verify", out, "--stations", clinic.stations) == 1
    bundle.unlink()
    assert run("verify", out, "--stations", clinic.stations) == 1


def test_the_collector_files_a_support_bundle_by_itself(clinic: Clinic, tmp_path: Path) -> None:
    path = arrived(clinic, support=b"a tar of some kind")
    bundle = read_sealed(path, [load_identity(clinic.keys.archive)])
    filed = file_object(tmp_path / "library", bundle)
    assert filed.path == tmp_path / "library" / PLACE / "000014_2026-11-26.trial.json"
    assert file_object(tmp_path / "library", bundle).already


def test_a_bundle_that_no_reader_would_take_is_not_sealed(clinic: Clinic) -> None:
    with pytest.raises(ContainerError, match="expected at most"):
        arrived(clinic, support=bytes(TRIAL.limits[SUPPORT] + 1))
