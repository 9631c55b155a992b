"""The camera that config.txt loads: exactly one, and the one that the station was set up with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kiosk.commission.checks import Verdict
from kiosk.commission.firmware import effective
from kiosk.commission.firmware_camera import check_camera
from kiosk.sensors import SENSORS, Sensor
from tests.commission.test_station import STATION_TOML, Plant, edit, findings, write

SHIPPED = Path(__file__).parents[2] / "firmware_config"
CONFIG, INCLUDE = "/boot/firmware/config.txt", "/boot/firmware/kiosk-imx477.txt"
KIOSK = "/boot/firmware/kiosk.txt"


def problems(text: str, *sensors: Sensor) -> list[str]:
    files = {"config.txt": text}
    files |= {path.name: path.read_text("utf-8") for path in SHIPPED.glob("kiosk*.txt")}
    return [str(problem) for problem in check_camera(effective(files), sensors or SENSORS)]


def includes(*names: str) -> str:
    return "".join(f"include {name}\n" for name in ("kiosk.txt", *names))


@pytest.mark.parametrize("sensor", SENSORS)
def test_what_the_installer_includes_is_in_order(sensor: Sensor) -> None:
    text = includes(f"kiosk-{sensor}.txt")
    assert problems(text, sensor) == []
    assert problems(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            includes("kiosk-imx708.txt"),
            "kiosk-imx708.txt:4: loads the camera imx708, and this station has imx477 (camera.",
        ),
        (
            includes("kiosk-imx477.txt") + "dtoverlay=imx708\n",
            "config.txt:3: loads the camera imx7",
        ),
        (
            includes("kiosk-imx477.txt") + "dtoverlay=imx219\n",
            "config.txt:3: loads the camera imx2",
        ),
        (
            includes("kiosk-imx477.txt") + "[pi5]\ndtoverlay=ov5647,cam1\n",
            "config.txt:4: loads the",
        ),
        (
            includes("kiosk-imx477.txt") + "dtoverlay=imx477,cam1\n",
            "config.txt:3: loads the camera imx477 a second time, after kiosk-imx477.txt, line 4",
        ),
        (
            includes(),
            "config.txt: nothing loads the camera of a pi4; expected `include kiosk-imx47",
        ),
        (
            includes() + "[pi5]\ndtoverlay=imx477\n",
            "config.txt: nothing loads the camera of a pi4;",
        ),
        (
            "include kiosk-imx477.txt\n",
            "config.txt: nothing turns camera_auto_detect off; expected camera_auto_detect=0",
        ),
        (
            includes("kiosk-imx477.txt") + "camera_auto_detect=1\n",
            "config.txt:3: camera_auto_detect=1 has the firmware look for cameras, and a loose ",
        ),
    ],
)
def test_another_camera_more_than_one_or_none_is_named(text: str, said: str) -> None:
    found = problems(text, "imx477")
    assert any(problem.startswith(said) for problem in found), found


def test_what_other_boards_load_is_none_of_a_stations() -> None:
    assert problems(includes("kiosk-imx477.txt") + "[cm4]\ndtoverlay=imx219\n", "imx477") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            includes("kiosk-imx477.txt", "kiosk-imx708.txt"),
            "kiosk-imx708.txt:4: loads the camera i",
        ),
        (
            includes() + "dtoverlay=imx219\n",
            "config.txt:2: loads the camera imx219; expected imx47",
        ),
        (includes(), "config.txt: nothing loads the camera of a pi4; expected `include kiosk-SENS"),
    ],
)
def test_without_settings_one_camera_of_a_station_is_expected(text: str, said: str) -> None:
    assert problems(text)[0].startswith(said), problems(text)


SWAPPED = (SHIPPED / "kiosk-imx708.txt").read_text("utf-8")
PLANTED: list[tuple[Plant, str]] = [
    (edit(INCLUDE, "dtoverlay=imx477", "dtoverlay=imx47"), "kiosk-imx477.txt:4: imx47 is no"),
    (edit(CONFIG, "[all]", "[all]\ndtoverlay=imx219"), "config.txt:2: loads the camera imx219"),
    (edit(KIOSK, "=vc4-kms-v3d", "=vc4-fkms-v3d"), "perhaps vc4-kms-v3d was meant"),
    (edit(CONFIG, "[all]", "[all]\narm_64bit=maybe"), "config.txt:2: arm_64bit=maybe; expected 0"),
    (edit(KIOSK, "audio=off", "audo=off"), "kiosk.txt:9: audo is no parameter of the board; perh"),
    (edit(KIOSK, "watchdog=on", "wachdog=on"), "kiosk.txt:11: wachdog is no parameter of the boa"),
]
NEED_SETTINGS: list[tuple[Plant, str]] = [
    # Without settings it is the other one of the two that comes too much.
    (edit(CONFIG, "[all]", "[all]\ndtoverlay=imx708"), "config.txt:2: loads the camera imx708"),
    (edit(CONFIG, "include kiosk-imx477.txt\n", ""), "expected `include kiosk-imx477.txt`"),
    (write(INCLUDE, SWAPPED), "kiosk-imx477.txt:4: loads the camera imx708, and this station has"),
]


@pytest.mark.parametrize(("plant", "words"), PLANTED + NEED_SETTINGS)
def test_each_is_told_on_a_station(station: Any, plant: Plant, words: str) -> None:  # noqa: ANN401
    plant(station)
    found = findings(station)["firmware"]
    assert found.verdict is Verdict.WRONG
    assert words in found.sentence


@pytest.mark.parametrize(("plant", "words"), PLANTED)
def test_and_without_settings_that_can_be_read(station: Any, plant: Plant, words: str) -> None:  # noqa: ANN401
    station.at(STATION_TOML).unlink()
    plant(station)
    found = findings(station)
    assert found["firmware"].verdict is Verdict.WRONG
    assert words in found["firmware"].sentence
    assert found["kernel arguments"].verdict is Verdict.OK


def test_in_order_without_settings_is_not_called_in_order(station: Any) -> None:  # noqa: ANN401
    station.at(STATION_TOML).unlink()
    found = findings(station)["firmware"]
    assert found.verdict is Verdict.UNCHECKED
    assert "pins and the camera's sensor" in found.sentence


def test_a_station_with_another_kind_of_camera_may_load_none(station: Any) -> None:  # noqa: ANN401
    edit(CONFIG, "include kiosk-imx477.txt\n", "")(station)
    edit(STATION_TOML, 'sensor = "imx477"\n', 'device = "/dev/video0"\n')(station)
    edit(STATION_TOML, 'kind = "picamera2"', 'kind = "webcam"')(station)
    assert findings(station)["firmware"].verdict is Verdict.OK
