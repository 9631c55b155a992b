"""Watches how many pictures are still on this station, beside the screen's thread."""

from __future__ import annotations

import threading

from kiosk.errors import StorageError
from kiosk.spool import Spool

PERIOD_S = 0.5


class BacklogWatch:
    """Counts the spool twice a second on a thread of its own: a slow card must not hold the screen.

    Attributes:
        count: pictures waiting, as of the last look.
        error: why they could not be counted, else None.
    """

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="backlog")
        self.count = 0
        self.error: StorageError | None = None

    def start(self) -> None:
        self._look()
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(PERIOD_S):
            self._look()

    def _look(self) -> None:
        try:
            self.count = self._spool.backlog().count
        except StorageError as error:
            self.error = error
        else:
            self.error = None
