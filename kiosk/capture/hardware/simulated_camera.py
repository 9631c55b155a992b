"""A camera that plays the photographs of a folder, with the manners of a real sensor."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kiosk.capture.hardware.interfaces import CameraIdentity
from kiosk.capture.hardware.latest import Clock, FrameExchange
from kiosk.capture.hardware.photograph import Exposure, develop, load
from kiosk.capture.hardware.threaded_camera import Step, ThreadedCamera
from kiosk.config import SimulatedCamera as Section
from kiosk.errors import CameraError
from kiosk.model import CameraSettings, Frame, FrameMetadata, PixelLayout, Pixels

CONTROL_LATENCY = 2
"""Frames begun after ``apply`` that still carry the old settings, as sensors do."""

PIPELINE_DEPTH = 1
"""Exposed frames that wait inside the pipeline: the next frame delivered is never a fresh one."""

SECONDS_EACH = 5.0

SUFFIXES = (".jpg", ".jpeg", ".png")


@dataclass(frozen=True, slots=True)
class _Exposed:
    """A frame that the sensor has finished and the pipeline has not yet delivered."""

    path: Path
    taken: Exposure
    begin_ns: int


class SimulatedCamera(ThreadedCamera):
    """Plays photographs; see :class:`kiosk.capture.hardware.interfaces.Camera`.

    A photograph comes out as it was stored under the configured exposure with the lamps full;
    other settings or light change it as they would change a real picture. Each photograph stays
    for five seconds, then the next one follows by name, unless ``show`` picked one.

    Timing is a real sensor's: exposures follow each other at the configured rate, settings reach
    the sensor two frames late, and a delivered frame is older than the one being exposed, so that
    a caller who takes the next frame after a press gets one from before it.
    """

    def __init__(
        self,
        section: Section,
        *,
        light_level: Callable[[], float],
        clock: Clock = time.monotonic_ns,
    ) -> None:
        """Make a camera that is not started.

        Args:
            section: the configuration.
            light_level: the lamps' level, 0 to 1; read while a frame is exposed, on the camera's
                thread.
            clock: monotonic nanoseconds.
        """
        super().__init__(timeout_ms=section.timeout_ms, clock=clock)
        self._section = section
        self._light_level = light_level
        self._sensor: _Sensor | None = None
        self._chosen: str | None = None

    @property
    def identity(self) -> CameraIdentity:
        return CameraIdentity(model="simulated", serial="", driver="simulated")

    @property
    def still_size(self) -> tuple[int, int]:
        return self._section.size

    @property
    def still_layout(self) -> PixelLayout:
        return PixelLayout.I420

    def show(self, name: str | None) -> None:
        """Play the photograph of this name (without its ending), or all in turn if None.

        While the camera runs it knows the photographs that were there when it started.

        Raises:
            CameraError: the folder holds no such photograph.
        """
        if name is not None:
            sensor = self._sensor
            paths = sensor.paths if sensor is not None else photographs(self._section.pictures)
            names = [path.stem for path in paths]
            if name not in names:
                raise CameraError(
                    f"{self._section.pictures}: there is no photograph {name!r}; "
                    f"expected one of {', '.join(names)}."
                )
        self._chosen = name
        if self._sensor is not None:
            self._sensor.show(name)

    def apply(self, settings: CameraSettings) -> None:
        sensor = self._sensor
        if sensor is None:
            raise CameraError("The camera is not started; expected start() before apply().")
        sensor.apply(settings)

    def _open(self) -> Step:
        paths = photographs(self._section.pictures)
        developed = _Developed(self._section)
        # A picture that cannot be read is said now, not on the camera's thread.
        developed.read(paths[0])
        sensor = _Sensor(self._section, paths, developed, self._light_level, self._clock)
        sensor.show(self._chosen)
        self._sensor = sensor
        return sensor.step

    def _release(self) -> None:
        self._sensor = None


def photographs(folder: Path) -> tuple[Path, ...]:
    """List the photographs of a folder by name.

    Raises:
        CameraError: the folder is missing, unreadable or holds none.
    """
    try:
        found = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)
    except OSError as error:
        raise CameraError(
            f"{folder}: expected a folder of photographs to play, but: {error.strerror}."
        ) from error
    if not found:
        raise CameraError(
            f"{folder}: expected at least one photograph ({', '.join(SUFFIXES)}), found none."
        )
    return tuple(found)


class _Sensor:
    """One run of the sensor, from start to close; ``step`` exposes one frame."""

    def __init__(
        self,
        section: Section,
        paths: tuple[Path, ...],
        developed: _Developed,
        light_level: Callable[[], float],
        clock: Clock,
    ) -> None:
        self._section = section
        self.paths = paths
        self._developed = developed
        self._light_level = light_level
        self._clock = clock
        self._lock = threading.Lock()
        self._chosen: str | None = None
        self._asked: list[tuple[int, CameraSettings]] = [(0, section.exposure.settings())]
        self._number = 0
        self._first_ns = self._next_ns = clock()
        self._pipeline: deque[_Exposed] = deque()

    def show(self, name: str | None) -> None:
        with self._lock:
            self._chosen = name

    def apply(self, settings: CameraSettings) -> None:
        with self._lock:
            self._asked.append((self._number + CONTROL_LATENCY, settings))

    def step(self, exchange: FrameExchange, stopping: threading.Event) -> None:
        """Expose one frame in real time and deliver the one before it."""
        if not self._wait_until(self._next_ns, stopping):
            return
        begin_ns = self._clock()
        settings = self._settings()
        light = self._light_level()
        interval_us = max(1e6 / self._section.frames_per_second, settings.exposure_us)
        self._next_ns = max(self._next_ns + round(interval_us * 1000), begin_ns)
        path = self._playing(begin_ns)
        if not self._wait_until(begin_ns + settings.exposure_us * 1000, stopping):
            return
        light = (light + self._light_level()) / 2
        self._pipeline.append(_Exposed(path, Exposure(settings, light), begin_ns))
        if len(self._pipeline) > PIPELINE_DEPTH:
            self._deliver(self._pipeline.popleft(), exchange)

    def _wait_until(self, when_ns: int, stopping: threading.Event) -> bool:
        while (left_ns := when_ns - self._clock()) > 0:
            if stopping.wait(left_ns / 1e9):
                return False
        return not stopping.is_set()

    def _settings(self) -> CameraSettings:
        with self._lock:
            self._number += 1
            while len(self._asked) > 1 and self._asked[1][0] < self._number:
                del self._asked[0]
            return self._asked[0][1]

    def _playing(self, now_ns: int) -> Path:
        with self._lock:
            chosen = self._chosen
        for path in self.paths:
            if path.stem == chosen:
                return path
        return self.paths[int((now_ns - self._first_ns) / 1e9 / SECONDS_EACH) % len(self.paths)]

    def _deliver(self, exposed: _Exposed, exchange: FrameExchange) -> None:
        metadata = FrameMetadata(exposed.begin_ns, exposed.taken.settings)
        width, height = self._section.preview
        exchange.beat()
        pixels = self._developed.preview(exposed.path, exposed.taken)
        exchange.publish(Frame(pixels.copy(), PixelLayout.I420, width, height, metadata))
        if exchange.wants_still(exposed.begin_ns):
            width, height = self._section.size
            still = self._developed.still(exposed.path, exposed.taken)
            exchange.hand_over(Frame(still, PixelLayout.I420, width, height, metadata))


class _Developed:
    """Photographs as they look now; the preview is rendered only when something changed."""

    def __init__(self, section: Section) -> None:
        self._section = section
        self._reference = Exposure(section.exposure.settings(), 1.0)
        self._path: Path | None = None
        self._picture: Pixels | None = None
        self._small: Pixels | None = None
        self._key: tuple[Path, Exposure] | None = None
        self._preview: Pixels | None = None

    def preview(self, path: Path, taken: Exposure) -> Pixels:
        """Return the preview's I420 planes; they stay this object's own."""
        # A fading lamp would change the key by amounts that no 8-bit value shows.
        key = (path, dataclasses.replace(taken, light=round(taken.light, 3)))
        if self._preview is None or self._key != key:
            _, small = self.read(path)
            self._preview = develop(small, self._section.preview, key[1], self._reference)
            self._key = key
        return self._preview

    def still(self, path: Path, taken: Exposure) -> Pixels:
        """Return the I420 planes of a full picture, the caller's own."""
        picture, _ = self.read(path)
        return develop(picture, self._section.size, taken, self._reference)

    def read(self, path: Path) -> tuple[Pixels, Pixels]:
        """Return the photograph fit for stills and for the preview; BGR, kept until the next."""
        if self._picture is None or self._small is None or self._path != path:
            rotation = self._section.rotation
            self._picture = load(path, self._section.size, rotation)
            self._small = load(path, self._section.preview, rotation)
            self._path = path
        return self._picture, self._small
