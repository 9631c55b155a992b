"""Puts the screen of a station that is not enrolled yet together, and takes it apart again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk import process
from kiosk.capture.codes import Codes
from kiosk.capture.enrolling.app import Around, EnrolApp
from kiosk.capture.enrolling.link import Link
from kiosk.capture.flow.enrolling import READS
from kiosk.capture.hardware.cameras import open_camera
from kiosk.capture.hardware.readers import open_reader
from kiosk.capture.scanning.codes import CodeFinder
from kiosk.capture.scanning.scanner import Scanner
from kiosk.capture.surroundings import Feeder, Names, StopRequest, time_of_day
from kiosk.capture.ui.display import Display, Setup
from kiosk.capture.window import Window
from kiosk.capture.workflow import State
from kiosk.config import StationConfig
from kiosk.records.enrolment import SOCKET

_S: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where this screen meets the rest of the station.

    Attributes:
        folder: of the settings, where the marks of an enrolment are.
        socket: where the code is handed over.
    """

    folder: Path
    socket: Path = SOCKET


@contextmanager
def opened(
    config: StationConfig,
    place: Place,
    service: Feeder,
    stop: StopRequest,
    *,
    swap_allowed: bool,
) -> Iterator[EnrolApp]:
    """Open what this screen needs, and close it always: no lamp, no pedal, no key, no spool.

    Its loop ends when the station is enrolled. Whoever started this starts it again, and nothing of
    the code is left in memory then.

    Raises:
        KioskError: it cannot start.
    """
    # A code is worth a station until it was used.
    process.keep_plaintext_in_memory(swap_allowed=swap_allowed)
    clock = time.monotonic_ns
    with ExitStack() as closing:
        window = Window(_display(config), None, clock, stop.request)
        closing.callback(window.close)
        camera = open_camera(config.camera, light_level=lambda: 0.0)
        closing.callback(camera.close)
        reader = open_reader(config.reader, clock)
        if reader is not None:
            closing.callback(reader.close)
        scanner = Scanner(CodeFinder())
        closing.callback(scanner.close)
        link = Link(place.socket)
        closing.callback(link.close)
        around = Around(
            screen=window,
            camera=camera,
            codes=Codes(scanner, reader, frozenset({State.ENROL}), READS),
            link=link,
            folder=place.folder,
            service=service,
            clock=clock,
            time_of_day=time_of_day,
            names=Names(config.station.clinic, config.station.name),
            idle_ns=config.people.sign_out_s * _S,
        )
        app = EnrolApp(around)
        app.begin()
        yield app


def _display(config: StationConfig) -> Display:
    # Keys as well: whoever has a keyboard and no touch screen types on it.
    setup = Setup(config.display, camera_rotation=config.camera.rotation, keyboard=True)
    return Display(setup)
