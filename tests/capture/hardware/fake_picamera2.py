"""A picamera2 that a test can script: for what libcamera's virtual camera cannot do.

The virtual camera (``tests/rig``) has no exposure, gain or white balance and never fails; this
one tells them, and fails on demand. What it copies of picamera2 0.3.38 is only the calls and
their order; whether the real one really behaves so is the rig's part.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from types import ModuleType, TracebackType
from typing import Any, Self

import numpy as np
import pytest

from kiosk.model import Pixels

CONTROLS: dict[str, tuple[Any, Any, Any]] = {
    "AeEnable": (False, True, None),
    "AwbEnable": (False, True, None),
    "ExposureTime": (10, 1_000_000, None),
    "AnalogueGain": (1.0, 22.0, None),
    "ColourGains": (0.0, 32.0, None),
    "FrameDurationLimits": (10_000, 1_000_000, None),
}


@dataclass
class World:
    """What the fake does, and what was done to it."""

    found: list[dict[str, Any]] = field(
        default_factory=lambda: [{"Model": "imx477", "Num": 0, "Id": "/base/i2c/imx477@1a"}]
    )
    controls: dict[str, tuple[Any, Any, Any]] = field(default_factory=lambda: dict(CONTROLS))
    padding: int = 16
    colour_space: str | None = None
    size_given: tuple[int, int] | None = None
    open_error: Exception | None = None
    start_error: Exception | None = None
    stop_hangs: bool = False
    stalled: threading.Event = field(default_factory=threading.Event)
    metadata: Callable[[dict[str, Any]], dict[str, Any]] = lambda told: told
    log: list[str] = field(default_factory=list)
    configuration: dict[str, Any] = field(default_factory=dict)
    set_controls: list[dict[str, Any]] = field(default_factory=list)
    held: int = 0
    taken: int = 0
    flushed: int = 0


class Request:
    def __init__(self, world: World, applied: dict[str, Any], number: int) -> None:
        self.world = world
        self._applied = applied
        self._stamp_ns = time.monotonic_ns()
        self.number = number
        world.held += 1
        world.taken += 1

    def get_metadata(self) -> dict[str, Any]:
        told = {
            "SensorTimestamp": self._stamp_ns,
            "ExposureTime": self._applied["ExposureTime"],
            "AnalogueGain": self._applied["AnalogueGain"],
            "ColourGains": self._applied["ColourGains"],
        }
        return self.world.metadata(told)

    def release(self) -> None:
        self.world.held -= 1
        self.world.log.append("release")


class Job:
    def __init__(self, camera: FakePicamera2) -> None:
        self._camera = camera
        self.cancelled = False

    def get_result(self, timeout: float | None = None) -> Request:
        if self.cancelled:
            raise CancelledError
        if self._camera.world.stalled.is_set():
            time.sleep(min(timeout or 0.0, 0.02))
            raise TimeoutError
        time.sleep(0.005)
        if self._camera.world.stalled.is_set():
            raise TimeoutError
        return self._camera.next_request()


class FakePicamera2:
    world: World

    def __init__(self, index: int) -> None:
        if self.world.open_error is not None:
            raise self.world.open_error
        self.index = index
        self.started = False
        self.request_lock = threading.Lock()
        self._applied: dict[str, Any] = {}
        self._jobs: list[Job] = []
        self._number = 0
        self.world.log.append("open")

    @classmethod
    def global_camera_info(cls) -> list[dict[str, Any]]:
        return cls.world.found

    @property
    def camera_controls(self) -> dict[str, tuple[Any, Any, Any]]:
        return self.world.controls

    def create_still_configuration(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401
        return asked

    def configure(self, configuration: dict[str, Any]) -> None:
        self.world.log.append("configure")
        got = {**configuration}
        for name in ("main", "lores"):
            stream = dict(configuration[name])
            stream["stride"] = stream["size"][0] + self.world.padding
            got[name] = stream
        if self.world.size_given is not None:
            got["main"]["size"] = self.world.size_given
        if self.world.colour_space is not None:
            got["colour_space"] = self.world.colour_space
        self.world.configuration = got

    def camera_configuration(self) -> dict[str, Any]:
        return self.world.configuration

    def set_controls(self, wanted: dict[str, Any]) -> None:
        self.world.log.append("controls")
        self.world.set_controls.append(wanted)
        self._applied.update(wanted)

    def start(self) -> None:
        if self.world.start_error is not None:
            raise self.world.start_error
        self.world.log.append("start")
        self.started = True

    def capture_request(self, *, wait: bool) -> Job:
        assert not wait, "a wait without a limit never returns when a frame is lost"
        self._jobs.append(Job(self))
        return self._jobs[-1]

    def cancel_all_and_flush(self) -> None:
        self.world.flushed += 1
        for job in self._jobs:
            job.cancelled = True

    def next_request(self) -> Request:
        self._number += 1
        return Request(self.world, dict(self._applied), self._number)

    def stop_(self) -> tuple[bool, None]:
        self.started = False
        return (True, None)

    def dispatch_functions(
        self, functions: list[Callable[[], Any]], *, wait: float, immediate: bool
    ) -> None:
        assert immediate
        assert wait > 0
        if self.world.stop_hangs:
            raise TimeoutError
        for function in functions:
            function()

    def close(self) -> None:
        assert not self.started, "close() would wait for ever for a driver that hangs"
        self.world.log.append("close")


class FakeMappedArray:
    """Luma counts frames up; chroma is 128; padding is 255."""

    def __init__(self, request: Request, stream: str, *, reshape: bool, write: bool) -> None:
        assert not reshape
        assert not write
        self._request = request
        self._stream = request.world.configuration[stream]
        self.array: Pixels = np.zeros(0, np.uint8)

    def __enter__(self) -> Self:
        (width, height), stride = self._stream["size"], self._stream["stride"]
        luma = np.full((height, stride), 255, np.uint8)
        luma[:, :width] = self._request.number % 200 + 1
        chroma = np.full((height, stride // 2), 255, np.uint8)
        chroma[:, : width // 2] = 128
        self.array = np.concatenate([luma.ravel(), chroma.ravel()])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.array = np.zeros(0, np.uint8)


class _ColorSpace:
    @staticmethod
    def Sycc() -> str:  # noqa: N802 - libcamera's name
        return "sYCC"


def install(patch: pytest.MonkeyPatch) -> World:
    """Put the fake in place of both libraries for one test."""
    world = World()
    FakePicamera2.world = world
    picamera2, libcamera = ModuleType("picamera2"), ModuleType("libcamera")
    vars(picamera2).update(Picamera2=FakePicamera2, MappedArray=FakeMappedArray)
    vars(libcamera).update(ColorSpace=_ColorSpace)
    patch.setitem(sys.modules, "picamera2", picamera2)
    patch.setitem(sys.modules, "libcamera", libcamera)
    return world
