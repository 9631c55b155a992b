"""The upload process: configuration in, exit code out."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Protocol

from kiosk.config import People, StationConfig
from kiosk.config_reading import named, require_files
from kiosk.envelope.letter import Kind
from kiosk.service import Service, StopSignals
from kiosk.spool import Spool
from kiosk.spool.inbox import INBOX, Inbox, require_memory
from kiosk.spool.recall import RecallBox
from kiosk.upload.errands import Several
from kiosk.upload.ledger import Ledger
from kiosk.upload.link import Stopped
from kiosk.upload.mailbox import Box, Mailbox
from kiosk.upload.recalls import Recalls
from kiosk.upload.sftp import DropBox, quiet_library_log
from kiosk.upload.telling import Server, Telling
from kiosk.upload.uploader import Surroundings, Uploader

_MB = 1_000_000


class Watched(Protocol):
    """What is used of :class:`kiosk.service.Service`."""

    def ready(self) -> None: ...
    def feed(self) -> None: ...
    def stopping(self) -> None: ...
    def status(self, text: str) -> None: ...


class Stop(Protocol):
    """What is used of :class:`kiosk.service.StopSignals`."""

    def is_set(self) -> bool: ...
    def wait(self, seconds: float) -> bool: ...


def run(config: StationConfig, source: str) -> int:
    """Upload until SIGTERM or SIGINT; returns the exit code.

    Args:
        config: of the station; only ``spool``, ``upload``, ``people`` and ``metrics`` are read.
        source: the configuration file, for errors.

    Raises:
        ConfigError: the key file is missing, a key cannot be read, or the share's folder is on a
            disk.
        StorageError: the spool cannot be read.
    """
    require_files(source, upload__key=config.upload.key)
    with StopSignals() as stop, named(source):
        serve(config, Service(), stop)
    return 0


def serve(config: StationConfig, service: Watched, stop: Stop) -> None:
    """Upload until ``stop`` is set; errors as for :func:`run`."""
    quiet_library_log()
    spool, ledger = Spool(config.spool.path), Ledger()
    telling = Telling(config.metrics.folder, Server.of(config.upload), spool, ledger)
    surroundings = _Process(service, stop, telling.tell)
    # Both fail at once, with a sentence, rather than at the first picture.
    spool.entries()
    DropBox.check(config.upload)
    box = RecallBox(config.spool.path, config.spool.reserve_mb * _MB)
    errands = Several([Recalls(box, surroundings), _mailbox(config.people, spool, surroundings)])
    uploader = Uploader(
        spool,
        lambda: DropBox.connect(config.upload, surroundings.stopping),
        surroundings,
        errands,
        ledger,
    )
    service.ready()
    try:
        uploader.run()
    except Stopped:
        pass
    finally:
        service.stopping()


def _mailbox(people: People, spool: Spool, around: Surroundings) -> Mailbox:
    """Return who fetches the desk's letters.

    Raises:
        StorageError: where they go cannot be prepared.
        ConfigError: the folder of the share is on a disk, where it must never be.
    """
    inbox = Inbox(spool.root / INBOX, spool)
    inbox.prepare()
    boxes = {Kind.OPERATORS: Box(inbox), Kind.DAY: Box(inbox)}
    if people.share is not None:
        require_memory(people.share)
        share = Inbox(people.share)
        share.prepare()
        boxes[Kind.SHARE] = Box(share, mirrors=True)
    return Mailbox(people.mailbox, boxes, around)


class _Process:
    """The surroundings of the loop in a real process."""

    def __init__(self, service: Watched, stop: Stop, tell: Callable[[], None]) -> None:
        self._service = service
        self._stop = stop
        self._tell = tell
        self._said = ""

    def now(self) -> float:
        return time.monotonic()

    def wait(self, seconds: float) -> bool:
        self._service.feed()
        self._tell()
        return self._stop.wait(seconds)

    def stopping(self) -> bool:
        self._service.feed()
        self._tell()
        return self._stop.is_set()

    def chance(self) -> float:
        return random.random()  # noqa: S311 - spreads retries, keeps no secret

    def status(self, text: str) -> None:
        if text != self._said:
            self._said = text
            self._service.status(text)
