from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from kiosk.capture.hardware.interfaces import CameraIdentity
from kiosk.capture.hardware.settings_check import capture_matching
from kiosk.capture.hardware.simulated_camera import SECONDS_EACH, SimulatedCamera
from kiosk.config import Exposure
from kiosk.config import SimulatedCamera as Section
from kiosk.errors import CameraError, FrameRefused
from kiosk.model import CameraSettings, Frame, Pixels
from tests.contracts.camera_cases import fault_of, next_preview

SIZE, PREVIEW = (64, 48), (32, 24)
EXPOSURE = Exposure(exposure_us=2000)
ASKED = EXPOSURE.settings()

Open = Callable[..., SimulatedCamera]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, shade in (("a", 60), ("b", 120), ("c", 180)):
        cv2.imwrite(str(tmp_path / f"{name}.png"), np.full((24, 32, 3), shade, np.uint8))
    return tmp_path


@pytest.fixture
def opened(folder: Path) -> Iterator[Open]:
    cameras: list[SimulatedCamera] = []

    def opened(
        light: Callable[[], float] = lambda: 1.0,
        clock: Callable[[], int] = time.monotonic_ns,
        **changes: Any,  # noqa: ANN401 - keys of the section
    ) -> SimulatedCamera:
        section = Section(
            **{
                "size": SIZE,
                "preview": PREVIEW,
                "exposure": EXPOSURE,
                "pictures": folder,
                "frames_per_second": 100.0,
                **changes,
            }
        )
        cameras.append(SimulatedCamera(section, light_level=light, clock=clock))
        cameras[-1].start()
        return cameras[-1]

    yield opened
    for camera in cameras:
        camera.close()


def shade(frame: Frame) -> int:
    return int(frame.pixels[frame.height // 2, frame.width // 2])


def test_plays_the_photograph_that_is_asked_for(opened: Open) -> None:
    camera = opened()
    for name, expected in (("c", 180), ("a", 60)):
        camera.show(name)
        assert abs(shade(camera.capture(time.monotonic_ns())) - expected) <= 1


def test_the_choice_outlives_a_restart(opened: Open) -> None:
    camera = opened()
    camera.show("b")
    camera.restart()
    assert abs(shade(camera.capture(time.monotonic_ns())) - 120) <= 1


def test_plays_all_in_turn_otherwise(opened: Open) -> None:
    start_ns, began_ns, ahead_ns = time.monotonic_ns(), time.monotonic_ns(), [0]

    def clock() -> int:
        return start_ns + time.monotonic_ns() - began_ns + ahead_ns[0]

    camera = opened(clock=clock, timeout_ms=60_000)
    seen = []
    for _ in range(4):
        seen.append(shade(camera.capture(clock())))
        ahead_ns[0] += round(SECONDS_EACH * 1e9)
    assert seen == pytest.approx([60, 120, 180, 60], abs=1)


def test_refuses_a_photograph_that_is_not_there(opened: Open) -> None:
    with pytest.raises(CameraError, match="no photograph 'd'; expected one of a, b, c"):
        opened().show("d")


def test_while_it_runs_it_knows_the_photographs_of_its_start(opened: Open, folder: Path) -> None:
    camera = opened()
    (folder / "a.png").rename(folder / "d.png")
    with pytest.raises(CameraError, match="no photograph 'd'"):
        camera.show("d")
    camera.restart()
    camera.show("d")
    assert abs(shade(camera.capture(time.monotonic_ns())) - 60) <= 1


def test_a_caller_who_takes_the_next_frame_gets_one_from_before(opened: Open) -> None:
    """The trap that ``capture(after_ns)`` is for exists here as on a real sensor (#426)."""
    camera = opened(frames_per_second=20.0)
    next_preview(camera)
    pressed_ns = time.monotonic_ns()
    assert next_preview(camera).metadata.exposed_from_ns < pressed_ns


def test_it_begins_with_the_settings_for_this_camera_and_again_when_started_anew(
    folder: Path,
) -> None:
    section = Section(
        size=SIZE, preview=PREVIEW, exposure=EXPOSURE, pictures=folder, frames_per_second=100.0
    )
    kept = [dataclasses.replace(ASKED, colour_gains=(2.0, 1.0))]
    asked_for: list[str] = []

    def settings(identity: CameraIdentity) -> CameraSettings:
        asked_for.append(identity.model)
        return kept[0]

    camera = SimulatedCamera(section, light_level=lambda: 1.0, settings=settings)
    camera.start()
    try:
        first = next_preview(camera)
        assert first.metadata.settings == kept[0]
        red = first.pixels[first.height + first.height // 4 :]
        assert red.mean() > 135, "and the photograph is seen as under the section's own"
        camera.apply(ASKED)
        kept[0] = dataclasses.replace(ASKED, colour_gains=(1.5, 1.0))
        camera.restart()
        assert next_preview(camera).metadata.settings == kept[0]
    finally:
        camera.close()
    assert asked_for == ["simulated", "simulated"]


def test_settings_reach_the_sensor_late(opened: Open) -> None:
    camera = opened(frames_per_second=20.0)
    next_preview(camera)
    darker = dataclasses.replace(ASKED, exposure_us=1000)
    camera.apply(darker)
    told = [next_preview(camera).metadata.settings for _ in range(6)]
    assert told[0] == ASKED
    assert told[-1] == darker
    assert told == sorted(told, key=lambda one: one == darker)
    # One in the pipeline, one begun before it was asked, and the latency of the controls.
    assert 2 <= told.count(ASKED) <= 4


def test_capture_matching_waits_for_them(opened: Open) -> None:
    camera = opened()
    camera.show("b")
    brighter = dataclasses.replace(ASKED, exposure_us=4000)
    camera.apply(brighter)
    frame = capture_matching(camera, brighter, time.monotonic_ns())
    assert frame.metadata.settings == brighter
    assert shade(frame) > 150


def test_capture_matching_refuses_what_was_never_asked_of_the_camera(opened: Open) -> None:
    other = dataclasses.replace(ASKED, colour_gains=(2.0, 1.0))
    with pytest.raises(FrameRefused, match=r"red gain: asked 2\.000, got 1\.000"):
        capture_matching(opened(), other, time.monotonic_ns(), timeout_ns=100_000_000)


def test_the_light_of_the_moment_is_in_the_picture(opened: Open) -> None:
    level = [0.0]
    camera = opened(light=lambda: level[0])
    camera.show("c")
    dark = shade(camera.capture(time.monotonic_ns()))
    level[0] = 1.0
    bright = shade(camera.capture(time.monotonic_ns()))
    assert dark < 80
    assert abs(bright - 180) <= 1


def test_a_long_exposure_slows_the_frames(opened: Open) -> None:
    camera = opened(exposure=Exposure(exposure_us=50_000))
    first = next_preview(camera).metadata.exposed_from_ns
    second = next_preview(camera).metadata.exposed_from_ns
    assert second - first >= 50_000_000


def test_a_missing_folder_is_said_at_the_start(opened: Open, tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="expected a folder of photographs to play, but: No such"):
        opened(pictures=tmp_path / "nothing")


def test_an_empty_folder_is_said_at_the_start(opened: Open, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(CameraError, match="expected at least one photograph"):
        opened(pictures=empty)


def test_a_first_photograph_that_cannot_be_read_is_said_at_the_start(
    opened: Open, folder: Path
) -> None:
    (folder / "a.png").write_bytes(b"damaged")
    with pytest.raises(CameraError, match=r"a\.png: expected a photograph"):
        opened()


def test_a_later_one_is_said_when_its_turn_comes(opened: Open, folder: Path) -> None:
    (folder / "b.png").write_bytes(b"damaged")
    camera = opened()
    next_preview(camera)
    camera.show("b")
    assert "b.png: expected a photograph" in fault_of(camera).sentence


def test_an_error_on_its_thread_is_seen(opened: Open) -> None:
    failing = [False]

    def light() -> float:
        if failing[0]:
            raise ZeroDivisionError("planted")
        return 1.0

    camera = opened(light=light)
    next_preview(camera)
    failing[0] = True
    assert "ZeroDivisionError: planted" in fault_of(camera).sentence


class Recorder:
    """A scene of one grey value, which changes as it is told; notes what it was asked for."""

    def __init__(self, shade: Callable[[int], int] = lambda _at_ns: 120) -> None:
        self.asked: list[tuple[int, tuple[int, int]]] = []
        self._shade = shade

    def picture(self, at_ns: int, size: tuple[int, int]) -> Pixels:
        self.asked.append((at_ns, size))
        return np.full((size[1], size[0], 3), self._shade(at_ns), np.uint8)


def test_a_scene_is_played_instead_of_photographs_and_no_longer(opened: Open) -> None:
    camera = opened()
    camera.show("a")
    camera.play(Recorder())
    assert abs(shade(camera.capture(time.monotonic_ns())) - 120) <= 1
    camera.restart()
    assert abs(shade(camera.capture(time.monotonic_ns())) - 120) <= 1
    camera.play(None)
    assert abs(shade(camera.capture(time.monotonic_ns())) - 60) <= 1


def test_a_frame_shows_the_scene_in_the_middle_of_its_exposure(opened: Open) -> None:
    """One shade a millisecond: preview and still both tell when the picture was exposed."""
    scene = Recorder(lambda at_ns: 20 + at_ns // 1_000_000 % 200)
    camera = opened(exposure=Exposure(exposure_us=10_000))
    camera.play(scene)
    next_preview(camera)
    for frame in (camera.capture(time.monotonic_ns()), next_preview(camera)):
        middle_ns = frame.metadata.exposed_from_ns + 5_000_000
        assert abs(shade(frame) - (20 + middle_ns // 1_000_000 % 200)) <= 1


def test_preview_and_still_of_a_frame_are_asked_for_at_the_same_time(opened: Open) -> None:
    scene = Recorder()
    camera = opened()
    camera.play(scene)
    frame = camera.capture(time.monotonic_ns())
    middle_ns = frame.metadata.exposed_from_ns + 1_000_000
    assert [size for at_ns, size in scene.asked if at_ns == middle_ns] == [PREVIEW, SIZE]
    times = [at_ns for at_ns, _ in scene.asked]
    assert times == sorted(times)


def test_a_scene_is_lit_and_exposed_as_a_photograph_is(opened: Open) -> None:
    level = [1.0]
    camera = opened(light=lambda: level[0])
    camera.play(Recorder())
    full = shade(camera.capture(time.monotonic_ns()))
    level[0] = 0.0
    dark = shade(camera.capture(time.monotonic_ns()))
    level[0] = 1.0
    brighter = dataclasses.replace(ASKED, exposure_us=4000)
    camera.apply(brighter)
    bright = shade(capture_matching(camera, brighter, time.monotonic_ns()))
    assert abs(full - 120) <= 1
    assert dark < 60
    assert bright > 150


def test_a_smaller_picture_of_a_scene_is_enlarged(opened: Open) -> None:
    class Small(Recorder):
        def picture(self, at_ns: int, size: tuple[int, int]) -> Pixels:
            return super().picture(at_ns, (size[0] // 4, size[1] // 4))

    camera = opened()
    camera.play(Small())
    frame = camera.capture(time.monotonic_ns())
    assert (frame.width, frame.height) == SIZE
    assert (np.abs(frame.pixels[: SIZE[1]].astype(int) - 120) <= 1).all()


@pytest.mark.parametrize(("rotation", "row"), [(0, 0), (180, -1), (90, 0), (270, -1)])
def test_a_scene_is_upright_before_a_turned_camera(opened: Open, rotation: int, row: int) -> None:
    class Sky(Recorder):
        def picture(self, at_ns: int, size: tuple[int, int]) -> Pixels:
            picture = super().picture(at_ns, size)
            picture[: size[1] // 2] = 200
            return picture

    scene = Sky()
    camera = opened(rotation=rotation)
    camera.play(scene)
    frame = camera.capture(time.monotonic_ns())
    luma = frame.pixels[: SIZE[1]]
    # The sensor of a camera turned by 90 degrees has the sky on its left, by 270 on its right.
    edge = luma[row] if rotation in {0, 180} else luma[:, row]
    assert (np.abs(edge.astype(int) - 200) <= 1).all()
    wanted = SIZE if rotation in {0, 180} else (SIZE[1], SIZE[0])
    assert scene.asked[-1][1] in {wanted, (PREVIEW if rotation in {0, 180} else PREVIEW[::-1])}


def test_an_error_of_the_scene_is_seen(opened: Open) -> None:
    def shade_of(_at_ns: int) -> int:
        raise ZeroDivisionError("planted")

    camera = opened()
    next_preview(camera)
    camera.play(Recorder(shade_of))
    assert "ZeroDivisionError: planted" in fault_of(camera).sentence
