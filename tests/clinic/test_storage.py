"""Files at the clinic: whole or not at all, and never over another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kiosk.clinic.storage import place, write_new


def test_half_a_file_is_removed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_new(tmp_path / "key", b"secret")
    assert not list(tmp_path.iterdir())


def test_what_is_there_stays(tmp_path: Path) -> None:
    there, linked = tmp_path / "there", tmp_path / "linked"
    there.write_bytes(b"old")
    linked.symlink_to(tmp_path / "nowhere")
    for path in (there, linked):
        with pytest.raises(FileExistsError):
            write_new(path, b"new")
    assert there.read_bytes() == b"old"
    assert linked.is_symlink()


def test_a_new_file_is_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_new(tmp_path / "key", b"secret")
    finally:
        os.umask(before)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_placing_says_whether_it_was_new(tmp_path: Path) -> None:
    for number, (content, new) in enumerate([(b"one", True), (b"one", False)]):
        staged = tmp_path / f"staged-{number}"
        staged.write_bytes(content)
        assert place(staged, tmp_path / "final") is new
    other = tmp_path / "other"
    other.write_bytes(b"two")
    with pytest.raises(FileExistsError):
        place(other, tmp_path / "final")
    assert (tmp_path / "final").read_bytes() == b"one"
