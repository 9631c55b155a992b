"""The guide on the live picture of a station that is calibrated, and of one that is not."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pygame
import pytest
from msgspec import structs

from kiosk import config, config_reading
from kiosk.capture import start
from kiosk.capture.ui.guide_pictures import GuidePictures
from kiosk.records.protocols import load_library
from tests.golden.scenes import live_frame, scenes
from tests.test_config import GOOD

VIEW = load_library().views["frontal_rest"]


def drawn_rows(surface: pygame.Surface) -> tuple[int, int]:
    """First and last row of pixels that are not transparent."""
    width, height = surface.get_size()
    raw = np.frombuffer(pygame.image.tobytes(surface, "RGBA"), np.uint8)
    rows = np.flatnonzero(raw.reshape(height, width, 4)[..., 3].any(axis=1))
    return int(rows[0]), int(rows[-1])


def test_a_calibrated_guide_takes_its_true_share_of_the_picture() -> None:
    """A frame of 360 mm in a picture of 480 mm: three quarters of it, in the middle."""
    first, last = drawn_rows(GuidePictures(mirror=True, field_mm=480.0).live(VIEW, (600, 800)))
    assert first == pytest.approx(100, abs=4)
    # The last 10 mm below are a gap between dashes.
    assert 680 < last < 704


def test_guides_of_one_size_and_two_fields_are_not_mixed_up() -> None:
    guides = GuidePictures(mirror=True, field_mm=480.0)
    live = guides.live(VIEW, (600, 800))
    assert guides.get(VIEW.silhouette, (600, 800)) is not live
    assert drawn_rows(guides.get(VIEW.silhouette, (600, 800))) == (0, 799)
    assert guides.live(VIEW, (600, 800)) is live


def _stage_with_guide(station: config.StationConfig) -> npt.NDArray[np.uint8]:
    """What the window of a station shows on its stage, once aiming."""
    display = start._display(station)
    try:
        model = next(scene.model for scene in scenes() if scene.name == "aim")
        stage = display.layout.stage
        display.show(model)
        display.show_frame(live_frame(stage.w, stage.h), model)
        surface = display.snapshot()
    finally:
        display.close()
    width, height = surface.get_size()
    raw = np.frombuffer(pygame.image.tobytes(surface, "RGB"), np.uint8).reshape(height, width, 3)
    return raw[stage.y : stage.bottom, stage.x : stage.right]


def test_a_stations_calibration_reaches_its_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    text = GOOD.replace("size = [1080, 1920]", "size = [540, 960]\nfullscreen = false")
    plain = config_reading.parse(text, source="station.toml")
    geometry = config.Geometry(focal_px=4000.0, mm_per_px=0.4)
    camera = structs.replace(plain.camera, geometry=geometry)
    assert camera.size == (1600, 1200)
    calibrated = structs.replace(plain, camera=camera)
    without, within = _stage_with_guide(plain), _stage_with_guide(calibrated)
    # 1200 pixels of 0.4 mm: the guide takes 360 of 480 mm and leaves an eighth at top and bottom.
    eighth = without.shape[0] // 8 - 4
    middle = without.shape[1] // 2
    lines = [picture[:eighth, middle - 6 : middle + 7].astype(int) for picture in (without, within)]
    contrast = [np.abs(np.diff(line, axis=1)).max() for line in lines]
    assert contrast[0] > 40
    assert contrast[1] < 20
