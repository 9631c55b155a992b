"""The replay of a write log: what was flushed stays, what was not may be lost, and only that."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

from tests.vm.write_log import MAGIC, SECTOR, Replay, crash_points, entries, put, read_log

FLUSH, FUA, DISCARD = 1, 2, 4
Entry = tuple[int, bytes, int]


def written(path: Path, *log: Entry) -> Path:
    """Write a log as QEMU does: sector, content and flags of each entry."""
    octets = struct.pack("<QQQI", MAGIC, 1, len(log), SECTOR).ljust(SECTOR, b"\0")
    for sector, content, flags in log:
        head = struct.pack("<QQQQ", sector, len(content) // SECTOR, flags, 0)
        octets += head.ljust(SECTOR, b"\0") + content
    path.write_bytes(octets)
    return path


def block(letter: str) -> bytes:
    return letter.encode() * SECTOR


LOG = (
    (0, block("a"), 0),
    (1, block("b"), 0),
    (0, b"", FLUSH),
    (0, block("c"), 0),
    (2, block("d"), FUA),
    (3, block("e"), 0),
)


def disks(tmp_path: Path, point: int, seeds: int = 64) -> set[str]:
    """Every disk that a cut after ``point`` entries can leave, over many chances."""
    log = written(tmp_path / "log", *LOG)
    found = set()
    for seed in range(seeds):
        base = tmp_path / "base"
        base.write_bytes(block(".") * 4)
        late = list(Replay(log, base, random.Random(seed)).at(point))
        with base.open("r+b") as disk:
            for offset, octets in late:
                put(disk, offset, octets)
        found.add(base.read_bytes()[::SECTOR].decode())
    return found


def test_what_was_never_flushed_may_be_lost_in_any_order(tmp_path: Path) -> None:
    assert disks(tmp_path, 2) == {"....", "a...", ".b..", "ab.."}


def test_what_was_flushed_stays(tmp_path: Path) -> None:
    assert disks(tmp_path, 3) == {"ab.."}
    assert disks(tmp_path, 4) == {"ab..", "cb.."}


def test_a_forced_write_stays_and_takes_no_other_with_it(tmp_path: Path) -> None:
    assert disks(tmp_path, 5) == {"abd.", "cbd."}
    assert disks(tmp_path, 6) == {"abd.", "abde", "cbd.", "cbde"}


def test_points_in_order_build_on_one_base(tmp_path: Path) -> None:
    base = tmp_path / "base"
    base.write_bytes(block(".") * 4)
    replay = Replay(written(tmp_path / "log", *LOG), base, random.Random(0))
    for point in (1, 2, 3, 6):
        list(replay.at(point))
    assert base.read_bytes()[::SECTOR].decode() == "ab.."


def test_the_log_says_how_far_it_is(tmp_path: Path) -> None:
    assert entries(written(tmp_path / "log", *LOG)) == len(LOG)
    (tmp_path / "log").write_bytes(b"")
    assert entries(tmp_path / "log") == 0


def test_a_log_that_discards_or_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="discard"):
        read_log(written(tmp_path / "log", (0, b"", DISCARD)))
    (tmp_path / "log").write_bytes(bytes(SECTOR))
    with pytest.raises(ValueError, match="no write log"):
        read_log(tmp_path / "log")


def test_points_are_spread_over_all_moments() -> None:
    assert crash_points(3, 6, random.Random(1)) == [1, 1, 2, 2, 3, 3]
    assert len(crash_points(3, 7, random.Random(1))) == 7
    picked = crash_points(10_000, 300, random.Random(1))
    assert len(set(picked)) == 300
    assert picked == sorted(picked)
