"""Both ends of the queue on real directories."""

from __future__ import annotations

import errno
import grp
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kiosk.errors import StorageFailed, StorageFull, StorageReadOnly
from kiosk.spool import Backlog, Entry, Spool

READY = "a" * 32 + ".age"
PART = "b" * 32 + ".part"


def save(spool: Spool, payload: bytes = b"sealed") -> str:
    with spool.put() as writer:
        writer.write(payload)
    return writer.name


def test_what_is_put_can_be_listed_read_and_removed(spool: Spool, root: Path) -> None:
    name = save(spool, b"sealed bytes")
    assert spool.entries() == [Entry(name, 12)]
    assert spool.backlog() == Backlog(1, 12)
    with spool.open(name) as sealed:
        assert sealed.read(6) == b"sealed"
        assert sealed.read() == b" bytes"
    spool.remove(name)
    assert (spool.entries(), spool.count(), list(root.iterdir())) == ([], 0, [])


def test_the_oldest_comes_first(spool: Spool, root: Path, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    saved = []
    for _ in range(5):
        saved.append(save(spool))
        last = (root / saved[-1]).stat().st_ctime_ns
        deadline = time.monotonic() + 10
        while True:  # the kernel's clock for files moves in steps of some milliseconds
            clock.write_bytes(b"tick")
            if clock.stat().st_ctime_ns > last:
                break
            assert time.monotonic() < deadline
    assert [entry.name for entry in spool.entries()] == saved
    assert [entry.name for entry in spool.entries()] == saved


def test_recovery_removes_leftovers_and_nothing_else(spool: Spool, root: Path) -> None:
    name = save(spool)
    (root / PART).write_bytes(b"half")
    (root / ("c" * 32 + ".part")).write_bytes(b"")
    (root / "notes.part").write_bytes(b"not ours")
    (root / f".{READY}").write_bytes(b"not ours")
    (root / ("d" * 32 + ".part")).symlink_to(name)
    (root / ("e" * 32 + ".part")).mkdir()
    os.mkfifo(root / ("f" * 32 + ".age"))
    assert spool.recover() == 2
    assert spool.recover() == 0
    strangers = sorted({path.name for path in root.iterdir()} - {name})
    assert len(strangers) == 5
    assert spool.strangers() == strangers
    assert [entry.name for entry in spool.entries()] == [name]


def test_recovery_leaves_a_file_that_is_being_written(spool: Spool, root: Path) -> None:
    with spool.put() as writer:
        writer.write(b"half")
        assert Spool(root).recover() == 0
    assert spool.entries() == [Entry(writer.name, 4)]


def test_an_error_leaves_no_descriptor_open(
    spool: Spool, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller may keep the error for long, and its traceback with it."""
    (root / PART).write_bytes(b"half")
    before = sorted(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names are wanted

    def fail(path: Path) -> None:
        raise OSError(errno.EROFS, f"cannot remove {path}")

    monkeypatch.setattr(Path, "unlink", fail)
    with pytest.raises(StorageReadOnly):
        spool.recover()
    assert sorted(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../" + READY,
        "/etc/passwd",
        "x/" + READY,
        READY + "\n",
        READY + "\0",
        READY.upper(),
        PART,
        "a" * 31 + ".age",
        "٣" * 32 + ".age",
    ],
)
def test_only_names_of_the_spool_are_taken(name: str, spool: Spool) -> None:
    for act in (spool.open, spool.remove):
        with pytest.raises(StorageFailed, match="no object of the spool"):
            act(name)


def test_a_link_a_pipe_and_a_folder_are_not_followed(spool: Spool, root: Path) -> None:
    (root.parent / "secret").write_bytes(b"elsewhere")
    (root / READY).symlink_to(root.parent / "secret")
    os.mkfifo(root / ("b" * 32 + ".age"))
    (root / ("c" * 32 + ".age")).mkdir()
    assert (spool.entries(), spool.count()) == ([], 0)
    for letter in "abc":
        with pytest.raises(StorageFailed):
            spool.open(letter * 32 + ".age")


def test_what_is_not_there_cannot_be_opened_or_removed(spool: Spool) -> None:
    with pytest.raises(StorageFailed, match="is not there"):
        spool.open(READY)
    with pytest.raises(StorageFailed, match="is not there"):
        spool.remove(READY)


def test_a_missing_folder_is_said_by_every_call(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "no")
    for act in (spool.recover, spool.strangers, spool.entries, spool.backlog, spool.count):
        with pytest.raises(StorageFailed, match="is not there"):
            act()
    with pytest.raises(StorageFailed, match="is not there"):
        spool.require_room(1)


def test_room_is_asked_for_with_the_reserve(root: Path) -> None:
    disk = os.statvfs(root)
    free = disk.f_bavail * disk.f_frsize
    Spool(root, reserve_bytes=0).require_room(1_000_000)
    with pytest.raises(StorageFull, match=r"are free and .* MB are needed"):
        Spool(root, reserve_bytes=0).require_room(2 * free)
    with pytest.raises(StorageFull, match="as a reserve"):
        Spool(root, reserve_bytes=2 * free).require_room(1)


def test_a_folder_closed_to_us_is_said_before_the_shot(root: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write into every folder")
    root.chmod(0o500)
    with pytest.raises(StorageFailed, match="may not write"):
        Spool(root, reserve_bytes=0).require_room(1)


def test_both_ends_work_at_once(spool: Spool) -> None:
    """One end saves, one removes, one counts; nobody trips over a file that is gone."""
    ended = threading.Event()

    def count() -> None:
        while not ended.is_set():
            spool.backlog()
            spool.strangers()

    def save_all() -> None:
        for number in range(100):
            save(spool, b"%d" % number)

    with ThreadPoolExecutor() as pool:
        counting, saving = pool.submit(count), pool.submit(save_all)
        try:
            assert take(spool, 100, deadline=time.monotonic() + 60) == 100
        finally:
            ended.set()
        saving.result()
        counting.result()


def take(spool: Spool, wanted: int, deadline: float) -> int:
    taken = 0
    while taken < wanted and time.monotonic() < deadline:
        for entry in spool.entries():
            with spool.open(entry.name) as sealed:
                assert len(sealed.read()) == entry.size
            spool.remove(entry.name)
            taken += 1
    return taken


@pytest.fixture
def shared() -> Iterator[Path]:
    """Give a folder as the installer makes it, reachable for every user."""
    if os.geteuid() != 0:
        pytest.skip("only root can become other users")
    home = Path(tempfile.mkdtemp())
    home.chmod(0o755)
    path = home / "spool"
    path.mkdir()
    os.chown(path, 61_001, 61_000)
    path.chmod(0o2770)
    yield path
    shutil.rmtree(home)


def as_user(user: int, groups: list[int], act: object) -> int:
    """Run ``act`` as another user in a child process; return its exit status."""
    assert callable(act)
    child = os.fork()
    if child == 0:
        try:
            os.setgroups(groups)
            os.setgid(user)
            os.setuid(user)
            act()
        except PermissionError:
            os._exit(13)
        except BaseException:  # noqa: BLE001 - a child of fork must not unwind into pytest
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_two_users_share_the_folder_by_its_group(shared: Path) -> None:
    assert all(group.gr_gid != 61_000 for group in grp.getgrall())
    spool = Spool(shared, reserve_bytes=0)

    def capture() -> None:
        os.umask(0o077)
        spool.recover()
        spool.require_room(1)
        save(spool, b"sealed")

    def tamper() -> None:
        with (shared / spool.entries()[0].name).open("r+b"):
            pass

    def upload() -> None:
        (entry,) = spool.entries()
        with spool.open(entry.name) as sealed:
            assert sealed.read() == b"sealed"
        spool.remove(entry.name)
        assert spool.count() == 0

    def outsider() -> None:
        os.listdir(shared)  # noqa: PTH208

    assert as_user(61_001, [61_000], capture) == 0
    (saved,) = shared.iterdir()
    assert (saved.stat().st_uid, saved.stat().st_gid) == (61_001, 61_000)
    assert as_user(61_002, [61_000], tamper) == 13
    assert as_user(61_003, [], outsider) == 13
    assert as_user(61_002, [61_000], upload) == 0
    assert list(shared.iterdir()) == []
