"""The upload process: configuration in, exit code out."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from kiosk.config import StationConfig
from kiosk.config_reading import named, require_files
from kiosk.envelope.desk import desk_address
from kiosk.envelope.letter import Kind
from kiosk.records.enrolment import is_pending
from kiosk.service import Service, StopSignals
from kiosk.spool import Spool
from kiosk.spool.inbox import INBOX, Inbox, require_memory
from kiosk.spool.recall import RecallBox
from kiosk.spool.sent import Sent
from kiosk.spool.trials import Trials
from kiosk.upload.errands import Several
from kiosk.upload.ledger import Ledger
from kiosk.upload.link import Stopped
from kiosk.upload.mailbox import Box, Mailbox
from kiosk.upload.recalls import Recalls
from kiosk.upload.receipts import Kept, Receipts, stop_waiting
from kiosk.upload.sftp import DropBox, quiet_library_log
from kiosk.upload.telling import Server, Telling
from kiosk.upload.uploader import Queue, Surroundings, Uploader

ENROLMENT_S: Final = 1.0
"""Between two looks whether the station is enrolled."""

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
        config: of the station; only ``spool``, ``upload``, ``people``, ``metrics`` and the name and
            clinic in ``station`` are read.
        source: the configuration file, for errors.

    Raises:
        ConfigError: the key file is missing, a key cannot be read, or the share's folder is on a
            disk.
        StorageError: the spool cannot be read.
    """
    require_files(source, upload__key=config.upload.key)
    with StopSignals() as stop, named(source):
        serve(config, Service(), stop, lambda: is_pending(Path(source).parent))
    return 0


def serve(
    config: StationConfig,
    service: Watched,
    stop: Stop,
    pending: Callable[[], bool] = lambda: False,
) -> None:
    """Upload until ``stop`` is set; errors as for :func:`run`.

    Args:
        config: as for :func:`run`.
        service: is told.
        stop: is asked.
        pending: whether the station still waits for its enrolment; nothing is tried before, because
            a server may shut out for a while whom it has refused.
    """
    quiet_library_log()
    reserve = config.spool.reserve_mb * _MB
    spool, ledger = Spool(config.spool.path, reserve), Ledger()
    telling = Telling(config.metrics.folder, Server.of(config.upload), spool, ledger)
    surroundings = _Process(service, stop, telling.tell)
    # Both fail at once, with a sentence, rather than at the first picture.
    spool.entries()
    DropBox.check(config.upload)
    box = RecallBox(config.spool.path, reserve)
    inbox = Inbox(spool.root / INBOX, spool)
    inbox.prepare()
    queue, receipts = _receipts(config, spool, inbox, surroundings)
    mailbox = _mailbox(config, inbox, surroundings, receipts)
    errands = Several([Recalls(box, surroundings), mailbox])
    uploader = Uploader(
        queue,
        lambda: DropBox.connect(config.upload, surroundings.stopping),
        surroundings,
        errands,
        ledger,
    )
    service.ready()
    try:
        while pending():
            surroundings.status("waits for the station's enrolment")
            if surroundings.wait(ENROLMENT_S):
                return
        uploader.run()
    except Stopped:
        pass
    finally:
        service.stopping()


def _receipts(
    config: StationConfig, spool: Spool, inbox: Inbox, around: Surroundings
) -> tuple[Queue, Receipts | None]:
    """Return the queue to be sent, and who waits for receipts, if they are to be waited for.

    Raises:
        ConfigError: the desk's key cannot be used.
        StorageError: the marks of what was sent cannot be read or written.
    """
    sent = Sent(spool.root)
    if not config.upload.receipts:
        stop_waiting(spool, sent)
        return spool, None
    address = desk_address(config)
    sent.prepare()
    return Kept(spool, sent), Receipts(spool, sent, inbox, address, around)


def _mailbox(
    config: StationConfig, inbox: Inbox, around: Surroundings, receipts: Receipts | None
) -> Mailbox:
    """Return who fetches the desk's letters.

    Raises:
        StorageError: where they go cannot be prepared.
        ConfigError: the folder of the share is on a disk, where it must never be.
    """
    people = config.people
    boxes = {Kind.OPERATORS: Box(inbox), Kind.DAY: Box(inbox)}
    # They grow to a MiB and change with each picture: no card is worn by what nobody reads.
    asked = Trials(config.spool.path).asked
    boxes[Kind.RECEIPTS] = Box(inbox) if receipts is not None else Box(inbox, wanted=asked)
    if people.share is not None:
        require_memory(people.share)
        share = Inbox(people.share)
        share.prepare()
        boxes[Kind.SHARE] = Box(share, mirrors=True)
    looked = None if receipts is None else receipts.settle
    return Mailbox(people.mailbox, boxes, around, looked)


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
