"""What every camera here shares: a thread of its own, and nothing that ends it goes unseen."""

from __future__ import annotations

import threading
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable

from kiosk.capture.hardware.interfaces import CameraIdentity, SettingsOf
from kiosk.capture.hardware.latest import Clock, FrameExchange
from kiosk.config import CameraCommon
from kiosk.errors import CameraError
from kiosk.model import CameraSettings, Frame, PixelLayout

Step = Callable[[FrameExchange, threading.Event], None]
"""Waits for one frame and leaves it in the exchange; returns early once the event is set."""

_CLOSED = "The camera is closed; start it again."

_STOP_S = 2.0
"""How long a step may take to end after it was told to, seconds."""


class ThreadedCamera(ABC):
    """Start, preview, capture, restart and close; see ``interfaces.Camera`` for what they promise.

    A driver opens its device in ``_open``, with the settings that ``_settings_of`` gives for it,
    returns the step that the thread repeats, and lets go of the device in ``_release``.
    """

    def __init__(self, section: CameraCommon, *, settings: SettingsOf | None, clock: Clock) -> None:
        plain = section.exposure.settings()
        self._settings_of: SettingsOf = settings or (lambda _: plain)
        self._timeout_ms = section.timeout_ms
        self._clock = clock
        self._lifecycle = threading.Lock()
        self._run: _Run | None = None
        self._stuck: _Run | None = None
        self._exchange = self._ended("The camera is not started; expected start() first.")

    @property
    @abstractmethod
    def identity(self) -> CameraIdentity: ...

    @property
    @abstractmethod
    def still_size(self) -> tuple[int, int]: ...

    @property
    @abstractmethod
    def still_layout(self) -> PixelLayout: ...

    @abstractmethod
    def apply(self, settings: CameraSettings) -> None: ...

    def start(self) -> None:
        with self._lifecycle:
            self._start()

    def preview(self) -> Frame | None:
        return self._exchange.take_preview()

    def capture(self, after_ns: int) -> Frame:
        return self._exchange.wait_for_still(after_ns)

    def restart(self) -> None:
        with self._lifecycle:
            self._close()
            self._start()

    def close(self) -> None:
        # Whoever starts it again on another thread may hang inside the driver.
        if not self._lifecycle.acquire(timeout=_STOP_S):
            self._abandon()
            return
        try:
            self._close()
        finally:
            self._lifecycle.release()

    @abstractmethod
    def _open(self) -> Step:
        """Open the device; leave nothing open when raising CameraError."""

    @abstractmethod
    def _release(self) -> None:
        """Let go of the device; called once the thread has ended."""

    def _abandon(self) -> None:  # noqa: B027 - most devices need nothing here
        """Prepare for the program's end while the thread is stuck inside the device's driver."""

    def _start(self) -> None:
        if self._run is not None:
            return
        if self._stuck is not None:
            if self._stuck.runs():
                raise CameraError(
                    "The camera's driver does not answer and holds the camera; unplug it if it "
                    "has a plug, and restart the program."
                )
            self._stuck = None
            self._release()
        step = self._open()
        self._exchange = FrameExchange(timeout_ms=self._timeout_ms, clock=self._clock)
        self._run = _Run(step, self._exchange)

    def _close(self) -> None:
        run, self._run = self._run, None
        if run is None:
            return
        self._exchange.fail(CameraError(_CLOSED))
        self._exchange = self._ended(_CLOSED)
        if run.stop():
            self._release()
        else:
            # Closing a device under a thread that is still inside its driver crashes the program.
            self._stuck = run
            self._abandon()

    def _ended(self, sentence: str) -> FrameExchange:
        exchange = FrameExchange(timeout_ms=self._timeout_ms, clock=self._clock)
        exchange.fail(CameraError(sentence))
        return exchange


class _Run:
    """Repeats ``step`` on a daemon thread until ``stop``; an error in it reaches the exchange."""

    def __init__(self, step: Step, exchange: FrameExchange) -> None:
        self._step = step
        self._exchange = exchange
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._repeat, name="camera", daemon=True)
        self._thread.start()

    def stop(self) -> bool:
        """Ask the thread to end; return whether it did."""
        self._stopping.set()
        self._thread.join(_STOP_S)
        return not self.runs()

    def runs(self) -> bool:
        return self._thread.is_alive()

    def _repeat(self) -> None:
        try:
            while not self._stopping.is_set():
                self._step(self._exchange, self._stopping)
        except CameraError as error:
            self._fail(error, error)
        # The one place that must catch everything: a thread that dies in silence freezes the
        # preview, and nobody would know why.
        except Exception as error:  # noqa: BLE001
            told = CameraError(
                f"The camera stopped: {type(error).__name__}: {error}; restart it, "
                "and check its cable if that does not help."
            )
            told.__cause__ = error
            self._fail(told, error)

    def _fail(self, told: CameraError, error: Exception) -> None:
        # The error is kept as long as the fault shows, and its stack would keep what lay on it:
        # a patient's picture, and the camera's mapped memory, which then could not be given back.
        traceback.clear_frames(error.__traceback__)
        self._exchange.fail(told)
