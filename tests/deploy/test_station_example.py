"""The example that the installer puts down, as the program itself reads it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kiosk.commission.firmware import check_files, effective
from kiosk.commission.firmware_pins import check_pins, station_pins
from kiosk.commission.place import stored
from kiosk.config import Guide, People, UsbPanel
from kiosk.config_reading import parse
from kiosk.errors import ConfigError
from kiosk.records import protocols
from kiosk.spool.inbox import INBOX

EXAMPLE = Path("provisioning/install/station.toml.example")
FILLED_IN = {
    'name = "CHANGE-ME"': 'name = "room-2"',
    'clinic = "CHANGE-ME"': 'clinic = "Clinic by the Park"',
    'host = "CHANGE-ME"': 'host = "192.0.2.5"',
    'user = "CHANGE-ME"': 'user = "room-2"',
    'host_key = "CHANGE-ME"': 'host_key = "ssh-ed25519 AAAAC3Nz"',
    'desk = "CHANGE-ME"': 'desk = "ssh-ed25519 AAAAC3Nz desk"',
    'mailbox = "CHANGE-ME"': 'mailbox = "352b0a3970183b5229d387dc6af68fd5"',
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


@pytest.mark.parametrize("key", ["desk", "mailbox"])
def test_it_is_refused_without_what_the_desk_prints(filled_in: str, key: str) -> None:
    placeholder = re.sub(rf'^{key} = ".*"$', f'{key} = "CHANGE-ME"', filled_in, flags=re.MULTILINE)
    assert placeholder != filled_in
    with pytest.raises(ConfigError, match=rf"people\.{key}"):
        parse(placeholder, source="example")


def test_what_stands_in_it_holds_without_it_too(filled_in: str) -> None:
    """Its values are the program's own; what is commented out is none of them, but understood."""
    people = parse(filled_in, source="example").people
    assert people == People(desk=people.desk, mailbox=people.mailbox)
    assert parse(filled_in, source="example").guide == Guide()
    section = re.search(r"^\[people\]\n.*?(?=^\[)", filled_in, flags=re.MULTILINE | re.DOTALL)
    assert section is not None
    asked = re.sub(r"^#(?=\w+ = )", "", section[0], flags=re.MULTILINE)
    whole = parse(filled_in.replace(section[0], asked), source="example").people
    assert (whole.share, whole.consent_texts) == (
        Path("/run/kiosk-share"),
        Path("/etc/kiosk/consent"),
    )
    named = re.findall(r"^(\w+) = ", asked, flags=re.MULTILINE)
    assert set(named) == set(People.__struct_fields__)


def test_it_names_a_protocol_that_exists(filled_in: str) -> None:
    protocols.load_protocol(parse(filled_in, source="example").session.protocol)


def test_the_panel_that_it_shows_would_be_understood(filled_in: str) -> None:
    assert parse(filled_in, source="example").display.touch is None
    asked = re.sub(r"^#(?=touch = )", "", filled_in, flags=re.MULTILINE)
    assert parse(asked, source="example").display.touch == UsbPanel(vendor=0x0EEF, product=1)


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
    assert f"d {config.spool.path / INBOX} " in folders
    share = re.findall(r'^#share = "(.*)"$', filled_in, flags=re.MULTILINE)
    metrics = str(config.metrics.folder)
    assert re.findall(r"^d (/run/\S+) ", folders, flags=re.MULTILINE) == [*share, metrics]
    (own,) = share
    assert f"ReadWritePaths=-{own} -{metrics}\n" in units["upload"]
    assert f"ReadWritePaths={config.spool.path} -{metrics}\n" in units["capture"]
    assert f"BindPaths={config.spool.path}\n" in units["upload"]
    assert f"/var/lib/{_setting(units['capture'], 'StateDirectory')}" == str(config.station.state)


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
