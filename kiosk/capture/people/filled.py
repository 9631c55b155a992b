"""What is typed and chosen on the screens of people, apart from the consent itself."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from kiosk.capture.ui.entry import Character, Edit, PatientEntry
from kiosk.capture.ui.forms.actions import Chosen, FormAction, Turn, Withdraw
from kiosk.capture.ui.forms.day import DayForm
from kiosk.capture.ui.forms.pin import PinEntry
from kiosk.capture.ui.forms.withdrawal import WithdrawalForm
from kiosk.capture.workflow import Event, State

Touch = FormAction | Character | Edit

PINS: Final = frozenset({State.PIN, State.NEW_PIN, State.NEW_PIN_AGAIN})


@dataclass(frozen=True, slots=True)
class Filled:
    """Every form; nothing of it shows in ``repr``.

    Attributes:
        pin: what is being typed.
        new: the operator's own PIN, once it was typed for the first time.
        number: a patient's, being typed.
        day: the page of the day's list, and who was touched on it.
        withdrawal: what is to be withdrawn.
    """

    pin: PinEntry = field(default=PinEntry(), repr=False)
    new: str = field(default="", repr=False)
    number: PatientEntry = field(default_factory=PatientEntry, repr=False)
    day: DayForm = field(default=DayForm(), repr=False)
    withdrawal: WithdrawalForm = field(default=WithdrawalForm(), repr=False)

    def pressed(self, state: State, touch: Touch) -> tuple[Filled, Event | None]:
        """Return the forms after a touch on a screen, and the event that it means by itself."""
        event = None
        after = self
        match state, touch:
            case _, Character() | Edit() if state in PINS:
                after = replace(self, pin=self.pin.pressed(touch))
            case State.PATIENT, Character() | Edit():
                after = replace(self, number=self.number.pressed(touch))
            case State.DAY, Turn() | Chosen():
                after = replace(self, day=self.day.pressed(touch))
                event = Event.PATIENT_GIVEN if isinstance(touch, Chosen) else None
            case State.WITHDRAW, Turn() | Withdraw():
                after = replace(self, withdrawal=self.withdrawal.pressed(touch))
                event = Event.PURPOSE_CHOSEN if isinstance(touch, Withdraw) else None
        return after, event

    def entered(self, state: State) -> Filled:
        """Return the forms as a screen begins with them: typed digits never outlive theirs."""
        fresh = Filled(number=PatientEntry(rule=self.number.rule))
        if state in (State.SIGNED_OUT, State.OUT_OF_ORDER, State.DAY):
            return fresh
        if state is State.NEW_PIN_AGAIN:
            return replace(fresh, new=self.pin.digits)
        if state is State.CHECKING:
            return self
        if state in PINS:
            return fresh
        if state is State.WITHDRAW:
            return replace(self, withdrawal=WithdrawalForm())
        return self

    def meant(self, state: State, event: Event) -> Event | None:
        """Return what an event means with the forms as they are; None where it does not count."""
        if event is Event.PIN_GIVEN and state in PINS:
            if state is State.NEW_PIN_AGAIN and self.pin.digits != self.new:
                return Event.PINS_DIFFER
            return event if self.pin.complete else None
        if event is Event.PATIENT_GIVEN and state is State.PATIENT and not self.number.valid:
            return None
        return event
