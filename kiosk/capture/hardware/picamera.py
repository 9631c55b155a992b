"""The Raspberry Pi's camera through picamera2; the only file that knows picamera2 and libcamera.

Numbers such as #426 are picamera2's issues: each such line is there because of that trap.
"""

from __future__ import annotations

import atexit
import contextlib
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from kiosk.capture.hardware.interfaces import CameraIdentity
from kiosk.capture.hardware.latest import Clock, FrameExchange
from kiosk.capture.hardware.padded_planes import copy_planes
from kiosk.capture.hardware.picamera_controls import controls_for, starting_controls
from kiosk.capture.hardware.picamera_modules import loaded_sensors, model_of
from kiosk.capture.hardware.sensor_clock import clock_offset, exposed_from
from kiosk.capture.hardware.threaded_camera import Step, ThreadedCamera
from kiosk.config import PiCamera as Section
from kiosk.errors import CameraError, CameraTimeout
from kiosk.model import CameraSettings, Frame, FrameMetadata, PixelLayout, Pixels

BUFFERS = 3
"""One with us, one being filled, one queued; each is a full picture of contiguous memory."""

_FORMATS = {PixelLayout.I420: "YUV420", PixelLayout.NV12: "NV12"}
_TURN_S = 0.1
_STOP_S = 2.0


class PiCameraModule(ThreadedCamera):
    """A camera module in its still mode, with the small preview stream beside it.

    The mode never changes between preview and still, so that a shot costs no 0.7 s and no second
    set of buffers (#1062, #1130, #869).
    """

    def __init__(
        self,
        section: Section,
        *,
        clock: Clock = time.monotonic_ns,
        layout: PixelLayout = PixelLayout.I420,
        manual_controls: bool = True,
    ) -> None:
        """Make a camera that is not started.

        Args:
            section: the configuration.
            clock: monotonic nanoseconds.
            layout: I420 on every Raspberry Pi; NV12 for libcamera's virtual camera.
            manual_controls: False only for libcamera's virtual camera, which has no exposure,
                gain or white balance; its frames' ``settings`` are then None.
        """
        super().__init__(timeout_ms=section.timeout_ms, clock=clock)
        self._section = section
        self._layout = layout
        self._manual = manual_controls
        self._identity = CameraIdentity(model="", serial="", driver="picamera2")
        self._device: _Device | None = None
        self._lost = False

    @property
    def identity(self) -> CameraIdentity:
        return self._identity

    @property
    def still_size(self) -> tuple[int, int]:
        return self._section.size

    @property
    def still_layout(self) -> PixelLayout:
        return self._layout

    def apply(self, settings: CameraSettings) -> None:
        device = self._device
        if device is None:
            raise CameraError("The camera is not started; expected start() before apply().")
        if self._manual:
            device.apply(settings)

    def _open(self) -> Step:
        if self._lost:
            raise CameraError(
                "The camera's driver did not answer when it was stopped and holds the camera; "
                "restart the program, and the station if that does not help."
            )
        device = _Device(self._section, self._clock, self._layout, manual=self._manual)
        self._identity = device.identity
        self._device = device
        return device.step

    def _release(self) -> None:
        device, self._device = self._device, None
        if device is not None and not device.close():
            self._lost = True
            device.abandon()

    def _abandon(self) -> None:
        if self._device is not None:
            self._device.abandon()


class _Device:
    """One opened and started camera."""

    def __init__(
        self, section: Section, clock: Clock, layout: PixelLayout, *, manual: bool
    ) -> None:
        self._section = section
        self._clock = clock
        self._layout = layout
        self._manual = manual
        self._offset_ns: int | None = None
        self._spare: Pixels | None = None
        library, libcamera = _libraries()
        self._mapped_array = library.MappedArray
        with _translated("could not be opened"):
            found = library.Picamera2.global_camera_info()
        model = model_of(found, section.index, section.sensor, loaded_sensors())
        with _translated("could not be opened; is another program using it?"):
            self._camera = library.Picamera2(section.index)
        try:
            with _translated("could not be started"):
                self._configure(libcamera.ColorSpace.Sycc())
                self._camera.start()
        except CameraError:
            self.close()
            raise
        self.identity = CameraIdentity(model=model, serial="", driver=_driver())

    def _configure(self, full_range: Any) -> None:  # noqa: ANN401 - libcamera has no types
        """Set everything before the first frame: later settings come late (#322, #1287)."""
        pixel_format = _FORMATS[self._layout]
        asked = {"main": self._section.size, "lores": self._section.preview}
        streams = {
            name: {"format": pixel_format, "size": size, "preserve_ar": True}
            for name, size in asked.items()
        }
        configuration = self._camera.create_still_configuration(
            **streams,
            # No raw stream: it would take as much memory again for nothing (#1062).
            raw=None,
            # sYCC is full range; OpenCV and JPEG expect that, video's range would cost 6 dB.
            colour_space=full_range,
            buffer_count=BUFFERS,
            # Without the queue no finished frame is kept back to be handed out later (#426).
            queue=False,
        )
        self._camera.configure(configuration)
        got = self._camera.camera_configuration()
        for name, size in asked.items():
            if got[name]["size"] != size or got[name]["format"] != pixel_format:
                raise CameraError(
                    f"The camera offers {got[name]['size']} {got[name]['format']} where the "
                    f"configuration asks for {size} {pixel_format} ({name} stream)."
                )
        self._strides = {name: int(got[name]["stride"]) for name in asked}
        if self._manual:
            if got["colour_space"] != full_range:
                raise CameraError(
                    f"The camera gives the colour space {got['colour_space']}; expected sYCC."
                )
            settings = self._section.exposure.settings()
            self._camera.set_controls(starting_controls(settings, self._camera.camera_controls))

    def apply(self, settings: CameraSettings) -> None:
        with _translated("refused the new settings"):
            wanted = controls_for(settings, self._camera.camera_controls)
            # A request that is recycled meanwhile takes the controls and empties them; without
            # its lock those set in between are lost (#1278).
            with self._camera.request_lock:
                self._camera.set_controls(wanted)

    def step(self, exchange: FrameExchange, stopping: threading.Event) -> None:
        """Wait for one frame and hand on what is wanted of it."""
        request = self._next(stopping)
        if request is None:
            return
        # Image and metadata from this one request, which is always given back (#1125).
        try:
            metadata = self._metadata(request.get_metadata())
            exchange.beat()
            still = None
            if exchange.wants_still(metadata.exposed_from_ns):
                still = self._frame(request, "main", self._section.size, metadata)
            preview = self._frame(request, "lores", self._section.preview, metadata)
        finally:
            request.release()
        if still is not None:
            exchange.hand_over(still)
        replaced = exchange.publish(preview)
        self._spare = replaced.pixels if replaced is not None else None

    def close(self) -> bool:
        """Stop and let go; return False if the driver does not answer in time."""
        with _translated("could not be released"):
            if self._camera.started:
                # stop() itself waits for ever (#962).
                try:
                    self._camera.dispatch_functions(
                        [self._camera.stop_], wait=_STOP_S, immediate=True
                    )
                except TimeoutError:
                    return False
            self._camera.close()
        return True

    def abandon(self) -> None:
        """Leave a camera whose driver hangs, without waiting for it at the program's end."""
        atexit.unregister(self._camera.close)

    def _next(self, stopping: threading.Event) -> Any | None:  # noqa: ANN401 - a picamera2 request
        """Wait for the next finished request, which the caller must release."""
        job = self._camera.capture_request(wait=False)
        allowed_ns = self._section.timeout_ms * 1_000_000
        deadline_ns = self._clock() + allowed_ns
        while not stopping.is_set() and self._clock() < deadline_ns:
            with contextlib.suppress(TimeoutError):
                return job.get_result(timeout=_TURN_S)
        self._camera.cancel_all_and_flush()
        # The frame may have come just before the job was taken back.
        with contextlib.suppress(TimeoutError, CancelledError):
            job.get_result(timeout=0).release()
        if stopping.is_set():
            return None
        # The driver blocks without any limit of its own when a frame is lost (#1090, #962).
        raise CameraTimeout(
            f"No picture came from the camera for {allowed_ns / 1e9:g} s; "
            "check its ribbon cable and restart it."
        )

    def _metadata(self, told: dict[str, Any]) -> FrameMetadata:
        needed = ["SensorTimestamp"]
        if self._manual:
            needed += ["ExposureTime", "AnalogueGain", "ColourGains"]
        missing = [name for name in needed if name not in told]
        if missing:
            raise CameraError(
                f"The camera does not say {', '.join(missing)} of its frames; nothing could be "
                "proven of a picture. Expected an official module with its own driver."
            )
        sensor_ns = int(told["SensorTimestamp"])
        if self._offset_ns is None:
            self._offset_ns = clock_offset(
                sensor_ns,
                monotonic_ns=self._clock(),
                boottime_ns=time.clock_gettime_ns(time.CLOCK_BOOTTIME),
            )
        if not self._manual:
            return FrameMetadata(exposed_from(sensor_ns, 0, self._offset_ns), None)
        lens = told.get("LensPosition")
        red, blue = told["ColourGains"]
        applied = CameraSettings(
            int(told["ExposureTime"]),
            float(told["AnalogueGain"]),
            (float(red), float(blue)),
            None if lens is None else float(lens),
        )
        begin_ns = exposed_from(sensor_ns, applied.exposure_us, self._offset_ns)
        return FrameMetadata(begin_ns, applied)

    def _frame(
        self,
        request: Any,  # noqa: ANN401 - a picamera2 request
        stream: str,
        size: tuple[int, int],
        metadata: FrameMetadata,
    ) -> Frame:
        spare = None
        if stream == "lores":
            spare, self._spare = self._spare, None
        with self._mapped_array(request, stream, reshape=False, write=False) as mapped:
            pixels = copy_planes(
                mapped.array,
                self._layout,
                width=size[0],
                height=size[1],
                stride=self._strides[stream],
                out=spare,
            )
        return Frame(pixels, self._layout, size[0], size[1], metadata)


def _libraries() -> tuple[Any, Any]:
    """Import picamera2 and libcamera when a camera is opened: only a station has them.

    Raises:
        CameraError: they are not installed, or do not fit each other.
    """
    try:
        return import_module("picamera2"), import_module("libcamera")
    except Exception as error:
        raise CameraError(
            f"The camera's library cannot be used: {error}; expected the packages "
            "python3-picamera2 and python3-libcamera of Raspberry Pi OS on this machine."
        ) from error


def _driver() -> str:
    try:
        return f"picamera2 {version('picamera2')}"
    except PackageNotFoundError:
        return "picamera2"


@contextlib.contextmanager
def _translated(what: str) -> Iterator[None]:
    """Turn picamera2's errors, which have no class of their own, into ours."""
    try:
        yield
    except CameraError:
        raise
    except Exception as error:
        raise CameraError(f"The camera {what}: {type(error).__name__}: {error}.") from error
