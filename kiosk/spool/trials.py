"""Which test objects this station sealed last, for whoever asks whether the clinic has proven them.

A file in a folder of the spool, in the form of sha256sum(1), the oldest first. Nothing in it is a
promise: a list that is damaged or lost begins anew. docs/decisions/0114.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from kiosk import durable
from kiosk.records.receipts import Taken, line_of, parse_line
from kiosk.spool.queue import TRIALS

ASKED_S: Final = 3600.0
"""For so long after a test object the clinic's answer to it is looked for."""

_MOST: Final = 20
_FOLDER_MODE: Final = 0o770
_MODE: Final = 0o640
_LIMIT: Final = 64 * 1024


class Trials:
    """Both ends of it; every call may raise StorageError, and nothing of the system's own.

    Args:
        spool: the spool's folder.
    """

    def __init__(self, spool: Path) -> None:
        self._path = spool / TRIALS / "newest.sha256"

    def note(self, sealed: Taken) -> None:
        """Put one to the others: its name in the spool, and the SHA-256 of the sealed file."""
        kept = [*self.newest(), sealed][-_MOST:]
        with durable.translated(f"making {self._path.parent}"):
            self._path.parent.mkdir(mode=_FOLDER_MODE, exist_ok=True)
        durable.replace_file(self._path, "".join(map(line_of, kept)).encode("ascii"), _MODE)

    def newest(self) -> tuple[Taken, ...]:
        """Return the newest, the oldest of them first; lines that say nothing are left out."""
        with durable.translated(f"reading {self._path}"):
            try:
                with self._path.open("rb") as file:
                    text = file.read(_LIMIT).decode("latin-1")
            except FileNotFoundError:
                return ()
        found = map(parse_line, text.splitlines())
        return tuple(one for one in found if one is not None)

    def age_s(self) -> float:
        """Return how long ago the newest was made, by the wall clock; infinity without one."""
        with durable.translated(f"looking at {self._path}"):
            try:
                return abs(time.time() - self._path.stat().st_mtime)
            except FileNotFoundError:
                return float("inf")

    def asked(self) -> bool:
        """Whether somebody may wait for the clinic's answer to one."""
        return self.age_s() < ASKED_S
