"""How far an enrolment is: events in, what is shown and to be done out. No device, no clock."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kiosk.capture.enrolling.refusals import AGAIN, refusal_of
from kiosk.capture.flow.enrolling import READS, Act, step
from kiosk.capture.ui.enrolling import EnrolModel
from kiosk.capture.ui.entry import Character, Edit
from kiosk.capture.ui.forms.actions import CodeGroup
from kiosk.capture.ui.forms.code import CodeEntry
from kiosk.capture.ui.widgets import Action
from kiosk.capture.workflow import Event, State
from kiosk.errors import EnrolmentCodeMistyped
from kiosk.records.enrolment import Answer, Done, Enrolled
from kiosk.records.enrolment_code import parse_code

_ITS_OWN: Final = frozenset({Event.CODE_GIVEN, Event.ENROLLED, Event.ENROLMENT_REFUSED})


class Progress:
    """Walks the table of a station that waits for its code, and holds the code meanwhile.

    Attributes:
        state: which screen.
        shown: what is on it, but for what devices say.
    """

    def __init__(self) -> None:
        self.state = State.ENROL
        self.shown = EnrolModel()
        self._code = ""

    @property
    def code(self) -> str:
        """The code to be handed over; empty while there is none, or none any more."""
        return self._code

    def touched(self, touch: Action) -> tuple[Act, ...]:
        """Take in a touch; return what is to be done."""
        match touch:
            case Event.CODE_GIVEN:
                return self._typed()
            case Event.TRY_AGAIN if not self.shown.again:
                return ()
            case Event() if touch not in _ITS_OWN:
                return self.happened(touch)
            case Character() | Edit() | CodeGroup() if self.state is State.ENROL_TYPE:
                self.shown = replace(self.shown, entry=self.shown.entry.pressed(touch))
        return ()

    def read(self, text: str) -> tuple[Act, ...]:
        """Take in what was held to the camera or the reader; only where one is waited for."""
        if self.state not in READS:
            return ()
        try:
            self._code = parse_code(text).text()
        except EnrolmentCodeMistyped:
            self.shown = replace(self.shown, misread=True)
            return ()
        return self.happened(Event.CODE_GIVEN)

    def answered(self, answer: Answer) -> tuple[Act, ...]:
        """Take in what came of the code."""
        match answer:
            case Done(enrolled=enrolled, fault=fault):
                return self.enrolled(enrolled, fault)
            case _:
                refusal = refusal_of(answer.code)
                self.shown = replace(
                    self.shown,
                    refusal=refusal,
                    sentence=answer.sentence,
                    again=refusal in AGAIN and bool(self._code),
                )
                return self.happened(Event.ENROLMENT_REFUSED)

    def enrolled(self, enrolled: Enrolled | None, fault: str = "") -> tuple[Act, ...]:
        """Take in that the station is enrolled, by this screen or by another way."""
        if self.state is not State.ENROLLED:
            self.shown = EnrolModel(enrolled=enrolled, sentence=fault)
        return self.happened(Event.ENROLLED)

    def happened(self, event: Event) -> tuple[Act, ...]:
        """Move on; return what is to be done."""
        before = self.state
        self.state, acts = step(self.state, event)
        if Act.FORGET in acts:
            self._code = ""
            self.shown = replace(self.shown, entry=CodeEntry(), again=False)
        if self.state is not before:
            self.shown = replace(self.shown, misread=False)
        return acts

    def _typed(self) -> tuple[Act, ...]:
        if not self.shown.entry.valid:
            return ()
        self._code = parse_code(self.shown.entry.body).text()
        return self.happened(Event.CODE_GIVEN)
