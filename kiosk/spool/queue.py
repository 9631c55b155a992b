"""The queue as both processes see it."""

from __future__ import annotations

import io
import os
import re
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from kiosk import durable
from kiosk.errors import StorageFailed, StorageFull, StorageReadOnly
from kiosk.spool.sent import SENT, Sent
from kiosk.spool.writer import Writer

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

RECALL = "recall"
"""A folder in the spool's, of :class:`kiosk.spool.recall.RecallBox`; no picture waits there."""

INBOX = "inbox"
"""Another one, of :class:`kiosk.spool.inbox.Inbox`."""

TRIALS = "trials"
"""Another one, of :class:`kiosk.spool.trials.Trials`."""

DEFAULT_RESERVE = 256 * 1_000_000
"""Bytes kept free for the rest of the system."""

_READY = re.compile(r"[0-9a-f]{32}\.age")
_PART = re.compile(r"[0-9a-f]{32}\.part")
# Not to wait for ever on a pipe that somebody put in place of a file.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


@dataclass(frozen=True, slots=True)
class Entry:
    """One sealed object that waits; ``size`` in bytes."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much waits to be sent.

    Attributes:
        count: number of sealed objects.
        bytes: of all of them.
        sent: those beside them that wait for their receipts alone.
        oldest_ns: when the oldest became ready, by the wall clock; 0 where nothing waits.
    """

    count: int
    bytes: int
    sent: int = 0
    oldest_ns: int = field(default=0, compare=False)


class Spool:
    """Both ends of the queue; the capture process writes, the upload process reads and removes.

    Every public call may raise StorageFull, StorageReadOnly or StorageFailed, and nothing of the
    system's own. Making the object touches no disk.

    Args:
        root: the directory; it must exist (mode 2770, the group shared by both processes).
        reserve_bytes: what ``require_room`` keeps free beyond the object itself.
    """

    def __init__(self, root: Path, reserve_bytes: int = DEFAULT_RESERVE) -> None:
        self._root = root
        self._reserve = reserve_bytes
        self._sent = Sent(root)

    @property
    def root(self) -> Path:
        """The directory."""
        return self._root

    # The capture process's side.

    def recover(self) -> int:
        """Remove what interrupted writes left behind, durably, and return how many files.

        Called once when the capture process starts. A file that another process is writing at
        this moment is no leftover and stays, as do ready objects and ``strangers``.
        """
        with durable.translated(f"clearing leftovers in {self._root}"):
            removed = sum(self._remove_leftover(name) for name, _ in self._files(_PART))
            durable.sync_directory(self._root)
            return removed

    def strangers(self) -> list[str]:
        """Return the names of whatever does not belong here, for the journal; nothing is removed.

        These are unknown names and known ones that are no regular files.
        """
        with durable.translated(f"listing {self._root}"):
            ours = {name for pattern in (_READY, _PART) for name, _ in self._files(pattern)}
            folders = (RECALL, INBOX, SENT, TRIALS)
            ours |= {name for name in folders if stat.S_ISDIR(_mode(self._root / name))}
            return sorted(set(os.listdir(self._root)) - ours)  # noqa: PTH208 - names are wanted

    def require_room(self, size: int) -> None:
        """Refuse a shot before it is taken when it could not be kept.

        Args:
            size: bytes that the sealed object will take at most.

        Raises:
            StorageFull: not enough bytes for ``size`` and the reserve, or no inode.
            StorageReadOnly: the file system is mounted read-only.
            StorageFailed: the directory is missing, broken or closed to this process.
        """
        with durable.translated(f"looking for room in {self._root}"):
            disk = os.statvfs(self._root)
        if disk.f_flag & os.ST_RDONLY:
            raise StorageReadOnly(
                f"The disk of {self._root} can only be read, so no picture can be saved; "
                "have a technician check it before going on."
            )
        free, needed = disk.f_bavail * disk.f_frsize, size + self._reserve
        if free < needed:
            raise StorageFull(
                f"The disk of {self._root} is too full for a picture: {free / 1e6:.0f} MB are "
                f"free and {needed / 1e6:.0f} MB are needed, {self._reserve / 1e6:.0f} MB of them "
                f"as a reserve; {self._what_helps()}."
            )
        if disk.f_files and not disk.f_favail:
            raise StorageFull(
                f"The disk of {self._root} has no room for one more file (no free inodes); "
                "have a technician remove files that do not belong to the station."
            )
        if not os.access(self._root, os.W_OK | os.X_OK, effective_ids=True):
            raise StorageFailed(
                f"This user may not write into {self._root}; expected a folder that belongs to "
                "the group of the capture process (mode 2770)."
            )

    def put(self) -> Writer:
        """Begin a new object: ``with spool.put() as writer: writer.write(...)``.

        When the block ends well, the object is whole and durable; this is when "saved" may be
        said. When it ends in any exception, nothing is kept.
        """
        return Writer(self._root)

    # The upload process's side, and the backlog for both.

    def entries(self) -> list[Entry]:
        """Return the objects that may be taken, oldest first, and by name where equally old."""
        with durable.translated(f"listing {self._root}"):
            waiting = [(s.st_ctime_ns, name, s.st_size) for name, s in self._unsent()]
            return [Entry(name, size) for _, name, size in sorted(waiting) if not self._held(name)]

    def open(self, name: str) -> BinaryIO:
        """Open an object of ``entries`` for reading, unbuffered; the caller closes it.

        Reads raise StorageFailed as well when the disk cannot give the bytes.
        """
        path = self._ready(name)
        with durable.translated(f"opening {path}"):
            opened = SealedFile(path)
            regular = stat.S_ISREG(os.fstat(opened.fileno()).st_mode)
            if regular and durable.try_lock(opened.fileno(), shared=True):
                return opened
            opened.close()
        raise StorageFailed(
            f"{path} is still being written; expected a name that “entries” has listed."
            if regular
            else f"{path} is no regular file, so it was not put there by the station."
        )

    def remove(self, name: str) -> None:
        """Remove an object for good, once the clinic has it."""
        path = self._ready(name)
        with durable.translated(f"removing {path}"):
            path.unlink()
            durable.sync_directory(self._root)

    def backlog(self) -> Backlog:
        """Count what waits; one pass over the directory, made to be polled."""
        with durable.translated(f"counting what waits in {self._root}"):
            out = self._sent.out()
            found = [(one.st_size, one.st_ctime_ns) for _, one in self._files(_READY, out)]
            sent = len(out.intersection(os.listdir(self._root)) if out else ())  # noqa: PTH208 - names
        oldest = min((since for _, since in found), default=0)
        return Backlog(len(found), sum(size for size, _ in found), sent, oldest)

    def names(self) -> frozenset[str]:
        """Return the names of all that waits to be sent; one pass over the directory."""
        with durable.translated(f"listing {self._root}"):
            return frozenset(name for name, _ in self._unsent())

    def count(self) -> int:
        """Return how many objects wait to be sent."""
        return self.backlog().count

    def _unsent(self) -> list[tuple[str, os.stat_result]]:
        # Marks first: what is sent meanwhile is listed as waiting still, never the other way.
        return self._files(_READY, self._sent.out())

    def _what_helps(self) -> str:
        """Return what makes room when there is none."""
        if not (sent := self.backlog().sent):
            return "wait until pictures have been uploaded, or have space made"
        return (
            f"what has been sent stays on it until the clinic's receipt comes (objects: {sent}); "
            "have the clinic run its collector (kiosk clinic collect)"
        )

    def _ready(self, name: str) -> Path:
        if not _READY.fullmatch(name):
            raise StorageFailed(
                f"{name!r} is no object of the spool {self._root}; expected 32 hexadecimal digits "
                "and “.age”."
            )
        return self._root / name

    def _files(
        self, pattern: re.Pattern[str], but: frozenset[str] = frozenset()
    ) -> list[tuple[str, os.stat_result]]:
        """List the regular files whose whole name fits; one that vanishes meanwhile is left out.

        Those of ``but`` are left out without a look at them.
        """
        found = []
        with os.scandir(self._root) as listing:
            for item in listing:
                if pattern.fullmatch(item.name) and item.name not in but:
                    with suppress(FileNotFoundError):
                        found.append((item.name, item.stat(follow_symlinks=False)))
        return [(name, status) for name, status in found if stat.S_ISREG(status.st_mode)]

    def _held(self, name: str) -> bool:
        """Whether the writer of a file has not let go of it yet (or it is gone already)."""
        try:
            fd = os.open(self._root / name, _READ)
        except FileNotFoundError:
            return True
        except OSError:
            return False  # listed, so that opening it says what is wrong, and others can go on
        try:
            return not durable.try_lock(fd, shared=True) or os.fstat(fd).st_nlink == 0
        finally:
            os.close(fd)

    def _remove_leftover(self, name: str) -> bool:
        path = self._root / name
        try:
            fd = os.open(path, _READ)
        except FileNotFoundError:
            return False
        try:
            if not durable.try_lock(fd):
                return False
            path.unlink()
            return True
        finally:
            os.close(fd)


def _mode(path: Path) -> int:
    """Return a file's mode, 0 where there is none."""
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        return 0


class SealedFile(io.FileIO):
    """A sealed object open for reading, whose reads raise errors of our tree."""

    def __init__(self, path: Path) -> None:
        self._doing = f"reading {path}"
        super().__init__(path, "rb", opener=lambda name, _flags: os.open(name, _READ))

    def read(self, size: int | None = -1, /) -> bytes:
        with durable.translated(self._doing):
            return super().read(size)

    def readall(self) -> bytes:
        with durable.translated(self._doing):
            return super().readall()

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        with durable.translated(self._doing):
            return super().readinto(buffer)

    def close(self) -> None:
        with durable.translated(self._doing):
            super().close()
