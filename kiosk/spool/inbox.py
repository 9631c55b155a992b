"""Where letters of the clinic's desk pass from the upload process to the capture process.

    <kind>.letter    a letter, whole, as it lay on the server; a newer one takes its place
    <kind>.part      one on its way in

Nothing in it is a promise: a letter that is lost is fetched again. The upload process can read
none of the sealed ones.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk import durable
from kiosk.errors import ConfigError
from kiosk.spool.incoming import Incoming, receive
from kiosk.spool.queue import INBOX, SealedFile, Spool

__all__ = ["INBOX", "Inbox", "require_memory"]

_IN_MEMORY = frozenset({"tmpfs", "ramfs"})

_FOLDER_MODE = 0o770
_KIND = re.compile(r"[a-z]{1,16}")


def require_memory(
    folder: Path,
    mounts: Path = Path("/proc/self/mountinfo"),
    *,
    setting: str = "people.share",
) -> None:
    """Make sure that nothing put into a folder reaches a disk (format: proc_pid_mountinfo(5)).

    Args:
        folder: which one.
        mounts: the kernel's list.
        setting: which names the folder, for the error.

    Raises:
        ConfigError: it is on a file system that a disk keeps.
    """
    place = folder.resolve()
    kinds = {}
    for line in mounts.read_text(encoding="utf-8").splitlines():
        left, _, right = line.partition(" - ")
        kinds[left.split(" ")[4]] = right.split(" ")[0]
    point = next((p for p in (str(place), *map(str, place.parents)) if p in kinds), "/")
    if kinds.get(point) not in _IN_MEMORY:
        raise ConfigError(
            f"{setting}: {folder} is on a disk ({kinds.get(point, 'unknown')}); expected a folder "
            "in memory, below /run"
        )


class Inbox:
    """Both ends of it; every public call may raise StorageError, and nothing of the system's own.

    Args:
        folder: made by :meth:`prepare` where the system has not made it.
        room: refuses a letter for which there is no room beside pictures; None where the folder is
            not on the spool's disk.
    """

    def __init__(self, folder: Path, room: Spool | None = None) -> None:
        self._folder = folder
        self._room = room

    def prepare(self) -> None:
        """Make the folder if it is missing, and remove what an interrupted run left."""
        with durable.translated(f"preparing {self._folder}"):
            self._folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
            for part in self._folder.glob("*.part"):
                part.unlink(missing_ok=True)

    def peek(self, kind: str, limit: int) -> bytes | None:
        """Return a letter and leave it; None where there is none."""
        path = self._path(kind)
        with durable.translated(f"reading {path}"):
            try:
                with SealedFile(path) as file:
                    return file.read(limit + 1)
            except FileNotFoundError:
                return None

    def take(self, kind: str, limit: int) -> bytes | None:
        """Return a letter and remove it; None where there is none.

        One that came between reading and removing is fetched again when it has changed once more:
        the desk's next letter never has the same stamp.
        """
        found = self.peek(kind, limit)
        if found is not None:
            self.remove(kind)
        return found

    def waits(self, kind: str) -> bool:
        """Whether there is a letter; costs one look, made to be asked every turn."""
        return os.path.lexists(self._path(kind))

    def remove(self, kind: str) -> None:
        """Remove a letter, if there is one."""
        path = self._path(kind)
        with durable.translated(f"removing {path}"):
            path.unlink(missing_ok=True)

    @contextmanager
    def receive(self, kind: str, size: int) -> Iterator[Incoming]:
        """Take in a letter: ``with inbox.receive("day", limit) as incoming: incoming.write(...)``.

        It is there when the block ends well after ``incoming.keep()`` was called; else the one
        before stays.

        Args:
            kind: of letter.
            size: bytes that it may have.
        """
        if self._room is not None:
            self._room.require_room(size)
        part, letter = self._folder / f"{kind}.part", self._path(kind)
        with receive(part, lambda: part.rename(letter)) as incoming:
            yield incoming

    def _path(self, kind: str) -> Path:
        if not _KIND.fullmatch(kind):
            raise ValueError("a kind of letter is up to 16 small letters")
        return self._folder / f"{kind}.letter"
