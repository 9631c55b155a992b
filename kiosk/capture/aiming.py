"""Keeps the guide told where the session is, and what it says on the screen.

What is said and the arrow on the live picture change together: the words are held back until the
next picture is drawn, or for a moment one would contradict the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kiosk.capture.acts import Acts
from kiosk.capture.attention import Attention
from kiosk.capture.guides.values import Guidance
from kiosk.capture.guiding.guide import Guide
from kiosk.capture.workflow import State
from kiosk.model import Frame

APART_NS: Final = 250_000_000
"""Nothing is held back for longer, so that a camera that falls silent is said."""


class Aiming:
    """The loop's side of the guide; for the loop's thread.

    Attributes:
        guidance: what the screen says; None while the guide says nothing.

    Args:
        guide: measures and decides.
        acts: asked for the session and the baseline.
        attention: is told when the guide says something new: somebody is there.
        clock: monotonic nanoseconds.
    """

    def __init__(
        self, guide: Guide, acts: Acts, attention: Attention, clock: Callable[[], int]
    ) -> None:
        self._guide, self._acts, self._attention, self._clock = guide, acts, attention, clock
        self._drawn_ns = clock()
        self.guidance: Guidance | None = None

    def step(self, frame: Frame | None, state: State, shown: State | None) -> bool:
        """Guide the patient into the present view while the live picture is on.

        Args:
            frame: a live picture that is about to be drawn; None where none has come.
            state: where the session is.
            shown: which screen is seen; None before the first.

        Returns:
            Whether the station is to take the picture by itself now.
        """
        self._tell(frame, state)
        now = self._clock()
        self._say(self._guide.guidance(now), now, drawn=frame is not None)
        if shown is not State.AIM or not self._guide.shot_due(now):
            return False
        self._guide.pause()
        self.guidance = None
        return True

    def _tell(self, frame: Frame | None, state: State) -> None:
        """Tell the guide where the session is, and what the camera sees."""
        guide, progress, remembered = self._guide, self._acts.progress, self._acts.remembered
        if progress is None:
            guide.forget()
            return
        view = progress.current
        if view is not None and state in (State.VIEW, State.AIM):
            baseline = None if remembered is None else remembered.descriptor
            guide.prepare(view, baseline, self._acts.rest)
        if state is not State.AIM:
            guide.pause()
            return
        guide.begin()
        if frame is not None:
            guide.offer(frame)

    def _say(self, said: Guidance | None, now: int, *, drawn: bool) -> None:
        before = self.guidance
        at_once = said is None or before is None or now - self._drawn_ns >= APART_NS
        if not drawn and not at_once:
            return
        self._drawn_ns, self.guidance = now, said
        if said is not None and (before is None or before.instruction != said.instruction):
            self._attention.active(now)
