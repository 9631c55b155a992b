"""Check of what was sent and waits for the clinic's receipt."""

from __future__ import annotations

import time
from typing import Final

from kiosk.commission.checks import Finding, not_applicable, ok, wrong
from kiosk.commission.place import Place
from kiosk.config import StationConfig
from kiosk.envelope.desk import desk_address
from kiosk.envelope.letter import SEALED_LIMIT, Kind
from kiosk.envelope.receipts import read_receipts
from kiosk.spool.inbox import INBOX, Inbox
from kiosk.spool.sent import Sent

LONGEST_DAYS: Final = 7
"""Over a weekend and some days more nobody need collect; then somebody should ask why."""


def receipts(config: StationConfig, place: Place) -> Finding:
    """Say what waits for the clinic's receipt, and whether it waits in vain.

    Raises:
        LetterRefused: the letter that lies here is not the desk's, or no receipt.
    """
    if not config.upload.receipts:
        return not_applicable("What the server has is removed here; no receipt is waited for.")
    spool = config.spool.path
    letter = Inbox(place.at(spool / INBOX)).peek(Kind.RECEIPTS.value, SEALED_LIMIT)
    if letter is not None:
        read_receipts(letter, desk_address(config))
    sent = Sent(place.at(spool))
    waiting = sent.waiting()
    doubted = sum(bool(mark.doubts) for mark in waiting)
    if doubted:
        return wrong(
            f"The clinic's receipt names another content than was sent, of {doubted} objects; they "
            "stay here and were sent once more. Have the clinic look at the sealed originals of "
            f"{config.station.name}, and see `journalctl -u kiosk-upload`."
        )
    days = (time.time() - sent.since()) / 86_400 if waiting else 0.0
    if days > LONGEST_DAYS:
        return wrong(
            f"{len(waiting)} sent objects wait for the clinic's receipt, the oldest for "
            f"{days:.0f} days; ask whether the clinic's collector runs and has the desk's folder "
            "(kiosk clinic collect --desk)."
        )
    come = "none has come yet" if letter is None else "the newest letter is the desk's"
    return ok(f"{len(waiting)} sent objects wait for the clinic's receipt; {come}.")
