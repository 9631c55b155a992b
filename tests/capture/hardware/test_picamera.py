"""The driver where libcamera's virtual camera cannot take it: settings, and failing hardware."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from kiosk.capture.hardware.interfaces import CameraIdentity
from kiosk.capture.hardware.picamera import PiCameraModule
from kiosk.config import Exposure, PiCamera
from kiosk.errors import CameraError, CameraTimeout
from kiosk.model import CameraSettings
from tests.capture.hardware.fake_picamera2 import World, install
from tests.contracts.camera_cases import Bench, CameraContract, Maker, fault_of, next_preview

SIZE, PREVIEW = (64, 48), (32, 24)
EXPOSURE = Exposure(exposure_us=8000, analogue_gain=2.0, red_gain=1.9, blue_gain=1.6)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return install(monkeypatch)


@pytest.fixture
def camera(world: World) -> Iterator[PiCameraModule]:
    made = module()
    yield made
    world.stalled.clear()
    world.stop_hangs = False
    made.close()


def section(**changes: Any) -> PiCamera:  # noqa: ANN401 - its keys
    values = {
        "sensor": "imx477",
        "size": SIZE,
        "preview": PREVIEW,
        "exposure": EXPOSURE,
        "timeout_ms": 3000,
    }
    return PiCamera(**{**values, **changes})


def module(**changes: Any) -> PiCameraModule:  # noqa: ANN401 - keys of the section
    return PiCameraModule(section(**changes))


class TestContract(CameraContract):
    @pytest.fixture
    def make(self, world: World) -> Iterator[Maker]:
        cameras: list[PiCameraModule] = []

        def make(*, timeout_ms: int = 5000) -> Bench:
            cameras.append(module(timeout_ms=timeout_ms))

            def heal() -> None:
                world.stalled.clear()
                world.metadata = lambda told: told

            def die() -> None:
                world.metadata = lambda _told: {}

            return Bench(cameras[-1], PREVIEW, world.stalled.set, heal, die)

        yield make
        world.stalled.clear()
        for camera in cameras:
            camera.close()
        assert world.held == 0


def test_asks_for_one_still_mode_with_a_small_stream_and_nothing_automatic(
    world: World, camera: PiCameraModule
) -> None:
    camera.start()
    asked = world.configuration
    assert (asked["main"]["size"], asked["main"]["format"]) == (SIZE, "YUV420")
    assert (asked["lores"]["size"], asked["lores"]["format"]) == (PREVIEW, "YUV420")
    assert (asked["raw"], asked["buffer_count"], asked["queue"]) == (None, 3, False)
    assert asked["colour_space"] == "sYCC"
    assert world.log[:4] == ["open", "configure", "controls", "start"]
    assert world.set_controls == [
        {
            "AeEnable": False,
            "AwbEnable": False,
            "ExposureTime": 8000,
            "AnalogueGain": 2.0,
            "ColourGains": (1.9, 1.6),
            "FrameDurationLimits": (10_000, 10_000),
        }
    ]


def test_tells_what_was_applied_to_this_very_frame(camera: PiCameraModule) -> None:
    camera.start()
    frame = camera.capture(time.monotonic_ns())
    assert frame.metadata.settings == CameraSettings(8000, 2.0, (1.9, 1.6))
    camera.apply(CameraSettings(4000, 1.0, (1.5, 1.5)))
    applied: CameraSettings | None = frame.metadata.settings
    deadline = time.monotonic() + 5
    while applied is not None and applied.exposure_us != 4000:
        assert time.monotonic() < deadline
        applied = camera.capture(time.monotonic_ns()).metadata.settings
    assert applied == CameraSettings(4000, 1.0, (1.5, 1.5))


def test_begins_with_the_settings_for_this_model(world: World) -> None:
    asked_for: list[str] = []

    def settings(identity: CameraIdentity) -> CameraSettings:
        asked_for.append(identity.model)
        return CameraSettings(8000, 2.0, (2.5, 1.2))

    camera = PiCameraModule(section(), settings=settings)
    camera.start()
    try:
        assert camera.identity.model
        assert asked_for == [camera.identity.model]
        assert [one["ColourGains"] for one in world.set_controls] == [(2.5, 1.2)]
        camera.restart()
        assert [one["ColourGains"] for one in world.set_controls] == [(2.5, 1.2)] * 2
    finally:
        camera.close()


def test_leaves_the_padding_of_the_rows_behind(camera: PiCameraModule) -> None:
    camera.start()
    for frame in (camera.capture(time.monotonic_ns()), next_preview(camera)):
        assert len(set(frame.pixels[: frame.height].ravel().tolist())) == 1
        assert (frame.pixels[frame.height :] == 128).all()


def test_counts_from_the_start_of_the_exposure(world: World, camera: PiCameraModule) -> None:
    """A frame that arrived after the press but was exposed before it is not taken."""
    world.metadata = lambda told: {**told, "ExposureTime": 300_000}
    camera.start()
    pressed_ns = time.monotonic_ns()
    frame = camera.capture(pressed_ns)
    assert frame.metadata.exposed_from_ns >= pressed_ns
    assert time.monotonic_ns() - pressed_ns >= 300_000_000


def test_an_old_frame_is_never_taken(world: World) -> None:
    """A driver that keeps handing out what it had in store (#426, #849)."""
    made = module(timeout_ms=500)
    first_ns: list[int] = []

    def stuck(told: dict[str, Any]) -> dict[str, Any]:
        first_ns.append(told["SensorTimestamp"])
        return {**told, "SensorTimestamp": first_ns[0]}

    world.metadata = stuck
    made.start()
    next_preview(made)
    with pytest.raises(CameraTimeout):
        made.capture(time.monotonic_ns())
    made.close()


@pytest.mark.parametrize("name", ["SensorTimestamp", "ExposureTime", "AnalogueGain", "ColourGains"])
def test_a_frame_that_proves_nothing_is_refused(
    world: World, camera: PiCameraModule, name: str
) -> None:
    world.metadata = lambda told: {key: value for key, value in told.items() if key != name}
    camera.start()
    assert f"does not say {name}" in fault_of(camera).sentence
    assert world.held == 0


def test_gives_the_request_back_when_its_picture_cannot_be_read(
    world: World, camera: PiCameraModule
) -> None:
    camera.start()
    next_preview(camera)
    world.configuration["lores"]["stride"] = 16
    assert "cannot hold" in fault_of(camera).sentence
    assert world.held == 0


def test_takes_its_job_back_when_no_frame_comes(world: World) -> None:
    """Else a late frame would be handed to nobody, and its buffer lost for good."""
    made = module(timeout_ms=200)
    world.stalled.set()
    made.start()
    assert isinstance(fault_of(made), CameraTimeout)
    made.close()
    assert world.flushed == 1
    assert world.held == 0


def test_a_driver_that_hangs_does_not_hang_the_program(world: World) -> None:
    made = module()
    made.start()
    next_preview(made)
    world.stop_hangs = True
    made.close()
    assert "close" not in world.log
    with pytest.raises(CameraError, match="restart the program"):
        made.start()


def test_new_settings_wait_for_the_recycling_of_a_request(
    world: World, camera: PiCameraModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Picamera2 empties its controls under this lock; without it new ones get lost (#1278)."""
    camera.start()
    device = camera._device
    assert device is not None
    held: list[bool] = []
    monkeypatch.setattr(
        device._camera,
        "set_controls",
        lambda _wanted: held.append(device._camera.request_lock.locked()),
    )
    camera.apply(CameraSettings(4000, 1.0, (1.5, 1.5)))
    assert held == [True]
    assert world.set_controls[1:] == []


def test_a_longer_exposure_gets_longer_frames(world: World, camera: PiCameraModule) -> None:
    camera.start()
    camera.apply(CameraSettings(90_000, 1.0, (1.5, 1.5)))
    shortest, longest = world.set_controls[-1]["FrameDurationLimits"]
    assert shortest == longest
    assert shortest > 90_000


def test_settings_that_the_sensor_cannot_do_are_refused(camera: PiCameraModule) -> None:
    camera.start()
    with pytest.raises(CameraError, match="ExposureTime to 5"):
        camera.apply(CameraSettings(5, 1.0, (1.5, 1.5)))


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ({"found": []}, "No camera was found; expected imx477"),
        ({"found": [{"Model": "ov64a40"}]}, "is ov64a40, and this station has imx477"),
        ({"found": [{"Model": "imx708_wide"}]}, "is imx708_wide, and this station has imx477"),
        ({"found": [{}]}, "one without a name"),
        ({"open_error": RuntimeError("Failed to acquire")}, "another program.*Failed to acquire"),
        ({"open_error": IndexError("list index out of range")}, "could not be opened.*IndexError"),
        ({"start_error": OSError(12, "Cannot allocate memory")}, "started: .*allocate memory"),
        ({"size_given": (60, 48)}, r"offers \(60, 48\) YUV420 where .* \(64, 48\)"),
        ({"colour_space": "Rec709"}, "Rec709; expected sYCC"),
        ({"controls": {}}, "does not offer AeEnable"),
    ],
)
def test_what_stands_in_the_way_of_a_start_is_said(
    world: World, plan: dict[str, Any], said: str
) -> None:
    for name, value in plan.items():
        setattr(world, name, value)
    with pytest.raises(CameraError, match=said):
        module().start()
    assert world.log.count("open") == world.log.count("close")


def test_a_machine_without_picamera2_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(CameraError, match=r"library cannot be used.*python3-picamera2"):
        module().start()
