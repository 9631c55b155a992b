"""Wrong PINs: each makes the next wait twice as long, the tenth locks the badge.

The count of a badge is on the disk before its PIN is tried, so that pulling the plug gains nothing.
After a start the whole wait begins anew, because nothing tells how long the power was off.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk import durable
from kiosk.errors import BadgeLocked

MOST: Final = 10
"""So many wrong PINs lock a badge until a supervisor's releases it."""

_S: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Chance:
    """What a badge may still do.

    Attributes:
        left: tries before it is locked; 0 when it is.
        wait_s: whole seconds until the next one.
    """

    left: int
    wait_s: int = 0

    @property
    def locked(self) -> bool:
        return self.left == 0


def wait_ns(failures: int) -> int:
    """Return how long to wait after so many failures in a row: 0, 1, 2, 4 … seconds."""
    return 0 if failures == 0 else _S << (failures - 1)


class Tries:
    """Counts wrong PINs; for one thread.

    Args:
        folder: one file for each enrolled badge; it must exist.
        clock: monotonic nanoseconds.
    """

    def __init__(self, folder: Path, clock: Callable[[], int]) -> None:
        self._folder = folder
        self._clock = clock
        self._started_ns = clock()
        self._failed_ns: dict[str, int] = {}

    def enrol(self, badge: str) -> None:
        """Begin counting for a badge; one that is counted already goes on.

        Raises:
            StorageError: the disk refuses.
        """
        path = self._path(badge)
        with durable.translated(f"looking for {path}"):
            known = os.path.lexists(path)
        if not known:
            self._write(badge, 0)

    def forget(self, badge: str) -> None:
        """Remove what was counted of a badge that is not used any more.

        Raises:
            StorageError: the disk refuses.
        """
        with durable.translated(f"removing {self._path(badge)}"):
            self._path(badge).unlink(missing_ok=True)

    def chance(self, badge: str) -> Chance:
        """Return what an enrolled badge may do; where its count is missing or damaged, nothing."""
        failures = self._read(badge)
        if failures is None or failures >= MOST:
            return Chance(0)
        since = self._failed_ns.get(badge, self._started_ns)
        rest = since + wait_ns(failures) - self._clock()
        return Chance(MOST - failures, max(0, -(-rest // _S)))

    def begin(self, badge: str) -> None:
        """Count a try before it is made.

        Raises:
            BadgeLocked: no further try is allowed, or not yet.
            StorageError: it could not be counted, so it must not be made.
        """
        chance = self.chance(badge)
        if chance.locked:
            raise BadgeLocked(
                "This badge is locked after too many wrong PINs; expected a supervisor's badge to "
                "release it."
            )
        if chance.wait_s:
            raise BadgeLocked(f"Wait {chance.wait_s} seconds before you try another PIN.")
        self._failed_ns[badge] = self._clock()
        self._write(badge, MOST - chance.left + 1)

    def failed(self, badge: str) -> None:
        """Let the wait run from the moment when the PIN was found wrong."""
        self._failed_ns[badge] = self._clock()

    def clear(self, badge: str) -> None:
        """Forget the failures: the PIN was right, or a supervisor released the badge.

        Raises:
            StorageError: the disk refuses; the failures count on.
        """
        self._write(badge, 0)
        self._failed_ns.pop(badge, None)

    def _path(self, badge: str) -> Path:
        return self._folder / f"{badge}.tries"

    def _write(self, badge: str, failures: int) -> None:
        durable.replace_file(self._path(badge), durable.number_line(failures, badge))

    def _read(self, badge: str) -> int | None:
        try:
            return durable.read_number(self._path(badge), badge)
        except OSError:
            return None
