"""Counts what became of uploads, for figures and for the technician's screen; touches no disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from kiosk import moment
from kiosk.errors import KioskError
from kiosk.model import Moment


class Ledger:
    """What happened since the process began.

    Args:
        now: every clock of the station.

    Attributes:
        arrived: objects acknowledged as durable by the server.
        arrived_bytes: of them.
        failures: broken or refused connections, by the error's code.
        refusals: objects that were not taken, by the error's code.
        reached_at: when the server last let the station in; None: not yet.
        arrived_at: when the last object arrived; None: not yet.
        trouble: what went wrong last and when; None since something went well.
    """

    def __init__(self, now: Callable[[], Moment] = moment.now) -> None:
        self._now = now
        self.arrived = self.arrived_bytes = 0
        self.failures: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.reached_at: Moment | None = None
        self.arrived_at: Moment | None = None
        self.trouble: tuple[KioskError, Moment] | None = None

    def reached(self) -> None:
        """The server has let the station in."""
        self.reached_at = self._now()

    def took(self, size: int) -> None:
        """An object of so many bytes has arrived."""
        self.arrived += 1
        self.arrived_bytes += size
        self.arrived_at = self._now()
        self.trouble = None

    def refused(self, error: KioskError) -> None:
        """An object was not taken."""
        self.refusals[error.code] += 1
        self.trouble = error, self._now()

    def failed(self, error: KioskError) -> None:
        """A connection was refused, or broke."""
        self.failures[error.code] += 1
        self.trouble = error, self._now()

    def idle(self) -> None:
        """A connection has done all that there was to do."""
        self.trouble = None
