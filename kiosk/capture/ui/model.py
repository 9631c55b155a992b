"""What the program tells the screens: one frozen value, made anew whenever something changed."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import date

from kiosk.capture.guides.match import DrawnBaseline, MatchSummary
from kiosk.capture.guides.values import Guidance
from kiosk.capture.progress import SessionProgress
from kiosk.capture.ui.enrolling import EnrolModel
from kiosk.capture.ui.entry import PatientEntry
from kiosk.capture.ui.people import People
from kiosk.capture.ui.service import ServiceModel
from kiosk.capture.workflow import State
from kiosk.model import Pixels
from kiosk.records.protocols import View


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is still on this station: pictures, consents, the trail.

    Attributes:
        count: sealed objects that were not sent yet, >= 0.
        since: time of day since which none has left, "14:02"; empty while all is well.
        unreadable: whether they cannot even be counted.
        sent: those that were sent and wait for the clinic's receipt alone, >= 0.
        stranger: whether what answers is not the clinic's server, so that nothing is sent.
    """

    count: int = 0
    since: str = ""
    unreadable: bool = False
    sent: int = 0
    stranger: bool = False

    @property
    def troubled(self) -> bool:
        return bool(self.since) or self.unreadable or self.stranger


@dataclass(frozen=True, slots=True, eq=False)
class ReviewPicture:
    """The picture to be judged: BGR, shape (height, width, 3); equal only to itself."""

    pixels: Pixels


class Compare(enum.Enum):
    """How the picture to be judged is shown: alone, or against the baseline."""

    SHOT = enum.auto()
    OUTLINE = enum.auto()  # with the baseline's lines over it
    BESIDE = enum.auto()
    BLINK = enum.auto()
    WIPE = enum.auto()


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is known of earlier pictures of this view.

    Attributes:
        taken: the baseline's day; None when this is the first picture of the view.
        measured: whether its pose is known, so that the next one is compared with it; else only the
            picture itself can be shown beside it, where the clinic sends it.
    """

    taken: date | None = None
    measured: bool = True


@dataclass(frozen=True, slots=True)
class ScreenModel:
    """Everything that a screen may show.

    Two models that are equal look the same but for ``guidance`` and ``phase``, so that the display
    redraws the whole screen only on a difference. Those change many times a second: their parts of
    the screen are redrawn by themselves.

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
        voice_fault: the sentence to show while the voice cannot speak, else empty.
        lights_on: whether the lamps are lit.
        restarting: whether the camera is being started again.
        review: the picture to be judged, in REVIEW and the states that follow it; or the one of a
            technician's test.
        guidance: what the guide says now; None where the view has no guide or it is off.
        drawn: the patient's baseline as lines, drawn over the live picture and the shot.
        match: how well the picture to be judged matched; None where nothing was measured.
        comparison: the baseline's own picture, where the clinic sent one for this session.
        registered: whether it lies over ``review`` and has its size; else it is as it was taken.
        earlier: what is known of earlier pictures of the present view; None where nothing is.
        people: what is shown of operators, patients and consents.
        service: what a technician's screen shows.
        enrol: how far the enrolment is, of a station that is not enrolled yet.
        blanked: whether the screen is dark.
        holding: whether the pedal is down on a screen where holding it means something.
        compare: the way of comparing that was touched, None before; the display's own.
        phase: where a moving comparison is; the display's own too.
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
    voice_fault: str = ""
    lights_on: bool = False
    restarting: bool = False
    review: ReviewPicture | None = field(default=None, repr=False)
    guidance: Guidance | None = field(default=None, compare=False, repr=False)
    drawn: DrawnBaseline | None = field(default=None, repr=False)
    match: MatchSummary | None = field(default=None, repr=False)
    comparison: ReviewPicture | None = field(default=None, repr=False)
    registered: bool = False
    earlier: Earlier | None = field(default=None, repr=False)
    people: People = field(default=People(), repr=False)
    service: ServiceModel = field(default=ServiceModel())
    enrol: EnrolModel = field(default=EnrolModel())
    blanked: bool = False
    holding: bool = False
    compare: Compare | None = None
    phase: int = field(default=0, compare=False)

    @property
    def personal(self) -> bool:
        """Whether something of an operator or a patient may be on it."""
        people = self.people
        return self.progress is not None or people.chart is not None or bool(people.operator)

    @property
    def device_fault(self) -> str:
        """The one to show; without the pedal no picture is taken, without the voice it is."""
        return self.pedal_fault or self.voice_fault

    @property
    def view(self) -> View | None:
        return None if self.progress is None else self.progress.current

    @property
    def view_yaw(self) -> float:
        """The present view's yaw, degrees; 0 where it has none."""
        view = self.view
        return 0.0 if view is None or view.pose is None else view.pose.yaw
