"""A desk that writes receipts, for tests."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from kiosk.envelope.letter import Address, Heading, Kind, write_letter
from kiosk.envelope.signatures import SigningKey
from kiosk.records.receipts import Taken, body_of
from kiosk.spool.inbox import Inbox

STATION, CLINIC = "room-2", "Lakeside Clinic"


class ReceiptDesk:
    """Signs receipts; ``number`` counts its letters."""

    def __init__(self) -> None:
        self.key = SigningKey.generate()
        self.number = 0

    @property
    def address(self) -> Address:
        return Address(STATION, CLINIC, self.key.public_key())

    def letter(self, taken: Sequence[Taken], *, station: str = STATION) -> bytes:
        self.number += 1
        head = Heading(station, CLINIC, Kind.RECEIPTS, self.number, "2026-11-26T08:00:00+00:00")
        return write_letter(head, body_of(taken), self.key, [])

    def send(self, inbox: Inbox, *taken: Taken) -> None:
        deliver(inbox, self.letter(taken))


def deliver(inbox: Inbox, letter: bytes) -> None:
    with inbox.receive(Kind.RECEIPTS.value, len(letter)) as incoming:
        incoming.write(letter)
        incoming.keep()


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
