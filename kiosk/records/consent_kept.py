"""What a station keeps of a patient's consents: the short form of each act, nothing of the form."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from kiosk.errors import HistoryError
from kiosk.records.consent import ConsentRecord
from kiosk.records.consent_history import HistoryEntry
from kiosk.records.shot import PatientReference, Record

BLOCK: Final = 32 * 1024
"""Texts are filled up to whole blocks; about forty acts have one size."""
BLOCKS: Final = 8


class KeptHistory(Record, frozen=True, kw_only=True):
    """One patient's acts as far as the station knows them.

    Attributes:
        patient: whose.
        entries: in the order of :func:`kiosk.records.consent_history.ordered`.
        unsent: a withdrawal that holds already, but may not have been sealed to the clinic yet.
    """

    version: Literal[1] = 1
    patient: PatientReference
    entries: Annotated[tuple[HistoryEntry, ...], Meta(max_length=1000)] = ()
    unsent: ConsentRecord | None = None

    def __repr__(self) -> str:
        """Return what a log may show: nothing of the patient."""
        return f"KeptHistory({len(self.entries)} acts)"


def encode(history: KeptHistory) -> bytes:
    """Return the one text of a history: JSON, filled up with spaces to whole blocks.

    Raises:
        HistoryError: a field has a value that :func:`decode` would refuse, or there are more acts
            than a station keeps.
    """
    try:
        text = msgspec.json.encode(history)
        msgspec.json.decode(text, type=KeptHistory)
    except (msgspec.DecodeError, TypeError) as error:
        raise HistoryError(f"The history of consents cannot be written: {error}.") from error
    if len(text) > BLOCKS * BLOCK:
        raise HistoryError(
            f"The history of consents cannot be written: it has {len(text)} bytes, expected at "
            f"most {BLOCKS * BLOCK}."
        )
    return text.ljust(-(-len(text) // BLOCK) * BLOCK)


def decode(text: bytes) -> KeptHistory:
    """Read what :func:`encode` wrote, and nothing else.

    Raises:
        HistoryError: any other text.
    """
    try:
        history = msgspec.json.decode(text, type=KeptHistory)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise HistoryError("The history of consents cannot be read.") from error
    # One value has one text, so that no two readers see different values in doubled keys.
    if encode(history) != text:
        raise HistoryError("The history of consents is not in the one form that stations write.")
    return history
