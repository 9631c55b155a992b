"""``kiosk clinic verify``: every shot is proven, every doubt is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clinic.conftest import Clinic, Run


def test_sealed_files_are_proven_in_a_table(
    clinic: Clinic, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [clinic.shot(sequence=1), clinic.shot("kiosk-02", 7, view="basal")]
    options = ("-i", clinic.keys.archive, "--stations", clinic.stations)
    assert run("verify", paths[0].parent, *options) == 0
    heading, first, second, last = capsys.readouterr().out.splitlines()
    assert heading.split() == ["file", "station", "sequence", "what", "signed", "by", "parts"]
    key = clinic.signing["kiosk-01"].public_key().fingerprint
    assert first.split() == [str(paths[0]), "kiosk-01", "1", "frontal", "kiosk-01", key, "ok"]
    assert second.split()[1:4] == ["kiosk-02", "7", "basal"]
    assert last == "2 of 2 proven, 0 failed"


def test_opened_folders_are_proven_without_any_secret(
    clinic: Clinic, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "opened"
    run("open", clinic.shot(), "-i", clinic.keys.archive, "-o", out)
    assert run("verify", out, "--stations", clinic.stations) == 0
    assert "1 of 1 proven" in capsys.readouterr().out


SUFFIXES = [".jpg", ".shot.json", ".pose.bin", ".manifest.json", ".manifest.json.sig"]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("fault", ["changed", "removed", "longer"])
def test_whatever_happens_to_a_filed_shot_is_seen(
    clinic: Clinic, run: Run, tmp_path: Path, suffix: str, fault: str
) -> None:
    out = tmp_path / "opened"
    shot = clinic.shot_with_pose(b"landmarks of a face, contour and camera")
    run("open", shot, "-i", clinic.keys.archive, "-o", out)
    (victim,) = out.rglob(f"*_frontal{suffix}")
    assert run("verify", out, "--stations", clinic.stations) == 0
    data = victim.read_bytes()
    victim.unlink()
    if fault == "changed":
        victim.write_bytes(data[:30] + bytes([data[30] ^ 1]) + data[31:])
    elif fault == "longer":
        victim.write_bytes(data + b" ")
    assert run("verify", out, "--stations", clinic.stations) == 1


def test_a_descriptor_that_was_put_beside_a_filed_shot_is_seen(
    clinic: Clinic, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "opened"
    run("open", clinic.shot(), "-i", clinic.keys.archive, "-o", out)
    (picture,) = out.rglob("*.jpg")
    picture.with_suffix(".pose.bin").write_bytes(b"of another")
    assert run("verify", out, "--stations", clinic.stations) == 1
    assert "its manifest does not name: pose.bin" in capsys.readouterr().out


def test_a_picture_without_its_proof_is_named_beside_good_ones(
    clinic: Clinic, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "opened"
    run("open", clinic.shot(sequence=1), clinic.shot(sequence=2),
        "-i", clinic.keys.archive, "-o", out)  # fmt: skip
    (manifest,) = out.rglob("000002_frontal.manifest.json")
    manifest.unlink()
    assert run("verify", out, "--stations", clinic.stations) == 1
    said = capsys.readouterr().out
    assert "000002_frontal.jpg: It has no .manifest.json beside it" in said
    assert "1 of 2 proven, 1 failed" in said


def test_strangers_and_cut_files_fail_and_the_rest_is_still_proven(
    clinic: Clinic, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = clinic.shot(sequence=1)
    forged = clinic.shot(sequence=2, signed_by="stranger")
    cut = tmp_path / "cut.age"
    cut.write_bytes(good.read_bytes()[:-1])
    options = ("-i", clinic.keys.archive, "--stations", clinic.stations)
    assert run("verify", cut, forged, good, *options) == 1
    said = capsys.readouterr().out
    assert f"FAILED  {cut}: The sealed file was changed, cut or extended" in said
    assert f"FAILED  {forged}: Signed with the key" in said
    assert "1 of 3 proven, 2 failed" in said
    assert run("verify", good, "--stations", clinic.stations) == 1
    assert "takes an identity to open" in capsys.readouterr().out


def test_missing_and_repeated_numbers_are_said(
    clinic: Clinic, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("-i", clinic.keys.archive, "--stations", clinic.stations)
    paths = [clinic.shot(sequence=number) for number in (3, 5, 9)]
    other = clinic.shot("kiosk-02", 4)
    assert run("verify", *paths, other, *options) == 0, "a gap may be another day's work"
    said = capsys.readouterr().out
    assert "MISSING   kiosk-01: 4 not among these files\n" in said
    assert "MISSING   kiosk-01: 6 to 8 not among these files\n" in said
    assert "kiosk-02: " not in said
    assert run("verify", *paths, other, *options, "--complete") == 1, "unless these are all"
    assert run("verify", paths[0], other, *options, "--complete") == 0
    out = tmp_path / "opened"
    run("open", *paths, "-i", clinic.keys.archive, "-o", out)
    assert run("verify", *paths, paths[0], out, *options) == 0, "the same shot again is no doubt"
    capsys.readouterr()
    assert run("verify", *paths, clinic.shot(sequence=5), *options) == 1
    assert "REPEATED  kiosk-01: two different objects say they are number 5" in (
        capsys.readouterr().out
    )


def test_a_number_that_failed_is_not_said_to_be_elsewhere(
    clinic: Clinic, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("-i", clinic.keys.archive, "--stations", clinic.stations)
    paths = [clinic.shot(sequence=number) for number in (2, 3, 4)]
    paths[1].write_bytes(paths[1].read_bytes()[:-1])
    assert run("verify", *paths, *options) == 1
    assert "MISSING   kiosk-01: 3 not proven or not among these files\n" in capsys.readouterr().out


def test_nothing_to_prove_is_no_success(
    clinic: Clinic, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert run("verify", tmp_path / "empty", "--stations", clinic.stations) == 1
    assert capsys.readouterr().out == (
        "There is nothing to prove: expected sealed files (….age) or opened folders.\n"
    )


@pytest.mark.parametrize("name", ["nothere", "nothere.age", "no.jpg", "no.manifest.json"])
def test_what_is_not_there_is_said_once_whatever_its_name(
    clinic: Clinic, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    path = tmp_path / name
    sentence = f"FAILED  {path}: cannot be read: No such file or directory.\n"
    assert run("verify", path, "--stations", clinic.stations) == 1
    assert sentence in capsys.readouterr().out
    assert run("open", path, "-i", clinic.keys.archive, "-o", tmp_path / "out") == 1
    assert sentence in capsys.readouterr().out


def test_names_cannot_play_tricks_on_the_terminal(
    clinic: Clinic, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = tmp_path / "\x1b[2Jx.age"
    evil.write_bytes(b"")
    options = ("-i", clinic.keys.archive, "--stations", clinic.stations)
    missing = tmp_path / "\x1b[2Jmissing.age"
    assert run("verify", evil, missing, *options) == 1
    assert run("open", evil, missing, "-i", clinic.keys.archive, "-o", tmp_path / "out") == 1
    assert run("open", evil, "-i", missing, "-o", tmp_path / "out") == 2
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err
    assert said.out.count("\\x1b[2Jmissing.age: cannot be read") == 2
