"""Puts together what the technician's screens need."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from kiosk import moment
from kiosk.capture.author import Author
from kiosk.capture.calibrated import Calibrated
from kiosk.capture.crew import Crew
from kiosk.capture.hardware.interfaces import Lights, Pedal, Reader
from kiosk.capture.maintenance.brightness import Pace
from kiosk.capture.maintenance.desk import Hands, Maintenance
from kiosk.capture.maintenance.looks import Parts
from kiosk.capture.maintenance.sending import Sender
from kiosk.capture.maintenance.trials import Tools
from kiosk.config import StationConfig
from kiosk.logs import RingHandler
from kiosk.model import Frame, Pixels
from kiosk.spool import Spool
from kiosk.spool.trials import Trials
from kiosk.support_request import SupportRequest

_MS: Final = 1_000_000


@contextmanager
def kept_lines() -> Iterator[RingHandler]:
    """Keep this process's own last lines: its sandbox does not let it read the journal."""
    handler = RingHandler()
    logging.getLogger().addHandler(handler)
    try:
        yield handler
    finally:
        logging.getLogger().removeHandler(handler)


def pace_of(config: StationConfig) -> Pace:
    """Return how long lamps and live pictures of a station are waited for."""
    return Pace(config.lights.settle_ms * _MS, config.camera.timeout_ms * _MS)


def make_maintenance(  # noqa: PLR0913, PLR0917 - a station's parts
    config: StationConfig,
    crew: Crew,
    devices: tuple[Lights, Pedal, Reader | None],
    post: tuple[Author, Spool],
    reduced: Callable[[Frame], Pixels],
    journal: RingHandler,
    calibrating: tuple[Calibrated, Callable[[], str | None]],
) -> Maintenance:
    """Return the technician's part of a capture process.

    Args:
        config: the station's.
        crew: who does the work, and the camera.
        devices: lamps, pedal and reader.
        post: who signs what is sent, and where it waits.
        reduced: makes of a frame what a screen shows.
        journal: the process's own last lines.
        calibrating: what pictures are taken with; gives the id of who is signed in.
    """
    calibrated, operator = calibrating
    lights, pedal, reader = devices
    author, spool = post
    clock = time.monotonic_ns
    return Maintenance(
        Parts(
            *(config, crew.camera, lights, pedal, reader, spool, moment.now, clock(), calibrated),
            SupportRequest(),
        ),
        Tools(
            crew.studio.require_room,
            reduced,
            pace_of(config),
            Sender(author, spool, Trials(spool.root), crew.note, moment.now),
            operator,
        ),
        Hands(crew.worker, crew.inbox, lambda: journal.lines, clock),
    )
