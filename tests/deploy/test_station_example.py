"""The example that the installer puts down, as the program itself reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.commission.firmware import check_files, effective
from kiosk.commission.firmware_pins import check_pins, station_pins
from kiosk.commission.place import stored
from kiosk.config import parse
from kiosk.errors import ConfigError
from kiosk.records import protocols

EXAMPLE = Path("provisioning/install/station.toml.example")
FILLED_IN = {
    'name = "CHANGE-ME"': 'name = "room-2"',
    'clinic = "CHANGE-ME"': 'clinic = "Clinic by the Park"',
    'host = "CHANGE-ME"': 'host = "192.0.2.5"',
    'user = "CHANGE-ME"': 'user = "room-2"',
    'host_key = "CHANGE-ME"': 'host_key = "ssh-ed25519 AAAAC3Nz"',
}


@pytest.fixture
def filled_in(checkout: Path) -> str:
    text = (checkout / EXAMPLE).read_text("utf-8")
    for old, new in FILLED_IN.items():
        assert old in text
        text = text.replace(old, new)
    return text


def test_it_is_valid_once_every_placeholder_is_filled_in(filled_in: str) -> None:
    settings = [line for line in filled_in.splitlines() if not line.startswith("#")]
    assert "CHANGE-ME" not in "\n".join(settings)
    assert parse(filled_in, source="example").station.name == "room-2"


def test_it_is_refused_before(checkout: Path) -> None:
    with pytest.raises(ConfigError):
        parse((checkout / EXAMPLE).read_text("utf-8"), source="example")


def test_it_names_a_protocol_that_exists(filled_in: str) -> None:
    protocols.load_protocol(parse(filled_in, source="example").session.protocol)


def test_its_paths_are_those_of_units_and_folders(filled_in: str, checkout: Path) -> None:
    config = parse(filled_in, source="example")
    units = {
        name: (checkout / f"systemd/kiosk-{name}.service").read_text("utf-8")
        for name in ("capture", "upload")
    }
    folders = (checkout / "systemd/tmpfiles.d/kiosk.conf").read_text("utf-8")
    for unit, key in (("capture", config.station.signing_key), ("upload", config.upload.key)):
        assert key.parent == Path(f"/run/credentials/kiosk-{unit}.service")
        assert f"LoadCredential={key.name}:{stored(key)}\n" in units[unit]
    assert f"d {config.spool.path} " in folders
    assert f"d {config.station.state} " in folders
    assert f"ReadWritePaths={config.spool.path}\n" in units["capture"]
    assert f"BindPaths={config.spool.path}\n" in units["upload"]
    assert f"/var/lib/{_setting(units['capture'], 'StateDirectory')}" == str(config.station.state)


def test_the_pose_key_is_left_out_until_the_line_is_uncommented(
    filled_in: str, checkout: Path
) -> None:
    assert parse(filled_in, source="example").guide.pose_key is None
    key = parse(filled_in.replace("#pose_key", "pose_key"), source="example").guide.pose_key
    assert key is not None
    assert key.parent == Path("/run/credentials/kiosk-capture.service")
    unit = (checkout / "systemd/kiosk-capture.service").read_text("utf-8")
    assert f"LoadCredential={key.name}:{stored(key)}\n" in unit


def test_its_pins_fit_the_firmware_we_ship(filled_in: str, checkout: Path) -> None:
    shipped = checkout / "firmware_config"
    for camera in ("imx477", "imx708"):
        names = ("kiosk.txt", f"kiosk-{camera}.txt")
        files = {name: (shipped / name).read_text("utf-8") for name in names}
        files["config.txt"] = "".join(f"include {name}\n" for name in names)
        assert check_files(files) == ()
        pins = station_pins(parse(filled_in, source="example"))
        assert check_pins(effective(files), pins) == ()


def _setting(unit: str, key: str) -> str:
    (line,) = [line for line in unit.splitlines() if line.startswith(f"{key}=")]
    return line.partition("=")[2]
