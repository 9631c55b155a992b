"""Tells others how the upload process fares: figures for a collector, a report for the screen."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk import __version__, metrics, moment
from kiosk.config import Upload
from kiosk.durable import translated
from kiosk.errors import KioskError, StorageError, UploadError
from kiosk.metrics import Metric, gauge
from kiosk.model import ClockState, Moment
from kiosk.moment import wall_s
from kiosk.spool import Backlog, Spool
from kiosk.spool.report import UploadReport, leave
from kiosk.upload.host_key import HostKey
from kiosk.upload.ledger import Ledger

PERIOD_S: Final = 5.0
"""Between two reports: seconds old is new enough for a person, and counts cost one look."""

_log = logging.getLogger("kiosk.upload")


@dataclass(frozen=True, slots=True)
class Server:
    """What the server is called: ``host:port``, and the fingerprint of its pinned key."""

    name: str
    host_key: str

    @classmethod
    def of(cls, upload: Upload) -> Server:
        """Return that of a section.

        Raises:
            ConfigError: the key cannot be read.
        """
        key = HostKey.parse(upload.host_key)
        return cls(f"{upload.host}:{upload.port}", key.fingerprint)


@dataclass(frozen=True, slots=True)
class Clocks:
    """Monotonic nanoseconds, asked at every turn; and every clock of the station."""

    monotonic_ns: Callable[[], int] = time.monotonic_ns
    now: Callable[[], Moment] = moment.now


class Telling:
    """Writes both files, now and then; what goes wrong with it never holds up a picture.

    Args:
        folder: in memory, made by the system; None: nobody is told.
        server: which one, for the report.
        spool: what waits is counted in it.
        ledger: what happened.
        clock: the station's.
    """

    def __init__(
        self,
        folder: Path | None,
        server: Server,
        spool: Spool,
        ledger: Ledger,
        clock: Clocks = Clocks(),
    ) -> None:
        self._folder, self._spool, self._ledger = folder, spool, ledger
        self._clock, self._server = clock, server
        self._due_ns = 0
        self._fault = ""

    def tell(self) -> None:
        """Write if it is time to; called as often as one likes."""
        if self._folder is None:
            return
        tick = self._clock.monotonic_ns()
        if tick < self._due_ns:
            return
        self._due_ns = tick + round(PERIOD_S * 1e9)
        try:
            self._write(self._folder, self._clock.now())
        except StorageError as error:
            self._complain(error)
        else:
            self._fault = ""

    def _write(self, folder: Path, now: Moment) -> None:
        with translated(f"looking for room in {self._spool.root}"):
            disk = os.statvfs(self._spool.root)
        figures = upload_figures(
            self._ledger, self._spool.backlog(), disk.f_bavail * disk.f_frsize, now
        )
        metrics.publish(folder, metrics.UPLOAD, figures)
        leave(folder, self._report(now))

    def _report(self, now: Moment) -> UploadReport:
        ledger, trouble = self._ledger, self._ledger.trouble
        return UploadReport(
            boot=now.boot_id,
            written=now.monotonic_ns,
            server=self._server.name,
            host_key=self._server.host_key,
            reached=_ns(ledger.reached_at),
            arrived=_ns(ledger.arrived_at),
            error="" if trouble is None else trouble[0].sentence,
            code="" if trouble is None else trouble[0].code,
            failed=None if trouble is None else trouble[1].monotonic_ns,
        )

    def _complain(self, error: StorageError) -> None:
        """Say it once and not every time."""
        if error.sentence != self._fault:
            self._fault = error.sentence
            _log.warning("nobody can be told how uploads fare: %s", error)


def upload_figures(ledger: Ledger, backlog: Backlog, free: int, now: Moment) -> tuple[Metric, ...]:
    """Return the figures of the upload process.

    Args:
        ledger: what happened.
        backlog: what waits.
        free: bytes on the spool's disk that the station may use.
        now: the present moment.
    """
    wall = _seconds(now)
    age = max(0.0, wall - backlog.oldest_ns / 1e9) if backlog.count else 0.0
    return (
        Metric("kiosk_build_info", "gauge", "The program's version.", {__version__: 1}, "version"),
        gauge("kiosk_spool_objects", "Sealed objects that wait to be sent.", backlog.count),
        gauge("kiosk_spool_bytes", "Bytes of sealed objects that wait to be sent.", backlog.bytes),
        gauge("kiosk_spool_oldest_age_seconds", "For how long the oldest has waited.", round(age)),
        gauge("kiosk_spool_free_bytes", "Bytes that the spool's disk has left.", free),
        gauge(
            "kiosk_upload_last_contact_timestamp_seconds",
            "When the server last let the station in; 0 is not since the process began.",
            _seconds(ledger.reached_at),
        ),
        gauge(
            "kiosk_upload_last_success_timestamp_seconds",
            "When the last object arrived; 0 is not since the process began.",
            _seconds(ledger.arrived_at),
        ),
        _counter("kiosk_upload_objects_total", "Objects that arrived.", ledger.arrived),
        _counter("kiosk_upload_bytes_total", "Bytes that arrived.", ledger.arrived_bytes),
        Metric(
            "kiosk_upload_failures_total",
            "counter",
            "Connections that were refused or broke.",
            _by_code(ledger.failures),
            "code",
        ),
        Metric(
            "kiosk_upload_refusals_total",
            "counter",
            "Objects that were not taken.",
            _by_code(ledger.refusals),
            "code",
        ),
        gauge(
            "kiosk_clock_synchronised",
            "Whether something keeps the clock right.",
            now.clock is ClockState.SYNCHRONISED,
        ),
        gauge("kiosk_upload_told_timestamp_seconds", "When this was written.", wall),
    )


def _counter(name: str, about: str, value: int) -> Metric:
    return Metric(name, "counter", about, {"": value})


def _by_code(found: dict[str, int]) -> dict[str, float]:
    """Return every kind of failure, also those that never happened: an alarm can ask for a rise."""
    return {code: found.get(code, 0) for code in sorted({*_codes(UploadError), *found})}


def _codes(kind: type[KioskError]) -> Iterator[str]:
    yield kind.code
    for narrower in kind.__subclasses__():
        yield from _codes(narrower)


def _ns(at: Moment | None) -> int | None:
    return None if at is None else at.monotonic_ns


def _seconds(at: Moment | None) -> float:
    """Return seconds since 1970 by the wall clock, 0 for never."""
    return 0.0 if at is None else round(wall_s(at))
