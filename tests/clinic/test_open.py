"""``kiosk clinic open``: each picture finds its place, or a sentence says why not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.clinic.kinds import safe_name
from kiosk.envelope.recipients import generate_identity
from tests.clinic.conftest import Clinic, Run

PLACE = Path("P-4711") / "2026-11-23_45678901"


def files_below(folder: Path) -> list[Path]:
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def test_pictures_are_found_by_patient_date_and_view(
    clinic: Clinic, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "opened"
    paths = [clinic.shot(sequence=12), clinic.shot(sequence=13, view="profile-left")]
    options = ("-i", clinic.keys.archive, "-o", out, "--stations", clinic.stations)
    assert run("open", *paths, *options) == 0
    suffixes = (".jpg", ".manifest.json", ".manifest.json.sig", ".shot.json")
    assert files_below(out) == [
        PLACE / f"{stem}{suffix}"
        for stem in ("000012_frontal", "000013_profile-left")
        for suffix in suffixes
    ]
    for path in (out, *out.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)
    said = capsys.readouterr().out
    assert f"-> {out / PLACE / '000012_frontal.jpg'}, by kiosk-01 SHA256:" in said
    assert said.endswith("2 of 2 opened, 0 failed\n")


def test_the_recovery_key_opens_too_and_twice_is_no_harm(
    clinic: Clinic, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = clinic.shot()
    out = tmp_path / "opened"
    assert run("open", path, "-i", clinic.keys.recovery, "-o", out) == 0
    first = {name: (out / name).read_bytes() for name in files_below(out)}
    assert "not compared with a list of stations" in capsys.readouterr().out
    assert run("open", path, "-i", clinic.keys.archive, "-o", out) == 0
    assert {name: (out / name).read_bytes() for name in files_below(out)} == first
    assert capsys.readouterr().out.startswith("there   ")


def test_a_pose_descriptor_is_filed_with_its_picture(
    clinic: Clinic, run: Run, tmp_path: Path
) -> None:
    path = clinic.shot_with_pose(b"landmarks")
    out = tmp_path / "opened"
    command = ("open", path, "-i", clinic.keys.archive, "-o", out)
    assert run(*command) == 0
    whole = files_below(out)
    assert len(whole) == 5
    descriptor = out / PLACE / "000012_frontal.pose.bin"
    assert descriptor.read_bytes() == b"landmarks"
    assert descriptor.stat().st_mode & 0o777 == 0o600
    descriptor.unlink()
    assert run(*command) == 0
    assert files_below(out) == whole


def test_a_picture_half_filed_is_completed(clinic: Clinic, run: Run, tmp_path: Path) -> None:
    path = clinic.shot()
    out = tmp_path / "opened"
    command = ("open", path, "-i", clinic.keys.archive, "-o", out)
    assert run(*command) == 0
    whole = files_below(out)
    (out / PLACE / "000012_frontal.jpg").unlink()
    assert run(*command) == 0
    assert files_below(out) == whole


def test_nothing_is_overwritten(
    clinic: Clinic, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "opened"
    options = ("-i", clinic.keys.archive, "-o", out)
    assert run("open", clinic.shot(), *options) == 0
    before = {name: (out / name).read_bytes() for name in files_below(out)}
    assert run("open", clinic.shot(), *options) == 1
    assert "another file of this name is there already" in capsys.readouterr().out
    assert {name: (out / name).read_bytes() for name in files_below(out)} == before


@pytest.mark.parametrize("victim", ["outside", "missing"])
def test_a_link_in_the_way_is_not_followed(
    clinic: Clinic, run: Run, tmp_path: Path, victim: str
) -> None:
    out = tmp_path / "opened"
    (out / PLACE).mkdir(parents=True)
    (tmp_path / "outside").write_text("untouched")
    (out / PLACE / "000012_frontal.jpg").symlink_to(tmp_path / victim)
    assert run("open", clinic.shot(), "-i", clinic.keys.archive, "-o", out) == 1
    assert (tmp_path / "outside").read_text() == "untouched"
    assert not (tmp_path / "missing").exists()


def test_shares_without_hard_links_are_served(
    clinic: Clinic, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    out = tmp_path / "opened"
    options = ("-i", clinic.keys.archive, "-o", out)
    path = clinic.shot()
    assert run("open", path, *options) == 0
    assert len(files_below(out)) == 4
    assert run("open", path, *options) == 0
    assert run("open", clinic.shot(), *options) == 1
    assert len(files_below(out)) == 4


def test_one_bad_file_does_not_stop_the_others(
    clinic: Clinic, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = clinic.shot()
    cut = tmp_path / "cut.age"
    cut.write_bytes(good.read_bytes()[:-1])
    alien = tmp_path / "alien.age"
    alien.write_bytes(b"hello")
    forged = clinic.shot("kiosk-01", 14, signed_by="stranger")
    borrowed = clinic.shot("kiosk-01", 15, signed_by="kiosk-02")
    missing = tmp_path / "missing.age"
    out = tmp_path / "opened"
    code = run(
        "open", cut, alien, missing, forged, borrowed, good,
        "-i", clinic.keys.archive, "-o", out, "--stations", clinic.stations,
    )  # fmt: skip
    assert code == 1
    lines = capsys.readouterr().out.splitlines()
    for line, path, words in zip(
        lines,
        (cut, alien, missing, forged, borrowed, good),
        (
            "changed, cut or extended after it was sealed",
            "not a sealed file",
            "cannot be read: No such file or directory",
            "not among the known stations' keys",
            "signed with the key of another station",
            "opened",
        ),
        strict=False,
    ):
        assert str(path) in line
        assert words in line
    assert lines[-1] == "1 of 6 opened, 5 failed"
    assert len(files_below(out)) == 4, "nothing of a refused file is written"


def test_nothing_readable_is_left_when_filing_fails(
    clinic: Clinic, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    out = tmp_path / "opened"
    assert run("open", clinic.shot(), "-i", clinic.keys.archive, "-o", out) == 1
    assert files_below(out) == []


def test_another_clinic_s_identity_opens_nothing(
    clinic: Clinic, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    other.write_text(generate_identity().secret_text())
    assert run("open", clinic.shot(), "-i", other, "-o", tmp_path / "opened") == 1
    assert "sealed to other keys" in capsys.readouterr().out


def test_unusable_keys_are_wrong_usage(
    clinic: Clinic, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = clinic.shot(), tmp_path / "opened"
    assert run("open", path, "-i", clinic.keys.recipients, "-o", out) == 2
    assert capsys.readouterr().err.startswith(f"kiosk clinic: {clinic.keys.recipients}, line 3:")
    assert run("open", path, "-i", clinic.keys.archive, "-o", out, "--stations", path) == 2
    with pytest.raises(SystemExit) as caught:
        run("open", path, "-o", out)
    assert caught.value.code == 2
    assert not out.exists()


PATIENTS = ["../../etc", "/etc/passwd", "..", ".", "a/b", "a\\b", "CON", "p-1", "P-1.", "Müller 7"]


@pytest.mark.parametrize("patient", PATIENTS)
def test_a_patient_s_number_cannot_lead_outside(
    clinic: Clinic, run: Run, tmp_path: Path, patient: str
) -> None:
    out = tmp_path / "deep" / "opened"
    path = clinic.shot(patient=patient)
    before = set(tmp_path.rglob("*"))
    assert run("open", path, "-i", clinic.keys.archive, "-o", out) == 0
    assert len(files_below(out)) == 4
    new = set(tmp_path.rglob("*")) - before
    assert all(path.is_relative_to(tmp_path / "deep") for path in new)
    assert len(next(iter(files_below(out))).parts) == 3


@given(st.text(min_size=1, max_size=256), st.text(min_size=1, max_size=256))
def test_names_are_safe_and_never_shared(first: str, second: str) -> None:
    name = safe_name(first)
    assert name.isascii()
    assert 0 < len(name) <= 64
    assert not set(name) & set('/\\:*?"<>|\0 ')
    assert name[0] != "."
    assert name[-1] not in ". "
    if first != second:
        assert name.lower() != safe_name(second).lower()


def test_plain_numbers_stay_as_they_are() -> None:
    for text in ("4711", "P-4711", "A.1_B"):
        assert safe_name(text) == text
    for text in ("nul", "NUL", "COM1.X", "p-4711", "", ".", "-X", "A."):
        assert safe_name(text) != text


def test_it_runs_as_a_program(clinic: Clinic, tmp_path: Path) -> None:
    code = (
        "import argparse, sys\n"
        "from kiosk.clinic.cli import add_parser\n"
        "parser = argparse.ArgumentParser()\n"
        "add_parser(parser.add_subparsers())\n"
        "args = parser.parse_args()\n"
        "sys.exit(args.handler(args))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "clinic", "open", clinic.shot(),
         "-i", clinic.keys.archive, "-o", tmp_path / "opened"],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("1 of 1 opened, 0 failed\n")
