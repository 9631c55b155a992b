"""Checks by the clinic's receipts: of what waits for one, and of the test object's way and back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

from kiosk.commission.checks import Finding, not_applicable, ok, unchecked, wrong
from kiosk.commission.place import Place
from kiosk.config import StationConfig
from kiosk.envelope.desk import desk_address
from kiosk.envelope.letter import SEALED_LIMIT, Kind
from kiosk.envelope.receipts import read_receipts
from kiosk.spool import Spool
from kiosk.spool.inbox import INBOX, Inbox
from kiosk.spool.sent import Sent
from kiosk.spool.trials import Trials

LONGEST_DAYS: Final = 7
"""Over a weekend and some days more nobody need collect; then somebody should ask why."""

COLLECT: Final = "kiosk clinic collect --desk"
_LOOK_S: Final = 1.0


def receipts(config: StationConfig, place: Place) -> Finding:
    """Say what waits for the clinic's receipt, and whether it waits in vain.

    Raises:
        LetterRefused: the letter that lies here is not the desk's, or no receipt.
    """
    if not config.upload.receipts:
        return not_applicable("What the server has is removed here; no receipt is waited for.")
    named = _named(config, place)
    sent = Sent(place.at(config.spool.path))
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
            f"({COLLECT})."
        )
    come = "none has come yet" if named is None else "the newest letter is the desk's"
    return ok(f"{len(waiting)} sent objects wait for the clinic's receipt; {come}.")


def opened_by_clinic(
    config: StationConfig, place: Place, wait_s: float, pause: Callable[[float], None] = time.sleep
) -> Finding:
    """Say whether the clinic has opened and proven a test object of this station.

    Its collector lists what it has opened, proven by the station's signature and filed, and nothing
    else; the desk signs the list. So a receipt is the answer to a test object.

    Args:
        config: the station's.
        place: where to look.
        wait_s: how long after the newest test object was made its receipt is waited for.
        pause: waits so many seconds.

    Raises:
        LetterRefused: the letter that lies here is not the desk's, or no receipt.
        StorageError: what was sent cannot be read.
    """
    spool = place.at(config.spool.path)
    trials = Trials(spool)
    sent = trials.newest()
    if not sent or sent[-1].name in Spool(spool).names():
        return unchecked("No test object has reached the server yet, which the clinic could open.")
    named = _named(config, place) or {}
    while sent[-1].name not in named and trials.age_s() < wait_s:
        pause(_LOOK_S)
        named = _named(config, place) or {}
    answered = [one for one in sent if one.name in named]
    if not answered:
        return unchecked(
            "The clinic has not answered the test object yet; it does when its collector runs "
            f"({COLLECT}), and a station hears of it within a minute. Check again then, or have "
            "the clinic open it by hand."
        )
    one = answered[-1]
    if one.sha256 not in named[one.name]:
        return wrong(
            f"The clinic's receipt names another content of the test object {one.name} than was "
            "sent; have it look at the sealed originals of this station."
        )
    which = "the test object" if one is sent[-1] else "an earlier test object"
    return ok(f"The clinic has opened {which}, proven it by this station's key and filed it.")


def _named(config: StationConfig, place: Place) -> Mapping[str, frozenset[str]] | None:
    """Return what the newest letter names; None where no letter has come."""
    inbox = Inbox(place.at(config.spool.path / INBOX))
    letter = inbox.peek(Kind.RECEIPTS.value, SEALED_LIMIT)
    return None if letter is None else read_receipts(letter, desk_address(config)).named
