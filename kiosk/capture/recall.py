"""Asks the clinic for the pictures of this patient's baselines, for as long as a session lasts.

Answers are sealed to an identity that is made when the session begins, exists in memory alone and
is forgotten when the session ends: whatever of them is left on the disk after that, nobody opens.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kiosk.envelope.container import Shot, read_shot
from kiosk.envelope.recall import write_request
from kiosk.envelope.recipients import Identity, Recipient, generate_identity
from kiosk.envelope.seal import SealingWriter, open_sealed
from kiosk.envelope.signatures import SigningKey
from kiosk.errors import BaselineError, EnvelopeError
from kiosk.model import Moment
from kiosk.records.baseline import Baseline
from kiosk.records.recall import MOST, RecallRequest, Wanted
from kiosk.records.shot import Instant
from kiosk.spool.recall import RecallBox


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: the station, its signing key, and the clinic's recipients."""

    station: str
    key: SigningKey
    recipients: Sequence[Recipient]


class Recall:
    """One session's recall; for one thread.

    Args:
        box: between this process and the upload process.
        asker: who asks.
        now: the present moment.
    """

    def __init__(self, box: RecallBox, asker: Asker, now: Callable[[], Moment]) -> None:
        self._box = box
        self._asker = asker
        self._now = now
        self._identity: Identity | None = None
        self._waiting: dict[str, Baseline] = {}

    def begin(self, session: str, baselines: Sequence[Baseline]) -> None:
        """Ask for the pictures of ``baselines``, all of one patient; without any nothing is asked.

        Raises:
            StorageError: the request could not be handed over; the session goes on without.
        """
        self.end()
        if not baselines:
            return
        self._identity = generate_identity()
        self._waiting = {secrets.token_hex(16): one for one in baselines[:MOST]}
        request = RecallRequest(
            station=self._asker.station,
            asked_at=Instant.of(self._now()),
            session=session,
            patient=baselines[0].patient,
            recipient=str(self._identity.recipient()),
            pictures=tuple(
                Wanted(image=one.image, answer=answer) for answer, one in self._waiting.items()
            ),
        )
        sealed = io.BytesIO()
        with SealingWriter(sealed.write, self._asker.recipients) as writer:
            write_request(writer.write, request, self._asker.key)
        self._box.ask(sealed.getvalue(), tuple(self._waiting))

    def arrived(self) -> Iterator[tuple[Baseline, Shot | BaselineError]]:
        """Yield what has come since the last call: the earlier shot, or why it cannot be used.

        Raises:
            StorageError: an answer cannot be read.
        """
        for answer, baseline in tuple(self._waiting.items()):
            sealed = self._box.take(answer)
            if sealed is not None and self._identity is not None:
                del self._waiting[answer]
                yield baseline, _opened(sealed, self._identity, baseline)

    def end(self) -> None:
        """Forget the identity, and remove what was asked and answered.

        Raises:
            StorageError: it cannot be removed; nobody can open it any more.
        """
        self._identity = None
        self._waiting = {}
        self._box.clear()


def _opened(sealed: bytes, identity: Identity, baseline: Baseline) -> Shot | BaselineError:
    try:
        shot = read_shot(open_sealed(io.BytesIO(sealed), [identity]))
    except EnvelopeError as error:
        return BaselineError(
            f"The earlier picture of {baseline.view} that the clinic sent cannot be opened "
            f"({error.code}); it is not shown."
        )
    record = shot.record
    said = (record.patient, record.view.id, record.uids.image)
    if said != (baseline.patient, baseline.view, baseline.image):
        return BaselineError(
            f"What the clinic sent as the earlier picture of {baseline.view} is another picture; "
            "it is not shown."
        )
    return shot
