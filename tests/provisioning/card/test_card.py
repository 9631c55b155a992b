"""`kiosk provision card`, as the bench types it: what is on the card then."""

from __future__ import annotations

import io
import json
import re
import tarfile
import tomllib
from pathlib import Path

import pytest

from kiosk.capture.hardware.cameras import open_camera
from kiosk.config import PiCamera, Webcam
from kiosk.config_reading import parse
from kiosk.enrol.request import parse_ticket
from kiosk.envelope.signatures import SigningKey
from kiosk.records.enrolment_code import parse_code
from tests.provisioning.card.conftest import (
    CMDLINE,
    CODE,
    Desk,
    one,
    snapshot,
    sums_agree,
)

pytestmark = pytest.mark.usefixtures("steady")


def test_a_card_brings_all_that_the_first_boot_needs(
    bench: Desk, trixie: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert one(bench, trixie) == 0
    said = capsys.readouterr().out
    assert len(CODE.findall(said)) == 1
    folder = trixie / "capture-station"
    config = parse((folder / "station.toml").read_text("utf-8"), source="card")
    assert config.station.name == config.upload.user == "kiosk-01"
    assert config.station.clinic == "Praxis am Weiher"
    assert (config.upload.host, config.upload.port) == ("192.0.2.5", 2222)
    assert isinstance(config.camera, PiCamera)
    assert (config.camera.sensor, config.camera.size) == ("imx708", (4608, 2592))
    # Its lens is moved by a motor, which has to be told how far.
    assert config.camera.exposure.lens_position == 1.1
    # A preview of another shape would be refused here.
    open_camera(config.camera, light_level=lambda: 1.0)
    assert len(config.upload.host_key.split()) == 2
    settings = tomllib.loads((folder / "station.toml").read_text("utf-8"))
    printed = tomllib.loads((bench.folder / "people/kiosk-01.toml").read_text("utf-8"))
    assert settings["people"].items() >= printed["people"].items()
    assert "CHANGE-ME" not in json.dumps(settings)
    recipients = (bench.folder / "recipients.txt").read_bytes()
    assert (folder / "recipients.txt").read_bytes() == recipients
    assert (folder / "install.args").read_text("ascii") == "--camera\nimx708\n"
    assert sums_agree(trixie)
    assert "local-hostname: kiosk-01" in (trixie / "meta-data").read_text("ascii")
    assert (trixie / "cmdline.txt").read_text("ascii") == CMDLINE
    assert not (trixie / "firstrun.sh").exists()


def test_nothing_on_the_card_opens_anything(
    bench: Desk, trixie: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one(bench, trixie)
    (code,) = map(parse_code, CODE.findall(capsys.readouterr().out))
    ticket = parse_ticket((bench.folder / "tickets/kiosk-01.ticket").read_bytes(), "ticket")
    assert ticket.key == code.key("kiosk-01").public_line()
    secrets = [
        *(code.secret, code.text(), ticket.key.split()[1], "PRIVATE KEY", "AGE-SECRET-KEY"),
        *re.findall(r"AGE-SECRET\S+", (bench.folder / "keys/archive.identity").read_text("ascii")),
    ]
    assert len(secrets) == 6
    program = trixie / "capture-station/capture-station.tar.gz"
    for path in trixie.rglob("*"):
        if path.is_file() and path != program:
            content = path.read_bytes()
            assert [one for one in secrets if one.encode() in content] == [], path
    # The program's own words of keys are none; the bench's are not in it.
    with tarfile.open(program) as tar:
        texts = b"".join(tar.extractfile(one).read() for one in tar.getmembers())  # type: ignore[union-attr]
    for secret in (secrets[0], secrets[2], secrets[5]):
        assert secret.encode() not in texts


def test_the_program_is_whole_and_the_same_each_time(trixie: Path, program: bytes) -> None:
    from provisioning.card.archive import archive  # noqa: PLC0415 - the real one
    from tests.provisioning.card.conftest import ROOT  # noqa: PLC0415

    assert archive(ROOT) == program
    assert trixie.exists()
    with tarfile.open(fileobj=io.BytesIO(program)) as tar:
        names = {entry.name for entry in tar}
        assert all((entry.uid, entry.mtime) == (0, 0) for entry in tar)
    assert {
        *("kiosk/cli.py", "provisioning/install/__main__.py", "requirements/station.txt"),
        *("systemd/kiosk-enrol.service", "firmware_config/kiosk.txt", "pyproject.toml"),
        "provisioning/install/station.toml.example",
    } <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests")]


def test_the_same_again_changes_nothing_on_the_card_but_the_code(
    bench: Desk, trixie: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one(bench, trixie)
    before, first = snapshot(trixie), capsys.readouterr().out
    one(bench, trixie)
    second = capsys.readouterr().out
    assert snapshot(trixie) == before
    assert "nothing to change" in second
    assert CODE.findall(first) != CODE.findall(second)


def test_bookworm_is_told_by_the_kernels_arguments(bench: Desk, bookworm: Path) -> None:
    one(bench, bookworm)
    line = (bookworm / "cmdline.txt").read_text("ascii")
    assert line.startswith(CMDLINE.strip())
    assert line.count("\n") == 1
    assert line.split()[-4:] == [
        "systemd.run=/boot/firmware/firstrun.sh",
        "systemd.run_success_action=reboot",
        "systemd.run_failure_action=none",
        "systemd.unit=kernel-command-line.target",
    ]
    assert (bookworm / "firstrun.sh").exists()
    assert not (bookworm / "user-data").exists()
    before = snapshot(bookworm)
    one(bench, bookworm)
    assert snapshot(bookworm) == before


def test_the_clinics_own_files_come_along(bench: Desk, trixie: Path) -> None:
    example = Path("kiosk/records/data/consent/example-en.toml").read_text("utf-8")
    bench.write("texts/ours-en.toml", example)
    bench.write("tech.pub", SigningKey.generate().public_line("me@bench") + "\n")
    bench.change("clinic =", 'consent_texts = "texts"\ntechnician_key = "tech.pub"\nclinic =')
    one(bench, trixie)
    config = parse((trixie / "capture-station/station.toml").read_text("utf-8"), source="card")
    assert config.people.consent_texts == Path("/etc/kiosk/consent")
    assert config.people.consent_text == "ours-en"
    assert (trixie / "capture-station/consent/ours-en.toml").exists()
    assert (trixie / "capture-station/technician.pub").exists()
    # What is taken out at the bench goes from the card too.
    bench.change('technician_key = "tech.pub"\n', "")
    one(bench, trixie)
    assert not (trixie / "capture-station/technician.pub").exists()
    assert sums_agree(trixie)


def test_a_base_of_the_clinics_own_keeps_its_settings(bench: Desk, trixie: Path) -> None:
    text = Path("provisioning/install/station.toml.example").read_text("utf-8")
    bench.write("base.toml", text.replace("rotation = 90", "rotation = 270"))
    bench.change("clinic =", 'settings = "base.toml"\nclinic =')
    one(bench, trixie)
    config = parse((trixie / "capture-station/station.toml").read_text("utf-8"), source="card")
    assert config.display.rotation == 270
    assert config.camera.size == (4608, 2592)


@pytest.mark.parametrize(
    ("own", "size"),
    [
        ("size = [2304, 1296]\npreview = [768, 432]", (2304, 1296)),
        ("size = [2028, 1520]\npreview = [1280, 960]", (4608, 2592)),
    ],
)
def test_a_base_keeps_a_size_of_the_cards_camera_and_no_other(
    bench: Desk, trixie: Path, own: str, size: tuple[int, int]
) -> None:
    text = Path("provisioning/install/station.toml.example").read_text("utf-8")
    there = "size = [4056, 3040]\n# Of the same shape: [1280, 960], or [1280, 720] for the Camera "
    begin, end = text.index(there), text.index("preview = [1280, 960]")
    bench.write("base.toml", text[:begin] + own + text[end + len("preview = [1280, 960]") :])
    bench.change("clinic =", 'settings = "base.toml"\nclinic =')
    one(bench, trixie)
    config = parse((trixie / "capture-station/station.toml").read_text("utf-8"), source="card")
    assert config.camera.size == size
    open_camera(config.camera, light_level=lambda: 1.0)


def test_a_base_with_another_kind_of_camera_gets_no_sensor(bench: Desk, trixie: Path) -> None:
    text = Path("provisioning/install/station.toml.example").read_text("utf-8")
    webcam = 'kind = "webcam"\ndevice = "/dev/video0"\n'
    begin, end = text.index('kind = "picamera2"'), text.index("# HQ Camera: [4056")
    bench.write("base.toml", text[:begin] + webcam + text[end:])
    bench.change("clinic =", 'settings = "base.toml"\nclinic =')
    one(bench, trixie)
    config = parse((trixie / "capture-station/station.toml").read_text("utf-8"), source="card")
    assert isinstance(config.camera, Webcam)
