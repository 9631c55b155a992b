"""Fetches the letters that the clinic's desk leaves for this station.

Of no consequence for pictures: what goes wrong here is tried again later, by its own patience. The
upload process carries letters and can open none that is sealed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kiosk.envelope.letter import SEALED_LIMIT, Kind, mailbox_name
from kiosk.errors import KioskError, StorageError, TransferRefused
from kiosk.spool.inbox import Inbox
from kiosk.upload.download import Stamp
from kiosk.upload.recalls import OUTBOX
from kiosk.upload.retry import BackOff
from kiosk.upload.uploader import Session, Surroundings

LOOK_S = 60.0
"""Between two looks for letters."""

PATIENCE = BackOff(first=5.0, cap=300.0, spread=0.0)
"""After a refusal."""

_log = logging.getLogger("kiosk.upload")


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Box:
    """Where letters of a kind go.

    Attributes:
        inbox: the folder.
        mirrors: whether a letter that the server has no more is removed here too.
        wanted: whether somebody here reads such letters now; asked before each look.
    """

    inbox: Inbox
    mirrors: bool = False
    wanted: Callable[[], bool] = _always


class Mailbox:
    """Looks for letters over whatever connection the uploader has.

    Args:
        mailbox: the station's, 32 hexadecimal digits.
        boxes: which kinds are fetched, and where to.
        around: the clock.
        looked: called after each look at all of them; may raise StorageError.
    """

    def __init__(
        self,
        mailbox: str,
        boxes: Mapping[Kind, Box],
        around: Surroundings,
        looked: Callable[[], None] | None = None,
    ) -> None:
        self._names = {kind: mailbox_name(mailbox, kind) for kind in boxes}
        self._boxes = boxes
        self._around = around
        self._looked = looked
        self._seen: dict[Kind, Stamp] = {}
        self._look_at = float("-inf")
        self._refusals = 0

    def due(self) -> bool:
        """Whether it is time to look again."""
        return self._around.now() >= self._look_at

    def run(self, session: Session) -> bool:
        """Look for each kind of letter; False when the session is of no use any more.

        Raises:
            UploadError: the connection broke.
        """
        try:
            for kind, box in self._boxes.items():
                if box.wanted():
                    self._look(session, kind)
            if self._looked is not None:
                self._looked()
        except (TransferRefused, StorageError) as error:
            self._put_off(error)
            return False
        self._refusals = 0
        self._look_at = self._around.now() + LOOK_S
        return True

    def _look(self, session: Session, kind: Kind) -> None:
        box, seen = self._boxes[kind], self._seen.get(kind)
        with box.inbox.receive(kind.value, SEALED_LIMIT) as incoming:
            path = f"{OUTBOX}/{self._names[kind]}.age"
            stamp = session.fetch(path, incoming.write, SEALED_LIMIT, seen)
            if stamp is not None and stamp != seen:
                incoming.keep()
        if stamp is None:
            self._seen.pop(kind, None)
            if box.mirrors:
                box.inbox.remove(kind.value)
            return
        if stamp != seen:
            _log.info("a letter of the kind “%s” has come, %d bytes", kind.value, stamp.size)
        self._seen[kind] = stamp

    def _put_off(self, error: KioskError) -> None:
        self._refusals += 1
        wait = PATIENCE.delay(self._refusals, 0.0)
        self._look_at = self._around.now() + wait
        _log.warning("letters cannot be fetched: %s; next try in %.0f s", error, wait)
