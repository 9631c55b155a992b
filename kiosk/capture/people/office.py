"""What the station does about people, on the worker's thread: each act leaves its trail.

Nothing here knows screens. Everything that a signed-in operator's key opens is opened here and
closed here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final

from kiosk.capture.people.consents import Consents, Done, Visit
from kiosk.capture.people.day import Day
from kiosk.capture.people.signing_in import Opened, SignIn
from kiosk.capture.people.trail import About, Trail
from kiosk.capture.people.tries import Chance
from kiosk.envelope.letter import SEALED_LIMIT, Address, Kind, read_letter
from kiosk.envelope.recipients import Identity
from kiosk.errors import AccessError, BadgeError, KioskError, PinError, PinUnfit
from kiosk.model import Operator, Role
from kiosk.records.audit import Act
from kiosk.records.badge import Badge
from kiosk.records.consent import ConsentAnswers, Decision, Shown
from kiosk.records.consent_state import ConsentState
from kiosk.records.shot import PatientReference
from kiosk.records.worklist import Expected, Worklist
from kiosk.spool.inbox import Inbox

_NOBODY: Final = "Nobody is signed in any more."

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Locks:
    """What the pose key opens, beside the day's list.

    Attributes:
        open: opens the consents, and whatever else is kept under the key.
        erase: removes a patient's baselines; returns how many there were.
        lock: forgets the key, wherever it is in use.
    """

    open: Callable[[Identity], Consents]
    erase: Callable[[PatientReference], int]
    lock: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Post:
    """Where the desk's letters come in, and whose are taken; what waits to be sent to it."""

    inbox: Inbox
    address: Address
    waiting: Callable[[], frozenset[str]]


@dataclass(frozen=True, slots=True, eq=False)
class DayList:
    """What is known of the day: the list, None where there is none; why it cannot be used."""

    worklist: Worklist | None = field(default=None, repr=False)
    error: KioskError | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PatientFile:
    """What is known of a patient.

    Attributes:
        number: the clinic's.
        expected: what the day's list says of them; None where they are not on it.
        consent: what they allow.
    """

    number: str = field(repr=False)
    expected: Expected | None = field(repr=False)
    consent: ConsentState = field(repr=False)


class Office:
    """Signs operators in, opens patients, keeps consents; for one thread.

    Args:
        sign_in: tries badges and PINs.
        post: brings the desk's letters.
        day: keeps the day's list.
        locks: what the pose key opens.
        trail: where every act is written down.
    """

    def __init__(self, sign_in: SignIn, post: Post, day: Day, locks: Locks, trail: Trail) -> None:
        self._sign_in, self._post, self._day = sign_in, post, day
        self._locks, self._trail = locks, trail
        self._waiting: frozenset[str] = frozenset()
        self._operator: Operator | None = None
        self._badge: str | None = None
        self._consents: Consents | None = None
        self._worklist: Worklist | None = None
        self._patient: PatientReference | None = None

    @property
    def operator(self) -> str | None:
        """Id of who is signed in; None where nobody is."""
        return None if self._operator is None else self._operator.id

    def note(self, act: Act, subject: str | None = None, detail: str | None = None) -> None:
        """Write an act down, with who is signed in and whose page is open.

        Raises:
            StorageError: it could not be written; what it is about must not be done then.
        """
        self._trail.note(act, About(self.operator, self._patient, subject, detail))

    def note_uploaded(self) -> None:
        """Write down which sealed objects have left for the clinic since this was asked last.

        Segments of the trail itself are left out, or each would bring about another one.

        Raises:
            StorageError: the spool cannot be read, or the trail not be written.
        """
        before, self._waiting = self._waiting, self._post.waiting()
        for name in sorted(before - self._waiting - self._trail.sent):
            self._trail.note(Act.OBJECT_UPLOADED, About(subject=name))

    def look_up(self, badge: Badge) -> Chance:
        """Return what a badge may do; errors of :meth:`SignIn.look_up`."""
        self._take_operators()
        try:
            return self._sign_in.look_up(badge)
        except BadgeError:
            self.note(Act.BADGE_REFUSED, badge.id)
            raise

    def try_pin(self, badge: Badge, pin: str) -> Opened:
        """Try a PIN; errors of :meth:`SignIn.open`."""
        return self._tried(badge, lambda: self._sign_in.open(badge, pin))

    def change_pin(self, badge: Badge, pin: str, new: str) -> Opened:
        """Replace a PIN; errors of :meth:`SignIn.change_pin`."""
        opened = self._tried(badge, lambda: self._sign_in.change_pin(badge, pin, new))
        self.note(Act.PIN_CHANGED, badge.id, opened.operator.id)
        return opened

    def chance(self, badge: Badge) -> Chance:
        """Return what a badge may do now, without any trail."""
        return self._sign_in.look_up(badge)

    def release(self, badge: Badge, supervisor: Badge) -> Chance:
        """Release a locked badge; errors of :meth:`SignIn.release`."""
        self._sign_in.release(badge.id, supervisor)
        self.note(Act.BADGE_RELEASED, badge.id, f"by {supervisor.id}")
        return self._sign_in.look_up(badge)

    def enter(self, opened: Opened) -> DayList:
        """Let an operator in: open what they may see.

        Raises:
            StorageError: it could not be written down; nobody is signed in.
        """
        with ExitStack() as undoing:
            undoing.callback(self._lock)
            self._operator, self._badge = opened.operator, opened.badge
            found = self._let_in(opened)
            undoing.pop_all()
        return found

    def still_enrolled(self) -> bool:
        """Take in what the desk wrote; whether who is signed in may go on. True of nobody.

        Raises:
            OperatorKeyError: the list of operators is damaged.
            StorageError: it cannot be read, or the act could not be written down.
        """
        self._take_operators()
        return self._badge is None or self._sign_in.lists(self._badge)

    def leave(self, why: str) -> None:
        """Sign the operator out, whoever it is; everything is locked even where this raises.

        Raises:
            StorageError: it could not be written down.
        """
        if self._operator is None:
            return
        about = About(self._operator.id, detail=why)
        self._lock()
        self._trail.note(Act.SIGNED_OUT, about)
        self._trail.close()

    def open_patient(self, number: str) -> PatientFile:
        """Open what the station knows of a patient.

        Raises:
            HistoryError: the consents cannot be used.
            StorageError: they cannot be read, or the act could not be written down.
        """
        consents = self._open_consents()
        self._patient = PatientReference(id=number, issuer=self._post.address.clinic)
        self.note(Act.PATIENT_OPENED)
        expected = None if self._worklist is None else self._worklist.find(number)
        consent = self._learned(consents, number)
        self._erase_if_refused(consent)
        return PatientFile(number, expected, consent)

    def close_patient(self) -> None:
        """Close the patient's page.

        Raises:
            StorageError: it could not be written down.
        """
        if self._patient is not None:
            try:
                self.note(Act.PATIENT_CLOSED)
            finally:
                self._patient = None

    def show(self, text: str) -> Shown:
        """Return a consent text; errors of :meth:`Consents.show`."""
        shown = self._open_consents().show(text)
        self.note(Act.CONSENT_SHOWN, shown.file.digest, f"{text} {shown.file.text.version}"[:256])
        return shown

    def give(self, visit: Visit, answers: ConsentAnswers, shown: Shown) -> Done:
        """Keep a signed form; errors of :meth:`Consents.give`."""
        return self._kept(Act.CONSENT_GIVEN, self._open_consents().give(visit, answers, shown))

    def withdraw(self, visit: Visit, decisions: tuple[Decision, ...]) -> Done:
        """Keep a withdrawal; errors of :meth:`Consents.withdraw`."""
        done = self._open_consents().withdraw(visit, decisions)
        return self._kept(Act.CONSENT_WITHDRAWN, done)

    def _lock(self) -> None:
        self._locks.lock()
        self._operator = self._badge = None
        self._patient = self._consents = self._worklist = None

    def _let_in(self, opened: Opened) -> DayList:
        self.note(Act.SIGNED_IN, detail=opened.operator.role.value)
        if opened.operator.role is Role.TECHNICIAN or opened.pose_key is None:
            self.note(Act.SERVICE_ENTERED)
            return DayList()
        self._consents = self._locks.open(opened.pose_key)
        found = self._open_day(opened.pose_key)
        self._worklist = found.worklist
        return found

    def _learned(self, consents: Consents, number: str) -> ConsentState:
        """Return what a patient allows, as far as the station and the day's list know."""
        state = consents.state(number)
        sent = () if self._worklist is None else self._worklist.acts(number)
        new = {one.digest for one in sent} - {one.digest for one in state.entries}
        if not new:
            return state
        state = consents.merge(number, sent)
        self.note(Act.CONSENTS_LEARNED, state.head, str(len(new)))
        return state

    def _kept(self, act: Act, done: Done) -> Done:
        """Note an act of consent that is durable by itself; it counts whatever the trail says."""
        try:
            self.note(act, done.digest, done.name)
        except KioskError as error:
            _log.error("an act of consent is kept but not in the audit trail: %s", error)
        self._erase_if_refused(done.state)
        return done

    def _erase_if_refused(self, consent: ConsentState) -> None:
        """Keep no baseline of who refuses the record; what fails now is tried at each opening."""
        if not consent.refuses_record or self._patient is None:
            return
        try:
            erased = self._locks.erase(self._patient)
            if erased:
                self.note(Act.BASELINES_ERASED, detail=str(erased))
        except KioskError as error:
            _log.error("baselines of a patient who refuses the record may still be here: %s", error)

    def _tried(self, badge: Badge, attempt: Callable[[], Opened]) -> Opened:
        try:
            return attempt()
        except PinUnfit:
            raise
        except PinError:
            self.note(Act.SIGN_IN_FAILED, badge.id)
            if self._sign_in.look_up(badge).locked:
                self.note(Act.BADGE_LOCKED, badge.id)
            raise

    def _take_operators(self) -> None:
        """Take in who may sign in, if the desk has written; what cannot be used changes nothing."""
        kind = Kind.OPERATORS
        data = self._post.inbox.take(kind.value, SEALED_LIMIT)
        if data is None:
            return
        try:
            letter = read_letter(data, kind, self._post.address)
            self._sign_in.receive(letter.body)
        except AccessError as error:
            self.note(Act.LETTER_REFUSED, detail=kind.value)
            _log.warning("%s", error)
        else:
            self.note(Act.LETTER_TAKEN, str(letter.head.number), kind.value)

    def _open_day(self, pose_key: Identity) -> DayList:
        try:
            worklist = self._day.open(pose_key)
        except KioskError as error:
            self.note(Act.LETTER_REFUSED, detail=Kind.DAY.value)
            return DayList(error=error)
        if worklist is not None:
            self.note(Act.LETTER_TAKEN, worklist.day, Kind.DAY.value)
        return DayList(worklist)

    def _open_consents(self) -> Consents:
        if self._consents is None:
            raise AccessError(_NOBODY)
        return self._consents
