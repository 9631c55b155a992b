"""The capture process's loop: what happened, what follows from it, what is shown.

Everything here runs on the screen's thread and nothing here waits: devices, disk and camera work
on threads of their own and are asked for what they have.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from kiosk.capture.acts import Acts
from kiosk.capture.crew import Crew, News
from kiosk.capture.guides.values import Guidance
from kiosk.capture.presenting import Presenter
from kiosk.capture.surroundings import Names, Surroundings
from kiosk.capture.ui.entry import Character, Edit, PatientEntry
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.workflow import Effect, Event, State, Workflow
from kiosk.errors import CameraError, KioskError
from kiosk.model import Frame

IDLE_NS = 180_000_000_000
"""Without a touch or a press for so long the station forgets the patient: a screen is not to be
left where another patient can see it."""

TOUCH_DWELL_NS = 300_000_000
"""How long a screen is up before a touch acts on it: the second tap of a double tap comes within
that time and was meant for the screen before."""

STUCK_NS = 60_000_000_000
"""No job takes this long: a capture gives up after seconds. The watchdog then restarts us."""

_WATCHED = frozenset({State.STANDBY, State.PATIENT, State.VIEW, State.AIM})
"""States in which a camera that fails is noticed at once."""

_log = logging.getLogger(__name__)


class Stop(Protocol):
    def is_set(self) -> bool: ...


class App:
    """One station's screen, from start to stop."""

    def __init__(
        self, workflow: Workflow, acts: Acts, crew: Crew, around: Surroundings, names: Names
    ) -> None:
        self._workflow = workflow
        self._acts = acts
        self._crew = crew
        self._around = around
        self._presenter = Presenter(around, acts, names)
        self._entry = PatientEntry()
        self._fault = ""
        self._active_ns = around.clock()
        self._shown: ScreenModel | None = None
        self._shown_ns = around.clock()
        self._burning = False
        self._guidance: Guidance | None = None

    def run(self, stop: Stop, observe: Callable[[ScreenModel], None] = lambda _model: None) -> None:
        """Work until asked to stop.

        Args:
            stop: asked once a frame.
            observe: is told what is on the screen after each frame; for demonstrations.

        Raises:
            Exception: whatever ended the worker; the process must end with it.
        """
        while not stop.is_set():
            self.step()
            if self._shown is not None:
                observe(self._shown)
        if ignored := self._workflow.ignored.total():
            _log.info("%d presses or answers came when they meant nothing", ignored)

    def step(self) -> None:
        """Do one frame's work."""
        self._crew.worker.check()
        self._around.watch.check()
        for news in self._crew.inbox.drain():
            self._told(news)
        self._pressed()
        self._touched()
        self._watch_storage()
        self._watch_lights()
        self._watch_time()
        frame = self._live()
        self._guide(frame)
        model = self._show()
        if frame is not None and model.state is State.AIM:
            self._around.screen.show_frame(frame, model)
        if self._crew.worker.busy_ns() < STUCK_NS:
            self._around.service.feed()
        self._around.screen.tick()

    def _told(self, news: News) -> None:
        if not self._acts.concerns(news):
            self._withdrawn(news)
            return
        before = self._workflow.state
        if news.event is not None:
            self._happened(news.event, self._around.clock())
        state = self._workflow.state
        if news.picture is not None:
            if before is not state and state is State.REVIEW:
                self._acts.picture = news.picture
            else:
                news.picture.fill(0)
                self._acts.drop_shot()
        self._learned(news)
        if news.error is not None:
            self._went_wrong(news, news.error, before)

    def _learned(self, news: News) -> None:
        """Take in what is known now of the picture to be judged, or of the patient."""
        if news.match is not None and self._acts.picture is not None:
            self._acts.match = news.match
        if news.comparison is not None:
            if self._acts.picture is None:
                news.comparison.fill(0)
            else:
                self._acts.comparison = news.comparison
        if news.recalled is not None:
            self._acts.recalled = news.recalled
            for fault in news.recalled.faults:
                _log.warning("%s", fault)

    def _went_wrong(self, news: News, error: KioskError, before: State) -> None:
        state = self._workflow.state
        _log.warning("%s", error)
        if state is before and news.event is Event.LIGHT_FAILED:
            self._burning = True
        told = news.event is not None and state in (State.OUT_OF_ORDER, State.CAMERA_FAULT)
        if state is not before or told:
            self._fault = error.sentence

    def _withdrawn(self, news: News) -> None:
        """Nobody waits for this picture any more."""
        for picture in (news.picture, news.comparison):
            if picture is not None:
                picture.fill(0)
        if news.error is not None:
            _log.warning("%s", news.error)

    def _pressed(self) -> None:
        for at_ns in self._around.pedal.poll():
            self._active_ns = self._around.clock()
            # What was pressed on another screen than the one shown was not meant for it.
            if self._shown is not None and self._shown.state is self._workflow.state:
                self._happened(Event.PEDAL, at_ns)

    def _touched(self) -> None:
        if self._shown is None:
            return
        state = self._workflow.state
        fresh = self._around.clock() - self._shown_ns < TOUCH_DWELL_NS
        if self._shown.state is not state or fresh:
            self._around.screen.let_go(self._shown)
            return
        for touch in self._around.screen.poll(self._shown):
            self._active_ns = self._around.clock()
            if self._workflow.state is not state:
                return
            if isinstance(touch, Event):
                if touch is not Event.PATIENT_GIVEN or self._entry.valid:
                    self._happened(touch, self._active_ns)
            elif isinstance(touch, Character | Edit):
                self._entry = self._entry.pressed(touch)

    def _watch_storage(self) -> None:
        error = self._around.watch.error
        if error is not None and self._workflow.state is State.STANDBY:
            self._failed(Event.STORAGE_REFUSED, error)

    def _watch_lights(self) -> None:
        """Darken lamps that did not go dark once more, on a screen that knows what to say then."""
        if self._burning and self._workflow.state in (State.STANDBY, State.VIEW):
            self._burning = False
            self._acts.perform(Effect.LIGHTS_OFF, patient="", at_ns=self._around.clock())

    def _watch_time(self) -> None:
        now = self._around.clock()
        if now - self._active_ns > IDLE_NS:
            self._active_ns = now
            if self._workflow.state is not State.STANDBY:
                self._happened(Event.IDLE_TIMEOUT, now)

    def _live(self) -> Frame | None:
        if self._workflow.state not in _WATCHED:
            return None
        try:
            return self._crew.camera.preview()
        except CameraError as error:
            self._failed(Event.CAMERA_FAILED, error)
            return None

    def _guide(self, frame: Frame | None) -> None:
        """Guide the patient into the present view while the live picture is on."""
        guide, now = self._around.guide, self._around.clock()
        self._target(frame)
        self._guidance = guide.guidance(now)
        if self._shown is not None and self._shown.state is State.AIM and guide.shot_due(now):
            guide.pause()
            self._guidance = None
            self._happened(Event.PEDAL, now)

    def _target(self, frame: Frame | None) -> None:
        """Tell the guide where the session is, and what the camera sees."""
        guide, visit, state = self._around.guide, self._acts.visit, self._workflow.state
        if visit is None:
            guide.forget()
            return
        view, remembered = visit.progress.current, self._acts.remembered
        if view is not None and state in (State.VIEW, State.AIM):
            guide.prepare(view, None if remembered is None else remembered.descriptor)
        if state is not State.AIM:
            guide.pause()
            return
        guide.begin()
        if frame is not None:
            guide.offer(frame)

    def _failed(self, event: Event, error: KioskError) -> None:
        self._told(News(event, error))

    def _happened(self, event: Event, at_ns: int) -> None:
        before = self._workflow.state
        follow = [
            self._acts.perform(effect, patient=self._entry.text, at_ns=at_ns)
            for effect in self._workflow.handle(event)
        ]
        if self._workflow.state is not before:
            self._fault = ""
        for next_event in follow:
            if next_event is not None:
                self._happened(next_event, at_ns)
        if self._acts.visit is None and self._workflow.state is not State.PATIENT:
            self._entry = PatientEntry()

    def _show(self) -> ScreenModel:
        state, before = self._workflow.state, self._shown
        model = self._presenter.model(state, self._entry, self._fault, self._guidance)
        if before is not None and before.progress is not None and model.progress is None:
            self._around.screen.forget()
        self._around.screen.show(model)
        if before is None or before.state is not model.state:
            self._shown_ns = self._active_ns = self._around.clock()
            self._around.pedal.rearm(self._shown_ns)
        self._shown = model
        return model
