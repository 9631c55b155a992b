"""A session played by script: what a practitioner would touch and press, screen by screen.

Touches are real events at the middle of real buttons; the pedal is the simulated one. A step that
does not come in time fails the demo.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import pygame

from kiosk.capture.guides.values import Cue
from kiosk.capture.hardware.simulated_pedal import SimulatedPedal
from kiosk.capture.start import Station
from kiosk.capture.ui.model import Compare, ScreenModel
from kiosk.capture.workflow import Event, State
from kiosk.errors import ServiceError
from kiosk.records.protocols import load_protocol
from provisioning.demo.clinic import PROTOCOL, Member
from provisioning.demo.faults import Faults
from provisioning.demo.people_steps import OWN_PIN, People
from provisioning.demo.steps import Act, Hand, Step

STEP_S = 240.0
"""The longest that a screen, or the patient on it, may take to get where a step waits for it; the
patient's own time passes slower on a slow machine."""

UNJUDGED_S = 4.0
"""How long of the patient's time the guide must say that it cannot judge before the operator
presses by eye."""

PATIENCE_S = 40.0
"""How long of the patient's time an operator waits before pressing all the same."""

PROFILE_S = 25.0
"""The same for a profile without a baseline, which the guide can bring near its pose only."""

FOLLOWED = 2
"""Views of the follow-up."""

_PEOPLE = frozenset(State) - frozenset(
    {State.VIEW, State.AIM, State.CAPTURED, State.REVIEW, State.SAVING, State.SUMMARY}
)
"""Screens that stand still, so that nothing has to come before they are acted on."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a session is played.

    Attributes:
        pictures: folder for PNG files of the screens, made if missing; None for none.
        look_s: how long to look at a screen before acting, seconds, so that a picture has come.
        faults: what a later session provokes; None for one session without faults.
        guided: whether somebody sits there who follows the guide, to be waited for; else the
            pedal is pressed as soon as the live picture has come.
        people_s: the same as ``look_s`` on the screens before a session.
        restore: lets the camera see again what it saw before it was shown a badge.
        clock: the patient's time, nanoseconds.
        asks: whether the clinic sends earlier pictures, which a follow-up waits for.
        answered: whether all of them that were asked for have come.
    """

    pictures: Path | None = None
    look_s: float = 0.6
    faults: Faults | None = None
    guided: bool = False
    people_s: float = 0.45
    restore: Callable[[], None] = lambda: None
    clock: Callable[[], int] = time.monotonic_ns
    asks: bool = False
    answered: Callable[[], bool] = lambda: True


class Readiness:
    """Tells from what the guide says whether a practitioner would press the pedal now."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._unjudged_since: float | None = None
        self._within = False
        self.guided = self.by_eye = 0

    def pressed(self) -> None:
        """Count the picture that is taken now, and begin anew for the next one."""
        if self._since is not None:
            self.guided += self._within
            self.by_eye += not self._within
        self._since = self._unjudged_since = None

    def told(self, model: ScreenModel, now: float) -> bool:
        """Take in what the guide says at a patient's time, seconds; return whether to press."""
        guidance = model.guidance
        if guidance is None:
            self._since = self._unjudged_since = None
            return False
        self._since = self._since or now
        if guidance.instruction.cue is not Cue.CANNOT_JUDGE:
            self._unjudged_since = None
        else:
            self._unjudged_since = self._unjudged_since or now
        unjudged = self._unjudged_since is not None and now - self._unjudged_since >= UNJUDGED_S
        self._within = guidance.within
        return guidance.within or unjudged or now - self._since >= _patience_s(model)


def _patience_s(model: ScreenModel) -> float:
    view = model.view
    no_end = view is not None and view.method == "profile" and model.drawn is None
    return PROFILE_S if no_end else PATIENCE_S


def _overdue(step: Step, model: ScreenModel) -> str:
    if model.state is step.state and model.guidance is not None:
        said = model.guidance.instruction.cue.name
        return f"the demo waited for the patient to be guided; the guide still says {said}"
    return f"the demo waited for {step.state.name}, but saw {model.state.name}"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who signs in, with which own PIN after the first one, and the patient who comes."""

    member: Member
    patient: str = field(repr=False)
    own_pin: str = field(default=OWN_PIN, repr=False)


class Script:
    """Waits for each screen of the session, takes its picture, and acts.

    Args:
        station: the running capture process.
        visitor: who signs in, and which patient comes.
        finished: called after the last step.
        manner: pictures, pace and faults.
    """

    def __init__(
        self, station: Station, visitor: Visitor, finished: Callable[[], None], manner: Manner
    ) -> None:
        if not isinstance(station.pedal, SimulatedPedal):
            raise ServiceError('The script needs pedal.kind = "simulated".')
        if manner.pictures is not None:
            manner.pictures.mkdir(parents=True, exist_ok=True)
        self._display = station.window.display
        self._hand = Hand(self._display, manner.restore)
        self._touch = self._hand.touch
        self._people = People(station, visitor.member, visitor.own_pin, self._hand)
        self._pedal = station.pedal
        self._manner = manner
        self._finished = finished
        patient = visitor.patient
        self._steps = self._session(patient)
        if manner.faults is not None:
            self._steps = chain(
                self._steps,
                self._follow_up(patient),
                self._faulty_session(patient, manner.faults),
            )
        self._step: Step | None = next(self._steps)
        self._since = time.monotonic()
        self._seen_since: float | None = None
        self._acts: list[Act] = []
        self._ready = Readiness()
        self._taken: dict[State, bool] = {}

    def observe(self, model: ScreenModel) -> None:
        """Do what the present screen is waiting for.

        Raises:
            ServiceError: the screen that should come did not.
        """
        self._photograph(model, settled=False)
        if self._acts:
            if (more := self._acts.pop(0)(model)) is not None:
                self._acts.insert(0, more)
            return
        if self._step is None:
            return
        state, acts = self._step.state, self._step.acts
        now = time.monotonic()
        if model.state is not state or self._waits(self._step, model):
            self._seen_since = None
            if now - self._since > STEP_S:
                raise ServiceError(_overdue(self._step, model))
            return
        self._seen_since = self._seen_since or now
        look_s = self._manner.people_s if state in _PEOPLE else self._manner.look_s
        if now - self._seen_since < look_s:
            return
        self._photograph(model, settled=True)
        self._ready.pressed()
        self._acts = list(acts)
        self._step, self._since, self._seen_since = next(self._steps, None), now, None
        if self._step is None:
            self._finished()

    def _waits(self, step: Step, model: ScreenModel) -> bool:
        guided = step.guided and self._manner.guided
        if guided and not self._ready.told(model, self._manner.clock() / 1e9):
            return True
        return step.until is not None and not step.until(model)

    def guided(self) -> str:
        """Return in words how many pictures were taken once the guide said that all is right."""
        ready = self._ready
        return f"guided into the pose: {ready.guided} pictures; judged by eye: {ready.by_eye}"

    def require_finished(self) -> None:
        """Make sure that the session came to its end.

        Raises:
            ServiceError: it did not.
        """
        if self._step is not None:
            raise ServiceError(f"the demo stopped while waiting for {self._step.state.name}")

    def _session(self, patient: str) -> Iterator[Step]:
        """A whole session: one view taken again, the end asked for and thought better of."""
        yield from self._people.sign_in()
        yield from self._people.choose(patient)
        yield from self._consent()
        yield Step(State.CHART_ALLOWED, [self._touch(Event.START)])
        yield Step(State.VIEW, [self._touch(Event.END_SESSION)])
        yield Step(State.CONFIRM_END, [self._touch(Event.BACK)])
        for number, _ in enumerate(load_protocol(PROTOCOL).views):
            yield Step(State.VIEW, [self._press])
            yield Step(State.AIM, [self._press], guided=True)
            if number == 1:
                yield Step(State.REVIEW, [self._touch(Event.RETAKE)])
                yield Step(State.AIM, [self._press], guided=True)
            yield Step(State.REVIEW, [self._press if number % 2 else self._touch(Event.ACCEPT)])
        yield Step(State.SUMMARY, [self._touch(Event.FINISH)])

    def _consent(self) -> Iterator[Step]:
        return self._people.consent()

    def _follow_up(self, patient: str) -> Iterator[Step]:
        """The same patient again: guided back into the pose of two earlier pictures."""
        yield from self._people.type_number(patient)
        yield from self._people.withdraw("training")
        yield Step(State.CHART_ALLOWED, [self._again("follow-up-page"), self._press])
        for _ in range(FOLLOWED):
            view = [self._again("follow-up-view"), self._press]
            yield Step(State.VIEW, view, until=self._answered)
            yield Step(State.AIM, [self._again("follow-up-aim"), self._press], guided=True)
            review = [self._again("follow-up-review"), *self._comparing(), self._press]
            yield Step(State.REVIEW, review, until=self._compared)
        yield Step(State.VIEW, [self._touch(Event.END_SESSION)])
        yield Step(State.CONFIRM_END, [self._touch(Event.CONFIRM)])
        yield Step(State.SUMMARY, [self._touch(Event.FINISH)])
        yield Step(State.DAY, [self._touch(Event.SIGN_OUT)])

    def _faulty_session(self, patient: str, faults: Faults) -> Iterator[Step]:
        """A session in which one thing after the other fails, and is said and mended."""
        again = self._touch(Event.TRY_AGAIN)
        yield Step(State.SIGNED_OUT, [faults.lose_camera])
        yield Step(State.OUT_OF_ORDER, [again])
        yield from self._people.sign_in()
        yield from self._people.choose(patient)
        # Two screens before the shot: a camera takes some frames to do as it is told, and a busy
        # machine draws few of them.
        yield Step(State.CHART_ALLOWED, [faults.change_exposure, self._touch(Event.START)])
        yield Step(State.VIEW, [self._press])
        yield Step(State.AIM, [self._press])
        yield Step(State.SHOT_REFUSED, [faults.restore_exposure, again])
        yield Step(State.AIM, [self._press])
        yield Step(State.REVIEW, [faults.fill_disk, self._touch(Event.ACCEPT)])
        yield Step(State.SAVE_FAULT, [self._touch(Event.DISCARD)])
        yield Step(State.CONFIRM_DISCARD, [self._touch(Event.BACK)])
        yield Step(State.SAVE_FAULT, [faults.empty_disk, again])
        yield Step(State.VIEW, [self._press])
        yield Step(State.AIM, [faults.lose_camera])
        yield Step(State.CAMERA_FAULT, [again])
        yield Step(State.VIEW, [faults.lose_lamps, self._press])
        yield Step(State.LIGHT_FAULT, [faults.mend_lamps, self._touch(Event.END_SESSION)])
        yield Step(State.SUMMARY, [self._touch(Event.FINISH)])
        yield Step(State.DAY, [self._touch(Event.SIGN_OUT)])
        yield Step(State.SIGNED_OUT, [])

    def _comparing(self) -> Iterator[Act]:
        """Look at the earlier picture in each way that the screen has for it."""
        if not self._manner.asks:
            return
        for way in (Compare.BESIDE, Compare.BLINK, Compare.WIPE):
            yield self._touch(way)
            yield self._again(f"follow-up-{way.name.lower()}")

    def _answered(self, model: ScreenModel) -> bool:
        """Whether the clinic has sent what it was asked for, where it is asked."""
        known = model.earlier is not None and model.earlier.taken is not None
        return not self._manner.asks or (known and self._manner.answered())

    def _compared(self, model: ScreenModel) -> bool:
        return not self._manner.asks or model.comparison is not None

    def _press(self, _model: ScreenModel) -> None:
        self._pedal.press(time.monotonic_ns())

    def _again(self, name: str) -> Act:
        """Save a picture of a screen that was seen before, for what is new on it; the first one."""

        def act(_model: ScreenModel) -> None:
            folder = self._manner.pictures
            if folder is not None and not (folder / f"{name}.png").exists():
                pygame.image.save(self._display.snapshot(), folder / f"{name}.png")

        return act

    def _photograph(self, model: ScreenModel, *, settled: bool) -> None:
        """Save the first sight of a screen, and once more when its live picture has come."""
        before = self._taken.get(model.state)
        folder = self._manner.pictures
        if folder is None or before or (before is False and not settled):
            return
        self._taken[model.state] = settled
        name = f"{list(State).index(model.state):02d}-{model.state.name.lower()}.png"
        pygame.image.save(self._display.snapshot(), folder / name)
