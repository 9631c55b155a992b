"""Overwrites files and removes them, with the folders that they were in."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from kiosk import durable
from kiosk.commission.retire.certificate import Wiped
from kiosk.errors import StorageFailed

_CHUNK: Final = bytes(1024 * 1024)


def wipe_folder(folder: Path, called: str) -> Wiped:
    """Wipe what is in a folder, which stays; ``called`` is how the certificate names it.

    Raises:
        StorageError: something could not be overwritten or removed, or came meanwhile.
    """
    sizes = [wipe_file(path) for path in files_in(folder)]
    if files_in(folder):
        raise StorageFailed(f"{folder} is not empty after it was wiped; is something running?")
    with durable.translated(f"clearing {folder}"):
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir()
    return Wiped(folder=called, files=len(sizes), size=sum(sizes))


def wipe_files(paths: Iterable[Path]) -> None:
    """Wipe these, in this order.

    Raises:
        StorageError: one could not be; those after it are as they were.
    """
    for path in paths:
        wipe_file(path)


def files_in(folder: Path) -> list[Path]:
    """Return everything below a folder that is no folder itself; links are not followed.

    Raises:
        StorageError: it cannot be listed.
    """
    with durable.translated(f"listing {folder}"):
        paths = sorted(folder.rglob("*"))
        return [path for path in paths if path.is_symlink() or not path.is_dir()]


def wipe_file(path: Path) -> int:
    """Overwrite a file with zeros and remove it, durably.

    Returns:
        Its size in bytes; 0 of what is no file, such as a link, which is only removed.

    Raises:
        StorageError: it could not be.
    """
    with durable.translated(f"wiping {path}"):
        state = path.lstat()
        size = state.st_size if stat.S_ISREG(state.st_mode) else 0
        if size:
            _overwrite(path, size)
        path.unlink()
        durable.sync_directory(path.parent)
    return size


def _overwrite(path: Path, size: int) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        for begin in range(0, size, len(_CHUNK)):
            durable.write_all(fd, memoryview(_CHUNK)[: size - begin])
        os.fsync(fd)
    finally:
        os.close(fd)
