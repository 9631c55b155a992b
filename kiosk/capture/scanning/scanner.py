"""The thread that reads codes from live pictures: the newest one, and only while it is wanted."""

from __future__ import annotations

import threading
from collections import deque
from typing import Final, Protocol

from kiosk.capture.checked_thread import CheckedThread
from kiosk.capture.scanning.once import Once
from kiosk.capture.scanning.scanned import Scanned
from kiosk.model import Frame

_KEPT: Final = 8
"""More codes than anybody holds up between two turns of the loop."""

_STOP_S: Final = 5.0


class Finder(Protocol):
    """What scanning needs of :class:`kiosk.capture.scanning.codes.CodeFinder`."""

    def find(self, frame: Frame) -> tuple[Scanned, ...]: ...


class Scanner:
    """Reads codes on a thread of its own until closed; at rest until ``start``.

    Args:
        finder: reads one picture; used by the thread alone.
    """

    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self._news = threading.Condition()
        # One for each time that scanning is wanted: what a look under way finds when it is no
        # longer wanted, or wanted anew, belongs to nobody.
        self._once: Once | None = None
        self._frame: Frame | None = None
        self._codes: deque[Scanned] = deque(maxlen=_KEPT)
        self._closing = False
        self._thread = CheckedThread(self._run, "scanning")
        self._thread.start()

    def start(self) -> None:
        """Read codes from now on; called again, count one that is still held up once more."""
        self._begin(Once())

    def offer(self, frame: Frame) -> None:
        """Read a picture, unless a newer one comes before there is time for it."""
        with self._news:
            if self._once is not None:
                self._frame = frame
                self._news.notify()

    def codes(self) -> tuple[Scanned, ...]:
        """Return the codes that were read since the last call, oldest first; never waits."""
        with self._news:
            codes = tuple(self._codes)
            self._codes.clear()
        return codes

    def forget(self) -> None:
        """Read no more, and drop what was read; nothing found before ever comes after it."""
        self._begin(None)

    def check(self) -> None:
        """Raise, on the caller's thread, whatever ended the thread."""
        self._thread.check()

    def close(self) -> None:
        """End the thread; may be called more than once."""
        with self._news:
            self._closing = True
            self._news.notify()
        self._thread.join(_STOP_S)
        self.forget()

    def _begin(self, once: Once | None) -> None:
        with self._news:
            self._once, self._frame = once, None
            self._codes.clear()

    def _run(self) -> None:
        while (work := self._next()) is not None:
            self._look(*work)
            # Neither is kept while there is nothing to do.
            del work

    def _next(self) -> tuple[Once, Frame] | None:
        """Wait for a picture to read; None: to end."""
        with self._news:
            while not self._closing and (self._frame is None or self._once is None):
                self._news.wait()
            frame, self._frame = self._frame, None
            if self._closing or frame is None or self._once is None:
                return None
            return self._once, frame

    def _look(self, once: Once, frame: Frame) -> None:
        found = self._finder.find(frame)
        with self._news:
            if self._once is once:
                self._codes.extend(once.new(found, frame.metadata.exposed_from_ns))
