"""Puts the capture process together, and takes it apart again on every way out."""

from __future__ import annotations

import dataclasses
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from kiosk import moment, process
from kiosk.capture.acts import Acts
from kiosk.capture.app import App
from kiosk.capture.author import Author, author_of
from kiosk.capture.backlog import BacklogWatch, stranger_told
from kiosk.capture.calibrated import Calibrated
from kiosk.capture.codes import Codes
from kiosk.capture.crew import Crew, News
from kiosk.capture.guides.silhouette import field_height_mm
from kiosk.capture.guiding.start import open_guiding
from kiosk.capture.hardware.cameras import open_camera
from kiosk.capture.hardware.gpio import station_pins
from kiosk.capture.hardware.interfaces import Camera, Lights, Pedal
from kiosk.capture.hardware.lights import open_lights
from kiosk.capture.hardware.pedals import open_pedal
from kiosk.capture.hardware.readers import open_reader
from kiosk.capture.maintenance.start import kept_lines, make_maintenance
from kiosk.capture.people.asking import Asking
from kiosk.capture.people.door import Door
from kiosk.capture.people.filled import Filled
from kiosk.capture.people.lobby import Lobby
from kiosk.capture.people.office import Office
from kiosk.capture.people.receipts import ReceiptNotes
from kiosk.capture.people.reception import Around, Reception
from kiosk.capture.people.showing import Known, uses_of
from kiosk.capture.people.start import (
    Means,
    limits,
    open_office,
    open_receipts,
    open_texts,
    open_trail,
)
from kiosk.capture.picture import planes
from kiosk.capture.picture.jpeg import Encoding
from kiosk.capture.recall import Asker, Recall
from kiosk.capture.scanning.codes import CodeFinder
from kiosk.capture.scanning.scanner import Scanner
from kiosk.capture.studio import Devices, Look, Studio, Tools
from kiosk.capture.surroundings import Feeder, Names, StopRequest, Surroundings, time_of_day
from kiosk.capture.ui.display import Display, Setup
from kiosk.capture.ui.entry import PatientEntry
from kiosk.capture.window import Window
from kiosk.capture.worker import Inbox, Worker
from kiosk.capture.workflow import Event, Workflow
from kiosk.config import SimulatedPedal, StationConfig
from kiosk.config_reading import named
from kiosk.errors import CameraError, KioskError, ServiceError
from kiosk.model import CameraSettings, Frame, Pixels
from kiosk.records.protocols import load_protocol
from kiosk.records.shot import Instant
from kiosk.spool import Spool
from kiosk.spool.recall import RecallBox

_CLOSE_S = 12.0
"""A capture gives up sooner, and the unit's TimeoutStopSec= later."""

_MS, _MB = 1_000_000, 1_000_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Station:
    """A capture process put together; demonstrations reach its parts through it."""

    app: App
    camera: Camera
    lights: Lights
    pedal: Pedal
    window: Window
    codes: Codes


@contextmanager
def opened(
    config: StationConfig,
    source: str,
    service: Feeder,
    stop: StopRequest,
    *,
    swap_allowed: bool,
) -> Iterator[Station]:
    """Open everything in the order of what needs what; close in the other order, always."""
    process.keep_plaintext_in_memory(swap_allowed=swap_allowed)
    # Or a date that is certainly wrong would stand in a patient's record.
    moment.require_plausible(datetime.now(UTC))
    author = author_of(config, source)
    with named(source, "session.protocol"):
        protocol = load_protocol(
            config.session.protocol, config.session.protocols, config.display.language
        )
    texts, languages = open_texts(config, source)
    spool = Spool(config.spool.path, config.spool.reserve_mb * _MB)
    if left := spool.recover():
        _log.warning("removed %d unfinished pictures of an interrupted run", left)
    pins, clock = station_pins(), time.monotonic_ns
    with ExitStack() as closing:
        journal = closing.enter_context(kept_lines())
        lights = closing.enter_context(open_lights(config.lights, pins))
        pedal = open_pedal(config.pedal, pins, clock)
        closing.callback(pedal.close)
        window = Window(_display(config), pedal, clock, stop.request)
        closing.callback(window.close)
        calibrated = Calibrated.of(config)
        camera = open_camera(config.camera, light_level=lights.level, settings=calibrated.settings)
        closing.callback(camera.close)
        pool = closing.enter_context(ThreadPoolExecutor(os.cpu_count() or 1, "jpeg"))
        guiding = closing.enter_context(open_guiding(config, clock, _recall(config, author)))
        means = Means(spool, author, guiding.keyring, clock, moment.now)
        trail = open_trail(config, means)
        receipts = open_receipts(config, source, trail)
        author = dataclasses.replace(author, anchor=trail.anchor)
        means = dataclasses.replace(means, author=author)
        office = closing.enter_context(open_office(config, source, means, texts, trail))
        # Once before the worker does it, for a station that is switched on for minutes only.
        _note_left(office, receipts)
        studio = Studio(
            Devices(camera, lights, spool),
            _look(config, lambda: calibrated.settings(camera.identity)),
            author,
            Tools(pool, moment.now, guiding.pose_of),
        )
        worker = Worker(clock)
        worker.start()
        watch = _watch(config, spool)
        closing.callback(watch.close)
        watch.start()
        inbox = Inbox[News]()
        _start_camera(camera, inbox)
        crew = Crew(
            studio,
            camera,
            worker,
            inbox,
            guiding.earlier,
            office.note,
            lambda: _note_left(office, receipts),
        )
        stage = window.display.layout.stage

        def reduced(frame: Frame) -> Pixels:
            return planes.reduced(frame, config.camera.rotation, (stage.w, stage.h))

        acts = Acts(crew, protocol, reduced)
        closing.callback(_finish, crew, acts)
        # Before anything on the way out can hang: nobody is left in glaring light.
        closing.callback(lights.set, 0.0)
        lobby = _lobby(config, office, crew, acts, languages)
        codes = closing.enter_context(_open_codes(config, clock))
        known = Known(
            uses=uses_of(texts.load(languages[0][0]).text),
            views=protocol.views,
            now=_instant,
        )
        around = Surroundings(
            screen=window,
            pedal=pedal,
            codes=codes,
            watch=watch,
            guide=guiding.guide,
            maintenance=make_maintenance(
                config,
                crew,
                (lights, pedal, codes.reader),
                (author, spool),
                reduced,
                journal,
                (calibrated, lambda: office.operator),
            ),
            service=service,
            clock=clock,
            time_of_day=time_of_day,
            limits=limits(config),
            known=known,
            names=Names(config.station.clinic, config.station.name),
        )
        app = App(Workflow(), acts, lobby, crew, around)
        yield Station(app, camera, lights, pedal, window, codes)


def _watch(config: StationConfig, spool: Spool) -> BacklogWatch:
    told = stranger_told(config.metrics.folder, moment.now().boot_id)
    return BacklogWatch(spool, time_of_day, stranger=told)


def _note_left(office: Office, receipts: ReceiptNotes) -> None:
    """Write down what has left for the clinic, and what the clinic says that it has."""
    office.note_uploaded()
    receipts.note()


def _lobby(
    config: StationConfig,
    office: Office,
    crew: Crew,
    acts: Acts,
    languages: Sequence[tuple[str, str]],
) -> Lobby:
    around = Around(_instant, lambda: acts.session, languages)
    door = Door(office, Asking(crew.worker, crew.inbox), time.monotonic_ns)
    reception = Reception(office, Asking(crew.worker, crew.inbox), around)
    filled = Filled(number=PatientEntry(rule=config.patients))
    return Lobby(door, reception, filled)


@contextmanager
def _open_codes(config: StationConfig, clock: Callable[[], int]) -> Iterator[Codes]:
    """Open what reads badges and patients' cards.

    Raises:
        ReaderError: a library for the reader is missing.
    """
    with ExitStack() as closing:
        reader = open_reader(config.reader, clock)
        if reader is not None:
            closing.callback(reader.close)
        scanner = Scanner(CodeFinder())
        closing.callback(scanner.close)
        yield Codes(scanner, reader)


def _instant() -> Instant:
    return Instant.of(moment.now())


def _recall(config: StationConfig, author: Author) -> Recall | None:
    """Return who asks the clinic for earlier pictures, if it is to be asked.

    Raises:
        StorageError: where questions and answers lie cannot be cleared of a former run's.
    """
    if not config.guide.recall:
        return None
    box = RecallBox(config.spool.path, config.spool.reserve_mb * _MB)
    box.clear()
    return Recall(box, Asker(author.station, author.key, author.recipients), moment.now)


def _start_camera(camera: Camera, inbox: Inbox[News]) -> None:
    """Start the camera; one that is not there is said on the screen, which can try again."""
    try:
        camera.start()
    except CameraError as error:
        inbox.post(News(Event.CAMERA_FAILED, error))


def _finish(crew: Crew, acts: Acts) -> None:
    """End the worker; what is being saved is saved first, and nothing fails unseen.

    Raises:
        KioskError: a picture that was kept could not be saved, or the worker does not end.
        Exception: whatever ended the worker.
    """
    acts.drop_shot()
    ended = crew.worker.close(_CLOSE_S)
    lost: KioskError | None = None
    for news in crew.inbox.drain():
        news.wipe()
        if news.error is not None:
            _log.error("%s", news.error)
            lost = news.error if news.event is Event.SAVE_FAILED else lost
    crew.worker.check()
    if not ended:
        raise ServiceError(f"A job of the camera or the disk did not end in {_CLOSE_S:.0f} s.")
    if lost is not None:
        raise lost


def _display(config: StationConfig) -> Display:
    return Display(
        Setup(
            config.display,
            camera_rotation=config.camera.rotation,
            keyboard=isinstance(config.pedal, SimulatedPedal),
            field_mm=field_height_mm(config.camera),
        )
    )


def _look(config: StationConfig, settings: Callable[[], CameraSettings]) -> Look:
    return Look(
        settings=settings,
        light_level=config.lights.level,
        settle_ns=config.lights.settle_ms * _MS,
        match_ns=config.camera.timeout_ms * _MS,
        encoding=Encoding(
            config.session.jpeg_quality, config.session.chroma, config.camera.rotation
        ),
        mm_per_px=None if config.camera.geometry is None else config.camera.geometry.mm_per_px,
    )
