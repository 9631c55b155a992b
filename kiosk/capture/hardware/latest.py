"""How frames leave a camera's own thread: the newest preview, and the still somebody waits for."""

from __future__ import annotations

import threading
from collections.abc import Callable

from kiosk.errors import CameraError, CameraTimeout
from kiosk.model import Frame

Clock = Callable[[], int]
"""Monotonic nanoseconds, as ``time.monotonic_ns``."""

_TURN_S = 0.05
"""A waiting capture looks at the injected clock at least this often, seconds."""


class FrameExchange:
    """One place where a camera's thread leaves frames and the other threads fetch them.

    It serves one run of the camera, from ``start`` to ``close`` or to a fault, so that a thread
    left over from an earlier run cannot put an old frame before anybody.

    The camera's thread calls ``beat``, ``wants_still``, ``hand_over``, ``publish`` and ``fail``;
    the drawing thread ``take_preview``, which never waits for a frame; one capturing thread
    ``wait_for_still``, which does. Nothing is queued: an untaken preview is replaced.
    """

    def __init__(self, *, timeout_ms: int, clock: Clock) -> None:
        self._timeout_ns = timeout_ms * 1_000_000
        self._clock = clock
        self._changed = threading.Condition()
        self._fault: CameraError | None = None
        self._beat_ns = clock()
        self._preview: Frame | None = None
        self._still: Frame | None = None
        self._after_ns: int | None = None

    def fail(self, error: CameraError) -> None:
        """Let every present and later caller see ``error``; the first fault stays."""
        with self._changed:
            if self._fault is None:
                self._fault = error
            self._preview = self._still = None
            self._changed.notify_all()

    def beat(self) -> None:
        """Note that the camera gave a frame just now."""
        with self._changed:
            self._beat_ns = self._clock()

    def publish(self, preview: Frame) -> Frame | None:
        """Make ``preview`` the newest; return the one it replaced if nobody took that.

        The returned frame has no owner: its memory may be used for the next preview.
        """
        with self._changed:
            replaced, self._preview = self._preview, preview
            return replaced

    def take_preview(self) -> Frame | None:
        """Return the newest preview once.

        Raises:
            CameraError: the camera failed, was closed, or gave nothing for the time allowed.
        """
        with self._changed:
            self._raise_fault()
            preview, self._preview = self._preview, None
            return preview

    def wants_still(self, exposed_from_ns: int) -> bool:
        """Whether somebody waits for a still and this one's exposure began late enough."""
        with self._changed:
            waits = self._after_ns is not None and self._still is None
            return waits and self._after_ns is not None and exposed_from_ns >= self._after_ns

    def hand_over(self, still: Frame) -> None:
        """Give ``still`` to the waiting caller; wiped if that one has given up meanwhile."""
        with self._changed:
            if self._after_ns is not None and self._still is None:
                self._still = still
                self._changed.notify_all()
                return
        still.wipe()

    def wait_for_still(self, after_ns: int) -> Frame:
        """Wait until the camera's thread hands a still over that began at or after ``after_ns``.

        Raises:
            CameraTimeout: none came within the time allowed.
            CameraError: the camera failed or was closed, or another capture is under way.
        """
        with self._changed:
            if self._after_ns is not None:
                raise CameraError("Another capture is under way; expected one at a time.")
            self._after_ns = after_ns
            try:
                return self._wait(self._clock() + self._timeout_ns)
            finally:
                self._after_ns = self._still = None

    def _wait(self, deadline_ns: int) -> Frame:
        while True:
            self._raise_fault()
            if self._still is not None:
                return self._still
            left_ns = deadline_ns - self._clock()
            if left_ns <= 0:
                raise CameraTimeout(
                    "The camera gave no picture begun after the press within "
                    f"{self._timeout_ns / 1e9:g} s; check its cable and restart it."
                )
            self._changed.wait(min(left_ns / 1e9, _TURN_S))

    def _raise_fault(self) -> None:
        if self._fault is None and self._clock() - self._beat_ns > self._timeout_ns:
            self._fault = CameraTimeout(
                f"No picture came from the camera for {self._timeout_ns / 1e9:g} s; "
                "check its cable and restart it."
            )
        if self._fault is not None:
            # A new instance each time: raising one object from two threads mixes their traces.
            raise type(self._fault)(self._fault.sentence) from self._fault
