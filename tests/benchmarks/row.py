"""One line of `make bench`: our figure, the peer's from the same run, and the aim."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A measured comparison.

    Attributes:
        name: what was measured.
        ours: our figure, in ``unit``.
        peer: the peer's figure in the same run and unit, or None where the aim is absolute.
        peer_name: who the peer is.
        unit: "ms", "MB", ...
        aim: the ratio (or, without a peer, the figure) that was set as the aim to stay
            below; None where none was.
    """

    name: str
    ours: float
    peer: float | None
    peer_name: str
    unit: str
    aim: float | None

    @property
    def ratio(self) -> float | None:
        return self.ours / self.peer if self.peer else None


def interleaved(
    ours: Callable[[], object], peer: Callable[[], object], *, runs: int, warm_up: int = 1
) -> tuple[float, float]:
    """Time both in turn and return their medians in milliseconds.

    Taking turns lets a machine whose speed drifts slow both alike.
    """
    times: tuple[list[float], list[float]] = ([], [])
    for run in range(warm_up + runs):
        for kept, work in zip(times, (ours, peer), strict=True):
            begin = time.perf_counter_ns()
            work()
            if run >= warm_up:
                kept.append((time.perf_counter_ns() - begin) / 1e6)
    return statistics.median(times[0]), statistics.median(times[1])
