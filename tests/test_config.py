"""A bad configuration gets one sentence: file, key, and what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk import config, config_reading
from kiosk.config import GpioLights, GpioPedal, Patients, SimulatedCamera, UsbPedal, UsbReader
from kiosk.errors import ConfigError

GOOD = """
[station]
name = "room-2"
clinic = "Lakeside Clinic"
signing_key = "/etc/kiosk/signing.key"
state = "/var/lib/kiosk"

[sealing]
recipients = "/etc/kiosk/recipients.txt"

[spool]
path = "/var/spool/kiosk"

[camera]
kind = "simulated"
pictures = "/srv/pictures"
size = [1600, 1200]
preview = [640, 480]
exposure = { exposure_us = 20000, red_gain = 2.1, blue_gain = 1.6 }

[lights]
kind = "gpio"
level = 0.8
frequency_hz = 1000
channels = [{ name = "left", pin = 12 }, { name = "right", pin = 13 }]

[pedal]
kind = "gpio"
pin = 17

[display]
size = [1080, 1920]

[session]
protocol = "face_5"

[people]
desk = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGip/Gqi1L63QmgH5hdoQLH/aICCJMOxzFyvowdwkpa2 desk"
mailbox = "352b0a3970183b5229d387dc6af68fd5"

[upload]
host = "pictures.clinic.example"
user = "room-2"
key = "/etc/kiosk/upload.key"
host_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample"
"""


DESK = next(line for line in GOOD.splitlines(keepends=True) if line.startswith("desk = "))
MAILBOX = 'mailbox = "352b0a3970183b5229d387dc6af68fd5"'


def parsed(text: str = GOOD) -> config.StationConfig:
    return config_reading.parse(text, source="station.toml")


def refused(old: str, new: str) -> str:
    assert old in GOOD
    with pytest.raises(ConfigError) as caught:
        parsed(GOOD.replace(old, new))
    return str(caught.value)


PI_CAMERA = """kind = "picamera2"
sensor = "imx708"
size = [4608, 2592]
preview = [1280, 720]
"""
CAMERA = GOOD[GOOD.index('kind = "simulated"') : GOOD.index("exposure = {")]


@pytest.mark.parametrize("size", ["[4608, 2592]", "[2304, 1296]"])
def test_a_sensor_gives_pictures_of_its_own_sizes(size: str) -> None:
    pi_camera = PI_CAMERA.replace("[4608, 2592]", size)
    assert isinstance(parsed(GOOD.replace(CAMERA, pi_camera)).camera, config.PiCamera)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('sensor = "imx708"\n', "", "camera.sensor: this key is missing; expected one of imx477,"),
        ("imx708", "imx219", "camera.sensor: expected one of imx477, imx708, got 'imx219'"),
        (
            "imx708",
            "imx477",
            "[4608, 2592] is no picture of camera.sensor, the imx477; expected [4056, 3040] or",
        ),
        ("[4608, 2592]", "[4056, 3040]", "the imx708; expected [4608, 2592] or [2304, 1296]"),
    ],
)
def test_a_sensor_that_is_not_told_or_does_not_fit_is_refused(
    old: str, new: str, said: str
) -> None:
    assert said in refused(CAMERA, PI_CAMERA.replace(old, new))


def test_a_good_file_becomes_frozen_sections() -> None:
    station = parsed()
    assert isinstance(station.camera, SimulatedCamera)
    assert isinstance(station.lights, GpioLights)
    assert isinstance(station.pedal, GpioPedal)
    assert station.camera.exposure.settings().colour_gains == (2.1, 1.6)
    assert station.station.signing_key == Path("/etc/kiosk/signing.key")
    with pytest.raises(AttributeError):
        station.session.protocol = "lips"  # type: ignore[misc]


def test_a_station_speaks_english_unless_it_is_told_otherwise() -> None:
    assert parsed().display.language == "en"
    german = GOOD.replace("[display]", '[display]\nlanguage = "de"')
    assert parsed(german).display.language == "de"
    assert refused("[display]", '[display]\nlanguage = "it"') == (
        "station.toml: display.language: expected one of en, de, fr, got 'it'"
    )


def test_the_kind_decides_the_section() -> None:
    usb = 'kind = "usb"\nvendor = 3141\nproduct = 29699\nkey = "KEY_B"'
    assert isinstance(parsed(GOOD.replace('kind = "gpio"\npin = 17', usb)).pedal, UsbPedal)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            'protocol = "face_5"',
            'protocol = "face_5"\nprotocl = "lips"',
            (
                "station.toml: session.protocl: this key is not known; "
                "expected one of chroma, jpeg_quality, protocol, protocols"
            ),
        ),
        (
            "size = [1600, 1200]",
            'size = "large"',
            (
                "station.toml: camera.size: expected a list in brackets, "
                "got a text in quotation marks"
            ),
        ),
        (
            "size = [1600, 1200]",
            "size = [1601, 1200]",
            (
                "station.toml: camera.size[0]: expected a whole number that is a multiple of 2, "
                "got 1601"
            ),
        ),
        (
            "level = 0.8",
            "level = 1.8",
            "station.toml: lights.level: expected a number <= 1.0, got 1.8",
        ),
        (
            'kind = "simulated"',
            'kind = "phone"',
            (
                "station.toml: camera.kind: expected one of picamera2, webcam, simulated, "
                "got 'phone'"
            ),
        ),
        (
            'kind = "simulated"',
            "",
            (
                "station.toml: camera.kind: this key is missing; "
                "expected one of picamera2, webcam, simulated"
            ),
        ),
        (
            'state = "/var/lib/kiosk"',
            'state = "lib/kiosk"',
            "station.toml: station.state: expected an absolute path, got 'lib/kiosk'",
        ),
        (
            'name = "room-2"',
            'name = "Room 2"',
            (
                "station.toml: station.name: expected small letters, digits and dashes, "
                "at most 63, got 'Room 2'"
            ),
        ),
        (
            'name = "room-2"',
            'name = "CHANGE-ME"',
            (
                "station.toml: station.name: this still has to be filled in; "
                "expected small letters, digits and dashes, at most 63"
            ),
        ),
        (
            'signing_key = "/etc/kiosk/signing.key"\n',
            "",
            (
                "station.toml: station.signing_key: this key is missing; "
                "expected a path that begins with /"
            ),
        ),
        (
            "exposure_us = 20000, ",
            "",
            (
                "station.toml: camera.exposure.exposure_us: this key is missing; "
                "expected a whole number"
            ),
        ),
        (
            'pictures = "/srv/pictures"',
            'pictures = "/srv/pictures"\nrotation = 45',
            "station.toml: camera.rotation: expected one of 0, 90, 180, 270, got 45",
        ),
        (
            "pin = 12 }",
            "pn = 12 }",
            "station.toml: lights.channels[0].pn: this key is not known; expected one of name, pin",
        ),
        (
            "pin = 17",
            "pin = 13",
            (
                "station.toml: pedal.pin: pin 13 is already used by lights.channels[right]; "
                "expected a pin of its own for each"
            ),
        ),
        (
            "pin = 13 }",
            "pin = 12 }",
            (
                "station.toml: lights.channels[right]: pin 12 is already used by "
                "lights.channels[left]; expected a pin of its own for each"
            ),
        ),
        (
            "exposure_us = 20000",
            "exposure_us = 20500",
            (
                "station.toml: camera.exposure.exposure_us: 20500 is no whole number of the lamps' "
                "periods at lights.frequency_hz = 1000 and would show bands; "
                "expected a multiple of 1000"
            ),
        ),
        (
            DESK,
            "",
            (
                "station.toml: people.desk: this key is missing; expected the desk's public key "
                "line, as `kiosk clinic desk station` prints it"
            ),
        ),
        (
            DESK,
            'desk = "CHANGE-ME"\n',
            (
                "station.toml: people.desk: this still has to be filled in; expected the desk's "
                "public key line, as `kiosk clinic desk station` prints it"
            ),
        ),
        (
            MAILBOX,
            'mailbox = "352b0a39"',
            ("station.toml: people.mailbox: expected 32 hexadecimal digits, got '352b0a39'"),
        ),
        (
            MAILBOX,
            f'{MAILBOX}\nshare = "run/kiosk-share"',
            "station.toml: people.share: expected an absolute path, got 'run/kiosk-share'",
        ),
        (
            MAILBOX,
            f"{MAILBOX}\nshift_hours = 24",
            "station.toml: people.shift_hours: expected a whole number <= 12, got 24",
        ),
        (
            MAILBOX,
            f"{MAILBOX}\nblank_s = 120\nsign_out_s = 90",
            (
                "station.toml: people.sign_out_s: 90 s is before the screen goes dark; "
                "expected at least people.blank_s, 120"
            ),
        ),
        (
            "[session]",
            "[session",
            (
                "station.toml: this is not valid TOML: expected ']' at the end of a table "
                "declaration (at line 34, column 9)"
            ),
        ),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence(old: str, new: str, sentence: str) -> None:
    assert refused(old, new) == sentence


def test_full_power_needs_no_whole_periods() -> None:
    text = GOOD.replace("level = 0.8", "level = 1.0").replace("= 20000", "= 20500")
    assert parsed(text).camera.exposure.exposure_us == 20500


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml: expected the station's configuration"):
        config_reading.load(tmp_path / "nowhere.toml")


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    path.write_bytes(b"[station]\nname = \xff\n")
    with pytest.raises(ConfigError, match="expected UTF-8 text, byte 17 is not"):
        config_reading.load(path)


def test_a_missing_key_file_is_named_with_its_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        config_reading.require_files("station.toml", upload__key=tmp_path / "upload.key")
    assert str(caught.value) == (
        f"station.toml: upload.key: expected a readable file, "
        f"but {tmp_path}/upload.key: No such file or directory"
    )


USB_PEDAL = '[pedal]\nkind = "usb"\nvendor = 1\nproduct = 2\nkey = "KEY_B"'


def test_reader_and_numbers_may_be_left_out() -> None:
    station = parsed()
    assert station.reader is None
    assert station.patients == Patients()


def test_reader_and_numbers() -> None:
    station = parsed(
        GOOD
        + '[reader]\nkind = "usb"\nvendor = 0x0C2E\nproduct = 0x0B61\n'
        + '[patients]\ncheck = "luhn"\nlength = [6, 10]\nprefix = "PAT-"\n'
    )
    assert station.reader == UsbReader(vendor=0x0C2E, product=0x0B61)
    assert station.patients.length == (6, 10)


@pytest.mark.parametrize(
    ("added", "sentence"),
    [
        (
            '[reader]\nkind = "bluetooth"',
            "reader.kind: expected one of usb, simulated, got 'bluetooth'",
        ),
        ('[patients]\ncheck = "md5"', "patients.check: expected one of none, luhn, mod11"),
        ('[patients]\nprefix = "12"', "patients.prefix: expected 1 to 64 letters"),
        (
            "[patients]\nlength = 10",
            "patients.length: expected a list in brackets, got a whole number",
        ),
        ("[patients]\nlength = [1, 33]", "patients.length[1]: expected"),
        ("[patients]\nlength = [9, 8]", "9 is more than 8; expected the fewest characters first"),
        (
            '[patients]\ncheck = "mod11"\nlength = [9, 9]',
            "patients.length: numbers with the check mod11 have ten digits; expected [10, 10]",
        ),
    ],
)
def test_a_wrong_reader_or_numbering_is_said(added: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parsed(GOOD + added)
    assert sentence in str(caught.value)


def test_one_device_is_not_both_pedal_and_reader() -> None:
    text = GOOD.replace('[pedal]\nkind = "gpio"\npin = 17', USB_PEDAL)
    parsed(text + '[reader]\nkind = "usb"\nvendor = 1\nproduct = 3')
    with pytest.raises(ConfigError, match=r"reader\.product: these are the pedal's USB ids"):
        parsed(text + '[reader]\nkind = "usb"\nvendor = 1\nproduct = 2')
