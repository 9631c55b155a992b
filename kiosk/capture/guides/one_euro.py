"""Smoothing that follows quick movements at once and holds slow ones still.

The 1 euro filter of Casiez, Roussel and Vogel (CHI 2012): a low-pass whose cut-off rises with the
speed of what it follows. It works by time, so that 3 and 30 frames a second settle alike.
"""

from __future__ import annotations

import math
from typing import Final

_NANOSECONDS: Final = 1e9

MIN_CUTOFF_HZ: Final = 2.0
"""At rest: the noise of 30 frames a second comes down to under half, a step settles in 0.25 s."""

BETA: Final = 0.3
"""Hz of cut-off for each tolerance a second: at 10 tolerances a second (a head that turns 30
degrees) what is shown lags by 40 ms."""

SPEED_CUTOFF_HZ: Final = 1.0
"""Of the speed itself, as in the paper."""


class OneEuro:
    """One value; its unit is the tolerance, for which the constants above are chosen.

    Args:
        min_cutoff_hz: at rest.
        beta: Hz more for each unit a second.
    """

    def __init__(self, min_cutoff_hz: float = MIN_CUTOFF_HZ, beta: float = BETA) -> None:
        self._min_cutoff_hz, self._beta = min_cutoff_hz, beta
        self._value: float | None = None
        self._raw = 0.0
        self.speed = 0.0
        self._at_ns = 0

    def update(self, raw: float, at_ns: int) -> float:
        """Take in a value of a later time than the one before and return the smoothed one."""
        if self._value is None:
            self._value, self._raw, self._at_ns = raw, raw, at_ns
            return raw
        seconds = (at_ns - self._at_ns) / _NANOSECONDS
        speed = (raw - self._raw) / seconds
        self.speed += _weight(SPEED_CUTOFF_HZ, seconds) * (speed - self.speed)
        cutoff = self._min_cutoff_hz + self._beta * abs(self.speed)
        self._value += _weight(cutoff, seconds) * (raw - self._value)
        self._raw, self._at_ns = raw, at_ns
        return self._value


def _weight(cutoff_hz: float, seconds: float) -> float:
    time_constant = 1.0 / (2.0 * math.pi * cutoff_hz)
    return 1.0 / (1.0 + time_constant / seconds)
