"""Writing files so that a power cut leaves the old one or the new one, never a mixture.

The order is the whole trick, and each step has its reason: write under a temporary name, sync the
data, rename, sync the directory. A rename alone can reach the disk before the data does; a rename
without the directory's sync can be lost after it was reported. docs/decisions/0020 says more.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from kiosk.errors import StorageError, StorageFailed, StorageFull, StorageReadOnly

Buffer: TypeAlias = bytes | bytearray | memoryview
"""Contiguous bytes of any item size."""

_FULL = "the disk is full; free space on it, or wait until pictures have been uploaded"
_READ_ONLY = "the disk can only be read; have a technician check it before going on"
_KINDS: dict[int, tuple[type[StorageError], str]] = {
    errno.ENOSPC: (StorageFull, _FULL),
    errno.EDQUOT: (StorageFull, _FULL),
    errno.EROFS: (StorageReadOnly, _READ_ONLY),
}
_DENIED = (errno.EACCES, errno.EPERM)


def storage_error(error: OSError, doing: str) -> StorageError:
    """Translate what the system said into our tree.

    Args:
        error: what was caught.
        doing: the act and its place as a noun phrase, such as "saving a picture in /spool".
    """
    kind, why = _KINDS.get(error.errno or 0, (StorageFailed, ""))
    if error.errno in _DENIED:
        why = f"this user may not ({error.strerror}); have a technician check the owner and mode"
    elif error.errno == errno.ENOENT:
        why = "the file or its folder is not there; have a technician check the installation"
    elif not why:
        why = f"the disk answered “{error.strerror or error}”; have a technician check it"
    return kind(f"{doing[:1].upper()}{doing[1:]} failed: {why}.")


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Let no OSError out of the block untranslated; ``doing`` as in :func:`storage_error`.

    Raises:
        StorageError: in place of any OSError.
    """
    try:
        yield
    except OSError as error:
        raise storage_error(error, doing) from error


def read_if_there(path: Path, limit: int) -> bytes | None:
    """Return what a small file begins with, up to so many bytes; None where there is no file.

    Raises:
        StorageError: it cannot be read.
    """
    with translated(f"reading {path}"):
        try:
            with path.open("rb") as file:
                return file.read(limit)
        except FileNotFoundError:
            return None


def write_all(fd: int, buffer: Buffer) -> int:
    """Write the whole buffer without copying it and return its size in bytes.

    Raises:
        OSError: as the system reports; some of the buffer may have been written.
    """
    with memoryview(buffer) as whole, whole.cast("B") as octets:
        done = 0
        while done < len(octets):
            with octets[done:] as rest:
                written = os.write(fd, rest)
            if written == 0:
                raise OSError(errno.EIO, "a write took nothing")
            done += written
        return done


def try_lock(fd: int, *, shared: bool = False) -> bool:
    """Lock an open file against other openings of it, without waiting; closing lets go.

    Returns:
        Whether the lock was had.

    Raises:
        OSError: for any reason other than that somebody else has it.
    """
    try:
        fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable: those added, renamed and removed.

    Raises:
        OSError: as the system reports.
    """
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    except BaseException:
        with suppress(OSError):  # the error on its way out is the one that matters
            os.close(fd)
        raise
    os.close(fd)


def replace_file(path: Path, data: Buffer, mode: int = 0o600) -> None:
    """Replace a file's content, or create it, atomically and durably.

    The new file has exactly ``mode`` whatever the umask, and belongs to the calling user. A
    symbolic link at ``path`` is itself replaced. Two processes must not replace one file at once.

    Raises:
        StorageError: after which the old content is still there, unless the very last sync failed,
            when it may be the old or the new one.
    """
    with translated(f"writing {path}"):
        _replace(path, data, mode)


def _replace(path: Path, data: Buffer, mode: int) -> None:
    # One fixed name, so that crashes leave at most one leftover, and the next call removes it.
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        create_file(fresh, data, mode)
        fresh.rename(path)
    except BaseException:
        with suppress(OSError):  # the error on its way out is the one that matters
            fresh.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def create_file(path: Path, data: Buffer, mode: int) -> None:
    """Create a file with exactly ``mode`` and bring its content, not yet its name, to the disk.

    Raises:
        OSError: as the system reports, FileExistsError if there is anything of that name; half a
            file is removed again.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    fd = os.open(path, flags, 0o600 & mode)
    try:
        os.fchmod(fd, mode)
        write_all(fd, data)
        os.fsync(fd)
    except BaseException:
        with suppress(OSError):  # the error on its way out is the one that matters
            os.close(fd)
        with suppress(OSError):
            path.unlink()
        raise
    os.close(fd)


def number_line(number: int, about: str = "") -> bytes:
    """Return what a file holds that keeps one number: its digits and a CRC-32, as a line.

    Args:
        number: 0 to 2**63 - 1.
        about: what it counts, ASCII; the line of another is no number then.
    """
    digits = b"%019d" % number
    return b"%s %08x\n" % (digits, zlib.crc32(about.encode("ascii") + digits))


def read_number(path: Path, about: str = "") -> int | None:
    """Return the number that a file of :func:`number_line` holds; None where it is damaged.

    Raises:
        OSError: as the system reports.
    """
    # Not Path.read_bytes: it asks for the size first and ignores errors of asking.
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        content = os.read(fd, 64)
    finally:
        os.close(fd)
    found = re.fullmatch(rb"([0-9]{19}) [0-9a-f]{8}\n", content)
    number = int(found[1]) if found else -1
    return number if found and content == number_line(number, about) else None


def noted_number(path: Path) -> int | None:
    """Return what :func:`read_number` does; 0 where there is no file.

    Raises:
        StorageError: it cannot be read.
    """
    with translated(f"reading {path}"):
        return read_number(path) if os.path.lexists(path) else 0


class Counter:
    """A sequence number that survives power cuts and never repeats; it may skip.

    The file holds the last number given out and its CRC-32, so that a damaged file is noticed
    rather than counted on from. A missing file is damage as well: ``create`` makes it once, when
    the station is set up.
    """

    LAST = 2**63 - 1

    def __init__(self, path: Path) -> None:
        self._path = path

    def create(self) -> None:
        """Start a new sequence, whose first number is 1.

        Raises:
            StorageFailed: there is one already; it is left as it is.
            StorageError: the disk refuses.
        """
        with translated(f"creating the counter {self._path}"), self._alone():
            if self._path.exists():
                raise StorageFailed(
                    f"The counter {self._path} already exists and is not started anew, because "
                    "its numbers must never repeat."
                )
            _replace(self._path, number_line(0), 0o600)

    def require(self) -> None:
        """Make sure that there is a next number, without taking it.

        Raises:
            StorageFailed: the file is missing or damaged.
        """
        with translated(f"reading the counter {self._path}"), self._alone():
            self._last()

    def next(self) -> int:
        """Return the next number, which is on the disk before this returns.

        Several processes and threads may call it at once. It costs two syncs: call it ahead of
        the moment that must be fast.

        Raises:
            StorageFailed: the file is missing or damaged.
            StorageError: the disk refuses; the number that would have come may be skipped.
        """
        with translated(f"counting on in {self._path}"), self._alone():
            number = self._last() + 1
            if number > self.LAST:
                raise StorageFailed(f"The counter {self._path} has reached its end, {self.LAST}.")
            _replace(self._path, number_line(number), 0o600)
            return number

    def _last(self) -> int:
        number = read_number(self._path)
        if number is None:
            raise StorageFailed(
                f"The counter {self._path} is damaged; it is not started anew, because its "
                "numbers must never repeat: have a technician restore it above the last shot's."
            )
        return number

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the folder's lock; the file itself is replaced each time and cannot carry one."""
        fd = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)
