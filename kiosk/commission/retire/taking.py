"""Takes along what the clinic may not have yet: sealed, as it lies there.

These are the objects that wait to be sent or for their receipts, and the last acts of the trail,
which no sign-out has closed. The clinic opens them by hand.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from kiosk import durable
from kiosk.commission.digests import file_digest
from kiosk.commission.retire.certificate import Taken
from kiosk.errors import StorageFailed

FOLDER: Final = "sealed"
"""Beside the certificate."""

_SUFFIX: Final = ".age"


def take_along(spool: Path, audit: Path, target: Path) -> tuple[Taken, ...]:
    """Copy what is sealed into ``target``, durably, and compare the copies.

    What a run that was cut off has taken already is kept and listed with the rest.

    Args:
        spool: the folder of the sealed objects.
        audit: the folder of the trail's open segment.
        target: a folder; made if it is not there.

    Returns:
        All that is there now, by name.

    Raises:
        StorageError: it cannot be read or written, or the copy is another than the original.
    """
    with durable.translated(f"making {target}"):
        target.mkdir(mode=0o755, parents=True, exist_ok=True)
    for path in _files(spool, f"*{_SUFFIX}"):
        _copy(path, target / path.name)
    # A crash may leave older ones beside it, whose acts are all in the newest.
    for path in _files(audit, "*.open")[-1:]:
        _copy(path, target / f"audit-{path.stem}{_SUFFIX}")
    return tuple(
        Taken(name=path.name, size=path.stat().st_size, sha256=file_digest(path))
        for path in _files(target, f"*{_SUFFIX}")
    )


def _files(folder: Path, pattern: str) -> list[Path]:
    with durable.translated(f"listing {folder}"):
        return sorted(
            path for path in folder.glob(pattern) if path.is_file() and not path.is_symlink()
        )


def _copy(source: Path, copy: Path) -> None:
    with durable.translated(f"reading {source}"):
        content = source.read_bytes()
    durable.replace_file(copy, content, 0o644)
    with durable.translated(f"reading {copy}"), copy.open("rb") as written:
        # From the medium itself, not from the memory that was to be written to it.
        os.posix_fadvise(written.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        same = written.read() == content
    if not same:
        raise StorageFailed(f"{copy} is not what was written there; take another medium.")
