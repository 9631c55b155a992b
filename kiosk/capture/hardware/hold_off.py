"""Counts a press once: hold-off against bounce, on our own clock.

gpiozero's own debouncing drops or doubles edges (its issues #378 and #1039) and its mock pins have
none, so that it could not be tested: here it is arithmetic on the times of the edges. All times
are nanoseconds of one monotonic clock, which never goes backwards; an edge that is nevertheless
told late is taken as having come when the latest one did, and so never counts.
"""

from __future__ import annotations

NANOSECONDS_PER_MS = 1_000_000

DWELL_NS = 200 * NANOSECONDS_PER_MS
"""How long a screen is up before the pedal acts on it. Nobody answers a picture sooner than about
200 ms after it appeared (simple visual reaction time), so an earlier press meant what was there
before."""


class HoldOff:
    """Decides which presses of one pedal count.

    A press counts when the pedal had been quiet, neither pressed nor released, for the interval
    before it, and when the present screen had been up for the dwell. Contacts bounce when they
    open as well as when they close, so a release restarts the quiet time too: a pedal held for
    seconds is one press. A press that does not count still restarts it, or the second edge of a
    burst that began too early would count instead of the first.

    Args:
        interval_ns: quiet time asked for, nanoseconds, >= 0; 0 counts every press.
        dwell_ns: how long after ``rearm`` presses do not count yet, nanoseconds, >= 0.
    """

    def __init__(self, interval_ns: int, dwell_ns: int = 0) -> None:
        self._interval_ns = interval_ns
        self._dwell_ns = dwell_ns
        self._last_edge_ns: int | None = None
        self._armed_from_ns: int | None = None

    def accept(self, at_ns: int) -> bool:
        """Take note of a press that began at ``at_ns`` and say whether it counts."""
        quiet = self._last_edge_ns is None or at_ns - self._last_edge_ns >= self._interval_ns
        self._edge(at_ns)
        return quiet and (self._armed_from_ns is None or at_ns >= self._armed_from_ns)

    def release(self, at_ns: int) -> None:
        """Take note that the pedal was let go at ``at_ns``."""
        self._edge(at_ns)

    def rearm(self, at_ns: int) -> None:
        """Count no press that began before ``at_ns`` and the dwell; called when a screen appears.

        A press begun on one screen never acts on the next one: pressed twice fast, one picture.
        """
        armed_from = at_ns + self._dwell_ns
        if self._armed_from_ns is None or armed_from > self._armed_from_ns:
            self._armed_from_ns = armed_from

    def _edge(self, at_ns: int) -> None:
        if self._last_edge_ns is None or at_ns > self._last_edge_ns:
            self._last_edge_ns = at_ns
