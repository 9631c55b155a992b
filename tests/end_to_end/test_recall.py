"""An earlier picture's whole way: asked for by a station, answered at the desk, opened again.

The real upload process and a real ``sshd`` in between; the test plays the collector, who carries
files between the server and the desk.
"""

from __future__ import annotations

import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from kiosk import config, config_reading, moment
from kiosk.capture.recall import Asker, Recall
from kiosk.envelope.container import Shot
from kiosk.envelope.recipients import load_recipients
from kiosk.envelope.signatures import SigningKey
from kiosk.errors import BaselineError
from kiosk.records.baseline import Baseline, of_shot
from kiosk.records.shot import PatientReference
from kiosk.spool.recall import RecallBox
from provisioning.demo.clinic import STATION, Clinic, found
from provisioning.demo.processes import ROOT, uploading
from provisioning.server import ThrowawayServer
from tests.end_to_end.conftest import SIZES
from tests.envelope.samples import container_of, head_of, record_of, sealed_of
from tests.faults.canary import image_canaries, scan, touched_since

PATIENT = PatientReference(id="ZQ4711RECALL", issuer="Demo Clinic")


@dataclass
class House:
    """A clinic, its server, and a station of which the test is the capture process."""

    clinic: Clinic
    server: ThrowawayServer
    root: Path
    began_ns: int
    picture: bytes

    @property
    def station(self) -> config.StationConfig:
        return config_reading.load(self.clinic.config)

    def key(self) -> SigningKey:
        return SigningKey.load(self.station.station.signing_key)

    def take_and_open(self, view: str = "frontal", pose: bytes | None = b"landmarks") -> Baseline:
        """Take an earlier picture, and open it at the desk."""
        base = record_of(self.picture, patient=PATIENT)
        record = msgspec.structs.replace(
            base,
            device=msgspec.structs.replace(base.device, station=STATION),
            view=msgspec.structs.replace(base.view, id=view),
        )
        whole = container_of(self.picture, self.key(), record, head_of(station=STATION), pose=pose)
        path = self.root / "earlier.age"
        path.write_bytes(sealed_of(whole, load_recipients(self.clinic.keys.recipients)))
        self.desk("open", path, "-i", self.clinic.keys.archive, "-o", self.clinic.opened)
        return of_shot(record, pose)

    def desk(self, command: str, *arguments: object) -> str:
        words = [sys.executable, "-m", "kiosk.cli", "clinic", command, *map(str, arguments)]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def answer(self, request: Path) -> list[Path]:
        out = self.root / "answers"
        self.desk(
            "answer", request, "-i", self.clinic.keys.archive, "--stations", self.clinic.stations,
            "--pictures", self.clinic.opened, "--for", PATIENT.id, "-o", out,
        )  # fmt: skip
        return list(out.iterdir())

    def carry(self, answer: Path) -> None:
        """Put an answer where the station may fetch it, as docs/server.md says."""
        folder = self.server.path.with_name("out")
        fresh = folder / f".{answer.name}"
        fresh.write_bytes(answer.read_bytes())
        fresh.chmod(0o640)
        fresh.rename(folder / answer.name)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    began = time.time_ns()
    with ThrowawayServer(tmp_path / "server") as server:
        station = tmp_path / "station"
        station.mkdir()
        picture = b"\xff\xd8\xff\xda" + secrets.token_bytes(300_000) + b"\xff\xd9"
        yield House(found(station, server, SIZES), server, tmp_path, began, picture)


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60.0
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("view", "pose"), [("frontal", b"landmarks"), ("lips_close_up", None)], ids=["face", "close-up"]
)
def test_an_earlier_picture_is_there_while_the_session_lasts(
    house: House, view: str, pose: bytes | None
) -> None:
    baseline = house.take_and_open(view, pose)
    # The desk has the picture in the clear; what is searched below is everything else.
    canaries = image_canaries(house.picture)
    spool = house.station.spool.path
    box = RecallBox(spool, 1_000_000)
    recipients = load_recipients(house.clinic.keys.recipients)
    recall = Recall(box, Asker(STATION, house.key(), recipients), moment.now)
    arrived: list[tuple[Baseline, Shot | BaselineError]] = []

    def came() -> bool:
        arrived.extend(recall.arrived())
        return bool(arrived)

    with uploading(house.clinic.config, house.root / "upload.log"):
        recall.begin("2.25.9", [baseline])
        wait_for(lambda: bool(list(house.server.path.glob("*.ask"))))
        (request,) = house.server.path.glob("*.ask")
        sealed_request = request.read_bytes()
        (answer,) = house.answer(request)
        house.carry(answer)
        wait_for(came)
    ((said, shot),) = arrived
    assert said == baseline
    assert isinstance(shot, Shot)
    assert shot.image == house.picture
    assert shot.verify([house.key().public_key()])
    assert PATIENT.id.encode() not in sealed_request
    recall.end()
    assert list((spool / "recall").iterdir()) == []
    touched = [
        path
        for path in touched_since(house.began_ns)
        if not path.is_relative_to(house.clinic.opened)
    ]
    assert answer in touched, "the scan must see the answer"
    secrets = [*canaries, PATIENT.id.encode()]
    assert scan(secrets, touched, also_swap=False, may_vanish=True) == []


def test_an_answer_that_comes_after_the_session_is_not_taken_in(house: House) -> None:
    baseline = house.take_and_open()
    box = RecallBox(house.station.spool.path, 1_000_000)
    recipients = load_recipients(house.clinic.keys.recipients)
    recall = Recall(box, Asker(STATION, house.key(), recipients), moment.now)
    with uploading(house.clinic.config, house.root / "upload.log"):
        recall.begin("2.25.9", [baseline])
        wait_for(lambda: bool(list(house.server.path.glob("*.ask"))))
        (request,) = house.server.path.glob("*.ask")
        (answer,) = house.answer(request)
        recall.end()
        house.carry(answer)
        recall.begin("2.25.10", [baseline])
        wait_for(lambda: len(list(house.server.path.glob("*.ask"))) == 2)
    assert list(recall.arrived()) == []
    assert not list((house.station.spool.path / "recall").glob("*.age"))
