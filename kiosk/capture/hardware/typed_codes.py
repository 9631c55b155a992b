"""Characters from a reader that types, put together into whole codes."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from kiosk.capture.scanning.scanned import LIMIT, Scanned, Source

PAUSE_NS: Final = 1_000_000_000
"""A reader types a whole code without a pause; after one what stands there is half a code.

Between when two keys were pressed: they may be read much later, and closer together or further
apart.
"""

BEHIND_NS: Final = 5_000_000_000
"""No reader's thread is further behind: what still is half a code then stays one, and is wiped."""

_KEPT: Final = 8
"""More codes than anybody shows to a reader between two polls."""


class TypedCodes:
    """What every reader has behind it: its thread types, the screen's thread polls.

    A code is what was typed up to Enter. Of a code that is too long, never ends, or was begun
    before ``forget``, the rest is swallowed up to its Enter or a pause: it would otherwise pass for
    a code of its own.

    Args:
        clock: the station's monotonic clock, nanoseconds.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._half = bytearray()
        self._length = 0
        self._swallowing = False
        self._last_ns = 0
        self._whole: deque[Scanned] = deque(maxlen=_KEPT)

    def character(self, character: str, at_ns: int) -> None:
        """Take in one character typed at ``at_ns`` of the monotonic clock."""
        with self._lock:
            self._expire(at_ns, PAUSE_NS)
            self._last_ns = at_ns
            if self._swallowing:
                return
            self._half += character.encode("utf-8")
            self._length += 1
            if self._length > LIMIT:
                # Refused by its length as soon as that is certain, whether it ever ends or not.
                self._finish()
                self._swallowing = True

    def enter(self, at_ns: int) -> None:
        """Take in an Enter at ``at_ns``: what was typed before it is a code."""
        with self._lock:
            self._expire(at_ns, PAUSE_NS)
            if self._length:
                self._finish()
            self._swallowing = False

    def poll(self) -> tuple[Scanned, ...]:
        """Return the codes since the last call, oldest first; never waits."""
        with self._lock:
            self._expire(self._clock(), BEHIND_NS)
            codes = tuple(self._whole)
            self._whole.clear()
        return codes

    def forget(self) -> None:
        """Drop whole and half codes, and the rest of one that is just being typed."""
        with self._lock:
            self._expire(self._clock(), BEHIND_NS)
            self._swallowing = self._swallowing or self._length > 0
            self._wipe()
            self._whole.clear()

    def lost(self) -> None:
        """Drop the half of a code whose rest will not come: the reader was pulled out."""
        with self._lock:
            self._swallowing = False
            self._wipe()

    def _expire(self, at_ns: int, pause_ns: int) -> None:
        if at_ns - self._last_ns > pause_ns:
            self._swallowing = False
            self._wipe()

    def _finish(self) -> None:
        self._whole.append(Scanned(bytes(self._half), Source.READER))
        self._wipe()

    def _wipe(self) -> None:
        self._half[:] = bytes(len(self._half))
        self._half.clear()
        self._length = 0
