"""A USB camera through V4L2 and OpenCV, for trying things out without a Raspberry Pi's camera."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np

from kiosk.capture.hardware.interfaces import CameraIdentity, SettingsOf
from kiosk.capture.hardware.latest import Clock, FrameExchange
from kiosk.capture.hardware.threaded_camera import Step, ThreadedCamera
from kiosk.config import Webcam as Section
from kiosk.errors import CameraError
from kiosk.model import CameraSettings, Frame, FrameMetadata, PixelLayout, Pixels

QUEUED = 4
"""Buffers that OpenCV's V4L2 code hands to the driver; so many frames may be waiting unread."""

SYSTEM = Path("/sys/class/video4linux")

PLAUSIBLE_NS = 2_000_000_000

_MANUAL_EXPOSURE = 1.0
"""V4L2_EXPOSURE_MANUAL; OpenCV passes the number on."""


class Capture(Protocol):
    """The part of ``cv2.VideoCapture`` that is used."""

    def isOpened(self) -> bool: ...  # noqa: N802 - OpenCV's name

    def grab(self) -> bool: ...

    def retrieve(self) -> tuple[bool, Any]: ...

    def get(self, prop: int, /) -> float: ...

    def set(self, prop: int, value: float, /) -> bool: ...

    def release(self) -> None: ...


def open_v4l2(device: str) -> Capture:
    """Open a device node such as ``/dev/video0``."""
    return cv2.VideoCapture(device, cv2.CAP_V4L2)


class WebcamDevice(ThreadedCamera):
    """A webcam; see :class:`kiosk.capture.hardware.interfaces.Camera`.

    Manual exposure is asked for and read back, but a webcam tells neither its gain nor its white
    balance in units that mean anything: ``metadata.settings`` is None, and ``identity.driver``
    names what stayed automatic, so that it stands in each shot's record.
    """

    def __init__(
        self,
        section: Section,
        *,
        settings: SettingsOf | None = None,
        clock: Clock = time.monotonic_ns,
        opener: Callable[[str], Capture] = open_v4l2,
    ) -> None:
        """Make a camera that is not started.

        Args:
            section: the configuration.
            settings: what it begins with; the section's own unless told otherwise.
            clock: monotonic nanoseconds; V4L2 stamps frames on the same clock.
            opener: opens the device; tests play a film with it.
        """
        super().__init__(section, settings=settings, clock=clock)
        self._section = section
        self._opener = opener
        self._capture: Capture | None = None
        self._automatic: tuple[str, ...] = ()

    @property
    def identity(self) -> CameraIdentity:
        stayed = f" (automatic: {', '.join(self._automatic)})" if self._automatic else ""
        model = _product(self._section.device)
        return CameraIdentity(model=model, serial="", driver=f"v4l2{stayed}")

    @property
    def still_size(self) -> tuple[int, int]:
        return self._section.size

    @property
    def still_layout(self) -> PixelLayout:
        return PixelLayout.BGR

    def apply(self, settings: CameraSettings) -> None:
        capture = self._capture
        if capture is None:
            raise CameraError("The camera is not started; expected start() before apply().")
        self._automatic = _set_manual(capture, settings)

    def _open(self) -> Step:
        device = str(self._section.device)
        try:
            capture = self._opener(device)
        except cv2.error as error:
            raise CameraError(f"{device}: the camera cannot be opened: {error}.") from error
        if not capture.isOpened():
            capture.release()
            raise CameraError(
                f"{device}: there is no camera, or another program uses it; "
                "check its cable and camera.device."
            )
        width, height = self._section.size
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
        self._automatic = _set_manual(capture, self._settings_of(self.identity))
        self._capture = capture
        return _Reader(self._section, capture, self._clock).step

    def _release(self) -> None:
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.release()


class _Reader:
    """Reads one opened device."""

    def __init__(self, section: Section, capture: Capture, clock: Clock) -> None:
        self._section = section
        self._capture = capture
        self._clock = clock
        self._grabbed_ns: deque[int] = deque(maxlen=QUEUED + 1)
        self._stamp_ns = 0

    # grab() cannot be woken, so the event is looked at only between two frames.
    def step(self, exchange: FrameExchange, stopping: threading.Event) -> None:  # noqa: ARG002
        device = self._section.device
        if not self._capture.grab():
            raise CameraError(f"{device}: the camera stopped giving pictures; was it unplugged?")
        self._grabbed_ns.append(self._clock())
        begin_ns = self._exposed_from()
        got, picture = self._capture.retrieve()
        if not got:
            raise CameraError(f"{device}: the camera gave a picture that cannot be decoded.")
        exchange.beat()
        pixels = np.asarray(picture, dtype=np.uint8)
        width, height = self._section.size
        if pixels.shape != (height, width, 3):
            raise CameraError(
                f"{device}: the camera gives {pixels.shape[1]} x {pixels.shape[0]} pixels; "
                f"camera.size asks for {width} x {height}."
            )
        if begin_ns is None:
            return
        metadata = FrameMetadata(begin_ns, None)
        small = np.asarray(
            cv2.resize(pixels, self._section.preview, interpolation=cv2.INTER_AREA), dtype=np.uint8
        )
        if exchange.wants_still(begin_ns):
            # OpenCV makes fresh memory for each picture: this one is nobody else's.
            exchange.hand_over(_bgr(pixels, metadata))
        exchange.publish(_bgr(small, metadata))

    def _exposed_from(self) -> int | None:
        """Return a time before which this frame's exposure did not begin, or None yet.

        UVC's driver stamps a frame when its first data arrive, after the first row's exposure,
        which cannot have begun before the data of the frame before did: that frame's stamp is
        safe. Where OpenCV has no stamp of the monotonic clock, the frame lay in one of the
        driver's buffers, which was free again only after the grab that many frames ago: that
        time, less the time between two frames, is safe as well, but some frames late.
        """
        before_ns, now_ns = self._stamp_ns, self._grabbed_ns[-1]
        self._stamp_ns = round(self._capture.get(cv2.CAP_PROP_POS_MSEC) * 1e6)
        if 0 <= now_ns - self._stamp_ns <= PLAUSIBLE_NS:
            return before_ns if 0 < before_ns < self._stamp_ns else None
        self._stamp_ns = 0
        if len(self._grabbed_ns) <= QUEUED:
            return None
        interval_ns = (now_ns - self._grabbed_ns[0]) // QUEUED
        return self._grabbed_ns[0] - interval_ns


def _product(device: Path) -> str:
    """Return the name that the kernel has for the camera, or else the node's own."""
    try:
        return (SYSTEM / device.name / "name").read_text(encoding="utf-8").strip()
    except OSError:
        return device.name


def _bgr(pixels: Pixels, metadata: FrameMetadata) -> Frame:
    return Frame(pixels, PixelLayout.BGR, pixels.shape[1], pixels.shape[0], metadata)


def _set_manual(capture: Capture, settings: CameraSettings) -> tuple[str, ...]:
    """Ask for manual values; return the names of what the camera kept to itself.

    Gain has no common unit among webcams and is left alone; that it is unknown is why a
    webcam's frames carry no settings.
    """
    # V4L2_CID_EXPOSURE_ABSOLUTE counts in 100 microseconds.
    exposure = max(1.0, round(settings.exposure_us / 100))
    wanted = (
        ("exposure mode", cv2.CAP_PROP_AUTO_EXPOSURE, _MANUAL_EXPOSURE),
        ("exposure", cv2.CAP_PROP_EXPOSURE, exposure),
        ("white balance", cv2.CAP_PROP_AUTO_WB, 0.0),
        ("focus", cv2.CAP_PROP_AUTOFOCUS, 0.0),
    )
    kept = []
    for name, prop, value in wanted:
        if not capture.set(prop, value) or capture.get(prop) != value:
            kept.append(name)
    return (*kept, "gain")
