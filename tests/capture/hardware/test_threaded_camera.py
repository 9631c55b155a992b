from __future__ import annotations

import gc
import threading
import time
import weakref

import numpy as np
import pytest

from kiosk.capture.hardware.interfaces import CameraIdentity
from kiosk.capture.hardware.latest import FrameExchange
from kiosk.capture.hardware.threaded_camera import Step, ThreadedCamera
from kiosk.config import CameraCommon, Exposure
from kiosk.errors import CameraError, FrameRefused
from kiosk.model import CameraSettings, PixelLayout
from tests.contracts.camera_cases import fault_of

SECTION = CameraCommon(size=(64, 64), preview=(64, 64), exposure=Exposure(exposure_us=4000))


class Failing(ThreadedCamera):
    """Fails on its thread while a picture lies on the stack."""

    def __init__(self, error: Exception) -> None:
        super().__init__(SECTION, settings=None, clock=time.monotonic_ns)
        self._error = error
        self.picture: weakref.ref[object] | None = None
        self.released = 0

    @property
    def identity(self) -> CameraIdentity:
        return CameraIdentity("", "", "")

    @property
    def still_size(self) -> tuple[int, int]:
        return (2, 2)

    @property
    def still_layout(self) -> PixelLayout:
        return PixelLayout.I420

    def apply(self, settings: CameraSettings) -> None: ...

    def _open(self) -> Step:
        def step(_exchange: FrameExchange, _stopping: threading.Event) -> None:
            picture = np.ones((3, 2), np.uint8)
            self.picture = weakref.ref(picture)
            raise self._error

        return step

    def _release(self) -> None:
        self.released += 1


@pytest.mark.parametrize("error", [CameraError("planted"), KeyError("planted")])
def test_a_fault_keeps_no_picture_alive(error: Exception) -> None:
    camera = Failing(error)
    camera.start()
    assert "planted" in fault_of(camera).sentence
    gc.collect()
    assert camera.picture is not None
    assert camera.picture() is None
    camera.close()


def test_our_own_errors_keep_their_class() -> None:
    camera = Failing(FrameRefused("planted"))
    camera.start()
    assert type(fault_of(camera)) is FrameRefused
    camera.close()


def test_the_device_is_released_once() -> None:
    camera = Failing(CameraError("planted"))
    camera.start()
    camera.close()
    camera.close()
    camera.restart()
    camera.close()
    assert camera.released == 2
