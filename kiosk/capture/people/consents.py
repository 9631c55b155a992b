"""Consent on the station: what is allowed, a form that was signed, a purpose that is withdrawn.

The order of writing is what makes it safe (docs/decisions/0095). A form is sealed to the clinic
first and believed afterwards: the station never claims a consent that the clinic will not get. A
withdrawal is believed first and sealed afterwards; until it is known to be sealed it is kept whole
and sealed again, so that none is lost. A crash in between costs a form to be signed again, or sends
the same withdrawal twice, which its digest shows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import msgspec

from kiosk.capture.author import Author
from kiosk.capture.people.histories import HistoryStore
from kiosk.capture.people.signature_picture import render
from kiosk.envelope.consent import Act, write_consent
from kiosk.envelope.seal import SealingWriter
from kiosk.errors import ConsentError, HistoryError
from kiosk.model import Moment, Operator
from kiosk.records.consent import ConsentAnswers, ConsentRecord, Decision, Form, Kind, Shown
from kiosk.records.consent_form import form_of
from kiosk.records.consent_history import HistoryEntry, digest_of, entry_of, ordered
from kiosk.records.consent_kept import KeptHistory
from kiosk.records.consent_state import ConsentState, assess, place_after
from kiosk.records.consent_text import require_unchanged
from kiosk.records.consent_texts import Texts
from kiosk.records.shot import Instant, OperatorReference, PatientReference
from kiosk.spool import Spool


@dataclass(frozen=True, slots=True)
class Visit:
    """In what an act of consent is done.

    Attributes:
        patient: the clinic's number.
        operator: who takes it.
        session: DICOM Series of the session, once there is one.
    """

    patient: str = field(repr=False)
    operator: Operator
    session: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What an act led to.

    Attributes:
        state: of the patient's consents now.
        digest: of the act, as pictures and the audit trail name it.
        name: of the sealed object in the spool.
    """

    state: ConsentState
    digest: str
    name: str


class Consents:
    """Consents of the station's patients while somebody is signed in; for the worker's thread.

    Args:
        histories: what the station keeps, opened by the pose key.
        author: signs, numbers, and says for whom to seal.
        spool: where acts are put on their way to the clinic.
        texts: what patients are shown.
        now: every clock of the station.
    """

    def __init__(
        self,
        histories: HistoryStore,
        author: Author,
        spool: Spool,
        texts: Texts,
        now: Callable[[], Moment],
    ) -> None:
        self._histories, self._author, self._spool = histories, author, spool
        self._texts, self._now = texts, now
        self._sequence: int | None = None

    def show(self, name: str) -> Shown:
        """Return a text, read afresh, with the moment at which it is shown.

        Raises:
            ConfigError: it cannot be used.
        """
        return Shown(self._texts.load(name), Instant.of(self._now()))

    def state(self, patient: str) -> ConsentState:
        """Return what a patient's history allows; a withdrawal not yet sent is sealed now.

        Raises:
            HistoryError: the history cannot be used; nothing is allowed.
            StorageError: it cannot be read, or a withdrawal cannot be sealed.
        """
        kept = self._histories.get(self._reference(patient))
        if kept.unsent is not None:
            self._send(kept, kept.unsent)
        return assess(kept.entries)

    def give(self, visit: Visit, answers: ConsentAnswers, shown: Shown) -> Done:
        """Record a form that was signed just now; when this returns it is durable.

        Raises:
            ConsentTextChanged: the text is not the one that was shown any more.
            ConsentError: the form is not complete, or the age does not suffice.
            ConfigError: the text cannot be read again.
            HistoryError: the patient's history cannot be used; nothing was recorded.
            StorageError: the disk refuses; the act does not count.
        """
        require_unchanged(shown.file, self._texts.load(shown.file.name))
        state = self.state(visit.patient)
        at = Instant.of(self._now())
        picture = render(answers.signature)
        form = form_of(answers, shown, at, hashlib.sha256(picture).hexdigest())
        kind: Kind = "changed" if state.uses else "given"
        record = self._record(visit, kind, answers.decisions, form, at, state.entries)
        name = self._seal(Act(record, shown.file.content, picture))
        entries = ordered((*state.entries, entry_of(record)))
        self._histories.keep(KeptHistory(patient=record.patient, entries=entries))
        return Done(assess(entries), digest_of(record), name)

    def withdraw(self, visit: Visit, decisions: tuple[Decision, ...]) -> Done:
        """Record that purposes are withdrawn; it holds even where the history cannot be used.

        Args:
            visit: who is there.
            decisions: each not allowed; its channels are those withdrawn, none for all. The record
                takes every other purpose with it.

        Raises:
            ConsentError: nothing is withdrawn, or something is allowed.
            StorageError: the disk refuses. Where the history was written before, the withdrawal
                holds and is sealed at the next :meth:`state`.
        """
        if not decisions or any(one.allowed for one in decisions):
            raise ConsentError("A withdrawal names what is withdrawn, and allows nothing.")
        at = Instant.of(self._now())
        try:
            entries = self.state(visit.patient).entries
        except HistoryError:
            # Nothing is allowed while it is damaged; the clinic must hear of it all the same.
            record = self._record(visit, "withdrawn", decisions, None, at, ())
            name = self._seal(Act(record))
            return Done(assess([entry_of(record)]), digest_of(record), name)
        record = self._record(visit, "withdrawn", decisions, None, at, entries)
        entries = ordered((*entries, entry_of(record)))
        kept = KeptHistory(patient=record.patient, entries=entries, unsent=record)
        self._histories.keep(kept)
        return Done(assess(entries), digest_of(record), self._send(kept, record))

    def merge(self, patient: str, entries: Iterable[HistoryEntry]) -> ConsentState:
        """Add acts that the clinic knows, other stations' among them; return the state.

        Acts that are known already change nothing, whatever is said of them; nothing is ever taken
        out.

        Raises:
            HistoryError: the history kept cannot be used.
            StorageError: it cannot be read or kept.
        """
        state = self.state(patient)
        merged = ordered((*entries, *state.entries))
        if merged != state.entries:
            self._histories.keep(KeptHistory(patient=self._reference(patient), entries=merged))
        return assess(merged)

    def _record(  # noqa: PLR0913, PLR0917 - the fields of one record
        self,
        visit: Visit,
        kind: Kind,
        decisions: tuple[Decision, ...],
        form: Form | None,
        at: Instant,
        entries: tuple[HistoryEntry, ...],
    ) -> ConsentRecord:
        number, previous, merges = place_after(entries)
        try:
            return ConsentRecord(
                kind=kind,
                patient=self._reference(visit.patient),
                number=number,
                previous=previous,
                merges=merges,
                station=self._author.station,
                operator=OperatorReference(id=visit.operator.id, name=visit.operator.name),
                at=at,
                session=visit.session,
                decisions=decisions,
                form=form,
            )
        except ValueError as error:
            raise ConsentError(f"This consent cannot be recorded: {error}.") from error

    def _send(self, kept: KeptHistory, record: ConsentRecord) -> str:
        """Seal a withdrawal that is kept, and note that it was."""
        name = self._seal(Act(record))
        self._histories.keep(msgspec.structs.replace(kept, unsent=None))
        return name

    def _seal(self, act: Act) -> str:
        """Seal an act into the spool; when this returns it is durable. Returns its name there."""
        if self._sequence is None:
            self._sequence = self._author.sequence.next()
        head = self._author.head(self._sequence, Instant.of(self._now()))
        recipients = self._author.recipients
        # The seal is finished before the spool makes it durable: the inner block ends first.
        with self._spool.put() as writer, SealingWriter(writer.write, recipients) as sealed:
            write_consent(sealed.write, act, head, self._author.key, self._author.anchor())
        self._sequence = None
        return writer.name

    def _reference(self, patient: str) -> PatientReference:
        return PatientReference(id=patient, issuer=self._author.issuer)
