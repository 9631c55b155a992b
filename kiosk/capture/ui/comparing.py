"""How the picture to be judged is compared with the baseline's: which way, and where in it.

The comparison moves by itself (blinking, sweeping), so that nothing has to be dragged with gloves
on, and belongs to the display: the session does not depend on it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from kiosk.capture.ui.model import Compare, ReviewPicture, ScreenModel
from kiosk.capture.workflow import State

BLINK_NS: Final = 800_000_000
"""Each picture of a blink is seen for so long: slow enough to look, and far below three flashes a
second (WCAG 2.2, success criterion 2.3.1)."""

SWEEP_NS: Final = 6_000_000_000
"""One sweep from the left to the right and back."""

SWEEP_STEPS: Final = 200


class Comparing:
    """Remembers the way that was touched, for one picture.

    Args:
        clock: monotonic nanoseconds.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._way: Compare | None = None
        self._since = 0
        self._picture: ReviewPicture | None = None

    def applied(self, model: ScreenModel) -> ScreenModel:
        """Return the model with the present way and phase; a new picture starts afresh."""
        picture = model.review if model.state is State.REVIEW else None
        if picture is not self._picture:
            self._picture, self._way = picture, None
        if self._way is None:
            return model
        return replace(model, compare=self._way, phase=phase(self._way, self._elapsed()))

    def touched(self, actions: Iterable[object]) -> None:
        """Take up the way that was touched, if one was."""
        for action in actions:
            if isinstance(action, Compare):
                self._way, self._since = action, self._clock()

    def _elapsed(self) -> int:
        return self._clock() - self._since


def ways(model: ScreenModel) -> tuple[Compare, ...]:
    """Return the ways in which the picture to be judged can be shown, in their order.

    What does not lie over it is shown beside it only: in the same place it would seem to jump, and
    nothing of that jump would be the patient's.
    """
    outline = (Compare.OUTLINE,) if model.drawn is not None else ()
    beside = (Compare.BESIDE,) if model.comparison is not None else ()
    over = (Compare.BLINK, Compare.WIPE) if beside and model.registered else ()
    return (Compare.SHOT, *outline, *beside, *over)


def way_of(model: ScreenModel) -> Compare:
    """Return how the picture is shown: as was touched, else with the baseline's lines if any."""
    possible = ways(model)
    if model.compare in possible:
        return model.compare
    return Compare.OUTLINE if Compare.OUTLINE in possible else Compare.SHOT


def phase(way: Compare, elapsed_ns: int) -> int:
    """Return where a comparison is: blinking 0 or 1, sweeping 0 to ``SWEEP_STEPS``."""
    if way is Compare.BLINK:
        return elapsed_ns // BLINK_NS % 2
    if way is Compare.WIPE:
        turn = math.tau * (elapsed_ns % SWEEP_NS) / SWEEP_NS
        # Starts in the middle, where both pictures are seen.
        return round(SWEEP_STEPS * (1 - math.sin(turn)) / 2)
    return 0
