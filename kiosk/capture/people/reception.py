"""The patient whose page is open, as the screen's thread knows it, and what they consent to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from kiosk.capture.acts import Attendance
from kiosk.capture.people.asking import Asking
from kiosk.capture.people.consents import Done, Visit
from kiosk.capture.people.office import Office, PatientFile
from kiosk.capture.ui.forms.consent import ConsentForm
from kiosk.capture.ui.forms.withdrawal import WithdrawalForm
from kiosk.capture.workflow import Event
from kiosk.errors import ConsentError
from kiosk.model import Operator
from kiosk.records.consent import Shown
from kiosk.records.shot import Instant, OperatorReference


@dataclass(frozen=True, slots=True)
class Around:
    """What the reception asks.

    Attributes:
        now: the present moment by every clock.
        session: DICOM Series of the session that has begun; None outside of one.
        texts: name of each consent text's file and its language, the station's own first.
    """

    now: Callable[[], Instant]
    session: Callable[[], str | None]
    texts: Sequence[tuple[str, str]]


class Reception:
    """Opens patients, shows them what they sign, keeps it.

    Args:
        office: does what takes long.
        asking: brings it there, and no other's questions.
        around: clocks, the session, the texts.

    Attributes:
        asking: the same.
        file: of the patient whose page is open.
        form: the consent that is being filled in.
    """

    def __init__(self, office: Office, asking: Asking, around: Around) -> None:
        self._office, self.asking, self._around = office, asking, around
        self.file: PatientFile | None = None
        self.form: ConsentForm | None = None

    @property
    def texts(self) -> Sequence[tuple[str, str]]:
        return self._around.texts

    def open(self, number: str) -> None:
        """Open a patient's page: PATIENT_OPENED or PATIENT_REFUSED."""
        self.asking.anew()

        def opened(file: PatientFile) -> Event:
            self.file = file
            return Event.PATIENT_OPENED

        self.asking.ask(lambda: self._office.open_patient(number), opened, Event.PATIENT_REFUSED)

    def forget(self) -> None:
        """Close the page; what is still asked about the patient counts no more."""
        self.asking.anew()
        self.file = self.form = None
        self.asking.tell(self._office.close_patient)

    def attendance(self, operator: Operator | None) -> Attendance | None:
        """Return who is there and what allows a picture now; None where any of it is missing."""
        if operator is None or self.file is None:
            return None
        try:
            consent = self.file.consent.require_record(self._around.now())
        except ConsentError:
            return None
        reference = OperatorReference(id=operator.id, name=operator.name)
        return Attendance(self.file.number, reference, consent)

    def barred(self) -> str:
        """Return why no picture of the patient may be taken; empty where one may."""
        if self.file is None:
            return ""
        try:
            self.file.consent.require_record(self._around.now())
        except ConsentError as error:
            return error.sentence
        return ""

    def show(self, text: str = "") -> None:
        """Open a consent text, the station's own where none is named: a new form begins with it."""
        self.form = None

        def shown(found: Shown) -> None:
            self.form = ConsentForm(found, self._treatment(found)).with_born(self._born())

        name = text or self._around.texts[0][0]
        self.asking.ask(lambda: self._office.show(name), shown, Event.CONSENT_FAILED)

    def drop_form(self) -> None:
        """Forget what was answered and signed."""
        self.form = None

    def keep(self, operator: Operator | None, withdrawal: WithdrawalForm) -> None:
        """Keep the signed form, or else the withdrawal: CONSENT_KEPT or CONSENT_FAILED."""
        file, form = self.file, self.form
        if file is None or operator is None:
            raise AssertionError("the workflow keeps consents of patients, taken by operators")
        visit = Visit(file.number, operator, self._around.session())

        def kept(done: Done) -> Event:
            self.file = replace(file, consent=done.state)
            return Event.CONSENT_KEPT

        if form is not None:
            answers, shown = form.result(), form.shown
            self.asking.ask(
                lambda: self._office.give(visit, answers, shown), kept, Event.CONSENT_FAILED
            )
        elif withdrawal.chosen:
            decisions = withdrawal.decisions(tuple(file.consent.uses))
            self.asking.ask(
                lambda: self._office.withdraw(visit, decisions), kept, Event.CONSENT_FAILED
            )
        else:
            raise AssertionError("the workflow keeps what was signed or withdrawn")

    def _born(self) -> date | None:
        expected = None if self.file is None else self.file.expected
        if expected is None or expected.born is None:
            return None
        return date.fromisoformat(expected.born)

    def _treatment(self, shown: Shown) -> str | None:
        """Return which of the text's age rules applies, where the day's list demands one."""
        expected = None if self.file is None else self.file.expected
        rules = shown.file.text.ages
        if expected is None or not expected.adult_only:
            return None
        # A text that says nothing of ages is refused when it is signed.
        return rules[0].treatment if rules else "adult"
