"""Makes one card: checks, tells the server, writes, and only then gives the code away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kiosk.errors import UsageError
from provisioning.card import codes, contents, writing
from provisioning.card.codes import Issued
from provisioning.card.order import Bench, Order
from provisioning.card.writing import Card


@dataclass(frozen=True, slots=True)
class Made:
    """What came of it.

    Attributes:
        written: names of the files that were not right before.
        ticket: where the ticket is kept.
        voided: whether a code of before could still have been used.
    """

    card: Card
    written: list[str]
    issued: Issued
    ticket: Path
    voided: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """What all cards of one command have in common.

    Attributes:
        program: the archive.
        hours: for which a code is good.
        again: whether a card may replace another one of the same name.
        now: this computer's wall clock, with its offset.
    """

    bench: Bench
    program: bytes
    hours: int
    again: bool
    now: datetime

    @property
    def tickets(self) -> Path:
        return self.bench.tickets

    def check(self, card: Card, order: Order) -> None:
        """Find every fault that can be found before the first byte is written.

        Raises:
            UsageError: another station's card, a name that is taken, or a full card.
        """
        station = order.wanted.station
        there = writing.station_of(card.root)
        if there not in {None, station}:
            raise UsageError(
                f"{card.root} is the card of {there} already; expected a freshly written card for "
                f"{station}"
            )
        if there is None and not self.again:
            codes.refuse_taken(self.tickets, station, self.now)
        writing.require_room(card, contents.parts(order, self.program))

    def make(self, card: Card, order: Order) -> Made:
        """Write a card that was checked, with a new code; the one before is of no use then.

        Raises:
            EnrolmentError: the server refuses the station; nothing is written then.
            StorageError: the card refuses; it is half a card, and its code is shown to nobody.
        """
        station = order.wanted.station
        voided = codes.good(self.tickets, station, self.now) is not None
        issued = announced(self.bench, station, self.hours, self.now)
        files = contents.parts(order, self.program)
        written = writing.write(card, files, contents.starters(order, card.release))
        ticket = codes.keep_ticket(self.tickets, issued.ticket)
        return Made(card, written, issued, ticket, voided)


def announced(bench: Bench, station: str, hours: int, now: datetime) -> Issued:
    """Make a code and tell the server, where the clinic's file says how.

    Raises:
        EnrolmentError: the server refuses the station.
    """
    issued = codes.issue(station, hours, now)
    if bench.file.server.announce:
        codes.announce(bench.file.server.announce, issued.ticket)
    return issued
