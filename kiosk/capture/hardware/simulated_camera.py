"""A camera that plays photographs or a scene, with the manners of a real sensor."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kiosk.capture.hardware.interfaces import CameraIdentity, SettingsOf
from kiosk.capture.hardware.latest import Clock, FrameExchange
from kiosk.capture.hardware.photograph import Exposure, develop, load, turned
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


class Scene(Protocol):
    """Something that moves before the camera."""

    def picture(self, at_ns: int, size: tuple[int, int]) -> Pixels:
        """Return how it looks at a time under the configured exposure with the lamps full.

        Called on the camera's thread, in the order of time; frames wait for it.

        Args:
            at_ns: monotonic nanoseconds; twice the same time for preview and still of a frame.
            size: width and height of the upright picture wanted, pixels. A smaller one of the
                same shape is enlarged, where drawing it so large would take too long.

        Returns:
            BGR, (height, width, 3), upright, the caller's own.
        """
        ...


@dataclass(frozen=True, slots=True)
class _Exposed:
    """A frame that the sensor has finished and the pipeline has not yet delivered."""

    subject: Path | Scene
    taken: Exposure
    begin_ns: int

    @property
    def middle_ns(self) -> int:
        """The middle of the exposure, nanoseconds."""
        return self.begin_ns + self.taken.settings.exposure_us * 500


class SimulatedCamera(ThreadedCamera):
    """Plays photographs or a scene; see :class:`kiosk.capture.hardware.interfaces.Camera`.

    A scene is drawn for each frame as it is in the middle of its exposure. A photograph stays for
    five seconds, then the next one follows by name, unless ``show`` picked one. Either comes out
    as it is under the configured exposure with the lamps full; other settings or light change it
    as they would change a real picture.

    Timing is a real sensor's: exposures follow each other at the configured rate, settings reach
    the sensor two frames late, and a delivered frame is older than the one being exposed, so that
    a caller who takes the next frame after a press gets one from before it.
    """

    def __init__(
        self,
        section: Section,
        *,
        light_level: Callable[[], float],
        settings: SettingsOf | None = None,
        clock: Clock = time.monotonic_ns,
    ) -> None:
        """Make a camera that is not started.

        Args:
            section: the configuration.
            light_level: the lamps' level, 0 to 1; read while a frame is exposed, on the camera's
                thread.
            settings: what it begins with; the section's own unless told otherwise.
            clock: monotonic nanoseconds.
        """
        super().__init__(section, settings=settings, clock=clock)
        self._section = section
        self._light_level = light_level
        self._sensor: _Sensor | None = None
        self._chosen: str | None = None
        self._scene: Scene | None = None

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

    def play(self, scene: Scene | None) -> None:
        """Play a scene instead of photographs, or photographs again if None."""
        self._scene = scene
        if self._sensor is not None:
            self._sensor.play(scene)

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
        sensor.begin_with(self._settings_of(self.identity))
        sensor.show(self._chosen)
        sensor.play(self._scene)
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
        self._scene: Scene | None = None
        self._asked: list[tuple[int, CameraSettings]] = [(0, section.exposure.settings())]
        self._number = 0
        self._first_ns = self._next_ns = clock()
        self._pipeline: deque[_Exposed] = deque()

    def begin_with(self, settings: CameraSettings) -> None:
        """Have the first frame carry these settings; called before the first step."""
        self._asked = [(0, settings)]

    def show(self, name: str | None) -> None:
        with self._lock:
            self._chosen = name

    def play(self, scene: Scene | None) -> None:
        with self._lock:
            self._scene = scene

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
        subject = self._playing(begin_ns)
        if not self._wait_until(begin_ns + settings.exposure_us * 1000, stopping):
            return
        light = (light + self._light_level()) / 2
        self._pipeline.append(_Exposed(subject, Exposure(settings, light), begin_ns))
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

    def _playing(self, now_ns: int) -> Path | Scene:
        with self._lock:
            chosen, scene = self._chosen, self._scene
        if scene is not None:
            return scene
        for path in self.paths:
            if path.stem == chosen:
                return path
        return self.paths[int((now_ns - self._first_ns) / 1e9 / SECONDS_EACH) % len(self.paths)]

    def _deliver(self, exposed: _Exposed, exchange: FrameExchange) -> None:
        metadata = FrameMetadata(exposed.begin_ns, exposed.taken.settings)
        width, height = self._section.preview
        exchange.beat()
        pixels = self._developed.preview(exposed)
        exchange.publish(Frame(pixels, PixelLayout.I420, width, height, metadata))
        if exchange.wants_still(exposed.begin_ns):
            width, height = self._section.size
            still = self._developed.still(exposed)
            exchange.hand_over(Frame(still, PixelLayout.I420, width, height, metadata))


class _Developed:
    """What the sensor sees, as it looks under other settings.

    The preview of a photograph is developed only when something changed, that of a scene always.
    """

    def __init__(self, section: Section) -> None:
        self._section = section
        self._reference = Exposure(section.exposure.settings(), 1.0)
        self._path: Path | None = None
        self._picture: Pixels | None = None
        self._small: Pixels | None = None
        self._key: tuple[Path, Exposure] | None = None
        self._preview: Pixels | None = None

    def preview(self, exposed: _Exposed) -> Pixels:
        """Return the preview's I420 planes, the caller's own."""
        path, taken = exposed.subject, exposed.taken
        if not isinstance(path, Path):
            size = self._section.preview
            return develop(self._drawn(path, exposed, size), size, taken, self._reference)
        # A fading lamp would change the key by amounts that no 8-bit value shows.
        key = (path, dataclasses.replace(taken, light=round(taken.light, 3)))
        if self._preview is None or self._key != key:
            _, small = self.read(path)
            self._preview = develop(small, self._section.preview, key[1], self._reference)
            self._key = key
        return self._preview.copy()

    def still(self, exposed: _Exposed) -> Pixels:
        """Return the I420 planes of a full picture, the caller's own."""
        subject, size = exposed.subject, self._section.size
        if isinstance(subject, Path):
            picture, _ = self.read(subject)
        else:
            picture = self._drawn(subject, exposed, size)
        return develop(picture, size, exposed.taken, self._reference)

    def _drawn(self, scene: Scene, exposed: _Exposed, size: tuple[int, int]) -> Pixels:
        rotation = self._section.rotation
        upright = size if rotation % 180 == 0 else (size[1], size[0])
        return turned(scene.picture(exposed.middle_ns, upright), rotation)

    def read(self, path: Path) -> tuple[Pixels, Pixels]:
        """Return the photograph fit for stills and for the preview; BGR, kept until the next."""
        if self._picture is None or self._small is None or self._path != path:
            rotation = self._section.rotation
            self._picture = load(path, self._section.size, rotation)
            self._small = load(path, self._section.preview, rotation)
            self._path = path
        return self._picture, self._small
