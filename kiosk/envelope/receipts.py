"""The desk's letter of receipts, as whoever waits for them reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.envelope.letter import Address, Kind, read_letter
from kiosk.records.receipts import digests, parse_body


@dataclass(frozen=True, slots=True)
class Receipts:
    """What one letter says.

    Attributes:
        number: the letter's.
        named: every digest that it names, by the station's name of each object.
    """

    number: int
    named: Mapping[str, frozenset[str]]


def read_receipts(data: bytes, address: Address) -> Receipts:
    """Read a letter of receipts.

    Raises:
        LetterRefused: anything else than one from the desk to the station.
    """
    letter = read_letter(data, Kind.RECEIPTS, address)
    return Receipts(letter.head.number, digests(parse_body(letter.body)))
