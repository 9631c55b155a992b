"""Runs the capture process; what keeps it from starting stands on the screen until it is mended."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from kiosk import config_reading
from kiosk.capture.enrolling import start as enrolling
from kiosk.capture.start import opened
from kiosk.capture.surroundings import Stop, time_of_day
from kiosk.capture.unstarted import RETRY_S, Unstarted
from kiosk.config import StationConfig
from kiosk.errors import DisplayError, KioskError
from kiosk.records.enrolment import is_pending
from kiosk.service import EXIT_OK, Service, StopSignals

_log = logging.getLogger(__name__)


def run(path: Path, *, swap_allowed: bool, retry_s: float = RETRY_S) -> int:
    """Run the capture process until SIGTERM, SIGINT or a closed window; returns the exit code.

    As a service it does not end where it cannot start: it shows why, and tries again when somebody
    wants it or after a while, with settings read anew. On a terminal the error is enough.

    Args:
        path: of the station's configuration.
        swap_allowed: run although memory could reach a disk; for machines that hold no patient's
            data.
        retry_s: seconds after which it is tried again.

    Raises:
        KioskError: it cannot start and cannot show it, or a fault ended it.
    """
    service = Service()
    with StopSignals() as stop:
        while not stop.is_set():
            fault = _run_once(path, service, stop, swap_allowed=swap_allowed)
            if fault is None:
                break
            _show(*fault, service, stop, retry_s)
    return EXIT_OK


def _run_once(
    path: Path, service: Service, stop: StopSignals, *, swap_allowed: bool
) -> tuple[StationConfig | None, KioskError] | None:
    """Run until asked to stop; return the settings and what kept it from starting, if it was."""
    config = None
    with ExitStack() as leaving:
        try:
            config = config_reading.load(path)
            work = leaving.enter_context(
                _opened(config, path, service, stop, swap_allowed=swap_allowed)
            )
        except KioskError as error:
            if not service.supervised:
                raise
            return config, error
        service.ready()
        work(stop)
        service.stopping()
    return None


@contextmanager
def _opened(
    config: StationConfig, path: Path, service: Service, stop: StopSignals, *, swap_allowed: bool
) -> Iterator[Callable[[Stop], None]]:
    """Open the station, or the screen on which it is enrolled first; yield what runs it."""
    folder = path.absolute().parent
    if is_pending(folder):
        place = enrolling.Place(folder)
        with enrolling.opened(config, place, service, stop, swap_allowed=swap_allowed) as enrol:
            service.status("waits for the station's enrolment")
            yield enrol.run
        return
    with opened(config, str(path), service, stop, swap_allowed=swap_allowed) as station:
        yield station.app.run


def _show(
    config: StationConfig | None,
    fault: KioskError,
    service: Service,
    stop: StopSignals,
    retry_s: float,
) -> None:
    _log.error("%s", fault)
    try:
        screen = Unstarted(config, fault, time_of_day())
    except DisplayError as error:
        _log.error("%s", error)
        raise fault from error
    with closing(screen):
        service.ready()
        service.status(f"cannot start: {fault.code}")
        screen.wait(service, stop, retry_s)
    service.status("")
