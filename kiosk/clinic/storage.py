"""Files at the clinic: written whole, for their owner alone, and never over another."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
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
    """Make ``root / names…`` with mode 0700 each, durably, keeping those that are there."""
    _make_root(root, 0o700)
    folder = root
    for name in names:
        above, folder = folder, folder / name
        folder.mkdir(mode=0o700, exist_ok=True)
        # Also where it was there: who made it may have been ended before this line.
        sync_directory(above)
    return folder


def _make_root(root: Path, mode: int) -> None:
    if not root.parent.is_dir():
        _make_root(root.parent, 0o777)
    root.mkdir(mode=mode, exist_ok=True)
    # A folder that this user may not open was not changed by this user either.
    with suppress(PermissionError):
        sync_directory(root.parent)


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
