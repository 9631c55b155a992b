"""The capture process's loop: what happened, what follows from it, what is shown.

Everything here runs on the screen's thread and nothing here waits: devices, disk and camera work
on threads of their own and are asked for what they have.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from kiosk.capture.acts import Acts
from kiosk.capture.aiming import Aiming
from kiosk.capture.attention import Attention
from kiosk.capture.crew import Crew, News
from kiosk.capture.flow.service import LIT, SERVICE
from kiosk.capture.foot import Foot, Step
from kiosk.capture.people.lobby import SCANNED, Lobby
from kiosk.capture.presenting import Presenter
from kiosk.capture.surroundings import TOUCH_DWELL_NS, Stop, Surroundings
from kiosk.capture.ui.model import Compare, ScreenModel
from kiosk.capture.ui.widgets import Action
from kiosk.capture.workflow import Effect, Event, State, Workflow
from kiosk.errors import CameraError, EntryRefused, KioskError
from kiosk.model import Frame

POST_NS = 30_000_000_000
"""Between two looks at what has left the station, for the audit trail, and at who may be here."""

STUCK_NS = 60_000_000_000
"""No job takes this long: a capture gives up after seconds. The watchdog then restarts us."""

_LIVE: Final = SCANNED | {State.AIM, *LIT}
"""States whose screens show the live picture."""

_WATCHED: Final = _LIVE | {State.SIGNED_OUT, State.DAY, State.VIEW}
"""States in which a camera that fails is noticed at once."""

_TRIED_AGAIN: Final = frozenset({State.OUT_OF_ORDER, State.CAMERA_FAULT, State.SERVICE_CAMERA})
"""Screens that stay when the camera was started again in vain, and say why."""

_WHY: Final = {Event.SIGN_OUT: "by touch", Event.SIGN_OUT_DUE: "by time"}
"""Why somebody was signed out, for the audit trail; else by a fault."""

_WITHDRAWN: Final = "badge withdrawn"

_log = logging.getLogger(__name__)


class App:
    """One station's screen, from start to stop."""

    def __init__(
        self,
        workflow: Workflow,
        acts: Acts,
        lobby: Lobby,
        crew: Crew,
        around: Surroundings,
    ) -> None:
        self._workflow = workflow
        self._acts = acts
        self._lobby = lobby
        self._crew = crew
        self._around = around
        self._presenter = Presenter(around, acts, lobby)
        self._attention = Attention(around.limits, around.clock())
        self._fault = ""
        self._shown: ScreenModel | None = None
        self._shown_ns = around.clock()
        self._looked_ns = around.clock()
        self._burning = False
        self._foot = Foot(around.pedal)
        self._aiming = Aiming(around.guide, acts, self._attention, around.clock)

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
            _log.info("presses or answers that came when they meant nothing: %d", ignored)

    def step(self) -> None:
        """Do one frame's work."""
        self._crew.worker.check()
        self._around.watch.check()
        for news in self._crew.inbox.drain():
            self._told(news)
        self._pressed()
        self._touched()
        self._scanned()
        self._watch_storage()
        self._watch_lights()
        self._watch_time()
        self._watch_post()
        self._around.maintenance.attend(self._workflow.state)
        frame = self._live()
        seen = None if self._shown is None else self._shown.state
        if self._aiming.step(frame, self._workflow.state, seen):
            self._happened(Event.PEDAL, self._around.clock())
        model = self._show()
        live = model.state in _LIVE and model.review is None
        if frame is not None and live and not model.blanked:
            self._around.screen.show_frame(frame, model)
        if self._crew.worker.busy_ns() < STUCK_NS:
            self._around.service.feed()
        self._around.screen.tick()

    def _told(self, news: News) -> None:
        if news.apply is not None:
            event = news.apply()
            if event is not None:
                self._happened(event, self._around.clock())
            return
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
        self._acts.learned(news)
        if news.error is not None:
            self._went_wrong(news, news.error, before)

    def _went_wrong(self, news: News, error: KioskError, before: State) -> None:
        state = self._workflow.state
        _log.warning("%s", error)
        if state is before and news.event is Event.LIGHT_FAILED:
            self._burning = True
        told = news.event is not None and state in _TRIED_AGAIN
        if state is not before or told:
            self._fault = error.sentence

    def _withdrawn(self, news: News) -> None:
        """Nobody waits for this picture any more."""
        news.wipe()
        if news.error is not None:
            _log.warning("%s", news.error)

    def _pressed(self) -> None:
        for at_ns in self._around.pedal.poll():
            if self._woken():
                continue
            # What was pressed on another screen than the one shown was not meant for it.
            if self._shown is not None and self._shown.state is self._workflow.state:
                self._stepped(self._foot.pressed(at_ns, self._workflow.state))
        self._stepped(self._foot.ended(self._workflow.state, self._around.clock()))

    def _stepped(self, step: Step | None) -> None:
        if step is not None:
            self._happened(step.event, step.at_ns)

    def _touched(self) -> None:
        if self._shown is None:
            return
        state = self._workflow.state
        fresh = self._around.clock() - self._shown_ns < TOUCH_DWELL_NS
        if self._shown.state is not state or fresh:
            if self._around.screen.let_go(self._shown):
                self._woken()
            return
        touches = self._around.screen.poll(self._shown)
        if touches.touched and self._woken():
            self._around.screen.let_go(self._shown)
            return
        for touch in touches.actions:
            if self._workflow.state is not state:
                return
            self._attention.active(self._around.clock())
            event = self._meant(state, touch)
            if event is not None:
                self._happened(event, self._around.clock())

    def _meant(self, state: State, touch: Action) -> Event | None:
        """Return what a touch on a screen means for the workflow."""
        if isinstance(touch, Compare):
            return None
        if state not in SERVICE:
            if isinstance(touch, Event):
                return self._lobby.meant(state, touch)
            return self._lobby.touched(state, touch)
        if isinstance(touch, Event):
            return touch
        self._around.maintenance.touched(touch)
        return None

    def _scanned(self) -> None:
        state = self._workflow.state
        for code in self._around.codes.poll(state):
            self._woken()
            try:
                event = self._lobby.scanned(state, code.text())
            except EntryRefused as error:
                self._lobby.refused(error)
                continue
            if event is not None:
                self._happened(event, self._around.clock())
                return

    def _woken(self) -> bool:
        """Somebody is there; return whether that only lit a dark screen."""
        self._attention.active(self._around.clock())
        dark = self._workflow.blanked
        self._workflow.wake()
        return dark

    def _watch_storage(self) -> None:
        error = self._around.watch.error
        if error is not None and self._workflow.state is State.SIGNED_OUT:
            self._failed(Event.STORAGE_REFUSED, error)

    def _watch_lights(self) -> None:
        """Darken lamps that did not go dark once more, on a screen that knows what to say then."""
        if self._burning and self._workflow.state in (State.SIGNED_OUT, State.DAY, State.VIEW):
            self._burning = False
            self._acts.perform(Effect.LIGHTS_OFF, None, at_ns=self._around.clock())

    def _watch_time(self) -> None:
        now = self._around.clock()
        self._attention.signed(now, in_=self._lobby.door.operator is not None)
        for event in self._attention.due(now):
            self._happened(event, now)
        if self._lobby.door.withdrawn:
            # Repeated, for a picture that is being saved puts it off.
            self._happened(Event.SIGN_OUT_DUE, now)

    def _watch_post(self) -> None:
        now = self._around.clock()
        if now - self._looked_ns > POST_NS:
            self._looked_ns = now
            self._acts.note_uploaded()
            self._lobby.door.watch()

    def _live(self) -> Frame | None:
        if self._workflow.state not in _WATCHED:
            return None
        try:
            frame = self._crew.camera.preview()
        except CameraError as error:
            self._failed(Event.CAMERA_FAILED, error)
            return None
        if frame is not None:
            self._around.codes.offer(self._workflow.state, frame)
        return frame

    def _failed(self, event: Event, error: KioskError) -> None:
        self._told(News(event, error))

    def _happened(self, event: Event, at_ns: int) -> None:
        before = self._workflow.state
        follow = [
            next_event
            for effect in self._workflow.handle(event)
            for next_event in self._perform(effect, event, at_ns)
            if next_event is not None
        ]
        state = self._workflow.state
        if state is not before:
            self._fault = ""
            if event is not Event.BLANKED:
                self._attention.active(at_ns)
            self._lobby.entered(state)
            self._around.maintenance.entered(state)
            self._around.codes.entered(state)
        for next_event in follow:
            self._happened(next_event, at_ns)

    def _perform(self, effect: Effect, event: Event, at_ns: int) -> tuple[Event | None, ...]:
        self._around.maintenance.perform(effect, self._workflow.state, at_ns)
        opening = self._lobby.number() if effect is Effect.OPEN_PATIENT else ""
        who = self._lobby.attendance()
        follow = (
            self._acts.perform(effect, who, at_ns=at_ns),
            self._lobby.perform(effect, why=self._why(event)),
        )
        if opening:
            # Behind the patient's page, which must not wait for what is only compared with.
            self._acts.recall(opening)
        return follow

    def _why(self, event: Event) -> str:
        due = event is Event.SIGN_OUT_DUE and self._lobby.door.withdrawn
        return _WITHDRAWN if due else _WHY.get(event, "by a fault")

    def _show(self) -> ScreenModel:
        before = self._shown
        model = self._presenter.model(
            self._workflow, self._fault, self._aiming.guidance, holding=self._foot.down
        )
        if before is not None and before.personal and not model.personal:
            self._around.screen.forget()
        self._around.screen.show(model)
        if before is None or before.state is not model.state:
            self._shown_ns = self._around.clock()
            self._around.pedal.rearm(self._shown_ns)
        self._shown = model
        return model
