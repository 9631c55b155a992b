"""Which sensor a station was set up with, which config.txt loads, and which is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.capture.hardware.picamera_modules import loaded_sensors, model_of
from kiosk.errors import CameraError


def i2c(folder: Path, *names: str) -> Path:
    """Leave devices as the kernel lists them; a Pi 5 has its camera and the clock's chip."""
    for number, name in enumerate(names):
        device = folder / f"10-00{number:02}"
        device.mkdir()
        (device / "name").write_text(f"{name}\n", encoding="ascii")
    return folder


@pytest.mark.parametrize("model", ["imx708", "imx708_wide", "imx708_noir"])
def test_any_variant_of_the_sensor_is_taken(model: str) -> None:
    assert model_of([{"Model": model}], 0, "imx708", ("imx708",)) == model


@pytest.mark.parametrize(
    ("found", "loaded", "said"),
    [
        ([], ["imx477"], "^config.txt loads imx477, and this station has imx708 "),
        ([], ["imx219", "imx477"], "^config.txt loads imx219 and imx477, and this station"),
        ([], ["imx708"], "^No camera was found; expected imx708 "),
        ([], ["imx477", "imx708"], "^No camera was found; expected imx708 "),
        ([], [], "^No camera was found; expected imx708 .* whether config.txt loads it"),
        (["imx477"], ["imx477"], "^The camera found is imx477, and this station has imx708 "),
        (["imx7080"], [], "^The camera found is imx7080, and"),
        ([""], [], "^The camera found is one without a name, and"),
    ],
)
def test_what_was_expected_and_what_is_there_are_both_said(
    found: list[str], loaded: list[str], said: str
) -> None:
    with pytest.raises(CameraError, match=said):
        model_of([{"Model": model} for model in found], 0, "imx708", loaded)


def test_a_sensor_that_does_not_answer_is_still_known_to_be_loaded(tmp_path: Path) -> None:
    folder = i2c(tmp_path, "imx477", "dw9807-vcm", "rp1-adc", "ov5647", "imx477")
    assert loaded_sensors(folder) == ("imx477", "ov5647")
    assert loaded_sensors(tmp_path / "none") == ()
