"""A session played by script: what a practitioner would touch and press, screen by screen.

Touches are real events at the middle of real buttons; the pedal is the simulated one. A step that
does not come in time fails the demo.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pygame

from kiosk.capture.hardware.simulated_pedal import SimulatedPedal
from kiosk.capture.start import Station
from kiosk.capture.ui.entry import Character, Edit, Key
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens import SCREENS
from kiosk.capture.workflow import Event, State
from kiosk.errors import ServiceError
from kiosk.records.protocols import load_protocol
from provisioning.demo.clinic import PROTOCOL

STEP_S = 30.0

Act = Callable[[ScreenModel], None]
Step = tuple[State, Sequence[Act]]


class Script:
    """Waits for each screen of the session, takes its picture, and acts.

    Args:
        station: the running capture process.
        patient: the number to type.
        finished: called after the last step.
        pictures: folder for PNG files of the screens, made if missing; None for none.
        look_s: how long to look at a screen before acting, seconds, so that a picture has come.
    """

    def __init__(
        self,
        station: Station,
        patient: str,
        finished: Callable[[], None],
        *,
        pictures: Path | None = None,
        look_s: float = 0.6,
    ) -> None:
        if not isinstance(station.pedal, SimulatedPedal):
            raise ServiceError('The script needs pedal.kind = "simulated".')
        if pictures is not None:
            pictures.mkdir(parents=True, exist_ok=True)
        self._display = station.window.display
        self._pedal = station.pedal
        self._pictures = pictures
        self._look_s = look_s
        self._finished = finished
        self._steps = self._session(patient)
        self._step: Step | None = next(self._steps)
        self._since = time.monotonic()
        self._seen_since: float | None = None
        self._acts: list[Act] = []
        self._taken: set[State] = set()

    def observe(self, model: ScreenModel) -> None:
        """Do what the present screen is waiting for.

        Raises:
            ServiceError: the screen that should come did not.
        """
        if model.state not in self._taken:
            self._photograph(model)
        if self._acts:
            self._acts.pop(0)(model)
            return
        if self._step is None:
            return
        state, acts = self._step
        if model.state is not state:
            self._seen_since = None
            if time.monotonic() - self._since > STEP_S:
                raise ServiceError(f"the demo waited for {state.name}, but saw {model.state.name}")
            return
        now = time.monotonic()
        self._seen_since = self._seen_since or now
        if now - self._seen_since < self._look_s:
            return
        self._photograph(model)
        self._acts = list(acts)
        self._step, self._since, self._seen_since = next(self._steps, None), now, None
        if self._step is None:
            self._finished()

    def require_finished(self) -> None:
        """Make sure that the session came to its end.

        Raises:
            ServiceError: it did not.
        """
        if self._step is not None:
            raise ServiceError(f"the demo stopped while waiting for {self._step[0].name}")

    def _session(self, patient: str) -> Iterator[Step]:
        yield State.STANDBY, [self._touch(Event.START)]
        yield State.PATIENT, [*self._typed(patient), self._touch(Event.PATIENT_GIVEN)]
        views = load_protocol(PROTOCOL).views
        yield State.VIEW, [self._touch(Event.END_SESSION)]
        yield State.CONFIRM_END, [self._touch(Event.BACK)]
        for number, _ in enumerate(views):
            yield State.VIEW, [self._press]
            yield State.AIM, [self._press]
            if number == 1:
                yield State.REVIEW, [self._touch(Event.RETAKE)]
                yield State.AIM, [self._press]
            yield State.REVIEW, [self._press if number % 2 else self._touch(Event.ACCEPT)]
        yield State.SUMMARY, [self._touch(Event.FINISH)]
        yield State.STANDBY, []

    def _press(self, _model: ScreenModel) -> None:
        self._pedal.press(time.monotonic_ns())

    def _touch(self, action: Event | Key) -> Act:
        def act(model: ScreenModel) -> None:
            buttons = SCREENS[model.state].buttons(
                self._display.layout, self._display.canvas.words, model
            )
            places = [b.rect.centre for b in buttons if b.action == action and b.enabled]
            if not places:
                raise ServiceError(f"{model.state.name} has no button for {action} to touch")
            for kind in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
                pygame.event.post(
                    pygame.event.Event(kind, button=pygame.BUTTON_LEFT, pos=places[0])
                )

        return act

    def _typed(self, text: str) -> list[Act]:
        """Touch the keys of a number, changing between the pages of digits and letters."""
        acts, letters = [], False
        for character in text:
            if character != "-" and character.isalpha() is not letters:
                letters = not letters
                acts.append(self._touch(Edit.LETTERS if letters else Edit.DIGITS))
            acts.append(self._touch(Character(character)))
        return acts

    def _photograph(self, model: ScreenModel) -> None:
        if self._pictures is None:
            return
        self._taken.add(model.state)
        name = f"{list(State).index(model.state):02d}-{model.state.name.lower()}.png"
        pygame.image.save(self._display.snapshot(), self._pictures / name)
