"""Nothing that was sent goes from this station before the clinic's receipt for it.

Used where ``upload.receipts`` is on. What has arrived at the server leaves the queue and keeps its
place on the disk, under a mark that outlives restarts (:mod:`kiosk.spool.sent`); it is removed once
a letter of the desk names it with the SHA-256 of what was sent. docs/decisions/0036.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from typing import Final

from kiosk.envelope.letter import SEALED_LIMIT, Address, Kind
from kiosk.envelope.receipts import read_receipts
from kiosk.errors import LetterRefused
from kiosk.logs import Public
from kiosk.spool import Entry, Spool
from kiosk.spool.inbox import Inbox
from kiosk.spool.sent import Mark, Sent
from kiosk.upload.transfer import Source
from kiosk.upload.uploader import Surroundings

SETTLE_S: Final = 5.0
"""Each receipt costs two syncs, and after a long night there are thousands."""

_log = logging.getLogger("kiosk.upload")


class Digesting:
    """A file whose SHA-256 is made while it is read."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._hash = hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        data = self._source.read(size)
        self._hash.update(data)
        return data

    def close(self) -> None:
        self._source.close()

    @property
    def sha256(self) -> str:
        """Of what was read so far."""
        return self._hash.hexdigest()


class Kept:
    """The spool as a queue that what was sent leaves, while it stays on the disk.

    Args:
        spool: of the station.
        sent: its marks, prepared.
    """

    def __init__(self, spool: Spool, sent: Sent) -> None:
        self._spool, self._sent = spool, sent
        self._read: dict[str, Digesting] = {}

    def entries(self) -> list[Entry]:
        """Return what is to be sent; errors as of :class:`Spool`, here and below."""
        return self._spool.entries()

    def open(self, name: str) -> Source:
        """Open an object to be sent; what is read of it is what :meth:`remove` marks."""
        self._read[name] = Digesting(self._spool.open(name))
        return self._read[name]

    def remove(self, name: str) -> None:
        """Take an object that has arrived out of the queue; it keeps its place on the disk."""
        self._sent.note(name, self._read[name].sha256)
        del self._read[name]


class Receipts:
    """Removes what the clinic has, by its receipts.

    Args:
        spool: of the station.
        sent: its marks.
        inbox: where the newest letter of receipts lies; it is read and stays.
        address: whose letters are taken.
        around: the clock, and a sign of life between two objects.
    """

    def __init__(
        self, spool: Spool, sent: Sent, inbox: Inbox, address: Address, around: Surroundings
    ) -> None:
        self._spool, self._sent, self._inbox, self._address = spool, sent, inbox, address
        self._around = around
        self._refused = ""

    def settle(self) -> None:
        """Remove what the newest letter names; cheap while nothing waits for its receipt.

        After :data:`SETTLE_S` the rest waits for the next call, for pictures wait meanwhile.

        What a letter names with another digest than was sent is never removed: it is sent once
        more for each such digest.

        Raises:
            StorageError: a mark or an object cannot be read or changed.
        """
        for name in self._sent.ended():
            self._spool.remove(name)
        waiting = self._sent.waiting()
        named = self._named() if waiting else {}
        end = self._around.now() + SETTLE_S
        for mark in waiting:
            if self._around.stopping() or self._around.now() > end:
                return
            self._settle(mark, named.get(mark.name, frozenset()))

    def _settle(self, mark: Mark, named: frozenset[str]) -> None:
        if mark.sha256 in named:
            # Durable before the object goes: without its mark it would be sent once more.
            self._sent.received(mark)
            if self._sent.here(mark.name):
                self._spool.remove(mark.name)
            _log.info("%s: the clinic's receipt has come", Public(mark.name))
        elif named - mark.doubts:
            self._sent.doubt(mark, named)
            _log.error(
                "%s: the clinic's receipt names another SHA-256 than was sent; it stays on this "
                "station and is sent once more",
                Public(mark.name),
            )

    def _named(self) -> Mapping[str, frozenset[str]]:
        """Return what the newest letter names; nothing where there is none that can be used."""
        data = self._inbox.peek(Kind.RECEIPTS.value, SEALED_LIMIT)
        if data is None:
            return {}
        try:
            return read_receipts(data, self._address).named
        except LetterRefused as error:
            digest = hashlib.sha256(data).hexdigest()
            if digest != self._refused:  # once, not each minute
                self._refused = digest
                _log.error("%s", error)
            return {}


def stop_waiting(spool: Spool, sent: Sent) -> None:
    """Remove what was sent while receipts were waited for: the server has it durably.

    For a station where they are waited for no more. What a receipt was wrong about is sent again.

    Raises:
        StorageError: a mark or an object cannot be read or removed.
    """
    for mark in sent.waiting():
        if sent.here(mark.name) and not mark.again and not mark.doubts:
            spool.remove(mark.name)
        sent.forget(mark.name)
    for name in sent.ended():
        spool.remove(name)
