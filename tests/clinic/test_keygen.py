"""The clinic's keys: made once, private, never overwritten."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.clinic import keygen
from kiosk.envelope.recipients import HYBRID, X25519, load_identities, load_recipients
from kiosk.errors import StorageError
from tests.clinic.conftest import Run


@pytest.mark.parametrize(("options", "kind"), [([], HYBRID), (["--x25519"], X25519)])
def test_archive_and_recovery_are_what_stations_seal_to(
    run: Run, tmp_path: Path, options: list[str], kind: str
) -> None:
    folder = tmp_path / "new" / "keys"
    assert run("keygen", "-o", folder, *options) == 0
    archive = load_identities(folder / "archive.identity")
    recovery = load_identities(folder / "recovery.identity")
    assert {identity.kind for identity in (*archive, *recovery)} == {kind}
    assert load_recipients(folder / "recipients.txt") == (
        archive[0].recipient(),
        recovery[0].recipient(),
    )
    for name in ("archive.identity", "recovery.identity"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_it_says_what_to_do_and_shows_no_secret(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("keygen", "-o", tmp_path) == 0
    said = capsys.readouterr().out
    assert "Move recovery.identity off this machine now" in said
    assert "AGE-SECRET-KEY" not in said


@pytest.mark.parametrize("name", ["archive.identity", "recovery.identity", "recipients.txt"])
def test_no_key_is_ever_overwritten(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / name).symlink_to("elsewhere")
    assert run("keygen", "-o", tmp_path) == 2
    assert f"{tmp_path / name}: there is already a file" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_nothing_is_left_when_the_disk_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Path] = []

    def fails_third(path: Path, data: bytes) -> None:
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        path.write_bytes(data)
        written.append(path)

    monkeypatch.setattr(keygen, "write_new", fails_third)
    with pytest.raises(StorageError, match="cannot be written: No space left on device"):
        keygen.make_keys(tmp_path, X25519, datetime.now(UTC))
    assert len(written) == 2
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"file: the keys cannot be written: File exists"):
        keygen.make_keys(tmp_path / "file", X25519, datetime.now(UTC))
