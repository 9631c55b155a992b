"""One object: nothing, or whole and durable."""

from __future__ import annotations

import array
import errno
import os
import re
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from kiosk import durable
from kiosk.errors import StorageError, StorageFailed, StorageFull, StorageReadOnly
from kiosk.spool import Spool

KINDS = [
    (errno.ENOSPC, StorageFull),
    (errno.EDQUOT, StorageFull),
    (errno.EROFS, StorageReadOnly),
    (errno.EIO, StorageFailed),
    (errno.EACCES, StorageFailed),
]


def failing(code: int) -> Callable[..., int]:
    def fail(*_: object, **__: object) -> int:
        raise OSError(code, os.strerror(code))

    return fail


def content(root: Path) -> list[bytes]:
    return [path.read_bytes() for path in root.iterdir()]


def test_a_saved_object_is_whole_and_tells_nothing(spool: Spool, root: Path) -> None:
    with spool.put() as writer:
        assert writer.write(b"first ") == 6
        assert writer.write(memoryview(b"second")) == 6
    path = root / writer.name
    assert list(root.iterdir()) == [path]
    status = path.stat()  # before it is read, which sets a time of its own
    assert path.read_bytes() == b"first second"
    assert writer.size == 12
    assert re.fullmatch(r"[0-9a-f]{32}\.age", writer.name)
    assert (status.st_mtime_ns, status.st_atime_ns) == (0, 0)


def test_names_do_not_repeat(spool: Spool) -> None:
    names = set()
    for _ in range(20):
        with spool.put() as writer:
            writer.write(b"same")
        names.add(writer.name)
    assert len(names) == 20


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_the_mode_is_the_group_s_to_read_whatever_the_umask(spool: Spool, root: Path) -> None:
    with spool.put() as writer:
        (part,) = root.iterdir()
        assert part.stat().st_mode & 0o7777 == 0o640
    assert (root / writer.name).stat().st_mode & 0o7777 == 0o640


def test_an_object_in_the_making_is_seen_by_nobody(spool: Spool, root: Path) -> None:
    with spool.put() as writer:
        writer.write(b"half")
        assert (spool.entries(), spool.count(), spool.strangers()) == ([], 0, [])
        assert [path.suffix for path in root.iterdir()] == [".part"]
        with pytest.raises(StorageFailed, match="not saved"):
            _ = writer.name


@pytest.mark.parametrize("error", [ValueError("mine"), KeyboardInterrupt(), SystemExit(3)])
def test_an_exception_inside_keeps_nothing_and_passes_unchanged(
    error: BaseException, spool: Spool, root: Path
) -> None:
    def save() -> None:
        with spool.put() as writer:
            writer.write(b"half")
            raise error

    with pytest.raises(type(error)) as caught:
        save()
    assert caught.value is error
    assert content(root) == []


@pytest.mark.parametrize(("code", "kind"), KINDS)
@pytest.mark.parametrize("call", ["open", "fchmod", "write", "utime", "fsync"])
def test_each_failure_is_typed_and_keeps_nothing(
    call: str, code: int, kind: type[StorageError], spool: Spool, root: Path
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, call, failing(code))
        with pytest.raises(StorageError) as caught, spool.put() as writer:
            writer.write(b"half")
    assert type(caught.value) is kind
    assert str(root) in caught.value.sentence
    assert caught.value.sentence.endswith(".")
    assert content(root) == []


def test_a_failed_write_that_the_caller_hides_is_still_a_failure(spool: Spool, root: Path) -> None:
    writer = spool.put()
    writer.__enter__()
    writer.write(b"begin")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "write", failing(errno.ENOSPC))
        with pytest.raises(StorageFull):
            writer.write(b"middle")
    with pytest.raises(StorageFull):
        writer.write(b"end")
    with pytest.raises(StorageFull):
        writer.__exit__(None, None, None)
    assert content(root) == []


def test_a_failed_sync_is_never_tried_again(
    spool: Spool, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def fail_once(fd: int) -> None:
        asked.append(fd)
        if len(asked) == 1:
            raise OSError(errno.EIO, "lost")

    monkeypatch.setattr(os, "fsync", fail_once)
    with pytest.raises(StorageFailed), spool.put() as writer:
        writer.write(b"half")
    assert len(asked) == 1
    assert content(root) == []


def test_until_the_name_is_durable_nobody_may_take_it(
    spool: Spool, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is there, its durability is not: the writer still owns the file."""
    seen = []

    def failing_sync(path: Path) -> None:
        (name,) = [path.name for path in root.iterdir()]
        seen.append((name, spool.entries()))
        with pytest.raises(StorageFailed, match="still being written"):
            spool.open(name)
        raise OSError(errno.EIO, f"cannot sync {path}")

    monkeypatch.setattr(durable, "sync_directory", failing_sync)
    with pytest.raises(StorageFailed), spool.put() as writer:
        writer.write(b"whole")
    ((name, listed),) = seen
    assert name.endswith(".age")
    assert listed == []
    assert content(root) == []


def test_short_writes_are_carried_on(
    spool: Spool, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, bytes(data[:7])))
    payload = bytes(range(256))
    with spool.put() as writer:
        assert writer.write(payload) == 256
    assert content(root) == [payload]


def test_a_write_that_takes_nothing_does_not_hang(
    spool: Spool, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "write", lambda *_: 0)
    with pytest.raises(StorageFailed), spool.put() as writer:
        writer.write(b"x")
    assert content(root) == []


def test_any_contiguous_buffer_is_taken(spool: Spool, root: Path) -> None:
    numbers = array.array("I", [1, 2, 3])
    picture = np.arange(6, dtype=np.uint16).reshape(2, 3)
    with spool.put() as writer:
        assert writer.write(memoryview(numbers)) == 12
        assert writer.write(picture.data) == 12
        assert writer.write(b"") == 0
        assert writer.write(bytearray(b"!")) == 1
    assert content(root) == [numbers.tobytes() + picture.tobytes() + b"!"]


def test_nothing_copies_the_payload(spool: Spool) -> None:
    payload = memoryview(bytearray(6_000_000))
    tracemalloc.start()
    try:
        with spool.put() as writer:
            writer.write(payload)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100_000


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageFailed, match="is not there"), Spool(tmp_path / "no").put():
        pytest.fail("the block must not begin")
