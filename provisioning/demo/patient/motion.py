"""How a person moves: smooth steps, and never quite still."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

PEAK = 1.875
"""Highest speed of a minimum-jerk movement over its mean speed (Flash and Hogan 1985)."""

_HARMONICS = 3
_SLOW_HZ, _FAST_HZ = 0.08, 0.45


@dataclass(frozen=True, slots=True)
class Step:
    """One movement from rest to rest: ``size`` in ``duration_s``, begun at ``begin_s``."""

    begin_s: float
    duration_s: float
    size: float

    @property
    def end_s(self) -> float:
        return self.begin_s + self.duration_s

    def at(self, now_s: float) -> float:
        """Return how much of it is done, by the minimum-jerk polynomial."""
        u = min(max((now_s - self.begin_s) / self.duration_s, 0.0), 1.0)
        return self.size * u * u * u * (10.0 - 15.0 * u + 6.0 * u * u)


@dataclass(slots=True)
class Axis:
    """One thing that moves: the sum of its steps, so that each may begin while others last.

    Attributes:
        rest: where it is without the steps.
        fastest: highest speed of one step, units a second.
        quickest_s: shortest time that a step takes.
    """

    rest: float
    fastest: float
    quickest_s: float
    steps: list[Step] = field(default_factory=list)

    def at(self, now_s: float) -> float:
        return self.rest + sum(step.at(now_s) for step in self.steps)

    @property
    def goal(self) -> float:
        """Where it will be when all steps are done."""
        return self.rest + sum(step.size for step in self.steps)

    @property
    def end_s(self) -> float:
        """When the last step ends, seconds; minus infinity if there is none."""
        return max((step.end_s for step in self.steps), default=-np.inf)

    def move(self, size: float, begin_s: float) -> None:
        """Begin a step."""
        duration_s = max(PEAK * abs(size) / self.fastest, self.quickest_s)
        self.steps.append(Step(begin_s, duration_s, size))

    def stop(self, now_s: float, share: float) -> None:
        """Brake: give up that share of what is left of steps under way, as smoothly as it began."""
        for step in [step for step in self.steps if step.end_s > now_s]:
            left = step.size - step.at(now_s)
            self.steps.append(Step(now_s, step.end_s - now_s, -share * left))

    def settle(self, now_s: float) -> None:
        """Forget steps that are done; times before must no longer be asked for."""
        for step in [step for step in self.steps if step.end_s <= now_s]:
            self.rest += step.size
            self.steps.remove(step)


class Sway:
    """Slow, involuntary movement: a few sines whose periods have nothing in common."""

    def __init__(self, rng: np.random.Generator, deviation: float) -> None:
        """Make one.

        Args:
            rng: for frequencies and phases.
            deviation: standard deviation over time, in the units of what sways.
        """
        self._hertz = rng.uniform(_SLOW_HZ, _FAST_HZ, _HARMONICS)
        self._phase = rng.uniform(0.0, 2.0 * np.pi, _HARMONICS)
        self._size = deviation * np.sqrt(2.0 / _HARMONICS)

    def at(self, now_s: float) -> float:
        turns = 2.0 * np.pi * self._hertz * now_s + self._phase
        return float(self._size * np.sin(turns).sum())
