"""The drop boxes as the collector finds them: what arrived, and what cannot be used.

STATION/in          what the station has sent; sealed objects end in .age
STATION/quarantine  what could not be opened or proven, each with its reason beside it
STATION/out         what the station fetches
"""

from __future__ import annotations

import filecmp
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk import durable
from kiosk.clinic.originals import is_object
from kiosk.errors import KioskError, UsageError
from kiosk.tables import printable

INBOX: Final = "in"
OUTBOX: Final = "out"
QUARANTINE: Final = "quarantine"
ANSWER_MODE: Final = 0o440
"""Tells an answer, removed after an hour, from a letter, which has 0640 (docs/server.md)."""

_REASON: Final = ".txt"
_REQUEST: Final = ".ask"
"""Ends the names of requests for earlier pictures; :mod:`kiosk.clinic.asked`."""


@dataclass(frozen=True, slots=True)
class Box:
    """One station's drop box; calls may raise StorageError.

    Attributes:
        station: its name, which is the folder's.
        folder: of the station.
    """

    station: str
    folder: Path

    def arrived(self) -> list[Path]:
        """Return what has arrived, in the order of its arrival; unfinished files are left out."""
        return [path for path in self._inbox() if not path.name.endswith(_REQUEST)]

    def asked(self) -> list[Path]:
        """Return the requests for earlier pictures, in the order of their arrival."""
        return [path for path in self._inbox() if path.name.endswith(_REQUEST)]

    def _inbox(self) -> list[Path]:
        inbox = self.folder / INBOX
        with durable.translated(f"listing {inbox}"):
            found = [
                (path.lstat().st_mtime_ns, path.name)
                for path in inbox.iterdir()
                if not path.name.startswith(".")
            ]
        return [inbox / name for _, name in sorted(found)]

    @contextmanager
    def opened(self, path: Path) -> Iterator[int]:
        """Open something that has arrived, whatever it may be."""
        with durable.translated(f"opening {path}"):
            # Not to follow or wait for what no station can put there.
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            yield fd
        finally:
            os.close(fd)

    def remove(self, path: Path, fd: int) -> bool:
        """Remove what was opened; False where something else has its name by now."""
        with durable.translated(f"removing {path}"):
            if not os.path.samestat(os.fstat(fd), path.lstat()):
                return False
            path.unlink()
            durable.sync_directory(path.parent)
        return True

    def tidy(self, before: float) -> None:
        """Remove requests and answers of sessions that are over, so that they fill no disk.

        Args:
            before: whatever is older than this goes, seconds since 1970.
        """
        outbox = self.folder / OUTBOX
        with durable.translated(f"tidying {self.folder}"):
            waiting = list(outbox.iterdir()) if outbox.is_dir() else []
            answers = [path for path in waiting if _is_answer(path.lstat())]
            for path in (*self.asked(), *answers):
                found = path.lstat()
                if found.st_mtime < before and not stat.S_ISDIR(found.st_mode):
                    path.unlink()

    def quarantine(self, path: Path, reason: KioskError) -> Path:
        """Move what cannot be used aside, with one sentence beside it; return where it is now."""
        folder = self.folder / QUARANTINE
        with durable.translated(f"moving {path} to {folder}"):
            if not folder.is_dir():
                folder.mkdir(mode=0o700)
                durable.sync_directory(self.folder)
            final = _place_for(path, folder)
            sentence = f"{printable(path.name)}: {printable(reason)}\n".encode()
            durable.replace_file(final.with_name(f"{final.name}{_REASON}"), sentence)
            path.rename(final)
            durable.sync_directory(folder)
            durable.sync_directory(path.parent)
        return final

    def quarantined(self) -> int:
        """Return how many files lie in quarantine."""
        folder = self.folder / QUARANTINE
        with durable.translated(f"listing {folder}"):
            if not folder.is_dir():
                return 0
            return sum(not path.name.endswith((_REASON, ".new")) for path in folder.iterdir())


def find_boxes(server: Path, only: str | None) -> list[Box]:
    """Return the drop boxes, by name.

    Args:
        server: the folder of all drop boxes.
        only: the one station that is wanted; None for all.

    Raises:
        UsageError: there is none, or not the one that is wanted.
    """
    try:
        names = sorted(path.name for path in server.iterdir() if (path / INBOX).is_dir())
    except OSError as error:
        raise UsageError(
            f"{server}: expected the folder of all drop boxes, but: {error.strerror}."
        ) from error
    wanted = [name for name in names if only in (None, name)]
    if not wanted:
        known = ", ".join(names) or "none"
        raise UsageError(
            f"{server}: expected a folder STATION/{INBOX} in it for "
            f"{only or 'each station'}; there are: {known}."
        )
    return [Box(name, server / name) for name in wanted]


def is_regular(fd: int) -> bool:
    return stat.S_ISREG(os.fstat(fd).st_mode)


def _is_answer(found: os.stat_result) -> bool:
    return stat.S_ISREG(found.st_mode) and stat.S_IMODE(found.st_mode) == ANSWER_MODE


def _place_for(path: Path, folder: Path) -> Path:
    """Return a name that is free, or that the very same has already.

    Names that no station gives could be anything, and are replaced.
    """
    name = path.name
    stem = name if is_object(name) else hashlib.sha256(os.fsencode(name)).hexdigest()[:32]
    final, number = folder / stem, 1
    while os.path.lexists(final) and not _same(path, final):
        number += 1
        final = folder / f"{stem}.{number}"
    return final


def _same(one: Path, other: Path) -> bool:
    regular = all(stat.S_ISREG(path.lstat().st_mode) for path in (one, other))
    return regular and filecmp.cmp(one, other, shallow=False)
