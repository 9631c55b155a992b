"""Tries the whole way to the clinic: seals a test object and waits until it has left the station.

The upload process removes an object from the spool only once the server has acknowledged every
step of making it durable; so that it is gone is the proof that it arrived. Opened it can be at the
clinic alone, whose receipt ``kiosk check`` looks for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kiosk.capture.author import Author
from kiosk.capture.crew import Note
from kiosk.capture.maintenance.sealing import put_trial
from kiosk.capture.ui.service import Item, Line, Mark, Remark
from kiosk.model import Moment
from kiosk.records.audit import Act
from kiosk.records.receipts import Taken
from kiosk.spool import Spool
from kiosk.spool.trials import Trials

PATIENCE_NS: Final = 30_000_000_000
"""A station that reaches its server sends in a second or two; after a failure it tries later."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who signs, where it goes, where it is written down, and the clocks.

    Attributes:
        trials: remembers what was sealed, by which the clinic's answer is known.
    """

    author: Author
    spool: Spool
    trials: Trials
    note: Note
    now: Callable[[], Moment]


class Sending:
    """One test object on its way; asked again and again by the worker until it has ended."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._name = ""
        self._since_ns = 0

    def look(self) -> Line:
        """Seal it at the first call; then say whether it has left. A pending line asks for more.

        Raises:
            StorageError: it could not be stored, or the spool not be read.
            EnvelopeError: it could not be sealed.
        """
        now = self._sender.now()
        if not self._name:
            self._since_ns, self._name = now.monotonic_ns, self._sealed(now)
        if self._name not in self._sender.spool.names():
            return Line(Item.WAY, Remark.ARRIVED, mark=Mark.GOOD)
        waited = now.monotonic_ns - self._since_ns
        if waited > PATIENCE_NS:
            seconds = (("span", f"{waited // 1_000_000_000} s"),)
            return Line(Item.WAY, Remark.NOT_ARRIVED, seconds, mark=Mark.BAD)
        return Line(Item.WAY, Remark.UNDER_WAY, mark=Mark.PENDING)

    def _sealed(self, now: Moment) -> str:
        sender = self._sender
        put = put_trial(sender.author, sender.spool, now)
        sender.trials.note(Taken(put.name, put.sha256))
        sender.note(Act.OBJECT_SAVED, None, put.name)
        return put.name
