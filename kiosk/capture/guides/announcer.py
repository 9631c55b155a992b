"""When to say what: the instructions of the screen, as somebody beside the patient would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kiosk.capture.guides.values import Cue, Guidance, Instruction

AGAIN_NS: Final = 4_000_000_000
"""An instruction that still stands is said again when nothing was spoken for this long."""

CANNOT_JUDGE_NS: Final = 1_000_000_000
"""How long it must stand that the station cannot judge before it is said: between two instructions
it stands for a moment."""


class Announcer:
    """Fed with what is shown, answers with what is to be spoken now.

    Args:
        words: of an instruction.
    """

    def __init__(self, words: Callable[[Instruction], str]) -> None:
        self._words = words
        self._shown: tuple[Cue, ...] = ()
        self._spoken: tuple[Cue, ...] = ()
        self._shown_ns = self._heard_ns = 0
        self._gave_up = False

    def hear(self, guidance: Guidance, at_ns: int, *, speaking: bool) -> str | None:
        """Return a sentence to speak now, or None.

        Args:
            guidance: what is shown now.
            at_ns: the time now, on the monotonic clock.
            speaking: whether the sentence before has not come to its end yet.
        """
        cues = guidance.instruction.cues
        if speaking:
            self._heard_ns = at_ns
        if cues != self._shown:
            self._shown, self._shown_ns = cues, at_ns
        if self._due(cues, at_ns):
            self._spoken, self._heard_ns = cues, at_ns
            self._gave_up = self._gave_up or Cue.CANNOT_JUDGE in cues
            return self._words(guidance.instruction)
        return None

    def reset(self) -> None:
        """Begin anew, as for another view or another patient."""
        self._shown = self._spoken = ()
        self._gave_up = False

    def _due(self, cues: tuple[Cue, ...], at_ns: int) -> bool:
        if Cue.LOOKING in cues:
            return False
        if Cue.CANNOT_JUDGE in cues:
            # Once for each aim, whatever was said since.
            return not self._gave_up and at_ns - self._shown_ns >= CANNOT_JUDGE_NS
        stands = at_ns - self._heard_ns >= AGAIN_NS
        if cues == self._spoken:
            # How much of it is left is said the next time: a voice that corrects itself all the
            # while is not understood. And who is ready has nothing left to do.
            return stands and Cue.READY not in cues
        # Whoever was praised and blinks is not told to hold still at once.
        return stands if (*self._spoken, *cues) == (Cue.READY, Cue.HOLD_STILL) else True
