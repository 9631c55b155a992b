"""Who does the work of a session, and what they have to tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from kiosk.capture.earlier import EarlierShots, Recalled
from kiosk.capture.guides.match import MatchSummary
from kiosk.capture.guiding.compared import Compared
from kiosk.capture.hardware.interfaces import Camera
from kiosk.capture.pose.descriptor import PoseDescriptor
from kiosk.capture.studio import Studio
from kiosk.capture.worker import Inbox, Worker
from kiosk.capture.workflow import Event
from kiosk.errors import KioskError
from kiosk.model import Pixels
from kiosk.records.audit import Act

Apply = Callable[[], Event | None]
"""Done on the screen's thread; returns what follows for the workflow."""


@dataclass(frozen=True, slots=True, eq=False)
class News:
    """What came of an effect.

    Attributes:
        event: for the workflow; None where it has nothing to do with it.
        error: what went wrong, else None.
        take: which picture it is about, None where it is about none; see ``Acts.concerns``.
        visit: which visit it is about, None where it is about none.
        picture: the picture to be judged, with ``SHOT_TAKEN``: BGR, shape (height, width, 3).
        match: how well the picture to be judged matched.
        comparison: the baseline's picture, laid over it or to be shown beside it.
        recalled: the patient's baselines.
        kept: the pose of a shot that was saved, and the id of its view.
        apply: takes in what came of a question about people; it knows itself whether whom it is
            about is still there.
    """

    event: Event | None
    error: KioskError | None = None
    take: int | None = None
    visit: int | None = None
    picture: Pixels | None = None
    match: MatchSummary | None = None
    comparison: Compared | None = None
    recalled: Recalled | None = None
    kept: tuple[str, PoseDescriptor] | None = None
    apply: Apply | None = None

    def wipe(self) -> None:
        """Overwrite the pictures in it."""
        if self.picture is not None:
            self.picture.fill(0)
        if self.comparison is not None:
            self.comparison.wipe()


class Note(Protocol):
    """What is used of :class:`kiosk.capture.people.office.Office` to leave a trail."""

    def __call__(self, act: Act, subject: str | None = None, detail: str | None = None) -> None:
        """Write an act down, durably.

        Raises:
            StorageError: it could not be written; what it is about must not be done then.
        """


@dataclass(frozen=True, slots=True)
class Crew:
    """Who does the work; both ``note…`` write into the audit trail, on the worker's thread."""

    studio: Studio
    camera: Camera
    worker: Worker
    inbox: Inbox[News]
    earlier: EarlierShots
    note: Note
    note_uploaded: Callable[[], None]
