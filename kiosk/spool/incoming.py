"""A file on its way into a folder between the two processes: whole under its name, or not there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk import durable

FILE_MODE = 0o640
"""Of what one process leaves for the other, which is of the folder's group."""

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Incoming:
    """A file that is being written.

    Attributes:
        kept: whether it is to stay.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self.kept = False

    def write(self, data: bytes) -> None:
        """Append a piece.

        Raises:
            OSError: inside ``receive``'s block, which translates it.
        """
        durable.write_all(self._fd, data)

    def keep(self) -> None:
        """Say that it is whole."""
        self.kept = True


@contextmanager
def receive(part: Path, place: Callable[[], object]) -> Iterator[Incoming]:
    """Take in a file, not synced; nothing of it is left but by ``place``.

    Args:
        part: its name on the way; what an interrupted run left there is removed.
        place: gives it its own name; called when the block ends well after ``Incoming.keep()``.

    Raises:
        StorageError: in place of any OSError.
    """
    with durable.translated(f"taking in {part}"):
        part.unlink(missing_ok=True)
        fd = os.open(part, _CREATE, FILE_MODE)
        incoming = Incoming(fd)
        try:
            os.fchmod(fd, FILE_MODE)
            yield incoming
            if incoming.kept:
                place()
        finally:
            os.close(fd)
            part.unlink(missing_ok=True)
