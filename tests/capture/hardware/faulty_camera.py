"""A camera that wraps another one and misbehaves on demand; for tests of whatever uses a camera."""

from __future__ import annotations

import dataclasses
import enum
import threading

from kiosk.capture.hardware.interfaces import Camera, CameraIdentity
from kiosk.errors import CameraError, CameraTimeout
from kiosk.model import CameraSettings, Frame, PixelLayout


class Fault(enum.Enum):
    NONE = "none"
    HANGS = "hangs"
    """No frame comes any more: captures time out, the preview stands still, then says so."""
    DIES = "dies"
    """The driver reports an error, at once and until ``restart``."""
    OLD_FRAMES = "old frames"
    """Captures return frames begun a second before they should: the naive driver's mistake."""
    WRONG_EXPOSURE = "wrong exposure"
    """Frames tell twice the exposure that was asked for."""
    NEVER_MATCHING_GAINS = "never matching gains"
    """Frames tell gains that drift, as under an automatic white balance."""
    TELLS_NOTHING = "tells nothing"
    """Frames carry no settings, as a webcam's."""


class FaultyCamera:
    """Behaves like the camera inside, except for ``fault``, which may be set at any time."""

    def __init__(self, inside: Camera) -> None:
        self._inside = inside
        self._drift = 0.0
        self.fault = Fault.NONE
        self.captures = 0
        self.restarts = 0
        self.release_hang = threading.Event()
        """Set it to let a hanging ``capture`` time out at once."""

    @property
    def identity(self) -> CameraIdentity:
        return self._inside.identity

    @property
    def still_size(self) -> tuple[int, int]:
        return self._inside.still_size

    @property
    def still_layout(self) -> PixelLayout:
        return self._inside.still_layout

    def start(self) -> None:
        self._inside.start()

    def apply(self, settings: CameraSettings) -> None:
        self._inside.apply(settings)

    def preview(self) -> Frame | None:
        frame = self._inside.preview()
        if self.fault is Fault.DIES:
            raise CameraError("The camera stopped: planted by the test.")
        if self.fault is Fault.HANGS:
            if self.release_hang.is_set():
                raise CameraTimeout("No picture came from the camera: planted by the test.")
            return None
        return frame

    def capture(self, after_ns: int) -> Frame:
        self.captures += 1
        if self.fault is Fault.DIES:
            raise CameraError("The camera stopped: planted by the test.")
        if self.fault is Fault.HANGS:
            self.release_hang.wait()
            raise CameraTimeout("No picture came from the camera: planted by the test.")
        return self._altered(self._inside.capture(after_ns), after_ns)

    def restart(self) -> None:
        self.restarts += 1
        if self.fault in {Fault.DIES, Fault.HANGS}:
            self.fault = Fault.NONE
        self._inside.restart()

    def close(self) -> None:
        self.release_hang.set()
        self._inside.close()

    def _altered(self, frame: Frame, after_ns: int) -> Frame:
        told = frame.metadata
        settings = told.settings
        if self.fault is Fault.OLD_FRAMES:
            told = dataclasses.replace(told, exposed_from_ns=after_ns - 1_000_000_000)
        elif self.fault is Fault.TELLS_NOTHING:
            told = dataclasses.replace(told, settings=None)
        elif self.fault is Fault.WRONG_EXPOSURE and settings is not None:
            wrong = dataclasses.replace(settings, exposure_us=settings.exposure_us * 2)
            told = dataclasses.replace(told, settings=wrong)
        elif self.fault is Fault.NEVER_MATCHING_GAINS and settings is not None:
            self._drift += 0.05
            red, blue = settings.colour_gains
            wrong = dataclasses.replace(settings, colour_gains=(red + self._drift, blue))
            told = dataclasses.replace(told, settings=wrong)
        return dataclasses.replace(frame, metadata=told)
