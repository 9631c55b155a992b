"""What the capture process expects of its devices; real and simulated ones keep the same contract.

The contracts are executable: ``tests/contracts/`` runs the same cases over every device that can
exist on the machine at hand. All times are nanoseconds of ``time.monotonic_ns()``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from kiosk.capture.scanning.scanned import Scanned
from kiosk.model import CameraSettings, Frame, PixelLayout


@dataclass(frozen=True, slots=True)
class CameraIdentity:
    """What goes into a shot's record about the device; empty text where it cannot tell."""

    model: str
    serial: str
    driver: str


SettingsOf = Callable[[CameraIdentity], CameraSettings]
"""What a camera begins with, by which one it is; asked whenever it is started."""


class Camera(Protocol):
    """One camera in its still mode, with a small preview stream beside it.

    ``start`` opens the device and begins to stream; from then on a thread of the camera's own
    keeps the newest preview frame. ``preview`` never waits; ``capture`` does, on the caller's
    thread, which must not be the one that draws.
    """

    @property
    def identity(self) -> CameraIdentity: ...

    @property
    def still_size(self) -> tuple[int, int]:
        """Width and height of captured pictures, before any rotation."""
        ...

    @property
    def still_layout(self) -> PixelLayout: ...

    def start(self) -> None:
        """Open the device and stream.

        Raises:
            CameraError: no camera, or it does not do what the configuration asks of it.
        """
        ...

    def apply(self, settings: CameraSettings) -> None:
        """Ask for other settings; frames begun before they arrived still carry the old ones.

        Until the camera is started anew: it begins with those that it was made with.
        """
        ...

    def preview(self) -> Frame | None:
        """Return the newest preview frame if there is one that was not yet returned.

        Raises:
            CameraError: the camera's thread died or no frame came for the time allowed; raised
                again on each call until ``restart``.
        """
        ...

    def capture(self, after_ns: int) -> Frame:
        """Wait for the first still whose exposure began at or after ``after_ns``.

        The frame's pixels are the caller's own. Its metadata belong to this very frame.

        Raises:
            CameraTimeout: no such frame within the configured time.
            CameraError: the device failed.
        """
        ...

    def restart(self) -> None:
        """Close and open again after a fault; raises as ``start`` does."""
        ...

    def close(self) -> None:
        """Release the device; may be called more than once, at any time."""
        ...


class Lights(Protocol):
    """Every lamp of the station, driven together but for trying; dark when made and when closed."""

    def set(self, level: float) -> None:
        """Light all lamps at ``level``, 0 to 1.

        Raises:
            LightError: the pins cannot be driven.
        """
        ...

    def set_one(self, name: str, level: float) -> None:
        """Light one lamp at ``level`` and make all others dark; for trying each.

        Raises:
            LightError: there is no such lamp, or the pins cannot be driven.
        """
        ...

    def level(self) -> float:
        """Return how much of all light there is, 0 to 1: the mean over the lamps."""
        ...

    def close(self) -> None:
        """Switch off and release; may be called more than once."""
        ...


class Pedal(Protocol):
    """A foot pedal; presses are counted once each, bounce removed."""

    def poll(self) -> tuple[int, ...]:
        """Return the times of the presses since the last call, oldest first; never waits."""
        ...

    def held_since(self) -> int | None:
        """Return when the press began that counted last, None once the foot has let go.

        As of the last ``poll``; a contact that bounces has not let go.
        """
        ...

    def rearm(self, at_ns: int) -> None:
        """Count no press that began before ``at_ns`` and a short dwell after it.

        Called whenever another screen appears, so that a press meant for the one before never
        acts on it.
        """
        ...

    def fault(self) -> str:
        """Return the sentence to show while no pedal is there, or empty text."""
        ...

    def close(self) -> None:
        """Release the device; may be called more than once."""
        ...


class Reader(Protocol):
    """A reader of codes or tags that gives each as a whole, once."""

    def poll(self) -> tuple[Scanned, ...]:
        """Return what was read since the last call, oldest first; never waits.

        What cannot be used is among it, and says so when its text is asked for.
        """
        ...

    def forget(self) -> None:
        """Drop what was read, and the rest of what is just being read.

        Called whenever another screen appears and when somebody signs out, so that a code meant
        for the screen before never acts on the next one.
        """
        ...

    def fault(self) -> str:
        """Return the sentence to show while no reader is there, or empty text."""
        ...

    def close(self) -> None:
        """Release the device; may be called more than once, and nothing is read after it."""
        ...


class Voice(Protocol):
    """Speaks to a patient who cannot see the screen; no call ever waits for the speaking."""

    def say(self, text: str) -> None:
        """Speak a sentence now; one that is being spoken is broken off.

        But for one that a voice lets speak to its end, to find out whether it still can.
        """
        ...

    def speaking(self) -> bool:
        """Return whether a sentence that was asked for has not come to its end yet."""
        ...

    def silence(self) -> None:
        """Break off, and speak nothing more of what was asked for."""
        ...

    def attend(self) -> None:
        """Go on with what was asked for; called at every turn of the loop."""
        ...

    def fault(self) -> str:
        """Return the sentence to show since speech was asked for in vain, or empty text."""
        ...

    def close(self) -> None:
        """Break off and release; may be called more than once, and nothing is spoken after it."""
        ...
