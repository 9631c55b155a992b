"""The loop of the upload process: what waits in the spool goes to the drop box, then away.

A file leaves the queue only after its durable push was acknowledged in every step. A file that the
server refuses goes to the back of the queue and waits its own time; a connection that breaks puts
what was under way behind the rest as well, so that one bad file never stands before good ones.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from kiosk.errors import KioskError, StorageError, UploadError
from kiosk.logs import Public
from kiosk.spool import Entry
from kiosk.upload.download import Stamp
from kiosk.upload.ledger import Ledger
from kiosk.upload.retry import back_off
from kiosk.upload.transfer import Job, Outcome, Source

IDLE_SECONDS = 0.5
"""How often an empty spool is looked at; also the longest time between two signs of life."""

_log = logging.getLogger("kiosk.upload")


class Queue(Protocol):
    """The reading end of :class:`kiosk.spool.Spool`, or :class:`kiosk.upload.receipts.Kept`."""

    def entries(self) -> list[Entry]: ...
    def open(self, name: str) -> Source: ...
    def remove(self, name: str) -> None: ...


class Session(Protocol):
    """A connection; :class:`kiosk.upload.sftp.DropBox`."""

    def push_all(self, next_job: Callable[[], Job | None]) -> Iterator[Outcome]: ...
    def push(self, source: BinaryIO, size: int, name: str) -> str: ...
    def fetch(
        self, path: str, sink: Callable[[bytes], object], limit: int, seen: Stamp | None = None
    ) -> Stamp | None: ...


class Errands(Protocol):
    """What else is done over a connection; :class:`kiosk.upload.recalls.Recalls`."""

    def due(self) -> bool:
        """Whether there is something to do now."""

    def run(self, session: Session) -> bool:
        """Do it; False when the session is of no use any more, though the server may be.

        Raises:
            UploadError: the connection broke.
        """


class Surroundings(Protocol):
    """What the loop needs of the process that it runs in."""

    def now(self) -> float:
        """Seconds on a clock that never goes back."""

    def wait(self, seconds: float) -> bool:
        """Sleep, with a sign of life; True when the process was asked to stop."""

    def stopping(self) -> bool:
        """Give a sign of life; True when the process was asked to stop."""

    def chance(self) -> float:
        """A number drawn evenly from 0 (inclusive) to 1 (exclusive)."""

    def status(self, text: str) -> None:
        """Say in one line how things stand; no names."""


@dataclass(slots=True)
class _Patience:
    """How often something has failed in a row, and when it may be tried again.

    ``suspect``: the connection broke while this file was under way.
    """

    failures: int = 0
    suspect: bool = False
    not_before: float = float("-inf")

    def failed(self, error: KioskError, surroundings: Surroundings) -> float:
        """Count a failure; returns the seconds until the next try."""
        self.failures += 1
        wait = back_off(error).delay(self.failures, surroundings.chance())
        self.not_before = surroundings.now() + wait
        return wait


class Uploader:
    """Empties the spool into the drop box until asked to stop.

    Args:
        spool: where sealed objects wait.
        connect: makes a session with the drop box, or raises UploadError.
        surroundings: clock, sleep and chance.
        errands: small things between a patient's session and the clinic, which go before pictures
            and never hold them up for long.
        ledger: is told what becomes of them.
    """

    def __init__(
        self,
        spool: Queue,
        connect: Callable[[], AbstractContextManager[Session]],
        surroundings: Surroundings,
        errands: Errands | None = None,
        ledger: Ledger | None = None,
    ) -> None:
        self._errands = errands
        self._ledger = ledger or Ledger()
        self._spool = spool
        self._connect = connect
        self._around = surroundings
        self._server = _Patience()
        self._files: dict[str, _Patience] = {}
        self._arrived: set[str] = set()
        self._under_way: set[str] = set()
        self._due: list[Entry] = []
        self._waiting = 0
        self._looked = float("-inf")
        self._trouble = ""

    def run(self) -> None:
        """Work until asked to stop.

        Raises:
            StorageError: the spool itself cannot be read any more.
        """
        while not self._around.stopping():
            if not self.turn() and self._around.wait(IDLE_SECONDS):
                return

    def turn(self) -> bool:
        """Do what can be done now; False when nothing could, so that waiting is in order."""
        self._remove_arrived()
        self._look()
        errands = self._errands if self._errands is not None and self._errands.due() else None
        if self._around.now() < self._server.not_before or not (self._due or errands):
            return False
        try:
            with self._connect() as session:
                self._ledger.reached()
                if errands is None or errands.run(session):
                    self._drain(session)
        except UploadError as error:
            self._connection_failed(error)
        else:
            if not self._files:
                self._ledger.idle()
        return True

    def _drain(self, session: Session) -> None:
        for outcome in session.push_all(self._next_job):
            self._under_way.discard(outcome.job.name)
            if outcome.error is not None:
                self._file_failed(outcome.job.name, outcome.error)
            elif outcome.arrived_as is not None:
                self._file_arrived(outcome.job, outcome.arrived_as)

    def _next_job(self) -> Job | None:
        if self._around.stopping():
            return None
        # A glance at the spool opens every file in it, so it is not done at every write.
        if not self._due and self._around.now() - self._looked >= IDLE_SECONDS:
            self._look()
        if not self._due or not self._may_join(self._due[0].name):
            return None
        entry = self._due.pop(0)
        self._under_way.add(entry.name)
        return Job(entry.name, entry.size, lambda: self._spool.open(entry.name))

    def _may_join(self, name: str) -> bool:
        """Whether a file may travel with those under way: suspects travel alone.

        Otherwise one file that makes the server fall over would take the others with it each time.
        """
        together = {name, *self._under_way}
        return not self._under_way or not any(self._patience(n).suspect for n in together)

    def _look(self) -> None:
        """See what may be sent now: what failed least first, then in the order of the spool."""
        self._looked = now = self._around.now()
        entries = self._spool.entries()
        for name in self._files.keys() - {entry.name for entry in entries}:
            del self._files[name]
        waiting = [e for e in entries if e.name not in self._arrived]
        free = [e for e in waiting if e.name not in self._under_way]
        due = [e for e in free if self._patience(e.name).not_before <= now]
        self._due = sorted(due, key=lambda e: self._patience(e.name).failures)
        self._waiting = len(waiting)
        self._tell()

    def _patience(self, name: str) -> _Patience:
        return self._files.get(name, _Patience())

    def _file_arrived(self, job: Job, arrived_as: str) -> None:
        self._ledger.took(job.size)
        self._server = _Patience()
        self._trouble = ""
        self._waiting -= 1
        self._arrived.add(job.name)
        if arrived_as == job.name:
            _log.info("%s arrived, %d bytes", Public(job.name), job.size)
        else:
            _log.info("%s arrived as %s: its name was taken", Public(job.name), Public(arrived_as))
        self._remove_arrived()
        self._tell()

    def _remove_arrived(self) -> None:
        """Take from the spool what has arrived; what cannot be removed is never sent again."""
        for name in sorted(self._arrived):
            patience = self._files.setdefault(name, _Patience())
            if patience.not_before > self._around.now():
                continue
            try:
                self._spool.remove(name)
            except StorageError as error:
                patience.failed(error, self._around)
                _log.error("%s has arrived but stays in the spool: %s", Public(name), error)
            else:
                self._arrived.discard(name)
                self._files.pop(name, None)

    def _file_failed(self, name: str, error: KioskError) -> None:
        self._ledger.refused(error)
        wait = self._files.setdefault(name, _Patience()).failed(error, self._around)
        _log.warning("%s; next try in %.0f seconds", error, wait)

    def _connection_failed(self, error: UploadError) -> None:
        self._ledger.failed(error)
        for name in self._under_way:
            patience = self._files.setdefault(name, _Patience())
            patience.failures += 1
            patience.suspect = True
        self._under_way.clear()
        self._trouble = f"; {error.sentence}"
        wait = self._server.failed(error, self._around)
        _log.warning("%s; next try in %.0f seconds", error, wait)
        self._tell()

    def _tell(self) -> None:
        self._around.status(f"{self._waiting} waiting{self._trouble}")
