"""A session from the badge to the last picture, played by hand and foot on the real screen.

The forms are the product's own, filled in here in step with the station, so that every screen is
known beforehand and waited for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from kiosk.capture.progress import SessionProgress
from kiosk.capture.ui.entry import Character
from kiosk.capture.ui.forms.actions import Answer, Chosen, Ink, Sign, Step, Turn
from kiosk.capture.ui.forms.consent import ConsentForm
from kiosk.capture.ui.forms.pin import PinEntry
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.people import ConsentModel, DayModel, DayNote, DayRow, People, SignInModel
from kiosk.capture.ui.screens.consent_sign import pad_of
from kiosk.capture.workflow import Event, State
from kiosk.languages.own_names import own_name
from kiosk.records.protocols import load_protocol
from kiosk.records.worklist import masked, masked_number
from provisioning.demo.clinic import PROTOCOL, Member
from tests.golden.consenting import CHART, begun
from tests.golden.consenting import uses as no_uses
from tests.vm.clinic import Practice
from tests.vm.hands import Hands
from tests.vm.machine import Machine
from tests.vm.player import Player, at

LANGUAGES: Final = tuple((f"example-{one}", own_name(one)) for one in ("en", "de", "fr"))
"""Of the consent texts that come with the program, the station's own first."""

_YES: Final = frozenset({"record", "training"})
_STROKE: Final = ((0.1, 0.7), (0.25, 0.3), (0.4, 0.7), (0.55, 0.3), (0.7, 0.6), (0.9, 0.4))


class Session(Player):
    """Plays one operator's shift with one new patient.

    Args:
        machine: which shows the station's screen.
        hands: of who uses it.
        practice: who signs in, and who comes.
        pictures: folder for a picture of each screen as it was found.
        kept: told the number of pictures kept, once the screen says so by going on.
    """

    def __init__(
        self,
        machine: Machine,
        hands: Hands,
        practice: Practice,
        pictures: Path,
        kept: Callable[[int], None],
    ) -> None:
        super().__init__(machine, hands, pictures)
        self._practice, self._kept = practice, kept

    def play(self) -> int:
        """Play it to the end; returns how many pictures were kept."""
        self.sign_in()
        self.consent()
        done = self.photograph()
        self.touch(self._session(State.SUMMARY, done), Event.FINISH)
        self.touch(self._day(), Event.SIGN_OUT)
        self.wait(self._at(State.SIGNED_OUT))
        return done.accepted_count

    def sign_in(self) -> None:
        self.enter(self._practice.clinic.member)
        self.touch(self._day(), Chosen(self._practice.cast.patient))

    def enter(self, member: Member) -> None:
        """Hold up a badge, type its first PIN, and choose another."""
        # A press wakes a dark screen, and means nothing on one that is not.
        self._hands.press()
        self.wait(self._at(State.SIGNED_OUT))
        pin = self._at(State.PIN, sign_in=SignInModel(PinEntry()))
        self.scan(member.badge.text(), pin)
        self._type_pin(State.PIN, member.pin)
        self._type_pin(State.NEW_PIN, self._practice.own_pin)
        self._type_pin(State.NEW_PIN_AGAIN, self._practice.own_pin)

    def consent(self) -> None:
        """Read, answer and sign, as a patient who is asked for the first time."""
        new = replace(CHART, uses=no_uses(), barred="x")
        self.touch(self._at(State.CHART, chart=new), Event.ASK_CONSENT)
        form = self._read_on(begun())
        form = self._answer(form)
        form = self._fill(State.CONSENT_SIGNER, form, Sign.PATIENT)
        self.touch(self._form(State.CONSENT_SIGNER, form), Event.READY)
        form = self._fill(State.CONSENT_SIGN, form, Sign.UNDERSTOOD)
        shown = self.wait(self._form(State.CONSENT_SIGN, form))
        self._hands.draw(pad_of(shown.layout), _STROKE)
        for number, (x, y) in enumerate(_STROKE):
            form = form.pressed(Ink(x, y, 80 * number, begins=not number))
        self.touch(self._form(State.CONSENT_SIGN, form), Event.CONSENT_GIVEN)
        self.touch(self._at(State.CHART_ALLOWED, chart=CHART), Event.START)

    def photograph(self) -> SessionProgress:
        """Take every view's picture, keeping them by pedal and by touch in turn."""
        progress = SessionProgress.begin(self._practice.cast.patient, load_protocol(PROTOCOL))
        while progress.current is not None:
            progress = self.take(progress)
        self.wait(self._session(State.SUMMARY, progress))
        self._kept(progress.accepted_count)
        return progress

    def aim(self, progress: SessionProgress) -> None:
        """Go from a view's instruction to where its picture can be taken."""
        self.wait(self._session(State.VIEW, progress))
        self._kept(progress.accepted_count)
        self._hands.press()
        self.wait(self._session(State.AIM, progress))

    def take(self, progress: SessionProgress) -> SessionProgress:
        """Take one view's picture and keep it; returns how far the session is then."""
        self.aim(progress)
        self._hands.press()
        review = self._session(State.REVIEW, progress)
        if progress.accepted_count % 2:
            self.wait(review)
            self._hands.press()
        else:
            self.touch(review, Event.ACCEPT)
        return progress.accepted()

    def _at(self, state: State, **people: object) -> ScreenModel:
        found = People(operator="x" if people else "", **people)  # type: ignore[arg-type]
        return at(state, people=found)

    def _session(self, state: State, progress: SessionProgress) -> ScreenModel:
        return at(state, progress=progress)

    def _type_pin(self, state: State, pin: str) -> None:
        for typed, digit in enumerate(pin):
            # As a person who sees the dots: what is tapped faster than it is drawn may be lost.
            shown = self._at(state, sign_in=SignInModel(PinEntry(pin[:typed])))
            self.touch(shown, Character(digit))
        self.touch(self._at(state, sign_in=SignInModel(PinEntry(pin))), Event.PIN_GIVEN)

    def _day(self) -> ScreenModel:
        cast = self._practice.cast
        row = DayRow(cast.patient, masked(cast.name), masked_number(cast.patient), "09:30")
        model = self._at(State.DAY, day=DayModel((row,), None, DayNote.NONE))
        return replace(model, people=replace(model.people, operator=cast.operator))

    def _form(self, state: State, form: ConsentForm) -> ScreenModel:
        return self._at(state, consent=ConsentModel(form, LANGUAGES, "", ""))

    def _read_on(self, form: ConsentForm) -> ConsentForm:
        while True:
            shown = self.wait(self._form(State.CONSENT_TEXT, form))
            ready = [one for one in shown.buttons if one.enabled and one.action is Event.READY]
            if ready:
                self._hands.tap(ready[0].rect)
                return form
            self._hands.tap(shown.button(Turn(1)))
            form = form.pressed(Turn(1))

    def _answer(self, form: ConsentForm) -> ConsentForm:
        state = State.CONSENT_CHOICES
        while True:
            purpose = form.purpose
            if not form.answered(purpose):
                form = self._fill(state, form, Answer(purpose.id, purpose.id in _YES))
            elif form.decided and form.last_step:
                self.touch(self._form(state, form), Event.READY)
                return form
            else:
                form = self._fill(state, form, Step(1))

    def _fill(self, state: State, form: ConsentForm, action: Answer | Step | Sign) -> ConsentForm:
        self.touch(self._form(state, form), action)
        return form.pressed(action)
