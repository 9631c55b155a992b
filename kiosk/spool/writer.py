"""One object on its way into the queue: nothing, or whole and durable."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from kiosk import durable
from kiosk.durable import Buffer
from kiosk.errors import StorageFailed

FILE_MODE = 0o640
"""The upload process reads through the directory's group and never writes."""

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_CONSTANT_TIMES = (0, 0)


class Writer:
    """One object in the making; see ``Spool.put``. For one thread.

    Attributes:
        size: bytes written so far.
    """

    def __init__(self, root: Path) -> None:
        token = os.urandom(16).hex()
        self._root = root
        self._part = root / f"{token}.part"
        self._final = root / f"{token}.age"
        self._doing = f"saving a picture in {root}"
        self._fd = -1
        self._saved = False
        self._error: OSError | None = None
        self.size = 0

    @property
    def name(self) -> str:
        """The object's name in the spool, once it is saved.

        Raises:
            StorageFailed: it is not.
        """
        if not self._saved:
            raise StorageFailed(f"This picture was not saved in {self._root}, so it has no name.")
        return self._final.name

    def __enter__(self) -> Self:
        with durable.translated(self._doing), self._kept_whole():
            self._fd = os.open(self._part, _CREATE, FILE_MODE)
            if not durable.try_lock(self._fd):
                raise OSError(0, "another process has locked the new file")
            os.fchmod(self._fd, FILE_MODE)  # the umask must not shut the upload process out
        return self

    def write(self, buffer: Buffer) -> int:
        """Append contiguous bytes, all of them, without copying; return how many.

        Raises:
            StorageError: the object is lost, even if the caller goes on.
        """
        with durable.translated(self._doing):
            if self._error:
                raise self._error
            try:
                written = durable.write_all(self._fd, buffer)
            except OSError as error:
                self._error = error
                raise
        self.size += written
        return written

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._withdraw()
            return
        with durable.translated(self._doing), self._kept_whole():
            if self._error:
                raise self._error
            self._commit()
        self._saved = True

    def _commit(self) -> None:
        os.utime(self._fd, _CONSTANT_TIMES)
        os.fsync(self._fd)
        self._part.rename(self._final)
        durable.sync_directory(self._root)
        fd, self._fd = self._fd, -1
        os.close(fd)

    @contextmanager
    def _kept_whole(self) -> Iterator[None]:
        """Leave nothing behind when the block fails."""
        try:
            yield
        except BaseException:
            self._withdraw()
            raise

    def _withdraw(self) -> None:
        """Remove whatever there is, under the lock, and let go.

        Errors are not reported: the first one is on its way already, a ``.part`` that could not be
        removed is cleared by the next ``recover``, and nothing here is ever synced again: a failed
        sync may have dropped the data, so that a second one would succeed without them.
        """
        for path in (self._part, self._final):
            with suppress(OSError):
                path.unlink(missing_ok=True)
        fd, self._fd = self._fd, -1
        if fd >= 0:
            with suppress(OSError):
                os.close(fd)
