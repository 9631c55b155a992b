"""What the program tells the screens: one frozen value, made anew whenever something changed."""

from __future__ import annotations

from dataclasses import dataclass, field

from kiosk.capture.progress import SessionProgress
from kiosk.capture.ui.entry import PatientEntry
from kiosk.capture.workflow import State
from kiosk.model import Pixels
from kiosk.records.protocols import View


@dataclass(frozen=True, slots=True)
class Backlog:
    """Pictures that are still on this station.

    Attributes:
        count: sealed pictures waiting, >= 0.
        since: time of day since which none has left, "14:02"; empty while all is well.
        unreadable: whether they cannot even be counted.
    """

    count: int = 0
    since: str = ""
    unreadable: bool = False

    @property
    def troubled(self) -> bool:
        return bool(self.since) or self.unreadable


@dataclass(frozen=True, slots=True, eq=False)
class ReviewPicture:
    """The picture to be judged: BGR, shape (height, width, 3); equal only to itself."""

    pixels: Pixels


@dataclass(frozen=True, slots=True)
class ScreenModel:
    """Everything that a screen may show.

    Two models that are equal look the same, so that the display redraws only on a difference.

    Attributes:
        state: which screen.
        clinic: the clinic's name.
        station: the station's name.
        clock: the time of day as it is to be shown, "14:05".
        backlog: pictures on this station.
        entry: the patient's number while it is entered.
        progress: the session's views; None outside a session.
        fault: the sentence of the error that led to a fault state, else empty.
        pedal_fault: the sentence to show while the pedal is missing, else empty.
        lights_on: whether the lamps are lit.
        restarting: whether the camera is being started again.
        review: the picture to be judged, in REVIEW and the states that follow it.
    """

    state: State
    clinic: str
    station: str
    clock: str
    backlog: Backlog = Backlog()
    entry: PatientEntry = field(default=PatientEntry(), repr=False)
    progress: SessionProgress | None = field(default=None, repr=False)
    fault: str = ""
    pedal_fault: str = ""
    lights_on: bool = False
    restarting: bool = False
    review: ReviewPicture | None = field(default=None, repr=False)

    @property
    def view(self) -> View | None:
        return None if self.progress is None else self.progress.current
