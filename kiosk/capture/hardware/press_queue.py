"""What every pedal has behind it: edges come in from a device's thread, presses go out to the loop.

The device's thread does nothing but append; all deciding happens where ``poll`` is called.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from kiosk.capture.hardware.hold_off import DWELL_NS, NANOSECONDS_PER_MS, HoldOff

Clock = Callable[[], int]
"""Returns nanoseconds of ``time.monotonic_ns()``."""

STUCK_NS = 10_000 * NANOSECONDS_PER_MS
"""Nobody stands on a pedal for ten seconds on purpose: something lies on it, or it is broken."""

STUCK = (
    "The foot pedal has been down for more than 10 seconds: "
    "take away what lies on it; if nothing does, it is broken."
)

_BOUNCE_NS = 50 * NANOSECONDS_PER_MS
"""Contacts bounce for some milliseconds; a foot that lets go is away for longer than this."""

_KEPT_EDGES = 4096
"""More edges than a foot makes between two polls; noise on a cut cable must not fill the memory."""


class PressQueue:
    """Edges of one pedal, with the hold-off that turns them into presses.

    Args:
        hold_off_ms: quiet time that a press needs before it, milliseconds, >= 0.
        clock: the station's monotonic clock.
        dwell_ns: see :class:`HoldOff`.
    """

    def __init__(self, hold_off_ms: int, clock: Clock, dwell_ns: int = DWELL_NS) -> None:
        self._hold_off = HoldOff(hold_off_ms * NANOSECONDS_PER_MS, dwell_ns)
        self._clock = clock
        self._edges: deque[tuple[int, bool]] = deque(maxlen=_KEPT_EDGES)
        self._down_since_ns: int | None = None
        self._counted_ns: int | None = None
        self._up_ns: int | None = None

    def pressed(self, at_ns: int) -> None:
        """Take in a press; from any thread."""
        self._edges.append((at_ns, True))

    def released(self, at_ns: int) -> None:
        """Take in a release; from any thread."""
        self._edges.append((at_ns, False))

    def found_down(self, at_ns: int) -> None:
        """Say that the pedal was already down when it was first looked at: no press."""
        self._down_since_ns = at_ns

    def poll(self) -> tuple[int, ...]:
        """Return the times of the presses that count since the last call, oldest first."""
        counted = []
        while self._edges:
            at_ns, down = self._edges.popleft()
            if down:
                self._renew(at_ns)
                if self._hold_off.accept(at_ns):
                    counted.append(at_ns)
                    self._counted_ns = at_ns
                self._down_since_ns = at_ns
                self._up_ns = None
            else:
                self._hold_off.release(at_ns)
                self._down_since_ns = None
                self._up_ns = at_ns
        self._renew(self._clock())
        return tuple(counted)

    def held_since(self) -> int | None:
        """Return when the press began that counted last, None once it was let go of.

        As of the last :meth:`poll`.
        """
        return self._counted_ns

    def _renew(self, now_ns: int) -> None:
        """Let go of the last press if the pedal has been up for longer than contacts bounce."""
        if self._up_ns is not None and now_ns - self._up_ns > _BOUNCE_NS:
            self._counted_ns = self._up_ns = None

    def rearm(self, at_ns: int) -> None:
        self._hold_off.rearm(at_ns)

    def stuck(self) -> str:
        """Return the sentence about a pedal that has been down too long, or empty text."""
        down_since = self._down_since_ns
        return STUCK if down_since is not None and self._clock() - down_since > STUCK_NS else ""

    def forget(self) -> None:
        """Drop what was not asked for yet; the pedal is gone or closed."""
        self._edges.clear()
        self._down_since_ns = self._counted_ns = self._up_ns = None
