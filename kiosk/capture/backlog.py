"""Watches how much is still on this station, beside the screen's thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from kiosk.capture.checked_thread import CheckedThread
from kiosk.errors import ServerIdentityChanged, StorageError
from kiosk.spool import Spool
from kiosk.spool.report import find

PERIOD_S = 0.5
CLOSE_S = 3.0
"""A look that hangs in a dying card must not keep the program from ending."""

QUIET_S = 300.0
"""Without one picture leaving for so long, somebody should know: a push takes seconds."""


def stranger_told(folder: Path | None, boot: str) -> Callable[[], bool]:
    """Return who asks what the upload process has told of the server in this boot.

    Args:
        folder: of ``[metrics]``; None: nobody tells anything.
        boot: the kernel's id of it.
    """

    def told() -> bool:
        try:
            report = None if folder is None else find(folder)
        except StorageError:
            return False  # the network's screen says so
        if report is None or report.boot != boot:
            return False
        return report.code == ServerIdentityChanged.code

    return told


class BacklogWatch:
    """Counts the spool twice a second on a thread of its own: a slow card must not hold the screen.

    Attributes:
        count: objects not sent yet, as of the last look.
        sent: those that were sent and wait for the clinic's receipt alone.
        since: time of day since which none has left, once that is longer than ``QUIET_S``;
            else empty.
        error: why they could not be counted, else None.
        stranger: whether what answers is not the clinic's server, so that nothing is sent.
    """

    def __init__(
        self,
        spool: Spool,
        time_of_day: Callable[[], str],
        clock: Callable[[], float] = time.monotonic,
        stranger: Callable[[], bool] = lambda: False,
    ) -> None:
        self._spool = spool
        self._time_of_day = time_of_day
        self._clock = clock
        self._stranger = stranger
        self._moved = clock()
        self._moved_at = time_of_day()
        self._stop = threading.Event()
        self._thread = CheckedThread(self._run, "backlog")
        self.count = 0
        self.sent = 0
        self.since = ""
        self.error: StorageError | None = None
        self.stranger = False

    def start(self) -> None:
        self.look()
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(CLOSE_S)

    def check(self) -> None:
        """Raise, on the caller's thread, whatever ended the counting."""
        self._thread.check()

    def look(self) -> None:
        """Count once, on the caller's thread."""
        self.stranger = self._stranger()
        try:
            backlog = self._spool.backlog()
        except StorageError as error:
            self.error = error
            return
        self.error = None
        count, self.sent = backlog.count, backlog.sent
        if count == 0 or count < self.count:
            self._moved, self._moved_at = self._clock(), self._time_of_day()
        quiet = count > 0 and self._clock() - self._moved > QUIET_S
        self.count, self.since = count, self._moved_at if quiet else ""

    def _run(self) -> None:
        while not self._stop.wait(PERIOD_S):
            self.look()
