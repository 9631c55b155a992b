"""Trying the camera for ``kiosk check``: by the settings that shots are taken with."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from msgspec.structs import replace

from kiosk import moment
from kiosk.capture.probes import probes
from kiosk.config import StationConfig
from kiosk.errors import CameraError
from kiosk.records.calibration import Calibration, keep_calibration
from kiosk.records.shot import Instant
from tests.capture.bench import settings


@pytest.fixture
def station(tmp_path: Path) -> StationConfig:
    cv2.imwrite(str(tmp_path / "card.png"), np.full((64, 64, 3), 118, np.uint8))
    plain = settings(tmp_path, tmp_path)
    return replace(plain, camera=replace(plain.camera, pictures=tmp_path))


def calibrate(station: StationConfig, model: str) -> None:
    kept = Calibration(
        at=Instant.of(moment.now()),
        operator="tom",
        model=model,
        serial="",
        colour_gains=(2.3, 1.6),
        card=(118.0, 118.0, 118.0),
    )
    keep_calibration(station.station.calibration, kept)


def test_a_calibrated_camera_is_tried_by_its_own_gains(station: StationConfig) -> None:
    calibrate(station, "simulated")
    said = probes(station)["camera"]()
    assert said == "simulated gave a picture of 64 x 64, with the settings asked for."


def test_a_calibration_of_another_camera_is_wrong(station: StationConfig) -> None:
    calibrate(station, "imx708")
    with pytest.raises(
        CameraError, match="with the camera imx708 and is not used for this one, simulated"
    ):
        probes(station)["camera"]()
