"""Whether a lamp is seen: by three brightnesses, and by real frames of simulated lamps."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.capture.hardware.lights import SimulatedLights
from kiosk.capture.maintenance.brightness import (
    BRIGHTEST,
    SEEN_LEVELS,
    Brightness,
    Light,
    Pace,
    brightness,
    sharpness,
    try_lamp,
)
from kiosk.errors import CameraError, CameraTimeout, LightError
from kiosk.model import Frame, FrameMetadata, PixelLayout, Pixels
from tests.capture.bench import FakeCamera

MS = 1_000_000
levels = st.floats(0, 255)


@pytest.mark.parametrize(
    ("before", "lit", "after", "verdict"),
    [
        (10, 50, 10, Light.SEEN),
        (10, 14, 10, Light.SEEN),
        (10, 13.9, 10, Light.NOT_SEEN),
        (10, 10, 10, Light.NOT_SEEN),
        (10, 2, 10, Light.NOT_SEEN),
        (250, 255, 250, Light.TOO_BRIGHT),
        (10, 60, 60, Light.UNSTEADY),
        (60, 60, 10, Light.UNSTEADY),
        (10, 14, 16, Light.UNSTEADY),
        (10, 90, 40, Light.SEEN),
    ],
)
def test_a_lamp_is_seen_when_it_alone_makes_the_difference(
    before: float, lit: float, after: float, verdict: Light
) -> None:
    assert Brightness(before, lit, after).verdict() is verdict


@given(before=levels, lit=levels, after=levels)
def test_what_is_called_seen_became_brighter_than_both(
    before: float, lit: float, after: float
) -> None:
    found = Brightness(before, lit, after)
    if found.verdict() is Light.SEEN:
        assert found.gain >= SEEN_LEVELS
        assert lit > max(before, after) - 1e-9
        assert found.dark <= BRIGHTEST


@dataclass
class LitCamera(FakeCamera):
    """A camera that sees lamps at once, but whose first frames were begun before."""

    times: list[int] = field(default_factory=list)
    given: list[Frame] = field(default_factory=list)

    def preview(self) -> Frame | None:
        if self.live_failure is not None:
            raise self.live_failure
        at = self.times.pop(0) if self.times else self.now()
        pixels = np.full((72, 64), self.glow(), dtype=np.uint8)
        self.given.append(Frame(pixels, PixelLayout.I420, 64, 48, FrameMetadata(at, None)))
        return self.given[-1]


def pace(clock: Callable[[], int], settle_ms: int = 0) -> Pace:
    def never(_seconds: float) -> None:
        raise AssertionError("there is always a frame")

    return Pace(settle_ms * MS, 1000 * MS, clock, never)


def ticking(step_ms: int = 10) -> Callable[[], int]:
    count = itertools.count(1)
    return lambda: next(count) * step_ms * MS


def test_each_lamp_is_lit_alone_and_dark_again() -> None:
    lights = SimulatedLights(("left", "right"))
    clock = ticking()
    seen: list[float] = []

    def glow() -> int:
        seen.append(lights.level())
        return 10 + round(lights.level() * 100)

    found = try_lamp(LitCamera(now=clock, glow=glow), lights, "left", 1.0, pace(clock))
    assert found == Brightness(10.0, 60.0, 10.0)
    assert set(seen) == {0.0, 0.5}
    assert lights.level() == 0.0


def test_frames_begun_before_the_lamp_had_settled_count_for_nothing() -> None:
    lights = SimulatedLights(("left",))
    clock = ticking()
    camera = LitCamera(now=clock, glow=lambda: 10 + round(lights.level() * 100))
    camera.times = [0, 15 * MS]
    found = try_lamp(camera, lights, "left", 1.0, pace(clock, settle_ms=50))
    assert found.verdict() is Light.SEEN
    assert len(camera.given) > 5, "and the early ones were passed over"
    assert not any(frame.pixels.any() for frame in camera.given), "all were wiped"


@pytest.mark.parametrize("error", [CameraError("It is unplugged."), None])
def test_whatever_happens_the_lamps_are_dark(error: CameraError | None) -> None:
    lights = SimulatedLights(("left", "right"))
    clock = ticking()
    camera = LitCamera(now=clock, glow=lambda: 10)

    def glow() -> int:
        if lights.level():
            if error is not None:
                raise error
            camera.times.append(0)  # from now on only old frames come
        return 10

    camera.glow = glow
    if error is None:
        camera.now = lambda: 0
    with pytest.raises(CameraError):
        try_lamp(camera, lights, "left", 1.0, pace(clock))
    assert lights.level() == 0.0


def test_a_camera_without_frames_is_said() -> None:
    clock = ticking()
    camera = LitCamera(now=lambda: 0)
    with pytest.raises(CameraTimeout, match="No live picture came from the camera for 1 s"):
        try_lamp(camera, SimulatedLights(("left",)), "left", 1.0, pace(clock, settle_ms=20))


def test_a_lamp_that_is_not_there_is_refused() -> None:
    clock = ticking()
    lights = SimulatedLights(("left", "right"))
    with pytest.raises(LightError, match="no lamp 'middle'; expected one of left, right"):
        try_lamp(LitCamera(now=clock), lights, "middle", 1.0, pace(clock))


def frame(luma: Pixels, layout: PixelLayout = PixelLayout.I420) -> Frame:
    height, width = luma.shape
    if layout is PixelLayout.BGR:
        pixels = np.dstack([luma] * 3)
    else:
        pixels = np.vstack([luma, np.full((height // 2, width), 128, np.uint8)])
    return Frame(pixels, layout, width, height, FrameMetadata(0, None))


@pytest.mark.parametrize("layout", PixelLayout)
def test_brightness_is_that_of_the_luma_alone(layout: PixelLayout) -> None:
    assert brightness(frame(np.full((48, 64), 37, np.uint8), layout)) == 37.0


def scene(blur: float, light: float = 1.0) -> Pixels:
    drawn = np.full((240, 320), 90, np.uint8)
    rng = np.random.default_rng(1)
    for x, y, r in zip(
        rng.integers(0, 320, 60), rng.integers(0, 240, 60), rng.integers(3, 12, 60), strict=True
    ):
        cv2.circle(drawn, (int(x), int(y)), int(r), int(rng.integers(30, 160)), -1)
    if blur:
        drawn = np.asarray(cv2.GaussianBlur(drawn, (0, 0), blur), np.uint8)
    return np.asarray(np.clip(drawn * light, 0, 255), np.uint8)


@pytest.mark.parametrize("layout", PixelLayout)
def test_the_sharper_picture_has_the_larger_figure(layout: PixelLayout) -> None:
    figures = [sharpness(frame(scene(blur), layout)) for blur in (0, 0.8, 1.6, 3.2, 6.4)]
    assert figures == sorted(figures, reverse=True)
    assert figures[0] > 3 * figures[3]


def test_more_light_alone_makes_nothing_sharper() -> None:
    assert sharpness(frame(scene(1.0, light=0.6))) == pytest.approx(
        sharpness(frame(scene(1.0))), rel=0.1
    )
