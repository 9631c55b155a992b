"""The technician's screens, as the screen's thread knows them; what takes long is the worker's."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from kiosk import metrics
from kiosk.capture.crew import News
from kiosk.capture.flow.service import SERVICE
from kiosk.capture.maintenance.figures import capture_figures
from kiosk.capture.maintenance.helping import support_lines
from kiosk.capture.maintenance.looks import Parts, network_lines, state_lines
from kiosk.capture.maintenance.machine import machine
from kiosk.capture.maintenance.ruler import find_width, on_picture, scale_line
from kiosk.capture.maintenance.staff import staff
from kiosk.capture.maintenance.trials import Found, Tools, Trial, trials
from kiosk.capture.ui.forms.actions import Ink, Target, Turn
from kiosk.capture.ui.service import (
    Item,
    JournalModel,
    Line,
    Mark,
    PedalModel,
    Remark,
    ServiceModel,
)
from kiosk.capture.worker import Inbox, Worker
from kiosk.capture.workflow import Effect, State
from kiosk.errors import CardNotFound, StorageError
from kiosk.model import Pixels

LIT_NS: Final = 700_000_000
"""How long the lamp on the screen burns after a press: long enough to be seen from the pedal."""

REFRESH_NS: Final = 2_000_000_000
"""Between two looks at how things stand."""

AGAIN_NS: Final = 250_000_000
"""Between two questions to a test that has not ended."""

PUBLISH_NS: Final = 30_000_000_000
"""Between two sets of figures."""

_log = logging.getLogger(__name__)

_LOOKS: Final[dict[State, Callable[[Parts], tuple[Line, ...]]]] = {
    State.SERVICE_STATE: state_lines,
    State.SERVICE_NETWORK: network_lines,
    State.SERVICE_SUPPORT: support_lines,
}


@dataclass(frozen=True, slots=True)
class Hands:
    """Who does the work, and where it is told; ``lines`` of the journal, newest first."""

    worker: Worker
    inbox: Inbox[News]
    journal: Callable[[], tuple[str, ...]]
    clock: Callable[[], int]


class Maintenance:
    """Performs the effects of the technician's screens and knows what they show.

    Args:
        parts: what is looked at and tried.
        tools: how pictures are looked at.
        hands: who does it.

    Attributes:
        picture: of the camera's test: BGR, shape (height, width, 3); None where there is none.
    """

    def __init__(self, parts: Parts, tools: Tools, hands: Hands) -> None:
        self._parts, self._tools, self._hands = parts, tools, hands
        self.picture: Pixels | None = None
        self._page = ServiceModel()
        self._pressed_ns: int | None = None
        self._looked_ns: int | None = None
        self._again: tuple[tuple[Trial, ...], int] | None = None
        self._again_ns = 0
        self._publish_ns = 0
        self._unpublished = ""
        self._refused = False
        """What was begun has failed: its reason stays until something else is begun."""
        self._run = 0
        """Counts what was begun or broken off: what comes of an earlier one means nothing."""

    def perform(self, effect: Effect, state: State, at_ns: int) -> None:
        """Carry out one effect, if it is a technician's.

        Args:
            effect: what the workflow asks for.
            state: which screen it is for.
            at_ns: when what led to it happened, monotonic nanoseconds.
        """
        match effect:
            case Effect.COUNT_PRESS:
                self._pressed_ns = at_ns
                pedal = PedalModel(self._page.pedal.presses + 1)
                self._page = replace(self._page, pedal=pedal)
            case Effect.RUN_TESTS:
                self._begin(trials(state, self._parts, self._tools))
            case Effect.STOP_TESTS:
                self._stop()
                self._page = replace(self._page, lines=self._untried(state))
            case _:
                pass

    def touched(self, touch: object) -> None:
        """Take in a touch on a target, or on the journal's pages."""
        page = self._page
        match touch:
            case Target(number):
                self._page = replace(page, touched=page.touched | {number})
            case Turn(pages):
                turned = max(0, page.journal.page + pages)
                self._page = replace(page, journal=replace(page.journal, page=turned))
            case Ink(x, y, _, begins=True) if self.picture is not None:
                self._mark(x, y, self.picture)
            case _:
                pass

    def entered(self, state: State) -> None:
        """Take note of another screen; a technician's begins empty."""
        self._stop()
        self._page = ServiceModel()
        if state is State.SERVICE_JOURNAL:
            self._page = ServiceModel(journal=JournalModel(self._hands.journal()))
        elif state in SERVICE:
            self._page = ServiceModel(self._untried(state))

    def attend(self, state: State) -> None:
        """Look again how things stand, for a screen that shows it and for whoever collects figures.

        Called once a frame.
        """
        look = _LOOKS.get(state)
        now = self._hands.clock()
        self._publish(now)
        self._ask_again(now)
        seen = self._looked_ns is not None and now - self._looked_ns < REFRESH_NS
        if look is None or seen or self._page.running or self._refused:
            return
        self._looked_ns = now
        run, parts = self._run, self._parts

        def job() -> None:
            lines = look(parts)
            self._hands.inbox.post(News(None, apply=lambda: self._took(run, lines)))

        self._hands.worker.submit(job)

    def model(self) -> ServiceModel:
        """Return what is to be shown now."""
        since = self._pressed_ns
        lit = since is not None and self._hands.clock() - since < LIT_NS
        if lit == self._page.pedal.lit:
            return self._page
        return replace(self._page, pedal=replace(self._page.pedal, lit=lit))

    def _mark(self, x: float, y: float, picture: Pixels) -> None:
        """Take in a touch on an edge; after the second the scale is known."""
        size = picture.shape[1], picture.shape[0]
        before = self._page.marks if len(self._page.marks) == 1 else ()
        marks = (*before, on_picture(x, y, size))
        line = Line(Item.SCALE, Remark.SCALE_RIGHT, mark=Mark.UNSURE)
        if len(marks) > 1:
            try:
                width, marks = find_width(picture, (marks[0], marks[1]))
                line = scale_line(self._parts.config.camera, size, width)
            except CardNotFound as error:
                marks, line = (), Line(Item.SCALE, text=error.sentence, mark=Mark.BAD)
        self._page = replace(self._page, marks=marks, lines=(line,))

    def _publish(self, now: int) -> None:
        folder, parts = self._parts.config.metrics.folder, self._parts
        if folder is None or now < self._publish_ns:
            return
        self._publish_ns = now + PUBLISH_NS

        def job() -> None:
            people = staff(parts.config.station.operators)
            figures = capture_figures(people, machine(), parts.now())
            try:
                metrics.publish(folder, metrics.CAPTURE, figures)
            except StorageError as error:
                # Once, and not every half minute.
                if error.sentence != self._unpublished:
                    _log.warning("nobody can be told how the station fares: %s", error)
                self._unpublished = error.sentence
            else:
                self._unpublished = ""

        self._hands.worker.submit(job)

    def _ask_again(self, now: int) -> None:
        """Ask a test that has not ended, now and then."""
        if self._again is None or now < self._again_ns:
            return
        (found, number), self._again = self._again, None
        self._again_ns = now + AGAIN_NS
        self._submit(found, number)

    def _untried(self, state: State) -> tuple[Line, ...]:
        found = () if state in _LOOKS else trials(state, self._parts, self._tools)
        return tuple(replace(one.line(Remark.UNTRIED), mark=Mark.PLAIN) for one in found)

    def _begin(self, found: tuple[Trial, ...]) -> None:
        if self._page.running or not found:
            return
        self._stop()
        lines = tuple(trial.line(Remark.WAITS) for trial in found)
        self._page = replace(self._page, lines=lines, marks=(), running=True)
        self._next(found, 0)

    def _next(self, found: tuple[Trial, ...], number: int) -> None:
        """Have one test made; the next one begins once this one's end was shown."""
        if number == len(found):
            self._page = replace(self._page, running=False)
            self._looked_ns, self._refused = None, self._page.wrong > 0
            return
        self._put(number, found[number].line(Remark.RUNS))
        self._submit(found, number)

    def _submit(self, found: tuple[Trial, ...], number: int) -> None:
        run, trial = self._run, found[number]

        def job() -> None:
            if run != self._run:
                return  # broken off before its turn came
            ended = trial.ended()

            def apply() -> None:
                self._ended(run, found, number, ended)

            self._hands.inbox.post(News(None, picture=ended.picture, apply=apply))

        self._hands.worker.submit(job)

    def _ended(self, run: int, found: tuple[Trial, ...], number: int, ended: Found) -> None:
        if run != self._run:
            if ended.picture is not None:
                ended.picture.fill(0)
            return
        if ended.picture is not None:
            self._wipe()
            self.picture = ended.picture
        self._put(number, ended.line)
        if ended.line.mark is not Mark.PENDING:
            self._next(found, number + 1)
        else:
            self._again = found, number

    def _took(self, run: int, lines: tuple[Line, ...]) -> None:
        if run == self._run:
            self._page = replace(self._page, lines=lines)

    def _put(self, number: int, line: Line) -> None:
        lines = self._page.lines
        self._page = replace(self._page, lines=(*lines[:number], line, *lines[number + 1 :]))

    def _stop(self) -> None:
        self._run += 1
        self._again = None
        self._pressed_ns = self._looked_ns = None
        self._refused = False
        self._page = replace(self._page, running=False)
        self._wipe()

    def _wipe(self) -> None:
        if self.picture is not None:
            self.picture.fill(0)
            self.picture = None
