"""What every camera promises, as cases that run over each camera that can exist where they run.

They use neither OpenCV nor our own picture tools, so that they also run inside the rig's small
Debian tree over the real picamera2.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pytest

from kiosk.capture.hardware.interfaces import Camera
from kiosk.errors import CameraError, CameraTimeout
from kiosk.model import Frame, PixelLayout

PATIENCE_S = 10.0


@dataclass
class Bench:
    """A camera and the ways to spoil it: ``stall`` lets it hang, ``die`` ends it with an error."""

    camera: Camera
    preview_size: tuple[int, int]
    stall: Callable[[], None]
    heal: Callable[[], None]
    die: Callable[[], None]


class Maker(Protocol):
    def __call__(self, *, timeout_ms: int = 5000) -> Bench: ...


def next_preview(camera: Camera) -> Frame:
    """Poll as the screen does until a preview frame comes."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        frame = camera.preview()
        if frame is not None:
            return frame
        time.sleep(0.001)
    raise AssertionError("no preview frame came")


def fault_of(camera: Camera) -> CameraError:
    """Poll as the screen does until the camera's fault shows."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            camera.preview()
        except CameraError as error:
            return error
        time.sleep(0.001)
    raise AssertionError("the fault did not show")


def shape_of(layout: PixelLayout, size: tuple[int, int]) -> tuple[int, ...]:
    width, height = size
    return (height, width, 3) if layout is PixelLayout.BGR else (height * 3 // 2, width)


class CameraContract:
    """Subclass it and give it a fixture ``make``."""

    @pytest.fixture
    def make(self) -> Iterator[Maker]:
        raise NotImplementedError

    def test_gives_previews_of_the_preview_size(self, make: Maker) -> None:
        bench = make()
        bench.camera.start()
        frame = next_preview(bench.camera)
        assert (frame.width, frame.height) == bench.preview_size
        assert frame.pixels.shape == shape_of(frame.layout, bench.preview_size)
        assert frame.pixels.any()

    def test_gives_each_preview_once_and_only_newer_ones(self, make: Maker) -> None:
        camera = make().camera
        camera.start()
        begun = [next_preview(camera).metadata.exposed_from_ns for _ in range(8)]
        assert all(later > earlier for earlier, later in itertools.pairwise(begun))

    def test_gives_the_newest_preview_not_the_oldest(self, make: Maker) -> None:
        """Whoever looked away for a while sees the present, not a queue of the past."""
        camera = make().camera
        camera.start()
        next_preview(camera)
        stills = [camera.capture(time.monotonic_ns()) for _ in range(3)]
        first = next_preview(camera)
        assert first.metadata.exposed_from_ns >= stills[1].metadata.exposed_from_ns

    def test_never_captures_a_frame_begun_before_the_press(self, make: Maker) -> None:
        camera = make().camera
        camera.start()
        next_preview(camera)
        for _ in range(8):
            pressed_ns = time.monotonic_ns()
            frame = camera.capture(pressed_ns)
            assert frame.metadata.exposed_from_ns >= pressed_ns
            assert frame.metadata.exposed_from_ns <= time.monotonic_ns()

    def test_waits_for_a_time_to_come(self, make: Maker) -> None:
        """Lights need to settle: the caller may ask for frames from a moment on."""
        camera = make().camera
        camera.start()
        settled_ns = time.monotonic_ns() + 300_000_000
        assert camera.capture(settled_ns).metadata.exposed_from_ns >= settled_ns

    def test_captures_in_the_size_and_layout_that_it_states(self, make: Maker) -> None:
        camera = make().camera
        camera.start()
        frame = camera.capture(time.monotonic_ns())
        assert (frame.width, frame.height) == camera.still_size
        assert frame.layout is camera.still_layout
        assert frame.pixels.shape == shape_of(camera.still_layout, camera.still_size)
        assert frame.pixels.any()

    def test_gives_stills_away_for_good(self, make: Maker) -> None:
        """A wiped picture stays wiped, and wiping one does not touch the next."""
        camera = make().camera
        camera.start()
        first = camera.capture(time.monotonic_ns())
        kept = first.pixels
        first.wipe()
        others = [camera.capture(time.monotonic_ns()) for _ in range(4)]
        assert not kept.any()
        assert all(other.pixels.any() for other in others)
        assert not any(np.shares_memory(kept, other.pixels) for other in others)

    def test_gives_previews_away_for_good(self, make: Maker) -> None:
        camera = make().camera
        camera.start()
        mine = next_preview(camera)
        mine.wipe()
        others = [next_preview(camera) for _ in range(6)]
        assert not mine.pixels.any()
        assert all(other.pixels.any() for other in others)
        assert not any(np.shares_memory(mine.pixels, other.pixels) for other in others)

    def test_is_not_usable_before_start(self, make: Maker) -> None:
        camera = make().camera
        with pytest.raises(CameraError, match="not started"):
            camera.preview()
        with pytest.raises(CameraError, match="not started"):
            camera.capture(0)

    def test_may_be_started_twice(self, make: Maker) -> None:
        camera = make().camera
        camera.start()
        camera.start()
        next_preview(camera)

    def test_may_be_closed_at_any_time(self, make: Maker) -> None:
        camera = make().camera
        camera.close()
        camera.start()
        next_preview(camera)
        camera.close()
        camera.close()
        with pytest.raises(CameraError, match="closed"):
            camera.preview()
        with pytest.raises(CameraError, match="closed"):
            camera.capture(0)

    def test_close_wakes_a_waiting_capture(self, make: Maker) -> None:
        camera = make().camera
        camera.start()
        next_preview(camera)
        seen: list[BaseException] = []

        def wait() -> None:
            try:
                camera.capture(time.monotonic_ns() + 3_600_000_000_000)
            except CameraError as error:
                seen.append(error)

        waiter = threading.Thread(target=wait)
        waiter.start()
        camera.close()
        waiter.join(PATIENCE_S)
        assert not waiter.is_alive()
        assert len(seen) == 1
        assert not isinstance(seen[0], CameraTimeout)

    def test_says_when_no_frame_comes_in_time(self, make: Maker) -> None:
        bench = make(timeout_ms=500)
        bench.camera.start()
        next_preview(bench.camera)
        bench.stall()
        with pytest.raises(CameraTimeout):
            bench.camera.capture(time.monotonic_ns())
        assert isinstance(fault_of(bench.camera), CameraTimeout)
        bench.heal()

    def test_preview_does_not_wait_for_a_hanging_camera(self, make: Maker) -> None:
        bench = make(timeout_ms=60_000)
        bench.camera.start()
        next_preview(bench.camera)
        bench.stall()
        seen: list[Frame | None] = []
        caller = threading.Thread(
            target=lambda: seen.extend(bench.camera.preview() for _ in range(50)), daemon=True
        )
        caller.start()
        caller.join(PATIENCE_S)
        assert not caller.is_alive()
        assert len(seen) == 50
        bench.heal()

    def test_shows_its_fault_until_it_is_restarted(self, make: Maker) -> None:
        bench = make()
        bench.camera.start()
        next_preview(bench.camera)
        bench.die()
        fault = fault_of(bench.camera)
        # Told by the thread that died, not found out by the silence after it.
        assert not isinstance(fault, CameraTimeout)
        assert fault_of(bench.camera).sentence == fault.sentence
        with pytest.raises(CameraError):
            bench.camera.capture(time.monotonic_ns())
        bench.heal()
        bench.camera.restart()
        next_preview(bench.camera)
        bench.camera.capture(time.monotonic_ns())

    def test_restarts_without_a_fault_as_well(self, make: Maker) -> None:
        camera = make().camera
        camera.start()
        before = next_preview(camera).metadata.exposed_from_ns
        camera.restart()
        assert next_preview(camera).metadata.exposed_from_ns > before
