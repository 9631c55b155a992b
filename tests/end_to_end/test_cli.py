"""The front door as a person meets it: real processes, their exit codes and their sentences."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.conftest import ROOT, Practice


def kiosk(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kiosk.cli", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "SDL_VIDEODRIVER": "dummy"},
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("arguments", [("list",), ("show", "face_5")], ids=" ".join)
def test_who_reads_no_further_ends_a_command_in_silence(arguments: tuple[str, ...]) -> None:
    """As in ``kiosk protocols list | head``."""
    with subprocess.Popen(
        [sys.executable, "-m", "kiosk.cli", "protocols", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    ) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdout.close()
        assert command.stderr.read() == b""
    assert command.returncode == 128 + signal.SIGPIPE


@pytest.fixture
def changed(practice: Practice, tmp_path: Path) -> Callable[[str, str], Path]:
    """Write a copy of the good configuration with one thing changed."""

    def change(old: str, new: str) -> Path:
        text = practice.clinic.config.read_text()
        assert old in text
        path = tmp_path / "station.toml"
        path.write_text(text.replace(old, new))
        return path

    return change


GPIO = """kind = "gpio"
level = 1.0
channels = [{ name = "left", pin = 12 }, { name = "right", pin = 12 }]"""
SIMULATED = """kind = "simulated"
level = 1.0
channels = [{ name = "left", pin = 12 }, { name = "right", pin = 13 }]"""


@pytest.mark.parametrize("command", ["capture", "upload"])
@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "[session]",
            "[session]\ncolour = 3",
            "session.colour: this key is not known; expected one of ",
        ),
        (
            "hold_off_ms = 200",
            "hold_off_ms = 'x'",
            "pedal.hold_off_ms: expected a whole number, got a text in quotation marks",
        ),
        (
            SIMULATED,
            GPIO,
            "lights.channels[right]: pin 12 is already used by lights.channels[left]",
        ),
    ],
    ids=["unknown key", "wrong type", "pin used twice"],
)
def test_a_bad_configuration_is_one_sentence_and_exit_code_2(
    changed: Callable[[str, str], Path], command: str, old: str, new: str, sentence: str
) -> None:
    path = changed(old, new)
    done = kiosk(command, "--config", str(path))
    assert done.returncode == 2
    assert done.stderr.startswith(f"kiosk: {path}: {sentence}")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("command", "key", "what"),
    [
        ("capture", "signing.key", "station.signing_key: expected a readable file"),
        ("capture", "recipients.txt", "sealing.recipients: expected a readable file"),
        ("upload", "station_ed25519", "upload.key: expected a readable file"),
    ],
)
def test_a_missing_key_file_is_named(
    changed: Callable[[str, str], Path], command: str, key: str, what: str
) -> None:
    path = changed(f'{key}"', f'{key}-gone"')
    arguments = ["--allow-swap"] if command == "capture" else []
    done = kiosk(command, "--config", str(path), *arguments)
    assert done.returncode == 2
    assert what in done.stderr
    assert f"{key}-gone: No such file or directory" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unreadable_recipient_is_named_with_its_line(
    practice: Practice, changed: Callable[[str, str], Path], tmp_path: Path
) -> None:
    recipients = tmp_path / "recipients.txt"
    recipients.write_text("# archive\nage1notakey\n")
    path = changed(str(practice.clinic.keys.recipients), str(recipients))
    done = kiosk("capture", "--config", str(path), "--allow-swap")
    assert done.returncode == 2
    assert f"{path}: sealing.recipients: {recipients}, line 2: " in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_unknown_protocol_is_named(changed: Callable[[str, str], Path]) -> None:
    path = changed('protocol = "face_5"', 'protocol = "face_6"')
    done = kiosk("capture", "--config", str(path), "--allow-swap")
    assert done.returncode == 2
    assert done.stderr.startswith(f"kiosk: {path}: session.protocol: there is no protocol 'face_6'")
    assert "Traceback" not in done.stderr


@pytest.fixture
def own_set(tmp_path: Path) -> Path:
    """A clinic's folder with a set that names a view which nobody has described."""
    folder = tmp_path / "protocols"
    folder.mkdir()
    listing = 'title = "Neck"\nsource = "The clinic"\nviews = ["frontal_rest", "nape"]\n'
    (folder / "neck.toml").write_text(listing)
    return folder


def test_a_mistake_in_a_clinics_own_set_is_named(
    changed: Callable[[str, str], Path], own_set: Path
) -> None:
    path = changed('protocol = "face_5"', f'protocol = "neck"\nprotocols = "{own_set}"')
    path.write_text(path.read_text().replace("port = ", "port = 1 # "))  # nothing is sent
    done = kiosk("capture", "--config", str(path), "--allow-swap")
    assert done.returncode == 2
    place = f"kiosk: {path}: session.protocol: {own_set / 'neck.toml'}: views[1]: "
    assert done.stderr.startswith(f"{place}there is no view 'nape'; expected one of basal, ")
    assert done.stderr.count("\n") == 1
    done = kiosk("protocols", "check", "--config", str(path))
    assert done.returncode == 1
    assert done.stdout.startswith(f"WRONG  {own_set / 'neck.toml'}: views[1]: there is no view")


def test_check_finds_a_clinics_own_set(changed: Callable[[str, str], Path], own_set: Path) -> None:
    listing = own_set / "neck.toml"
    listing.write_text(listing.read_text().replace('"nape"', '"basal"'))
    path = changed('protocol = "face_5"', f'protocol = "neck"\nprotocols = "{own_set}"')
    path.write_text(path.read_text().replace("port = ", "port = 1 # "))  # nothing is sent
    done = kiosk("check", "--config", str(path), "--json")
    rows = {row["name"]: row for row in json.loads(done.stdout)["checks"]}
    assert rows["protocol"] == {**rows["protocol"], "verdict": "ok", "sentence": "Neck, 2 views."}


def test_no_command_is_wrong_usage() -> None:
    done = kiosk()
    assert done.returncode == 2
    assert "usage: kiosk" in done.stderr


def test_a_support_bundle_is_written_and_names_its_parts(
    practice: Practice, tmp_path: Path
) -> None:
    out = tmp_path / "support.tar.gz"
    done = kiosk("support", "--config", str(practice.clinic.config), "--out", str(out))
    assert (done.returncode, done.stderr) == (0, "")
    with tarfile.open(out) as archive:
        names = [name.removeprefix("support/") for name in archive.getnames()]
    assert done.stdout == f"{out}: {', '.join(names[:-1])}\n"
    again = kiosk("support", "--config", str(practice.clinic.config), "--out", str(out))
    assert again.returncode == 1
    assert len(again.stderr.splitlines()) == 1


def test_check_names_a_server_that_is_not_there(changed: Callable[[str, str], Path]) -> None:
    path = changed("port = ", "port = 1 # ")
    done = kiosk("check", "--config", str(path), "--json")
    rows = {row["name"]: row for row in json.loads(done.stdout)["checks"]}
    assert rows["server"]["verdict"] == "wrong"
    assert "127.0.0.1" in rows["server"]["sentence"]


def test_lights_off_works_on_any_station(practice: Practice) -> None:
    assert kiosk("lights-off", "--config", str(practice.clinic.config)).returncode == 0


def test_the_upload_process_loads_no_device_library() -> None:
    """It has no business with cameras, and its memory shows it."""
    code = (
        "import sys, kiosk.cli, kiosk.upload.app\n"
        "print(sorted({'cv2', 'pygame', 'numpy', 'gpiozero', 'picamera2'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_desk_without_a_stations_libraries_says_so() -> None:
    code = (
        "import sys\n"
        "sys.modules['numpy'] = None\n"
        "from kiosk import cli\n"
        "sys.exit(cli.main(['capture']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith("kiosk: This is not installed as a station: the library numpy")


FIRST_SCREENS = """
import sys
from pathlib import Path
from kiosk import config_reading
from kiosk.capture.start import opened
from kiosk.service import Service, StopSignals

path = sys.argv[1]
shown = []
with (
    StopSignals() as stop,
    opened(config_reading.load(Path(path)), path, Service(), stop, swap_allowed=True) as station,
):
    def observe(model):
        shown.append((model.state.name, model.fault))
        if len(shown) == 10:
            stop.request()

    station.app.run(stop, observe)
print(*shown[-1])
"""


def test_a_camera_that_is_not_there_is_said_on_the_screen(
    changed: Callable[[str, str], Path], practice: Practice
) -> None:
    played = f'kind = "simulated"\npictures = "{practice.clinic.config.parent}/pictures"\n'
    played += "frames_per_second = 10.0"
    path = changed(played, 'kind = "webcam"\ndevice = "/dev/video99"')
    done = subprocess.run(
        [sys.executable, "-c", FIRST_SCREENS, str(path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "SDL_VIDEODRIVER": "dummy"},
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "OUT_OF_ORDER" in done.stdout
    assert "/dev/video99" in done.stdout


def test_check_takes_a_path_from_here(changed: Callable[[str, str], Path]) -> None:
    relative = os.path.relpath(changed("port = ", "port = 1 # "), ROOT)
    done = kiosk("check", "--config", relative, "--json")
    rows = {row["name"]: row for row in json.loads(done.stdout)["checks"]}
    assert rows["configuration"]["verdict"] == "ok", rows["configuration"]


def test_a_host_key_that_is_none_is_named_with_its_file(
    changed: Callable[[str, str], Path],
) -> None:
    path = changed('host_key = "ssh-ed25519 ', 'host_key = "ssh-ed25519 x')
    done = kiosk("upload", "--config", str(path))
    assert done.returncode == 2
    assert done.stderr.startswith(f"kiosk: {path}: upload.host_key: ")
