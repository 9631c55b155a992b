"""Disks that are really full or really read-only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.durable import Counter
from kiosk.errors import StorageFull, StorageReadOnly
from kiosk.spool import Entry, Spool
from tests.faults.mounts import filesystem, mounted, tool

MEGABYTE = bytes(1_000_000)


@pytest.fixture(params=["tmpfs", "ext4"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    with filesystem(request.param, tmp_path / "image", tmp_path / "disk", 8) as root:
        place = root / "spool"
        place.mkdir()
        yield place


def fill(spool: Spool) -> int:
    """Save until the disk is full; return how many objects went in."""
    for number in range(100):
        try:
            with spool.put() as writer:
                for _ in range(10):
                    writer.write(MEGABYTE[:100_000])
        except StorageFull:
            return number
    pytest.fail("the disk never filled")


def test_a_full_disk_keeps_what_was_saved_and_works_again_when_emptied(disk: Path) -> None:
    spool = Spool(disk, reserve_bytes=0)
    saved = fill(spool)
    assert saved >= 3
    assert [entry.size for entry in spool.entries()] == [1_000_000] * saved
    assert len(list(disk.iterdir())) == saved
    with pytest.raises(StorageFull, match="MB are needed"):
        spool.require_room(1_000_000)
    spool.remove(spool.entries()[0].name)
    spool.require_room(900_000)
    with spool.put() as writer:
        writer.write(MEGABYTE[:900_000])
    assert spool.count() == saved


def test_a_counter_on_a_full_disk_stays_what_it_was(disk: Path) -> None:
    counter = Counter(disk.parent / "sequence")
    counter.create()
    told = [counter.next()]
    with (disk.parent / "ballast").open("wb", buffering=0) as ballast:
        try:
            while ballast.write(MEGABYTE):
                pass
        except OSError:
            pass
    for _ in range(3):
        try:
            told.append(counter.next())
        except StorageFull:
            continue
    (disk.parent / "ballast").unlink()
    told.append(counter.next())
    assert told == sorted(set(told))


def test_no_room_for_one_more_file_is_said(tmp_path: Path) -> None:
    options = ("-t", "tmpfs", "-o", "size=8m,nr_inodes=4", "tmpfs")
    with mounted(tmp_path / "disk", *options) as root:
        spool = Spool(root, reserve_bytes=0)
        spool.require_room(1)
        for number in range(3):
            (root / str(number)).touch()
        with pytest.raises(StorageFull, match="no free inodes"):
            spool.require_room(1)
        with pytest.raises(StorageFull), spool.put():
            pytest.fail("the block must not begin")


def test_a_read_only_disk_is_said_by_every_act_and_can_still_be_read(disk: Path) -> None:
    spool = Spool(disk, reserve_bytes=0)
    with spool.put() as writer:
        writer.write(b"sealed")
    (disk / ("0" * 32 + ".part")).write_bytes(b"half")
    counter = Counter(disk / "sequence")
    counter.create()
    tool("mount", "-o", "remount,ro", str(disk.parent))
    for act in (
        spool.recover,
        lambda: spool.require_room(1),
        lambda: spool.put().__enter__(),
        lambda: spool.remove(writer.name),
        counter.next,
    ):
        with pytest.raises(StorageReadOnly, match="can only be read"):
            act()
    assert spool.entries() == [Entry(writer.name, 6)]
    with spool.open(writer.name) as sealed:
        assert sealed.read() == b"sealed"
