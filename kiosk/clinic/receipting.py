"""Telling a station which of its sealed objects the clinic has, by a letter of the desk.

Nothing of the desk is written: the letter's number is the length of the list that it is made of, so
whoever works at the desk meanwhile is not disturbed.
"""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.clinic.desk import Desk, Post
from kiosk.durable import read_if_there
from kiosk.envelope.letter import (
    SEALED_LIMIT,
    Address,
    Heading,
    Kind,
    read_letter,
    write_letter,
)
from kiosk.errors import LetterRefused
from kiosk.records.receipts import Taken, body_of


def write_receipts(desk: Desk, station: str, taken: Sequence[Taken], post: Post) -> bool:
    """Have what a station fetches name the newest objects; whether there was anything to write.

    A station that was stolen is not written to.

    Args:
        desk: signs.
        station: to which.
        taken: what the clinic has of it, the oldest first.
        post: where to and when.

    Raises:
        UsageError: the station is not at this desk.
        StorageError: the letter cannot be written.
    """
    path = post.path(desk.station(station), Kind.RECEIPTS)
    if desk.stolen_at(station) is not None:
        return False
    address = Address(station, desk.register.clinic, desk.key.public_key())
    body = body_of(taken)
    before = read_if_there(path, SEALED_LIMIT + 1) or b""
    if not taken or _says(before, address, body):
        return False
    heading = Heading(station, address.clinic, Kind.RECEIPTS, len(taken), post.issued_at)
    post.put(path, write_letter(heading, body, desk.key, []))
    return True


def _says(letter: bytes, address: Address, body: bytes) -> bool:
    """Whether a letter that lies there says the same."""
    try:
        return bool(letter) and read_letter(letter, Kind.RECEIPTS, address).body == body
    except LetterRefused:
        return False
