"""Carries out what the workflow decides: slow things on the worker, the session's values here."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from kiosk.capture import remembering
from kiosk.capture.crew import Crew, News
from kiosk.capture.earlier import Recalled, Remembered
from kiosk.capture.guides.match import MatchSummary
from kiosk.capture.guiding.compared import Compared
from kiosk.capture.guiding.resting import rest_for
from kiosk.capture.pose import descriptor
from kiosk.capture.pose.descriptor import PoseDescriptor
from kiosk.capture.progress import SessionProgress
from kiosk.capture.record import ShotOrder
from kiosk.capture.workflow import Effect, Event
from kiosk.errors import (
    CameraError,
    ConsentError,
    EnvelopeError,
    FrameRefused,
    KioskError,
    LightError,
    StorageError,
)
from kiosk.model import Frame, Pixels
from kiosk.records.audit import Act
from kiosk.records.protocols import Protocol
from kiosk.records.shot import OperatorReference, mint_uid


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who is there, and what allows a picture: without all three there is none.

    Attributes:
        patient: the clinic's number; kept out of ``repr`` so that no log can show it.
        operator: who is signed in.
        consent: SHA-256 of the consent that allows the record.
    """

    patient: str = field(repr=False)
    operator: OperatorReference
    consent: str


@dataclass(frozen=True, slots=True)
class Identifiers:
    """What the pictures of one visit share: DICOM Series and Study."""

    session: str = field(default_factory=mint_uid)
    study: str = field(default_factory=mint_uid)


_STEPS: Final[Mapping[Effect, Callable[[SessionProgress], SessionProgress]]] = {
    Effect.NEXT_VIEW: SessionProgress.accepted,
    Effect.SKIP_VIEW: SessionProgress.skipped,
    Effect.REOPEN_SKIPPED: SessionProgress.reopened,
}

_NOT_ALLOWED: Final = (
    "No picture was taken: the consent for the record is not valid any more. Ask for it again on "
    "the patient's page."
)


_log = logging.getLogger(__name__)


class Acts:
    """Performs effects; what they lead to arrives in the inbox.

    Attributes:
        progress: the present session, None between sessions.
        picture: what is to be judged, None when there is nothing.
        match: how well it matched; None while that is not known.
        comparison: the baseline's picture, laid over it or to be shown beside it, where the clinic
            sent it.
        recalled: the patient's baselines; None while they are being opened, and where the station
            keeps none.
        kept: how the patient was held in what was saved in this session, by the view's id.
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
        self.progress: SessionProgress | None = None
        self.picture: Pixels | None = None
        self.match: MatchSummary | None = None
        self.comparison: Compared | None = None
        self.recalled: Recalled | None = None
        self.kept: dict[str, PoseDescriptor] = {}
        self.lights_on = False
        self.restarting = False
        self._take_number = self._visit_number = 0
        self._identifiers = Identifiers()

    def perform(self, effect: Effect, who: Attendance | None, *, at_ns: int) -> Event | None:
        """Carry out one effect, if it is about devices, pictures or the views of a session.

        Args:
            effect: what the workflow asks for.
            who: who is there; None while anybody is missing, or the consent.
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
                self._take(who, at_ns)
            case Effect.SEAL_SHOT:
                self._seal()
            case Effect.DROP_SHOT:
                self.drop_shot()
            case Effect.RESTART_CAMERA:
                self._restart_camera()
            case _:
                return self._move_on(effect, who)
        return None

    @property
    def session(self) -> str | None:
        """DICOM Series of the session that has begun; None outside of one."""
        return None if self.progress is None else self._identifiers.session

    @property
    def remembered(self) -> Remembered | None:
        """The baseline of the present view; None where there is none."""
        view = None if self.progress is None else self.progress.current
        if view is None or self.recalled is None:
            return None
        return self.recalled.by_view.get(view.id)

    @property
    def rest(self) -> PoseDescriptor | None:
        """How the patient's face looks at rest, held as in the present view; None if unknown."""
        view = None if self.progress is None else self.progress.current
        if view is None:
            return None
        known = {} if self.recalled is None else self.recalled.by_view
        earlier = {
            name: one.descriptor for name, one in known.items() if one.descriptor is not None
        }
        return rest_for(view, self._protocol.views, self.kept, earlier)

    @property
    def remembers(self) -> bool:
        """Whether it is known if the present view has a baseline."""
        view = None if self.progress is None else self.progress.current
        recalled = self.recalled
        return view is not None and recalled is not None and view.id not in recalled.unread

    def concerns(self, news: News) -> bool:
        """Say whether news is about the present picture and visit, or about none.

        Not about a picture that was withdrawn, nor about a patient who was forgotten.
        """
        return news.take in (None, self._take_number) and news.visit in (None, self._visit_number)

    def learned(self, news: News) -> None:
        """Take in what is known now of the picture to be judged, or of the patient."""
        if news.match is not None and self.picture is not None:
            self.match = news.match
        if news.comparison is not None:
            if self.picture is None:
                news.comparison.wipe()
            else:
                self.comparison = news.comparison
        if news.kept is not None:
            name, pose = news.kept
            self.kept[name] = pose
        if news.recalled is not None:
            self.recalled = news.recalled
            for fault in news.recalled.faults:
                _log.warning("%s", fault)

    def drop_shot(self) -> None:
        """Wipe the picture that is shown and the one in memory; withdraw the one to come."""
        self._take_number += 1
        self.match = None
        if self.picture is not None:
            self.picture.fill(0)
        if self.comparison is not None:
            self.comparison.wipe()
        self.picture = self.comparison = None
        self._submit(self._drop, KioskError, None)

    def note_uploaded(self) -> None:
        """Have written down what has left the station."""
        self._submit(self._crew.note_uploaded, StorageError, None)

    def recall(self, patient: str) -> None:
        """Have the patient's baselines opened, and the clinic asked for their pictures."""
        self._visit_number += 1
        self._identifiers = Identifiers()
        views, number, session = self._protocol.views, self._visit_number, self._identifiers.session

        def job() -> None:
            earlier = self._crew.earlier
            self._post(remembering.recall(earlier, patient, session, views, visit=number))

        self._crew.worker.submit(job)

    def _move_on(self, effect: Effect, who: Attendance | None) -> Event | None:
        """Carry out what only moves the session on."""
        if effect is Effect.BEGIN_SESSION:
            if self.progress is None and who is not None:
                self.progress = SessionProgress.begin(who.patient, self._protocol)
                self._submit(self._begun, StorageError, Event.STORAGE_REFUSED)
        elif effect is Effect.FORGET_PATIENT:
            self.progress = self.recalled = None
            self.kept = {}
            self._visit_number += 1
            self.drop_shot()
            # On the worker, behind whatever there still keeps or opens a baseline.
            self._submit(self._crew.earlier.forget, StorageError, None)
        elif self.progress is not None and effect in _STEPS:
            self.progress = _STEPS[effect](self.progress)
            if effect is Effect.NEXT_VIEW:
                self.drop_shot()
            if effect is Effect.SKIP_VIEW and not self.progress.remaining:
                return Event.VIEWS_DONE
        return None

    def _light(self) -> None:
        self._crew.studio.light()
        self.lights_on = True

    def _darken(self) -> None:
        self._crew.studio.darken()
        self.lights_on = False

    def _begun(self) -> None:
        self._crew.note(Act.SESSION_BEGUN, self._identifiers.session, self._protocol.name)

    def _drop(self) -> None:
        image = self._crew.studio.held
        self._crew.studio.drop()
        if image is not None:
            self._crew.note(Act.SHOT_DISCARDED, image)

    def _take(self, who: Attendance | None, pressed_ns: int) -> None:
        view = None if self.progress is None else self.progress.current
        if who is None or view is None:
            # The workflow bars the way; a consent may run out at midnight, with the pedal armed.
            self._post(News(Event.SHOT_REFUSED, ConsentError(_NOT_ALLOWED)))
            return
        remembered = self.remembered
        order = ShotOrder(
            patient=who.patient,
            operator=who.operator,
            consent=who.consent,
            protocol=self._protocol.name,
            view=view,
            session_uid=self._identifiers.session,
            study_uid=self._identifiers.study,
            image_uid=mint_uid(),
            pressed_ns=pressed_ns,
            baseline=None if remembered is None else remembered.baseline,
            remembers=self.remembers,
        )
        self._take_number += 1
        number, post = self._take_number, self._crew.inbox.post
        size = 0, 0

        def show(frame: Frame) -> None:
            nonlocal size
            picture = self._review_picture(frame)
            size = picture.shape[1], picture.shape[0]
            # No picture is shown of which nothing is written down.
            self._crew.note(Act.SHOT_TAKEN, order.image_uid, view.id)
            post(News(Event.SHOT_TAKEN, take=number, picture=picture))

        def job() -> None:
            if number != self._take_number:
                return  # withdrawn before its turn came
            try:
                pose = self._crew.studio.take(order, show)
            except StorageError as error:
                post(News(Event.STORAGE_REFUSED, error, number))
            except FrameRefused as error:
                post(News(Event.SHOT_REFUSED, error, number))
            except CameraError as error:
                post(News(Event.CAMERA_FAILED, error, number))
            else:
                if pose is not None:
                    post(News(None, take=number, match=pose.summary))
                self._post(
                    remembering.compare(self._crew.earlier, pose, view.id, size, take=number)
                )

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
        last = self.progress is not None and self.progress.remaining == 1
        done = Event.SAVED_LAST if last else Event.SAVED_MORE
        post, visit = self._crew.inbox.post, self._visit_number

        def job() -> None:
            crew = self._crew
            try:
                image = crew.studio.held
                crew.note(Act.SHOT_ACCEPTED, image)
                sealed = crew.studio.seal()
            except (StorageError, EnvelopeError) as error:
                post(News(Event.SAVE_FAILED, error))
                return
            if sealed.pose is not None:
                # Before the next view begins, which may be judged by it.
                kept = sealed.record.view.id, descriptor.read(sealed.pose)
                post(News(None, visit=visit, kept=kept))
            post(News(done))
            self._post(remembering.keep(crew.earlier, sealed.record, sealed.pose))
            try:
                crew.note(Act.OBJECT_SAVED, image, sealed.name)
            except StorageError as error:
                post(News(None, error))

        self._crew.worker.submit(job)

    def _post(self, news: News | None) -> None:
        if news is not None:
            self._crew.inbox.post(news)

    def _submit(
        self,
        act: Callable[[], object],
        expected: type[KioskError] | tuple[type[KioskError], ...],
        failed: Event | None,
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
