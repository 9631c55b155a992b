"""Carries out what the workflow decides: slow things on the worker, the session's values here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.capture.hardware.interfaces import Camera
from kiosk.capture.progress import SessionProgress
from kiosk.capture.record import ShotOrder
from kiosk.capture.studio import Studio
from kiosk.capture.worker import Inbox, Worker
from kiosk.capture.workflow import Effect, Event
from kiosk.errors import (
    CameraError,
    EnvelopeError,
    FrameRefused,
    KioskError,
    LightError,
    StorageError,
)
from kiosk.model import Frame, Pixels
from kiosk.records.protocols import Protocol
from kiosk.records.shot import mint_uid


@dataclass(frozen=True, slots=True, eq=False)
class News:
    """What came of an effect.

    Attributes:
        event: for the workflow.
        error: what went wrong, else None.
        take: which picture it is about, None where it is about none; see ``Acts.concerns``.
        picture: the picture to be judged, with ``SHOT_TAKEN``: BGR, shape (height, width, 3).
    """

    event: Event
    error: KioskError | None = None
    take: int | None = None
    picture: Pixels | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """One session: its patient and views, and the identifiers that its pictures share."""

    progress: SessionProgress
    session_uid: str
    study_uid: str


@dataclass(frozen=True, slots=True)
class Crew:
    """Who does the work."""

    studio: Studio
    camera: Camera
    worker: Worker
    inbox: Inbox[News]


class Acts:
    """Performs effects; what they lead to arrives in the inbox.

    Attributes:
        visit: the present session, None between sessions.
        picture: what is to be judged, None when there is nothing.
        lights_on: whether the lamps burn, as far as they answered.
        restarting: whether the camera is being started again.
    """

    def __init__(
        self,
        crew: Crew,
        protocol: Protocol,
        review_picture: Callable[[Frame], Pixels],
    ) -> None:
        self._crew = crew
        self._protocol = protocol
        self._review_picture = review_picture
        self.visit: Visit | None = None
        self.picture: Pixels | None = None
        self.lights_on = False
        self.restarting = False
        self._take_number = 0

    def perform(self, effect: Effect, *, patient: str, at_ns: int) -> Event | None:
        """Carry out one effect.

        Args:
            effect: what the workflow asks for.
            patient: the number entered, for ``BEGIN_SESSION``.
            at_ns: when what led to the effect happened, monotonic nanoseconds.

        Returns:
            What follows from it at once, for the workflow; None where nothing does.
        """
        studio = self._crew.studio
        match effect:
            case Effect.CHECK_STORAGE:
                self._submit(studio.require_room, StorageError, Event.STORAGE_REFUSED)
            case Effect.LIGHTS_ON:
                self._submit(self._light, LightError, Event.LIGHT_FAILED)
            case Effect.LIGHTS_OFF:
                self._submit(self._darken, LightError, Event.LIGHT_FAILED)
            case Effect.TAKE_SHOT:
                self._take(at_ns)
            case Effect.SEAL_SHOT:
                self._seal()
            case Effect.DROP_SHOT:
                self.drop_shot()
            case Effect.RESTART_CAMERA:
                self._restart_camera()
            case _:
                return self._move_on(effect, patient)
        return None

    def concerns(self, news: News) -> bool:
        """Say whether news is about the present picture, or about none; not about one withdrawn."""
        return news.take is None or news.take == self._take_number

    def drop_shot(self) -> None:
        """Wipe the picture that is shown and the one in memory; withdraw the one to come."""
        self._take_number += 1
        if self.picture is not None:
            self.picture.fill(0)
            self.picture = None
        self._crew.worker.submit(self._crew.studio.drop)

    def _move_on(self, effect: Effect, patient: str) -> Event | None:
        """Carry out what only moves the session on."""
        if effect is Effect.BEGIN_SESSION:
            progress = SessionProgress.begin(patient, self._protocol)
            self.visit = Visit(progress, mint_uid(), mint_uid())
        elif effect is Effect.FORGET_PATIENT:
            self.visit = None
            self.drop_shot()
        elif self.visit is not None:
            steps = {
                Effect.NEXT_VIEW: self.visit.progress.accepted,
                Effect.SKIP_VIEW: self.visit.progress.skipped,
                Effect.REOPEN_SKIPPED: self.visit.progress.reopened,
            }
            progress = steps[effect]()
            self.visit = Visit(progress, self.visit.session_uid, self.visit.study_uid)
            if effect is Effect.NEXT_VIEW:
                self.drop_shot()
            if effect is Effect.SKIP_VIEW and not progress.remaining:
                return Event.VIEWS_DONE
        return None

    def _light(self) -> None:
        self._crew.studio.light()
        self.lights_on = True

    def _darken(self) -> None:
        self._crew.studio.darken()
        self.lights_on = False

    def _take(self, pressed_ns: int) -> None:
        visit = self.visit
        view = None if visit is None else visit.progress.current
        if visit is None or view is None:
            raise AssertionError("the workflow takes pictures inside a session only")
        order = ShotOrder(
            patient=visit.progress.patient,
            protocol=visit.progress.protocol.name,
            view=view,
            session_uid=visit.session_uid,
            study_uid=visit.study_uid,
            pressed_ns=pressed_ns,
        )
        self._take_number += 1
        number, post = self._take_number, self._crew.inbox.post

        def show(frame: Frame) -> None:
            post(News(Event.SHOT_TAKEN, take=number, picture=self._review_picture(frame)))

        def job() -> None:
            if number != self._take_number:
                return  # withdrawn before its turn came
            try:
                self._crew.studio.take(order, show)
            except StorageError as error:
                post(News(Event.STORAGE_REFUSED, error, number))
            except FrameRefused as error:
                post(News(Event.SHOT_REFUSED, error, number))
            except CameraError as error:
                post(News(Event.CAMERA_FAILED, error, number))

        self._crew.worker.submit(job)

    def _restart_camera(self) -> None:
        """Once at a time: a second restart would take down the camera that just came back."""
        if self.restarting:
            return
        self.restarting = True

        def restart() -> None:
            try:
                self._crew.camera.restart()
            finally:
                self.restarting = False

        self._submit(restart, CameraError, Event.CAMERA_FAILED, done=Event.CAMERA_READY)

    def _seal(self) -> None:
        last = self.visit is not None and self.visit.progress.remaining == 1
        self._submit(
            self._crew.studio.seal,
            (StorageError, EnvelopeError),
            Event.SAVE_FAILED,
            done=Event.SAVED_LAST if last else Event.SAVED_MORE,
        )

    def _submit(
        self,
        act: Callable[[], object],
        expected: type[KioskError] | tuple[type[KioskError], ...],
        failed: Event,
        *,
        done: Event | None = None,
    ) -> None:
        """Hand ``act`` to the worker; post ``failed`` or, where somebody waits for it, ``done``."""
        post = self._crew.inbox.post

        def job() -> None:
            try:
                act()
            except expected as error:
                post(News(failed, error))
            else:
                if done is not None:
                    post(News(done))

        self._crew.worker.submit(job)
