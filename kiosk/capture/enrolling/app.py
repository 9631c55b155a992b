"""The loop of a station that is not enrolled yet. It never waits, and it can take no picture."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

from kiosk.capture.codes import Codes
from kiosk.capture.enrolling.link import Link
from kiosk.capture.enrolling.progress import Progress
from kiosk.capture.flow.enrolling import Act
from kiosk.capture.surroundings import TOUCH_DWELL_NS, Feeder, Names, Screen, Stop
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.workflow import Event, State
from kiosk.errors import CameraError, CodeRefused, EnrolmentError, StorageError
from kiosk.model import Frame
from kiosk.records.enrolment import Enrolled, is_pending, read_receipt

LOOK_NS: Final = 500_000_000
"""Between two looks whether the station was enrolled by another way."""

_log = logging.getLogger(__name__)


class Previews(Protocol):
    """All that is used of a camera here."""

    def start(self) -> None: ...
    def preview(self) -> Frame | None: ...


@dataclass(frozen=True, slots=True)
class Around:
    """What the loop asks and tells.

    Attributes:
        screen: shows, and is touched.
        camera: sees the code.
        codes: reads it.
        link: to who asks the server.
        folder: of the settings, where the marks of an enrolment are.
        service: is told that the loop is alive.
        clock: monotonic nanoseconds.
        time_of_day: as it is shown.
        names: of clinic and station.
        idle_ns: after how long without a touch nobody is there any more.
    """

    screen: Screen
    camera: Previews
    codes: Codes
    link: Link
    folder: Path
    service: Feeder
    clock: Callable[[], int]
    time_of_day: Callable[[], str]
    names: Names
    idle_ns: int


class EnrolApp:
    """One station's screen, from the first start to the ordinary one."""

    def __init__(self, around: Around) -> None:
        self._around = around
        self._progress = Progress()
        self._blind = False
        self._left = False
        now = around.clock()
        self._active_ns = self._looked_ns = self._shown_ns = now
        self._shown: ScreenModel | None = None

    def begin(self) -> None:
        """Start the camera, which takes seconds; one that is not there is said on the screen."""
        try:
            self._around.camera.start()
        except CameraError as error:
            self._blinded(error)

    def run(self, stop: Stop, observe: Callable[[ScreenModel], None] = lambda _model: None) -> None:
        """Work until the station is enrolled and somebody has seen it, or until asked to stop.

        Args:
            stop: asked once a frame.
            observe: is told what is on the screen after each frame; for tests.

        Raises:
            Exception: whatever ended the thread that reads codes.
        """
        while not (self._left or stop.is_set()):
            observe(self.step())

    def step(self) -> ScreenModel:
        """Do one frame's work; return what is shown then."""
        self._touched()
        self._scanned()
        self._answered()
        self._watch()
        frame = self._live()
        model = self._show()
        if frame is not None and model.state is State.ENROL:
            self._around.screen.show_frame(frame, model)
        self._around.service.feed()
        self._around.screen.tick()
        return model

    def _touched(self) -> None:
        if self._shown is None:
            return
        state, now = self._progress.state, self._around.clock()
        # What was touched on another screen than the one shown was not meant for it.
        if self._shown.state is not state or now - self._shown_ns < TOUCH_DWELL_NS:
            if self._around.screen.let_go(self._shown):
                self._active_ns = now
            return
        touches = self._around.screen.poll(self._shown)
        if touches.touched:
            self._active_ns = now
        for touch in touches.actions:
            if self._progress.state is not state:
                return
            self._do(self._progress.touched(touch))

    def _scanned(self) -> None:
        for code in self._around.codes.poll(self._progress.state):
            self._active_ns = self._around.clock()
            try:
                text = code.text()
            except CodeRefused:
                text = ""  # no more than any other code that is none
            self._do(self._progress.read(text))

    def _answered(self) -> None:
        answer = self._around.link.poll()
        if answer is None:
            return
        self._active_ns = self._around.clock()
        self._do(self._progress.answered(answer))

    def _watch(self) -> None:
        """See whether nobody is there any more, and whether another way was faster."""
        now, asking = self._around.clock(), self._progress.state is State.ENROL_ASKING
        if now - self._active_ns >= self._around.idle_ns and not asking:
            self._active_ns = now
            self._do(self._progress.happened(Event.SIGN_OUT_DUE))
        # While it is asked the answer says more than the marks.
        if asking or now - self._looked_ns < LOOK_NS:
            return
        self._looked_ns = now
        if self._progress.state is not State.ENROLLED and not is_pending(self._around.folder):
            self._active_ns = now
            self._do(self._progress.enrolled(self._receipt()))

    def _receipt(self) -> Enrolled | None:
        try:
            return read_receipt(self._around.folder)
        except (StorageError, EnrolmentError) as error:
            # Somebody took the mark away by hand: set up by hand from now on.
            _log.warning("%s", error)
            return None

    def _live(self) -> Frame | None:
        if self._progress.state is not State.ENROL or self._blind:
            return None
        try:
            frame = self._around.camera.preview()
        except CameraError as error:
            self._blinded(error)
            return None
        if frame is not None:
            self._around.codes.offer(State.ENROL, frame)
        return frame

    def _blinded(self, error: CameraError) -> None:
        _log.warning("%s", error)
        self._blind = True

    def _do(self, acts: tuple[Act, ...]) -> None:
        for act in acts:
            match act:
                case Act.ASK:
                    self._around.link.ask(self._progress.code)
                case Act.FORGET:
                    self._around.screen.forget()
                case Act.LEAVE:
                    self._left = True

    def _show(self) -> ScreenModel:
        around, before = self._around, self._shown
        shown = replace(self._progress.shown, blind=self._blind, reader_fault=around.codes.fault())
        model = ScreenModel(
            state=self._progress.state,
            clinic=around.names.clinic,
            station=around.names.station,
            clock=around.time_of_day(),
            enrol=shown,
        )
        around.screen.show(model)
        if before is None or before.state is not model.state:
            self._shown_ns = around.clock()
            around.codes.entered(model.state)
        self._shown = model
        return model
