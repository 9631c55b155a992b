"""The demo's steps of people: signing in by badge and PIN, consent by finger, withdrawal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kiosk.capture.hardware.simulated_camera import SimulatedCamera
from kiosk.capture.hardware.simulated_reader import SimulatedReader
from kiosk.capture.start import Station
from kiosk.capture.ui.entry import Character, Edit
from kiosk.capture.ui.forms import actions
from kiosk.capture.ui.forms.actions import Answer, Chosen, Sign, Turn, Withdraw
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.consent_sign import pad_of
from kiosk.capture.workflow import Event, State
from kiosk.errors import ServiceError
from provisioning.demo.clinic import BADGE, Member
from provisioning.demo.steps import Act, Hand, Step

OWN_PIN: Final = "730916"
"""What the operator chooses in place of the desk's."""

_YES: Final = frozenset({"record", "training", "marketing"})
"""What the demo's patient says yes to; of channels to the first."""

_STROKE: Final = (
    *((0.15, 0.70), (0.22, 0.30), (0.30, 0.70), (0.38, 0.30), (0.46, 0.72)),
    *((0.55, 0.50), (0.62, 0.68), (0.70, 0.45), (0.80, 0.60), (0.88, 0.35)),
)


class People:
    """Acts and steps that need more than one touch.

    Args:
        station: the running capture process.
        member: who signs in.
        own_pin: what the operator chooses in place of the desk's.
        hand: touches for the script.
    """

    def __init__(self, station: Station, member: Member, own_pin: str, hand: Hand) -> None:
        self._station, self._member, self._hand = station, member, hand
        self._pin, self._own = member.pin, own_pin

    def sign_in(self) -> Iterator[Step]:
        """Sign in; the first time by the camera, with the desk's PIN and an own one after it."""
        touch, pin, first = self._hand.touch, self._pin, self._pin != self._own
        yield Step(State.SIGNED_OUT, [touch(Event.START)])
        yield Step(State.BADGE, [self._show_badge if first else self._read_badge])
        yield Step(State.PIN, [self._take_badge_away, *self._typed(pin)])
        if first:
            self._pin = self._own
            for state in (State.NEW_PIN, State.NEW_PIN_AGAIN):
                yield Step(state, self._typed(self._own))

    def consent(self) -> Iterator[Step]:
        """Read, answer and sign, as a patient who is asked for the first time."""
        touch = self._hand.touch
        yield Step(State.CHART, [touch(Event.ASK_CONSENT)])
        yield Step(State.CONSENT_TEXT, [self._read_on])
        yield Step(State.CONSENT_CHOICES, [self._answer])
        yield Step(State.CONSENT_SIGNER, [touch(Sign.PATIENT), touch(Event.READY)])
        drawn = self._hand.draw(pad_of(self._hand.display.layout), _STROKE)
        signed = [touch(Sign.UNDERSTOOD), *drawn, touch(Event.CONSENT_GIVEN)]
        yield Step(State.CONSENT_SIGN, signed)

    def withdraw(self, use: str) -> Iterator[Step]:
        """Withdraw a purpose from the patient's page."""
        touch = self._hand.touch
        yield Step(State.CHART_ALLOWED, [touch(Event.ASK_WITHDRAWAL)])
        yield Step(State.WITHDRAW, [touch(Withdraw(use))])
        yield Step(State.CONFIRM_WITHDRAW, [touch(Event.CONFIRM)])

    def choose(self, patient: str) -> Iterator[Step]:
        """Touch a patient of the day's list."""
        yield Step(State.DAY, [self._hand.touch(Chosen(patient))])

    def type_number(self, patient: str) -> Iterator[Step]:
        """Type a patient's number, changing between the pages of digits and letters."""
        touch, typed, letters = self._hand.touch, [], False
        for character in patient:
            if character != "-" and character.isalpha() is not letters:
                letters = not letters
                typed.append(touch(Edit.LETTERS if letters else Edit.DIGITS))
            typed.append(touch(Character(character)))
        yield Step(State.DAY, [touch(Event.TYPE_NUMBER)])
        yield Step(State.PATIENT, [*typed, touch(Event.PATIENT_GIVEN)])

    def _typed(self, pin: str) -> list[Act]:
        touch = self._hand.touch
        digits = (touch(Character(digit)) for digit in pin)
        return [self._wait, *digits, touch(Event.PIN_GIVEN)]

    def _wait(self, model: ScreenModel) -> Act | None:
        """Let the time pass for which the keys are locked, as after a try that ended half-way."""
        return self._wait if model.people.sign_in.wait_s else None

    def _read_on(self, model: ScreenModel) -> Act | None:
        """Turn pages until the last one can be left."""
        if model.state is not State.CONSENT_TEXT:
            return None
        if self._hand.button(model, Event.READY) is not None:
            return self._hand.touch(Event.READY)(model)
        if self._hand.button(model, Turn(1)) is not None:
            self._hand.touch(Turn(1))(model)
        return self._read_on

    def _answer(self, model: ScreenModel) -> Act | None:
        """Answer one thing after the other until all is."""
        form = model.people.consent.form
        if model.state is not State.CONSENT_CHOICES or form is None:
            return None
        if form.answered(form.purpose):
            if self._hand.button(model, Event.READY) is not None:
                return self._hand.touch(Event.READY)(model)
            self._hand.touch(actions.Step(1))(model)
            return self._answer
        purpose, channel = form.purpose, None
        allowed = purpose.id in _YES
        if (purpose.id, None) in form.answers:
            left = [one for one in purpose.channels if (purpose.id, one.id) not in form.answers]
            channel, allowed = left[0].id, left[0] is purpose.channels[0]
        self._hand.touch(Answer(purpose.id, allowed, channel))(model)
        return self._answer

    def _show_badge(self, _model: ScreenModel) -> None:
        camera = self._station.camera
        if not isinstance(camera, SimulatedCamera):
            raise ServiceError('The script needs camera.kind = "simulated".')
        camera.play(None)
        camera.show(BADGE)

    def _take_badge_away(self, _model: ScreenModel) -> None:
        self._hand.restore()

    def _read_badge(self, _model: ScreenModel) -> None:
        reader = self._station.codes.reader
        if not isinstance(reader, SimulatedReader):
            raise ServiceError('The script needs reader.kind = "simulated".')
        reader.scan(self._member.badge.text())
