"""What is on the screen, from what the loop knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from kiosk.capture.acts import Acts
from kiosk.capture.flow.service import SERVICE
from kiosk.capture.guides.values import Guidance
from kiosk.capture.people.lobby import BADGES, CARDS, Lobby
from kiosk.capture.people.showing import people_shown
from kiosk.capture.surroundings import Surroundings
from kiosk.capture.ui.model import Backlog, Earlier, ReviewPicture, ScreenModel
from kiosk.capture.ui.people import People
from kiosk.capture.ui.service import ServiceModel
from kiosk.capture.workflow import State, Workflow
from kiosk.model import Pixels


class Presenter:
    """Makes models of the screen; those of one picture share one value of it.

    Args:
        around: asked for the time, the backlog, the pedal's and the voice's fault and the
            baseline's lines.
        acts: asked for the session and its picture.
        lobby: asked for who is there.
    """

    def __init__(self, around: Surroundings, acts: Acts, lobby: Lobby) -> None:
        self._around, self._acts, self._lobby = around, acts, lobby
        self._review: ReviewPicture | None = None
        self._comparison: ReviewPicture | None = None

    def model(
        self, workflow: Workflow, fault: str, guidance: Guidance | None, *, holding: bool
    ) -> ScreenModel:
        """Return what to show now.

        Args:
            workflow: which screen, and whether it is dark.
            fault: what went wrong, else empty.
            guidance: what the guide says, None while it says nothing.
            holding: whether the pedal is down where holding it means something.
        """
        around, acts = self._around, self._acts
        watch = around.watch
        technicians = workflow.state in SERVICE
        self._review = _of(
            self._review, around.maintenance.picture if technicians else acts.picture
        )
        compared = acts.comparison
        self._comparison = _of(self._comparison, None if compared is None else compared.pixels)
        return ScreenModel(
            state=workflow.state,
            clinic=around.names.clinic,
            station=around.names.station,
            clock=around.time_of_day(),
            backlog=Backlog(
                watch.count,
                watch.since,
                unreadable=watch.error is not None,
                sent=watch.sent,
                stranger=watch.stranger,
            ),
            entry=self._lobby.filled.number,
            progress=acts.progress,
            fault=fault or self._lobby.problem,
            pedal_fault=around.pedal.fault(),
            voice_fault=around.guide.voice_fault,
            lights_on=acts.lights_on,
            restarting=acts.restarting,
            review=self._review,
            comparison=self._comparison,
            registered=compared is not None and compared.registered,
            guidance=guidance,
            drawn=around.guide.drawn,
            match=acts.match,
            earlier=self._earlier(),
            people=self._people(workflow.state),
            service=around.maintenance.model() if technicians else ServiceModel(),
            blanked=workflow.blanked,
            holding=holding,
        )

    def _people(self, state: State) -> People:
        """Return what is shown of people; a reader that is missing is said where it is needed."""
        around, acts = self._around, self._acts
        people = people_shown(
            self._lobby, around.known, acts.recalled, in_session=acts.progress is not None
        )
        if people.problem or state not in BADGES | CARDS:
            return people
        return replace(people, problem=around.codes.fault())

    def _earlier(self) -> Earlier | None:
        """Return what is known of earlier pictures of the view; None where nothing is."""
        if not self._acts.remembers:
            return None
        remembered = self._acts.remembered
        if remembered is None:
            return Earlier()
        taken = datetime.fromisoformat(remembered.baseline.taken_at.wall).date()
        return Earlier(taken, measured=remembered.descriptor is not None)


def _of(before: ReviewPicture | None, picture: Pixels | None) -> ReviewPicture | None:
    """Return a picture for the screen, the same value as long as it is the same picture."""
    if picture is None:
        return None
    return before if before is not None and before.pixels is picture else ReviewPicture(picture)
