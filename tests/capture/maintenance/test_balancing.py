"""The white balance: found, proven by a picture, kept, told; and nothing kept that was not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk import moment
from kiosk.capture.calibrated import Calibrated
from kiosk.capture.hardware.interfaces import Camera, CameraIdentity
from kiosk.capture.hardware.lights import SimulatedLights
from kiosk.capture.hardware.simulated_camera import SimulatedCamera
from kiosk.capture.maintenance.balancing import (
    NEUTRAL,
    PICTURES,
    Balancing,
    Darkroom,
    GainSearch,
    standing_line,
)
from kiosk.capture.maintenance.brightness import Pace
from kiosk.capture.ui.service import Item, Line, Mark, Remark
from kiosk.config import Exposure
from kiosk.config import SimulatedCamera as Section
from kiosk.errors import CameraError, CardNotFound, StorageError, StorageFull
from kiosk.model import CameraSettings, Frame
from kiosk.records.audit import Act
from kiosk.records.calibration import read_calibration
from tests.capture.maintenance.cards import CardCamera

PLAIN = CameraSettings(20_000, 1.0, (2.0, 1.8))
SECOND = 1_000_000_000


class Booth:
    """A technician before a camera, with a trail."""

    def __init__(self, path: Path, camera: Camera) -> None:
        self.path = path
        self.camera = camera
        self.calibrated = Calibrated(PLAIN, path)
        self.lights = SimulatedLights(("lamp",))
        self.noted: list[tuple[Act, str | None]] = []
        self.trail_is_full = False
        room = Darkroom(
            *(self.calibrated, 0.8, 5 * SECOND, Pace(0, SECOND)),
            *(self._note, lambda: "tom", moment.now),
        )
        self.balancing = Balancing(camera, self.lights, room)

    def _note(self, act: Act, subject: str | None = None, detail: str | None = None) -> None:
        assert subject is None
        if self.trail_is_full:
            raise StorageFull("The disk is full.")
        self.noted.append((act, detail))

    def run(self) -> list[Line]:
        """Calibrate to the end, as the worker does; return what the balance said each time."""
        assert self.balancing.exposure().mark is Mark.GOOD
        lines = [self.balancing.balance()]
        while lines[-1].mark is Mark.PENDING:
            lines.append(self.balancing.balance())
        return lines


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "calibration.json"


def test_the_gains_of_a_neutral_card_are_found_kept_and_in_force(path: Path) -> None:
    camera = CardCamera(neutral=(2.6, 1.4))
    booth = Booth(path, camera)
    lines = booth.run()
    assert [line.remark for line in lines[:-1]] == [Remark.BALANCING] * (len(lines) - 1)
    assert (lines[-1].remark, lines[-1].mark) == (Remark.BALANCED, Mark.GOOD)
    kept = read_calibration(path)
    assert kept is not None
    assert kept.colour_gains == pytest.approx((2.6, 1.4), rel=0.02)
    assert (kept.model, kept.operator) == ("imx477", "tom")
    assert max(kept.card) - min(kept.card) <= NEUTRAL
    assert booth.calibrated.settings(camera.identity) == replace(
        PLAIN, colour_gains=kept.colour_gains
    )
    assert camera.asked == booth.calibrated.settings(camera.identity), "at once"
    ((act, detail),) = booth.noted
    assert act is Act.CALIBRATED
    assert detail == (
        f"red {kept.colour_gains[0]:.3f} blue {kept.colour_gains[1]:.3f} "
        "before red 2.000 blue 1.800"
    )
    assert booth.lights.level() == 0.8, "as for a shot"


def test_the_next_start_uses_them_for_this_camera_and_no_other(path: Path) -> None:
    booth = Booth(path, CardCamera())
    booth.run()
    again = Calibrated(PLAIN, path)
    assert again.settings(booth.camera.identity) == booth.camera.asked  # type: ignore[attr-defined]
    assert again.settings(CameraIdentity("imx708", "", "test")) == PLAIN
    assert again.settings(CameraIdentity("imx477", "17", "test")) == PLAIN


@pytest.mark.parametrize("neutral", [(1.4, 3.3), (3.9, 1.2), (2.0, 1.8), (3.5, 3.1)])
def test_it_converges_from_far_off(path: Path, neutral: tuple[float, float]) -> None:
    booth = Booth(path, CardCamera(neutral=neutral, grey=0.12))
    assert booth.run()[-1].remark is Remark.BALANCED
    assert booth.calibrated.kept is not None
    assert booth.calibrated.kept.colour_gains == pytest.approx(neutral, rel=0.03)


def test_the_simulated_camera_reacts_as_a_real_one(tmp_path: Path, path: Path) -> None:
    with simulated(tmp_path, path) as (camera, booth):
        assert booth.run()[-1].remark is Remark.BALANCED
        after = booth.calibrated.settings(camera.identity).colour_gains
        # The photograph is taken under the configured gains: linear light tells the right ones.
        light = (np.array([140.0, 118.0, 100.0]) / 255) ** 2.2
        assert after == pytest.approx(
            (2.0 * light[1] / light[0], 1.8 * light[1] / light[2]), rel=0.04
        )


@contextmanager
def simulated(tmp_path: Path, path: Path) -> Iterator[tuple[SimulatedCamera, Booth]]:
    folder = tmp_path / "cards"
    folder.mkdir()
    cv2.imwrite(str(folder / "card.png"), np.full((240, 320, 3), (100, 118, 140), np.uint8))
    section = Section(
        size=(320, 240),
        preview=(160, 120),
        exposure=Exposure(exposure_us=20_000, red_gain=2.0, blue_gain=1.8),
        pictures=folder,
        frames_per_second=50.0,
    )
    calibrated = Calibrated(PLAIN, path)
    camera = SimulatedCamera(section, light_level=lambda: 1.0, settings=calibrated.settings)
    camera.start()
    try:
        yield camera, Booth(path, camera)
    finally:
        camera.close()


class Wandering(CardCamera):
    """Under light that changes all the time: no gains are ever right."""

    def capture(self, after_ns: int) -> Frame:
        red, blue = self.asked.colour_gains
        factor = 1.3 if len(self.applied) % 4 else 0.8
        self.neutral = (red * factor, blue / factor)
        return super().capture(after_ns)


def test_light_that_changes_all_the_time_ends_without_anything_kept(path: Path) -> None:
    camera = Wandering()
    booth = Booth(path, camera)
    lines = booth.run()
    assert len(lines) == PICTURES
    assert (lines[-1].remark, lines[-1].mark) == (Remark.NOT_BALANCED, Mark.BAD)
    assert not path.exists()
    assert booth.noted == []
    assert camera.asked == PLAIN


def test_a_hand_in_the_square_is_said_and_the_camera_goes_back(path: Path) -> None:
    camera = CardCamera(hidden=True)
    booth = Booth(path, camera)
    with pytest.raises(CardNotFound):
        booth.balancing.exposure()
    assert booth.balancing.evenness().remark is Remark.UNTRIED
    assert booth.balancing.balance().remark is Remark.UNTRIED
    assert camera.asked == PLAIN


def test_a_card_taken_away_in_the_middle_keeps_nothing(path: Path) -> None:
    camera = CardCamera()
    booth = Booth(path, camera)
    booth.balancing.exposure()
    assert booth.balancing.balance().mark is Mark.PENDING
    camera.hidden = True
    with pytest.raises(CardNotFound):
        booth.balancing.balance()
    assert camera.asked == PLAIN
    assert not path.exists()


def test_a_camera_that_tells_nothing_cannot_be_calibrated(path: Path) -> None:
    booth = Booth(path, CardCamera(told=False))
    with pytest.raises(CameraError, match="does not tell its settings"):
        booth.balancing.exposure()


def test_what_cannot_be_noted_is_not_kept(path: Path) -> None:
    camera = CardCamera()
    booth = Booth(path, camera)
    booth.trail_is_full = True
    with pytest.raises(StorageError, match="The disk is full"):
        booth.run()
    assert not path.exists()
    assert booth.calibrated.kept is None
    assert camera.asked == PLAIN


@pytest.mark.parametrize(
    ("grey", "remark", "mark"),
    [(0.18, Remark.CARD_EXPOSED, Mark.GOOD), (0.5, Remark.CARD_NOT_MIDDLE, Mark.UNSURE)],
)
def test_how_bright_the_card_is(path: Path, grey: float, remark: Remark, mark: Mark) -> None:
    camera = CardCamera(neutral=PLAIN.colour_gains, grey=grey)
    line = Booth(path, camera).balancing.exposure()
    assert (line.item, line.remark, line.mark) == (Item.EXPOSURE, remark, mark)
    assert dict(line.values)["green"] == f"{255 * grey**0.4:.0f}"


@pytest.mark.parametrize(
    ("far", "remark", "mark"), [(0.9, Remark.EVEN, Mark.GOOD), (0.4, Remark.UNEVEN, Mark.BAD)]
)
def test_how_even_the_light_is(path: Path, far: float, remark: Remark, mark: Mark) -> None:
    shade = np.linspace(1.0, far, 640)[None, :, None] ** (1 / 2.4)
    camera = CardCamera(neutral=PLAIN.colour_gains)
    level = 255 * camera.grey**0.4
    camera.noise = lambda: (shade - 1.0) * level * np.ones((480, 1, 3))
    booth = Booth(path, camera)
    booth.balancing.exposure()
    line = booth.balancing.evenness()
    assert (line.remark, line.mark) == (remark, mark)


def test_each_standing_is_said(path: Path) -> None:
    camera, now = CameraIdentity("imx477", "", "test"), moment.now()
    booth = Booth(path, CardCamera())
    line = standing_line(booth.calibrated, camera, now)
    assert (line.remark, line.mark) == (Remark.NEVER_BALANCED, Mark.UNSURE)
    booth.run()
    line = standing_line(booth.calibrated, camera, now)
    assert (line.remark, line.mark) == (Remark.BALANCED_ON, Mark.GOOD)
    assert dict(line.values)["day"] == now.wall[:10]
    line = standing_line(booth.calibrated, CameraIdentity("imx708", "", ""), now)
    assert (line.remark, line.mark) == (Remark.BALANCE_OTHER, Mark.BAD)
    later = replace(now, wall=f"{int(now.wall[:4]) + 2}-01-01T00:00:00.000+00:00")
    line = standing_line(booth.calibrated, camera, later)
    assert (line.remark, line.mark) == (Remark.BALANCE_OLD, Mark.UNSURE)
    path.write_text("{}")
    line = standing_line(Calibrated(PLAIN, path), camera, now)
    assert line.mark is Mark.BAD
    assert "calibration.json" in line.text
    assert Calibrated(PLAIN, path).settings(camera) == PLAIN


def test_the_search_never_leaves_what_a_camera_can_do() -> None:
    search = GainSearch((2.0, 1.8))
    for _ in range(30):
        search.saw((50.0, 0.01))
        assert all(0.1 <= gain <= 32.0 for gain in search.gains)
    search.saw((1.0, 1.0))
    assert all(0.1 <= gain <= 32.0 for gain in search.gains)
