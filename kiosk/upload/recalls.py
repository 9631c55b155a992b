"""Carries requests for earlier pictures to the clinic, and fetches what it answers.

Of no consequence for pictures: what goes wrong here is tried again later, by its own patience.
"""

from __future__ import annotations

import logging

from kiosk.errors import KioskError, StorageError, TransferRefused
from kiosk.spool.recall import ANSWER_LIMIT, RecallBox
from kiosk.upload.retry import BackOff
from kiosk.upload.uploader import Session, Surroundings

OUTBOX = "out"
"""The folder of answers, as the server shows it."""

PATIENCE = BackOff(first=2.0, cap=30.0, spread=0.0)
"""Between two looks for answers that are not there, and after a refusal."""

_log = logging.getLogger("kiosk.upload")


class Recalls:
    """Serves the box over whatever connection the uploader has.

    Args:
        box: what is asked and waited for.
        around: the clock.
    """

    def __init__(self, box: RecallBox, around: Surroundings) -> None:
        self._box = box
        self._around = around
        self._refusals = 0
        self._not_before = float("-inf")
        self._vain = 0
        self._look_at = float("-inf")

    def due(self) -> bool:
        """Whether a request waits, or it is time to look for answers again."""
        now = self._around.now()
        if now < self._not_before:
            return False
        try:
            return bool(self._box.asks()) or (now >= self._look_at and bool(self._box.wants()))
        except StorageError as error:
            self._put_off(error)
            return False

    def run(self, session: Session) -> bool:
        """Send requests, fetch answers; False when the session is of no use any more.

        Raises:
            UploadError: the connection broke.
        """
        try:
            news = self._send(session)
            for answer in self._box.wants():
                news = self._fetch(session, answer) or news
        except (TransferRefused, StorageError) as error:
            self._put_off(error)
            return False
        self._refusals = 0
        self._vain = 1 if news else self._vain + 1
        self._look_at = self._around.now() + PATIENCE.delay(self._vain, 0.0)
        return True

    def _send(self, session: Session) -> bool:
        asks = self._box.asks()
        for ask in asks:
            session.push(self._box.open(ask), ask.size, ask.name)
            self._box.sent(ask)
        return bool(asks)

    def _fetch(self, session: Session, answer: str) -> bool:
        with self._box.receive(answer) as incoming:
            stamp = session.fetch(f"{OUTBOX}/{answer}.age", incoming.write, ANSWER_LIMIT)
            if stamp is not None:
                incoming.keep()
        return stamp is not None

    def _put_off(self, error: KioskError) -> None:
        self._refusals += 1
        wait = PATIENCE.delay(self._refusals, 0.0)
        self._not_before = self._around.now() + wait
        _log.warning("an earlier picture cannot be brought: %s; next try in %.0f s", error, wait)
