"""The process as a whole: started, killed at any moment, stopped, and told what is wrong."""

from __future__ import annotations

import functools
import hashlib
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from kiosk import config_reading, moment
from kiosk.config import StationConfig, Upload
from kiosk.envelope.letter import Kind, mailbox_name
from kiosk.errors import ConfigError
from kiosk.metrics import UPLOAD
from kiosk.records.enrolment import PENDING
from kiosk.spool import Spool
from kiosk.spool.inbox import INBOX, Inbox
from kiosk.spool.report import find
from kiosk.spool.sent import Sent
from kiosk.upload import app
from provisioning.server import ThrowawayServer

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from pathlib import Path
from kiosk import config_reading
from kiosk.service import guarded
from kiosk.upload import app
path = Path(sys.argv[1])
sys.exit(guarded(lambda: app.run(config_reading.load(path), str(path))))
"""
TEXT = """
[station]
name = "room-2"
clinic = "Lakeside Clinic"
signing_key = "/nowhere/signing.key"
state = "/nowhere/state"
[sealing]
recipients = "/nowhere/recipients.txt"
[spool]
path = "{spool}"
[camera]
kind = "simulated"
pictures = "/nowhere/pictures"
size = [1600, 1200]
preview = [640, 480]
exposure = {{ exposure_us = 20000 }}
[lights]
kind = "simulated"
channels = [{{ name = "left", pin = 12 }}]
[pedal]
kind = "simulated"
[display]
size = [1080, 1920]
[session]
protocol = "face_5"
[people]
desk = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGip/Gqi1L63QmgH5hdoQLH/aICCJMOxzFyvowdwkpa2 desk"
mailbox = "352b0a3970183b5229d387dc6af68fd5"
[upload]
host = "{upload.host}"
port = {upload.port}
user = "{upload.user}"
key = "{upload.key}"
host_key = "{upload.host_key}"
folder = "{upload.folder}"
"""


class Station:
    """A configuration on disk, a real spool, and the upload process as a child."""

    def __init__(self, folder: Path, upload: Upload) -> None:
        self.spool_path = folder / "spool"
        self.spool_path.mkdir()
        self.spool = Spool(self.spool_path)
        self.path = folder / "station.toml"
        self.path.write_text(TEXT.format(spool=self.spool_path, upload=upload))

    @property
    def config(self) -> StationConfig:
        return config_reading.load(self.path)

    def fill(self, *contents: bytes) -> None:
        for content in contents:
            with self.spool.put() as writer:
                writer.write(content)

    def start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(self.path)],
            cwd=ROOT,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def station(tmp_path: Path, drop_box: Upload) -> Station:
    return Station(tmp_path, drop_box)


def wait_for(what: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.002)


def test_it_drains_the_spool_and_ends_when_asked(station: Station, sshd: ThrowawayServer) -> None:
    contents = [os.urandom(100_000) for _ in range(5)]
    station.fill(*contents)
    filed = {path.name: path.read_bytes() for path in station.spool_path.iterdir()}
    with station.start() as process:
        wait_for(lambda: not station.spool.entries())
        station.fill(b"one more")
        wait_for(lambda: not station.spool.entries())
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate()
    assert (process.returncode, said) == (0, "")
    arrived = {path.name: path.read_bytes() for path in sshd.collected()}
    assert filed.items() <= arrived.items()
    assert sorted(arrived.values()) == sorted([*contents, b"one more"])


def kill_until_sent(station: Station, sshd: ThrowawayServer, seed: int) -> int:
    """Start the process and kill it, until nothing waits to be sent; return how often."""
    chance, kills = random.Random(seed), 0
    while station.spool.entries():
        with station.start() as process:
            begun = len(list(sshd.path.iterdir()))
            # At most one file further than at the last kill, then a random moment within it.
            wait_for(lambda n=begun: len(list(sshd.path.iterdir())) > n)  # type: ignore[misc]
            time.sleep(chance.random() * 0.1)
            process.kill()
            process.communicate()
            kills += 1
        assert kills < 200, f"no progress (seed {seed})"
    return kills


def test_killed_at_any_moment_it_loses_nothing(station: Station, sshd: ThrowawayServer) -> None:
    """Every file arrives whole; where an end was not heard of, a second copy has another name."""
    seed = random.randrange(2**32)
    contents = [os.urandom(1_500_000) for _ in range(12)]
    station.fill(*contents)
    kills = kill_until_sent(station, sshd, seed)
    arrived = [path.read_bytes() for path in sshd.collected()]
    assert set(arrived) == set(contents), f"seed {seed}"
    assert kills >= 1


def test_killed_at_any_moment_it_keeps_what_waits_for_its_receipt(
    station: Station, sshd: ThrowawayServer
) -> None:
    with station.path.open("a") as file:  # its last section is [upload]
        file.write("receipts = true\n")
    seed = random.randrange(2**32)
    contents = [os.urandom(1_500_000) for _ in range(6)]
    station.fill(*contents)
    assert kill_until_sent(station, sshd, seed) >= 1
    here = {path.name: path.read_bytes() for path in station.spool_path.glob("*.age")}
    assert sorted(here.values()) == sorted(contents), f"seed {seed}"
    marks = {mark.name: mark.sha256 for mark in Sent(station.spool_path).waiting()}
    wanted = {name: hashlib.sha256(content).hexdigest() for name, content in here.items()}
    assert marks == wanted, f"seed {seed}"
    assert set(contents) == {path.read_bytes() for path in sshd.collected()}


def test_receipts_need_a_desk_whose_key_can_be_used(station: Station) -> None:
    text = station.path.read_text().replace("AAAAC3NzaC1lZDI1NTE5AAAAIGip", "AAAAC3")
    station.path.write_text(f"{text}receipts = true\n")
    recorder = Recorder(feeds=10)
    with pytest.raises(ConfigError, match=r"people\.desk"):
        app.serve(station.config, recorder, recorder)
    assert "ready" not in recorder.told


def test_it_stops_in_the_middle_of_a_long_file(station: Station, sshd: ThrowawayServer) -> None:
    station.fill(bytes(150_000_000))
    with station.start() as process:
        wait_for(lambda: any(p.stat().st_size > 1_000_000 for p in sshd.path.iterdir()))
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (0, "")
    assert len(station.spool.entries()) == 1
    assert sshd.collected() == []


def test_a_missing_key_is_said_in_one_sentence(station: Station) -> None:
    text = station.path.read_text()
    key = station.config.upload.key
    station.path.write_text(text.replace(str(key), "/nowhere/upload.key"))
    with station.start() as process:
        _, said = process.communicate()
    assert process.returncode == 2
    assert "upload.key" in said
    assert str(station.path) in said
    assert len(said.splitlines()) == 1


class Recorder:
    """A service that notes what it is told, and a stop that comes after so many signs of life."""

    def __init__(self, feeds: int) -> None:
        self.told: list[str] = []
        self.feeds = 0
        self._most = feeds

    def ready(self) -> None:
        self.told.append("ready")

    def stopping(self) -> None:
        self.told.append("stopping")

    def feed(self) -> None:
        self.feeds += 1

    def status(self, text: str) -> None:
        self.told.append(text)

    def is_set(self) -> bool:
        return self.feeds >= self._most

    def wait(self, _seconds: float) -> bool:
        return self.is_set()


def test_the_service_is_told_how_things_stand(station: Station) -> None:
    station.fill(b"a", b"b")
    recorder = Recorder(feeds=200)
    app.serve(station.config, recorder, recorder)
    assert recorder.told[0] == "ready"
    assert recorder.told[1] == "2 waiting"
    assert recorder.told[-2:] == ["0 waiting", "stopping"]


def test_a_long_file_feeds_the_watchdog(station: Station) -> None:
    station.fill(bytes(20_000_000))
    recorder = Recorder(feeds=40)
    app.serve(station.config, recorder, recorder)
    assert recorder.feeds >= 40
    assert len(station.spool.entries()) == 1, "stopped in the middle, not after the file"


def test_the_real_process_tells_figures_and_the_screen_how_it_fares(
    station: Station, sshd: ThrowawayServer, tmp_path: Path
) -> None:
    folder = tmp_path / "metrics"
    folder.mkdir()
    station.path.write_text(f'{station.path.read_text()}[metrics]\nfolder = "{folder}"\n')
    station.fill(b"one", b"two")

    def told() -> bool:
        report = find(folder)
        return report is not None and report.arrived is not None

    with station.start() as process:
        wait_for(told)
        process.send_signal(signal.SIGTERM)
        process.communicate()
    assert process.returncode == 0
    report = find(folder)
    assert report is not None
    assert report.server == f"{sshd.host}:{sshd.port}"
    assert report.boot == moment.now().boot_id
    assert report.reached is not None
    assert report.reached <= report.written <= time.monotonic_ns()
    assert report.error == ""
    families = text_string_to_metric_families((folder / UPLOAD).read_text("utf-8"))
    found = {sample.name: sample.value for family in families for sample in family.samples}
    assert found["kiosk_upload_objects_total"] == 2
    assert found["kiosk_spool_objects"] == 0
    assert 0 <= time.time() - found["kiosk_upload_last_success_timestamp_seconds"] < 600


def test_keys_are_read_before_it_says_that_it_is_ready(station: Station, tmp_path: Path) -> None:
    (tmp_path / "bad.key").write_text("no key")
    text = station.path.read_text()
    station.path.write_text(text.replace(str(station.config.upload.key), str(tmp_path / "bad.key")))
    recorder = Recorder(feeds=10)
    with pytest.raises(ConfigError, match=r"upload\.key"):
        app.serve(station.config, recorder, recorder)
    assert "ready" not in recorder.told


def test_memory_does_not_follow_the_size_of_the_file(station: Station) -> None:
    """150 MB through the process, whose resident memory must not grow by more than 8 MB."""
    program = """
import sys
from pathlib import Path
from kiosk import config_reading
from kiosk.records.enrolment import PENDING
from kiosk.spool import Spool
from kiosk.upload.sftp import DropBox
def kib(field):
    status = Path("/proc/self/status").read_text()
    return int(status.split(field + ":")[1].split()[0])
station = config_reading.load(Path(sys.argv[1]))
spool = Spool(station.spool.path)
(entry,) = spool.entries()
before = kib("VmRSS")
Path("/proc/self/clear_refs").write_text("5")
with DropBox.connect(station.upload, lambda: False) as box:
    box.push(spool.open(entry.name), entry.size, entry.name)
print(kib("VmHWM") - before)
"""
    station.fill(bytes(150_000_000))
    done = subprocess.run(
        [sys.executable, "-c", program, str(station.path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) <= 8 * 1024


def test_letters_leave_the_reserve_of_the_settings_free(
    station: Station, sshd: ThrowawayServer
) -> None:
    """Of a reserve that no disk has, nothing may be taken for a letter."""
    text = station.path.read_text().replace("[camera]", "reserve_mb = 1_000_000_000\n[camera]")
    station.path.write_text(text)
    letter = f"{mailbox_name(station.config.people.mailbox, Kind.DAY)}.age"
    (sshd.path.parent / "out" / letter).write_bytes(b"a letter")
    (sshd.path.parent / "out" / letter).chmod(0o644)
    came = Inbox(station.spool_path / INBOX)
    with station.start() as process:
        assert process.stderr is not None
        ready = functools.partial(select.select, [process.stderr], [], [], 0)
        wait_for(lambda: came.waits(Kind.DAY.value) or bool(ready()[0]))
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate()
    assert not came.waits(Kind.DAY.value)
    assert "letters cannot be fetched" in said
    assert "1000000000 MB of them as a reserve" in said


def test_nothing_is_tried_before_the_station_is_enrolled(station: Station) -> None:
    """A server may shut out whom it has refused, and the enrolment with it."""
    station.fill(b"a")
    waiting = Recorder(feeds=5)
    app.serve(station.config, waiting, waiting, lambda: True)
    assert waiting.told == ["ready", "waits for the station's enrolment", "stopping"]
    assert len(station.spool.entries()) == 1

    marks = [True, True, False]
    enrolled = Recorder(feeds=200)
    app.serve(station.config, enrolled, enrolled, lambda: marks.pop(0))
    assert enrolled.told[:2] == ["ready", "waits for the station's enrolment"]
    assert enrolled.told[-2:] == ["0 waiting", "stopping"]


def test_the_mark_is_looked_for_beside_the_settings(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Callable[[], bool]] = []
    monkeypatch.setattr(app, "serve", lambda *given: asked.append(given[3]))
    assert app.run(station.config, str(station.path)) == 0
    assert not asked[0]()
    (station.path.parent / PENDING).touch()
    assert asked[0]()
