"""Everything about people that the loop deals with: the door, the reception, and what is typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kiosk.capture.acts import Attendance
from kiosk.capture.people.door import Door
from kiosk.capture.people.filled import Filled, Touch
from kiosk.capture.people.reception import Reception
from kiosk.capture.ui.forms.actions import Language
from kiosk.capture.ui.forms.consent import ConsentForm
from kiosk.capture.workflow import Effect, Event, State
from kiosk.errors import BadgeError, EntryRefused
from kiosk.records.badge import Badge, parse_badge
from kiosk.records.numbers import patient_number

BADGES: Final = frozenset({State.SIGNED_OUT, State.BADGE, State.LOCKED})
"""Screens on which a badge may be read."""

CARDS: Final = frozenset({State.DAY, State.SCAN_CARD})
"""Screens on which a patient's card may be read."""

SCANNED: Final = frozenset({State.BADGE, State.LOCKED, State.SCAN_CARD})
"""Screens on which the camera looks for codes."""

_READY: Final[dict[State, Callable[[ConsentForm], bool]]] = {
    State.CONSENT_TEXT: lambda _: True,
    State.CONSENT_CHOICES: lambda form: form.decided,
    State.CONSENT_SIGNER: lambda form: form.signer_known,
    State.CONSENT_SIGN: lambda form: form.complete,
}


_DIFFERENT: Final = "The two were not the same. Choose a PIN and type it twice."


class Lobby:
    """Performs the effects about people, and takes in what is touched and scanned.

    Args:
        door: lets operators in.
        reception: opens patients.
        filled: the forms.

    Attributes:
        problem: what is wrong with what was scanned, typed or tried; empty while nothing is.
    """

    def __init__(self, door: Door, reception: Reception, filled: Filled) -> None:
        self.door, self.reception, self.filled = door, reception, filled
        self._problem = ""
        self._badge: Badge | None = None
        self._number = ""

    @property
    def problem(self) -> str:
        return self._problem or self.door.asking.problem or self.reception.asking.problem

    def cleared(self) -> None:
        """Forget what was wrong: somebody has acted since."""
        self._problem = self.door.asking.problem = self.reception.asking.problem = ""

    def attendance(self) -> Attendance | None:
        """Return who is there and what allows a picture; see :meth:`Reception.attendance`."""
        return self.reception.attendance(self.door.operator)

    def perform(self, effect: Effect, *, why: str) -> Event | None:
        """Carry out one effect, if it is about people.

        Args:
            effect: what the workflow asks for.
            why: of a sign-out, in a word.

        Returns:
            What follows from it at once, for the workflow; None where nothing does.
        """
        if effect is Effect.ASSESS_CONSENT:
            return None if self.attendance() is None else Event.RECORD_ALLOWED
        door, reception = self.door, self.reception
        acts: dict[Effect, Callable[[], None]] = {
            Effect.LOOK_UP_BADGE: lambda: door.look_up(self._scanned_badge()),
            Effect.RELEASE_BADGE: lambda: door.release(self._scanned_badge()),
            Effect.CHECK_PIN: lambda: door.check_pin(self.filled.pin.digits),
            Effect.CHANGE_PIN: lambda: door.change_pin(self.filled.new),
            Effect.FORGET_BADGE: door.forget_badge,
            Effect.SIGN_OUT: lambda: door.sign_out(why),
            Effect.OPEN_PATIENT: lambda: reception.open(self.number()),
            Effect.SHOW_CONSENT: reception.show,
            Effect.KEEP_CONSENT: lambda: reception.keep(door.operator, self.filled.withdrawal),
            Effect.DROP_CONSENT: reception.drop_form,
            Effect.FORGET_PATIENT: self._forget_patient,
        }
        if effect in acts:
            acts[effect]()
        return None

    def number(self) -> str:
        """Return the number that was scanned, chosen or typed."""
        return self._number or self.filled.day.chosen or self.filled.number.number()

    def touched(self, state: State, touch: Touch) -> Event | None:
        """Take in a touch on a form; return the event that it means by itself."""
        self.cleared()
        form = self.reception.form
        if state is State.CONSENT_TEXT and isinstance(touch, Language):
            self.reception.show(touch.text)
            return None
        if state in _READY and form is not None:
            self.reception.form = form.pressed(touch)
            return None
        self.filled, event = self.filled.pressed(state, touch)
        return event

    def meant(self, state: State, event: Event) -> Event | None:
        """Return what an event means with the forms as they are; None where it does not count."""
        self.cleared()
        form = self.reception.form
        if state in _READY and event in (Event.READY, Event.CONSENT_GIVEN):
            return event if form is not None and _READY[state](form) else None
        meant = self.filled.meant(state, event)
        if meant is Event.PINS_DIFFER:
            self._problem = _DIFFERENT
        return meant

    def scanned(self, state: State, text: str) -> Event | None:
        """Take in what a badge or a card said; return what it means on this screen."""
        self.cleared()
        try:
            if state in BADGES:
                self._badge = parse_badge(text)
                return Event.BADGE_READ
            if state in CARDS:
                self._number = patient_number(text, self.filled.number.rule)
                return Event.PATIENT_GIVEN
        except (BadgeError, EntryRefused) as error:
            self._problem = error.sentence
        return None

    def refused(self, error: EntryRefused) -> None:
        """Say that what was scanned cannot be used at all."""
        self._problem = error.sentence

    def entered(self, state: State) -> None:
        """Take note of another screen: its form begins."""
        self.filled = self.filled.entered(state)

    def _scanned_badge(self) -> Badge:
        badge, self._badge = self._badge, None
        if badge is None:
            raise AssertionError("the workflow asks about badges that were read")
        return badge

    def _forget_patient(self) -> None:
        self._number = ""
        self.filled = self.filled.entered(State.DAY)
        self.reception.forget()
