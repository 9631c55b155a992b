"""The capture process's loop: what happened, what follows from it, what is shown.

Everything here runs on the screen's thread and nothing here waits: devices, disk and camera work
on threads of their own and are asked for what they have.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kiosk.capture.acts import Acts, Crew, News
from kiosk.capture.backlog import BacklogWatch
from kiosk.capture.guides.values import Guidance
from kiosk.capture.guiding.guide import Guide
from kiosk.capture.hardware.interfaces import Pedal
from kiosk.capture.ui.entry import Character, Edit, Key, PatientEntry
from kiosk.capture.ui.model import Backlog, Compare, Earlier, ReviewPicture, ScreenModel
from kiosk.capture.workflow import Effect, Event, State, Workflow
from kiosk.errors import CameraError, KioskError
from kiosk.model import Frame, Pixels

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


class Screen(Protocol):
    """What the loop needs of the display."""

    def poll(self, model: ScreenModel) -> Iterable[Event | Key | Compare]:
        """Return what was touched on the screen as shown for ``model``; never waits."""
        ...

    def let_go(self, model: ScreenModel) -> None:
        """Forget every touch so far, and a finger that is still down."""
        ...

    def show(self, model: ScreenModel) -> None:
        """Bring the screen up to date; costs nothing when nothing changed."""
        ...

    def show_frame(self, frame: Frame, model: ScreenModel) -> None:
        """Draw a live picture into the screen of ``model``, shown before."""
        ...

    def forget(self) -> None:
        """Wipe what is kept of a patient: rendered texts, pictures, the screen's memory."""
        ...

    def tick(self) -> None:
        """Keep the pace of the display."""
        ...


class Feeder(Protocol):
    def feed(self) -> None: ...


class Stop(Protocol):
    def is_set(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Names:
    """What the screens are headed with."""

    clinic: str
    station: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the loop asks and tells: screen, pedal, spool, guide, service manager, clocks.

    ``clock`` gives monotonic nanoseconds, ``time_of_day`` the text of the clock on screen.
    """

    screen: Screen
    pedal: Pedal
    watch: BacklogWatch
    guide: Guide
    service: Feeder
    clock: Callable[[], int]
    time_of_day: Callable[[], str]


class App:
    """One station's screen, from start to stop."""

    def __init__(
        self, workflow: Workflow, acts: Acts, crew: Crew, around: Surroundings, names: Names
    ) -> None:
        self._workflow = workflow
        self._acts = acts
        self._crew = crew
        self._around = around
        self._names = names
        self._entry = PatientEntry()
        self._fault = ""
        self._review: ReviewPicture | None = None
        self._comparison: ReviewPicture | None = None
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
        guide, visit, state = self._around.guide, self._acts.visit, self._workflow.state
        if visit is None:
            guide.forget()
            self._guidance = None
            return
        view, remembered = visit.progress.current, self._acts.remembered
        if view is not None and state in (State.VIEW, State.AIM):
            guide.prepare(view, None if remembered is None else remembered.descriptor)
        if state is not State.AIM:
            guide.pause()
        else:
            guide.begin()
            if frame is not None:
                guide.offer(frame)
        now = self._around.clock()
        self._guidance = guide.guidance(now)
        if state is State.AIM and self._live_shown and guide.shot_due(now):
            self._happened(Event.PEDAL, now)

    @property
    def _live_shown(self) -> bool:
        return self._shown is not None and self._shown.state is State.AIM

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
        model, before = self._model(), self._shown
        if before is not None and before.progress is not None and model.progress is None:
            self._around.screen.forget()
        self._around.screen.show(model)
        if before is None or before.state is not model.state:
            self._shown_ns = self._active_ns = self._around.clock()
            self._around.pedal.rearm(self._shown_ns)
        self._shown = model
        return model

    def _model(self) -> ScreenModel:
        watch, visit = self._around.watch, self._acts.visit
        return ScreenModel(
            state=self._workflow.state,
            clinic=self._names.clinic,
            station=self._names.station,
            clock=self._around.time_of_day(),
            backlog=Backlog(watch.count, watch.since, unreadable=watch.error is not None),
            entry=self._entry,
            progress=None if visit is None else visit.progress,
            fault=self._fault,
            pedal_fault=self._around.pedal.fault(),
            lights_on=self._acts.lights_on,
            restarting=self._acts.restarting,
            review=self._judged(),
            comparison=self._compared(),
            guidance=self._guidance,
            drawn=self._around.guide.drawn,
            match=self._acts.match,
            earlier=self._earlier(),
        )

    def _earlier(self) -> Earlier | None:
        """Return what is known of earlier pictures of the view; None where nothing is kept."""
        if self._acts.recalled is None:
            return None
        remembered = self._acts.remembered
        if remembered is None:
            return Earlier()
        return Earlier(datetime.fromisoformat(remembered.baseline.taken_at.wall).date())

    def _judged(self) -> ReviewPicture | None:
        self._review = _of(self._review, self._acts.picture)
        return self._review

    def _compared(self) -> ReviewPicture | None:
        self._comparison = _of(self._comparison, self._acts.comparison)
        return self._comparison


def _of(before: ReviewPicture | None, picture: Pixels | None) -> ReviewPicture | None:
    """Return a picture for the screen, the same value as long as it is the same picture."""
    if picture is None:
        return None
    return before if before is not None and before.pixels is picture else ReviewPicture(picture)
