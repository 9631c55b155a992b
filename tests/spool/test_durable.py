"""Small files that survive, and numbers that never repeat."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from kiosk import durable
from kiosk.durable import Counter, replace_file, storage_error
from kiosk.errors import StorageError, StorageFailed, StorageFull, StorageReadOnly


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (errno.ENOSPC, StorageFull),
        (errno.EDQUOT, StorageFull),
        (errno.EROFS, StorageReadOnly),
        (errno.EIO, StorageFailed),
        (errno.EACCES, StorageFailed),
        (errno.ENOENT, StorageFailed),
        (None, StorageFailed),
    ],
)
def test_each_errno_has_its_class_and_a_sentence(
    code: int | None, kind: type[StorageError]
) -> None:
    error = OSError(code, os.strerror(code)) if code else OSError("no number")
    translated = storage_error(error, "saving in /somewhere")
    assert type(translated) is kind
    assert translated.sentence.startswith("Saving in /somewhere failed: ")
    assert translated.sentence.endswith(".")


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444])
def test_a_file_is_replaced_with_its_mode(mode: int, tmp_path: Path) -> None:
    path = tmp_path / "state"
    before = os.umask(0o077)
    try:
        replace_file(path, b"one", mode)
        replace_file(path, memoryview(b"two"), mode)
    finally:
        os.umask(before)
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o7777 == mode
    assert list(tmp_path.iterdir()) == [path]


def test_a_leftover_and_a_link_are_no_hindrance(tmp_path: Path) -> None:
    target, path = tmp_path / "target", tmp_path / "state"
    target.write_bytes(b"not to be touched")
    path.symlink_to(target)
    (tmp_path / ".state.new").symlink_to(target)
    replace_file(path, b"new")
    assert target.read_bytes() == b"not to be touched"
    assert not path.is_symlink()
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("call", ["open", "fchmod", "write", "fsync"])
def test_a_failure_keeps_the_old_content(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state"
    replace_file(path, b"old")

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        with pytest.raises(StorageFull):
            replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_numbers_begin_at_one_and_go_on_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "sequence"
    Counter(path).create()
    assert [Counter(path).next() for _ in range(3)] == [1, 2, 3]


def test_a_missing_counter_is_not_made_by_itself(tmp_path: Path) -> None:
    with pytest.raises(StorageFailed, match="is not there"):
        Counter(tmp_path / "sequence").next()
    assert list(tmp_path.iterdir()) == []


def test_a_counter_is_never_made_anew(tmp_path: Path) -> None:
    counter = Counter(tmp_path / "sequence")
    counter.create()
    counter.next()
    with pytest.raises(StorageFailed, match="already exists"):
        counter.create()
    assert counter.next() == 2


def test_every_kind_of_damage_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sequence"
    counter = Counter(path)
    counter.create()
    for _ in range(41):
        counter.next()
    good = path.read_bytes()
    damaged = [good[:cut] for cut in range(len(good))]
    damaged += [
        good[:at] + bytes([good[at] ^ bit]) + good[at + 1 :]
        for at in range(len(good))
        for bit in (0x01, 0x08, 0x80)
    ]
    damaged += [b"\0" * len(good), good + b"\n", good + good, b"41\n"]
    for content in damaged:
        path.write_bytes(content)
        with pytest.raises(StorageFailed, match="damaged"):
            counter.next()
        assert path.read_bytes() == content
    path.write_bytes(good)
    assert counter.next() == 42


def test_a_failed_count_may_skip_and_never_repeats(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = Counter(tmp_path / "sequence")
    counter.create()
    told = [counter.next()]

    def fail(path: Path) -> None:
        raise OSError(errno.EIO, f"cannot sync {path}")

    with monkeypatch.context() as patch:
        patch.setattr(durable, "sync_directory", fail)
        with pytest.raises(StorageFailed):
            told.append(counter.next())
    told.append(counter.next())
    assert told == sorted(set(told))
    assert len(told) == 2


def test_the_end_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counter = Counter(tmp_path / "sequence")
    counter.create()
    monkeypatch.setattr(Counter, "LAST", 1)
    assert counter.next() == 1
    with pytest.raises(StorageFailed, match="reached its end"):
        counter.next()


def test_many_may_count_at_once(tmp_path: Path) -> None:
    Counter(tmp_path / "sequence").create()
    told: list[int] = []

    def count() -> None:
        for _ in range(25):
            told.append(Counter(tmp_path / "sequence").next())  # noqa: PERF401 - one at a time

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == list(range(1, 101))
