"""Files at the clinic: written whole, for their owner alone, and never over another."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from kiosk.durable import create_file, sync_directory

_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
"""How file systems without hard links answer (FAT, many network shares)."""


def write_new(path: Path, data: bytes) -> None:
    """Create ``path`` with mode 0600 and bring it to the disk; half a file is removed again.

    Raises:
        OSError: FileExistsError if there is anything of that name.
    """
    create_file(path, data, 0o600)
    try:
        sync_directory(path.parent)
    except BaseException:
        path.unlink()
        raise


def make_folders(root: Path, *names: str) -> Path:
    """Make ``root / names…`` with mode 0700 each, keeping those that are there."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = root
    for name in names:
        folder = folder / name
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def place(staged: Path, final: Path) -> bool:
    """Give a written file its final name.

    Returns:
        False if a file with the same bytes was there already.

    Raises:
        OSError: FileExistsError if another file has that name; it is left alone.
    """
    try:
        os.link(staged, final)
    except FileExistsError:
        return _refuse_unless_same(staged, final)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if os.path.lexists(final):
            return _refuse_unless_same(staged, final)
        staged.rename(final)
    return True


def _refuse_unless_same(staged: Path, final: Path) -> bool:
    if final.is_symlink() or not final.is_file() or final.read_bytes() != staged.read_bytes():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(final))
    return False
