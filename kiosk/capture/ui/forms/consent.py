"""The consent form while it is read, answered and signed. Nothing is answered for the patient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from kiosk.capture.ui.entry import Character, Edit
from kiosk.capture.ui.forms.actions import (
    Answer,
    Field,
    FormAction,
    Ink,
    KeyboardEdit,
    Letter,
    ReadOn,
    Sign,
    Step,
    Turn,
)
from kiosk.capture.ui.forms.keyboard import Keyboard, written
from kiosk.capture.ui.forms.signature import Pad
from kiosk.model import ClockState
from kiosk.records.consent import ConsentAnswers, Decision, Shown, Signer
from kiosk.records.consent_form import MAJORITY, age_on
from kiosk.records.consent_text import RECORD, ConsentText, PurposeText

NAME_LIMIT: Final = 80
BORN_DIGITS: Final = 8
PAD_ASPECT: Final = 3.0
"""Width of the signature pad over its height, on every screen."""

_Key = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class ConsentForm:
    """One form.

    Attributes:
        shown: the text and when it was shown.
        treatment: name of the text's age rule that applies; None where no age is demanded.
        known_born: date of birth as the clinic knows it; None where it is not known.
        page: of the text, from 0.
        step: which purpose is being answered, from 0.
        part: of that purpose's words, from 0, where they are too long for one screen.
        answers: by purpose and channel (None for the purpose itself); what is missing was not
            answered.
        guardian: whether a guardian signs; None until it was said.
        name: the guardian's.
        relation: to the patient.
        born: digits of the date of birth as they are typed, the day first: 03021980.
        focus: which field the keyboard writes into.
        keyboard: which keys are shown.
        understood: the box was ticked.
        pad: the signature.
    """

    shown: Shown
    treatment: str | None = None
    known_born: date | None = field(default=None, repr=False)
    page: int = 0
    step: int = 0
    part: int = 0
    answers: Mapping[_Key, bool] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    guardian: bool | None = None
    name: str = field(default="", repr=False)
    relation: str = field(default="", repr=False)
    born: str = field(default="", repr=False)
    focus: Field = Field.NAME
    keyboard: Keyboard = field(default=Keyboard())
    understood: bool = False
    pad: Pad = field(default=Pad())

    @property
    def text(self) -> ConsentText:
        return self.shown.file.text

    @property
    def shown_on(self) -> date:
        """The day on which the text was shown, as a calendar at the station has it."""
        return datetime.fromisoformat(self.shown.at.wall).astimezone().date()

    @property
    def purpose(self) -> PurposeText:
        """The one that is being answered."""
        return self.text.purposes[self.step]

    @property
    def refused(self) -> bool:
        """Whether pictures for the record were refused: then there is nothing else to ask."""
        return self.answers.get((RECORD, None)) is False

    def answered(self, purpose: PurposeText) -> bool:
        """Whether a purpose has its answer, and each of its channels where it was allowed."""
        allowed = self.answers.get((purpose.id, None))
        if not allowed or not purpose.channels:
            return allowed is not None
        channels = [self.answers.get((purpose.id, one.id)) for one in purpose.channels]
        return None not in channels and any(channels)

    @property
    def decided(self) -> bool:
        """Whether every purpose was answered that there is to answer."""
        return self.refused or all(map(self.answered, self.text.purposes))

    @property
    def last_step(self) -> bool:
        return self.refused or self.step == len(self.text.purposes) - 1

    @property
    def born_on(self) -> date | None:
        """The date of birth; None until its digits are those of a day."""
        if len(self.born) != BORN_DIGITS:
            return None
        try:
            return date(int(self.born[4:]), int(self.born[2:4]), int(self.born[:2]))
        except ValueError:
            return None

    @property
    def too_young(self) -> bool:
        """Whether the treatment demands a higher age than was typed."""
        rule = None if self.treatment is None else self.text.age_rule(self.treatment)
        born = self.born_on
        return rule is not None and born is not None and self._age(born) < rule.minimum

    @property
    def guardian_missing(self) -> bool:
        """Whether the patient is to sign, but is a minor as far as this is known."""
        born = self.known_born if self.treatment is None else self.born_on
        # A clock that nobody keeps right must not keep anybody from signing.
        if born is None or self.shown.at.clock is not ClockState.SYNCHRONISED:
            return False
        return self.guardian is False and self._age(born) < MAJORITY

    @property
    def signer_known(self) -> bool:
        """Whether it was said who signs, who may, and how old the patient is where that matters."""
        aged = self.treatment is None or (self.born_on is not None and not self.too_young)
        named = not self.guardian or bool(self.name.strip() and self.relation.strip())
        return self.guardian is not None and named and aged and not self.guardian_missing

    @property
    def complete(self) -> bool:
        """Whether it can be signed for good."""
        return self.decided and self.signer_known and self.understood and self.pad.drawn

    def result(self) -> ConsentAnswers:
        """Return what was answered, for the record; only of a complete form."""
        born = self.known_born if self.treatment is None else self.born_on
        return ConsentAnswers(
            decisions=tuple(map(self._decision, self.text.purposes)),
            understood=self.understood,
            signer=self._signer(),
            signature=self.pad.signature(PAD_ASPECT),
            born=None if born is None else born.isoformat(),
            treatment=self.treatment,
        )

    def with_born(self, born: date | None) -> ConsentForm:
        """Return the form with the date of birth as the clinic knows it, typed already."""
        digits = "" if born is None else f"{born:%d%m%Y}"
        return replace(self, known_born=born, born=digits if self.treatment is not None else "")

    def pressed(self, action: FormAction | Character | Edit) -> ConsentForm:
        """Return the form after a touch; one that means nothing here changes nothing."""
        after = self
        match action:
            case Turn(pages):
                after = replace(self, page=max(0, self.page + pages))
            case Step(steps):
                after = self.stepped(steps)
            case ReadOn(parts):
                after = replace(self, part=max(0, self.part + parts))
            case Answer():
                after = self._answered(action)
            case Field():
                after = replace(self, focus=action, keyboard=Keyboard())
            case Sign():
                after = self._signing(action)
            case Letter() | KeyboardEdit():
                after = self._typed(action)
            case Character() | Edit():
                after = replace(self, born=_digits(self.born, action))
            case Ink():
                after = replace(self, pad=self.pad.inked(action))
            case _:
                pass
        return after

    def stepped(self, steps: int) -> ConsentForm:
        """Return the form at another purpose."""
        last = len(self.text.purposes) - 1
        return replace(self, step=min(last, max(0, self.step + steps)), part=0)

    def _age(self, born: date) -> int:
        return age_on(born, self.shown_on)

    def _answered(self, answer: Answer) -> ConsentForm:
        key = answer.purpose, answer.channel
        return replace(self, answers=MappingProxyType({**self.answers, key: answer.allowed}))

    def _signing(self, action: Sign) -> ConsentForm:
        match action:
            case Sign.PATIENT | Sign.GUARDIAN:
                return replace(self, guardian=action is Sign.GUARDIAN)
            case Sign.UNDERSTOOD:
                return replace(self, understood=not self.understood)
            case Sign.CLEAR:
                return replace(self, pad=Pad())

    def _typed(self, action: Letter | KeyboardEdit) -> ConsentForm:
        keyboard = self.keyboard.pressed(action)
        if self.focus is Field.NAME:
            return replace(self, name=written(self.name, action, NAME_LIMIT), keyboard=keyboard)
        relation = written(self.relation, action, NAME_LIMIT)
        return replace(self, relation=relation, keyboard=keyboard)

    def _decision(self, purpose: PurposeText) -> Decision:
        allowed = not self.refused and bool(self.answers.get((purpose.id, None)))
        channels = [
            one.id for one in purpose.channels if allowed and self.answers.get((purpose.id, one.id))
        ]
        return Decision(purpose=purpose.id, allowed=allowed, channels=tuple(channels))

    def _signer(self) -> Signer:
        if not self.guardian:
            return Signer()
        return Signer(role="guardian", name=self.name.strip(), relation=self.relation.strip())


def _digits(text: str, key: Character | Edit) -> str:
    match key:
        case Edit.BACKSPACE:
            return text[:-1]
        case Edit.CLEAR:
            return ""
        case Character(digit) if digit in "0123456789" and len(text) < BORN_DIGITS:
            return text + digit
        case _:
            return text
