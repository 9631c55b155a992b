"""The day's list on the station: kept sealed, opened while somebody is signed in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from kiosk import durable
from kiosk.envelope.day import read_day
from kiosk.envelope.letter import SEALED_LIMIT, Address, Kind
from kiosk.envelope.recipients import Identity
from kiosk.errors import LetterRefused
from kiosk.records.worklist import Worklist
from kiosk.spool.inbox import Inbox

LETTER: Final = "day.letter"
NUMBER: Final = "day.number"


class Day:
    """Takes the newest list out of the inbox and opens it; on the worker's thread.

    Args:
        inbox: where letters come in.
        folder: where the newest is kept, as it came; it must exist.
        address: whose letters are taken.
    """

    def __init__(self, inbox: Inbox, folder: Path, address: Address) -> None:
        self._inbox, self._folder, self._address = inbox, folder, address

    def open(self, pose_key: Identity) -> Worklist | None:
        """Return the newest list; None where none has come yet.

        Args:
            pose_key: opens it.

        Raises:
            LetterRefused: what came cannot be used; what was there before stays, and comes next
                time.
            StorageError: the disk refuses.
        """
        came = self._inbox.take(Kind.DAY.value, SEALED_LIMIT)
        if came is not None:
            letter = read_day(came, self._address, pose_key)
            newest = self._newest()
            if letter.number < newest:
                raise LetterRefused(
                    f"The day's list has the number {letter.number}, and this station has had "
                    f"{newest}; an older one is not used."
                )
            durable.replace_file(self._folder / LETTER, came)
            durable.replace_file(self._folder / NUMBER, durable.number_line(letter.number))
        kept = self._kept()
        return None if kept is None else read_day(kept, self._address, pose_key).worklist

    def _kept(self) -> bytes | None:
        path = self._folder / LETTER
        with durable.translated(f"reading {path}"):
            return path.read_bytes() if os.path.lexists(path) else None

    def _newest(self) -> int:
        """Return the highest number seen; a damaged note of it takes no list but the one there."""
        number = durable.noted_number(self._folder / NUMBER)
        if number is None:
            raise LetterRefused(
                "The station's note of the newest day's list is damaged; have a technician look at "
                "it. Patients can be chosen by card or number."
            )
        return number
