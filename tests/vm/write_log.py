"""A disk's write log, as QEMU's ``blklogwrites`` keeps it, and the disk after a power cut.

Format: the kernel's dm-log-writes (Documentation/admin-guide/device-mapper/log-writes.rst). A drive
may have lost or reordered whatever was written since its last flush: of those writes each survives
by chance, all before are kept.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from tests.vm.machine import Disk

MAGIC: Final = 0x6A736677736872
_SUPER = struct.Struct("<QQQI")
_ENTRY = struct.Struct("<QQQQ")
_FLUSH, _FUA, _DISCARD = 1, 2, 4
SECTOR: Final = 512


@dataclass(frozen=True, slots=True)
class Write:
    """One entry: where on the disk, how many bytes, and where in the log they are.

    Attributes:
        flushes: the drive's cache was emptied before it.
        forced: it is on the medium itself when it is answered (FUA).
    """

    offset: int
    size: int
    at: int
    flushes: bool
    forced: bool


def logged_disk(image: Path, log: Path, name: str) -> Disk:
    """A raw image whose writes are all logged, for QEMU."""
    log.write_bytes(b"")
    logging = f"file={name}-raw,log={name}-log,log-sector-size={SECTOR}"
    options = (
        *("-blockdev", f"driver=file,node-name={name}-file,filename={image}"),
        *("-blockdev", f"driver=raw,node-name={name}-raw,file={name}-file"),
        *("-blockdev", f"driver=file,node-name={name}-log,filename={log}"),
        *("-blockdev", f"driver=blklogwrites,node-name={name},{logging}"),
    )
    return Disk(options, name, name)


def entries(log: Path) -> int:
    """Return how many entries the log says it has; 0 before its first flush."""
    with log.open("rb") as file:
        head = file.read(_SUPER.size)
    if len(head) < _SUPER.size:
        return 0
    magic, _, count, _ = _SUPER.unpack(head)
    return int(count) if magic == MAGIC else 0


def read_log(log: Path) -> list[Write]:
    """Read where every write is.

    Raises:
        ValueError: it is no such log, or blocks are discarded, of which it keeps no content.
    """
    found: list[Write] = []
    with log.open("rb") as file:
        magic, version, count, sector = _SUPER.unpack(file.read(_SUPER.size))
        if (magic, version) != (MAGIC, 1):
            raise ValueError(f"{log} is no write log of version 1")
        at = sector
        for _ in range(count):
            file.seek(at)
            first, sectors, flags, _ = _ENTRY.unpack(file.read(_ENTRY.size))
            if flags & _DISCARD:
                raise ValueError(f"{log} discards blocks; expected a disk without discard")
            at += sector
            size = sectors * sector
            found.append(Write(first * sector, size, at, bool(flags & _FLUSH), bool(flags & _FUA)))
            at += size
    return found


def crash_points(count: int, wanted: int, chance: random.Random) -> list[int]:
    """Pick moments: after so many entries, in order; of each number one more or less."""
    rounds, rest = divmod(wanted, count)
    return sorted([*range(1, count + 1)] * rounds + chance.sample(range(1, count + 1), rest))


class Replay:
    """Makes the disk as a cut found it; points in rising order.

    Args:
        log: of the writes.
        base: a copy of the disk as it was before the first; it is changed.
        chance: decides which unflushed writes survive.
    """

    def __init__(self, log: Path, base: Path, chance: random.Random) -> None:
        self.writes = read_log(log)
        self._log, self._base, self._chance = log, base, chance
        self._applied = 0

    def at(self, point: int) -> Iterator[tuple[int, bytes]]:
        """Bring the base to the last flush before a point; yield what survives beyond it.

        Yields:
            Offset and bytes, to be written into a copy of the base.
        """
        flushes = [number for number in range(point) if self.writes[number].flushes]
        durable = max(flushes, default=0)
        with self._log.open("rb") as log, self._base.open("r+b") as base:
            for write in self.writes[self._applied : durable]:
                put(base, write.offset, _bytes(log, write))
            self._applied = max(self._applied, durable)
            yield from self._survivors(log, self.writes[self._applied : point])

    def _survivors(self, log: BinaryIO, late: Iterable[Write]) -> Iterator[tuple[int, bytes]]:
        for write in late:
            if write.size and (write.forced or self._chance.random() < 0.5):
                yield write.offset, _bytes(log, write)


def put(disk: BinaryIO, offset: int, octets: bytes) -> None:
    disk.seek(offset)
    disk.write(octets)


def _bytes(log: BinaryIO, write: Write) -> bytes:
    log.seek(write.at)
    return log.read(write.size)
