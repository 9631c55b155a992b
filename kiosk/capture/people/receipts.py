"""The clinic's receipts in the audit trail: one entry for each object, over restarts too.

The upload process marks the objects whose receipts have come and removes them; what the marks say
is believed only where the desk's letter says the same. On the worker's thread.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from kiosk import durable
from kiosk.capture.people.trail import About, Trail
from kiosk.envelope.letter import SEALED_LIMIT, Address, Kind
from kiosk.envelope.receipts import Receipts, read_receipts
from kiosk.errors import KioskError, LetterRefused, StorageFailed
from kiosk.records.audit import Act
from kiosk.spool.inbox import Inbox
from kiosk.spool.sent import Mark, Sent

MOST: Final = 16
"""Receipts written down at a time: the worker has pictures to save as well."""

_INTENT = re.compile(rb"([0-9]{16}) ([0-9a-f]{32}\.age)\n")

_NONE: Final = Receipts(0, {})

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where receipts come from.

    Attributes:
        sent: the marks of the upload process.
        inbox: where the newest letter of receipts lies.
        address: whose letters are taken.
    """

    sent: Sent
    inbox: Inbox
    address: Address


class ReceiptNotes:
    """Writes receipts into the trail; for one thread.

    A power cut may come between an entry and the removal of its mark. So how long the trail was is
    kept before each entry: at the next start it says whether the entry was written.

    Args:
        sources: where receipts come from.
        trail: recovered.
        intent: the file in which the entry to come is kept; in the station's state.
    """

    def __init__(self, sources: Sources, trail: Trail, intent: Path) -> None:
        self._sent, self._inbox, self._address = sources.sent, sources.inbox, sources.address
        self._trail, self._intent = trail, intent

    def recover(self) -> None:
        """End what an earlier run had begun; called once, before the first entry of this one.

        Raises:
            StorageError: the disk refuses, or the note of what was begun is damaged.
        """
        with durable.translated(f"reading {self._intent}"):
            try:
                content = self._intent.read_bytes()
            except FileNotFoundError:
                return
        found = _INTENT.fullmatch(content)
        if found is None:
            raise StorageFailed(
                f"{self._intent} is damaged: it cannot be told which receipt of the clinic the "
                "audit trail has already; have a technician remove it."
            )
        if self._entries() > int(found[1]):
            self._sent.noted(found[2].decode("ascii"))

    def note(self) -> None:
        """Write down the receipts that have come, :data:`MOST` at a time.

        Segments of the trail itself are left out, or each would bring about another one.

        Raises:
            StorageError: the marks or the letter cannot be read, or the trail not be written.
        """
        names = self._sent.gone()
        if not names:
            return
        newest = self._newest()
        named = newest.named
        marks = (self._sent.receipt(name) for name in names if name in named)
        proven = (mark for mark in marks if mark is not None and mark.sha256 in named[mark.name])
        for mark in islice(proven, MOST):
            if mark.name not in self._trail.sent:
                self._note(mark, newest.number)
            self._sent.noted(mark.name)

    def _note(self, mark: Mark, number: int) -> None:
        # Before the length is kept: the very next entry is the receipt's.
        self._trail.note_clock()
        intent = f"{self._entries():016d} {mark.name}\n".encode("ascii")
        durable.replace_file(self._intent, intent)
        try:
            self._trail.note(Act.RECEIPT, About(subject=mark.name, detail=f"letter {number}"))
        except KioskError:
            self._give_up()  # or the next entry, another one, would be taken for it
            raise

    def _give_up(self) -> None:
        with durable.translated(f"removing {self._intent}"):
            self._intent.unlink(missing_ok=True)
            durable.sync_directory(self._intent.parent)

    def _entries(self) -> int:
        anchor = self._trail.anchor()
        return 0 if anchor is None else anchor.entries

    def _newest(self) -> Receipts:
        """Return what the newest letter says; nothing where none can be used."""
        data = self._inbox.peek(Kind.RECEIPTS.value, SEALED_LIMIT)
        if data is None:
            return _NONE
        try:
            return read_receipts(data, self._address)
        except LetterRefused as error:
            _log.error("receipts are not written down: %s", error)
            return _NONE
