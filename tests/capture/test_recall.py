"""A session asks for earlier pictures; what is answered opens while it lasts, and never after."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pytest

from kiosk import moment
from kiosk.capture.recall import Asker, Recall
from kiosk.envelope.container import Shot
from kiosk.envelope.recall import SignedRequest, read_request
from kiosk.envelope.recipients import HYBRID, Identity, generate_identity, parse_recipient
from kiosk.envelope.seal import open_sealed
from kiosk.envelope.signatures import SigningKey
from kiosk.errors import BaselineError, NotForThisIdentity, StorageFailed
from kiosk.records.baseline import Baseline
from kiosk.records.shot import PatientReference
from kiosk.spool.recall import RecallBox
from tests.envelope.samples import INSTANT, container_of, record_of, sealed_of

PICTURE = b"\xff\xd8 an earlier picture \xff\xd9"
PATIENT = PatientReference(id="P-4711", issuer="clinic.example")


class Far:
    """A station's box, with the clinic and the upload process played by the test."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "recall"
        self.box = RecallBox(root, 1)
        self.clinic = generate_identity(HYBRID)
        self.key = SigningKey.generate()
        asker = Asker("kiosk-01", self.key, [self.clinic.recipient()])
        self.recall = Recall(self.box, asker, moment.now)

    def asked(self) -> SignedRequest:
        (ask,) = self.box.asks()
        with self.box.open(ask) as file:
            return read_request(open_sealed(io.BytesIO(file.read()), [self.clinic]))

    def answer(self, n: int, container: bytes, identity: Identity | None = None) -> bytes:
        request = self.asked().request
        recipient = identity.recipient() if identity else parse_recipient(request.recipient)
        sealed = sealed_of(container, [recipient])
        with self.box.receive(request.pictures[n].answer) as incoming:
            incoming.write(sealed)
            incoming.keep()
        return sealed


@pytest.fixture
def far(tmp_path: Path) -> Far:
    return Far(tmp_path)


def baselines(*images: str) -> Sequence[Baseline]:
    return [
        Baseline(
            patient=PATIENT,
            view="frontal",
            image=image,
            session="2.25.2",
            taken_at=INSTANT,
            protocol="face_5",
            descriptor=b"landmarks",
        )
        for image in images
    ]


def shot(key: SigningKey, image: str = "2.25.1001", patient: str = "P-4711") -> bytes:
    record = record_of(PICTURE, patient=PatientReference(id=patient, issuer="clinic.example"))
    assert image == record.uids.image
    return container_of(PICTURE, key, record)


def test_the_request_says_what_is_needed_and_who_asks(far: Far) -> None:
    far.recall.begin("2.25.9", baselines("2.25.1001", "2.25.1002"))
    signed = far.asked()
    request = signed.request
    assert signed.verify([far.key.public_key()]) == far.key.public_key()
    assert (request.station, request.session, request.patient) == ("kiosk-01", "2.25.9", PATIENT)
    assert [one.image for one in request.pictures] == ["2.25.1001", "2.25.1002"]
    assert far.box.wants() == sorted(one.answer for one in request.pictures)
    assert parse_recipient(request.recipient).kind == HYBRID
    assert request.recipient != str(far.clinic.recipient())


def test_names_and_keys_are_new_for_each_session(far: Far) -> None:
    seen = set()
    for _ in range(3):
        far.recall.begin("2.25.9", baselines("2.25.1001"))
        request = far.asked().request
        seen |= {request.recipient, request.pictures[0].answer}
    assert len(seen) == 6


def test_what_is_answered_arrives_once(far: Far) -> None:
    (baseline, other) = baselines("2.25.1001", "2.25.1002")
    far.recall.begin("2.25.9", [baseline, other])
    assert list(far.recall.arrived()) == []
    far.answer(0, shot(far.key))
    ((said, earlier),) = far.recall.arrived()
    assert said == baseline
    assert isinstance(earlier, Shot)
    assert earlier.image == PICTURE
    assert list(far.recall.arrived()) == []
    assert len(far.box.wants()) == 1, "the other is still waited for"


def test_nothing_on_the_disk_opens_after_the_session(far: Far) -> None:
    far.recall.begin("2.25.9", baselines("2.25.1001"))
    sealed = far.answer(0, shot(far.key))
    assert PICTURE not in b"".join(path.read_bytes() for path in far.folder.iterdir())
    far.recall.end()
    assert list(far.folder.iterdir()) == []
    assert list(far.recall.arrived()) == []
    with pytest.raises(NotForThisIdentity):
        open_sealed(io.BytesIO(sealed), [far.clinic])
    held = [value for value in vars(far.recall).values() if isinstance(value, type(far.clinic))]
    assert held == []


def test_another_picture_is_not_shown(far: Far) -> None:
    """Also not by a clinic's mistake, or by somebody who exchanged two files on the server."""
    (first, second) = baselines("2.25.1001", "2.25.1002")
    far.recall.begin("2.25.9", [first, second])
    far.answer(1, shot(far.key))
    far.answer(0, shot(far.key, patient="P-9"))
    arrived = list(far.recall.arrived())
    assert [said for said, _ in arrived] == [first, second]
    for _, error in arrived:
        assert isinstance(error, BaselineError)
        assert "is another picture" in error.sentence
        assert "P-" not in error.sentence


@pytest.mark.parametrize("fault", ["cut", "another key", "no shot"])
def test_what_does_not_open_is_said_and_stops_nothing(far: Far, fault: str) -> None:
    far.recall.begin("2.25.9", baselines("2.25.1001", "2.25.1001"))
    whole = shot(far.key)
    stranger = generate_identity(HYBRID) if fault == "another key" else None
    sealed = far.answer(0, whole[:-1] if fault == "no shot" else whole, stranger)
    if fault == "cut":
        (path,) = far.folder.glob("*.age")
        path.write_bytes(sealed[:-1])
    far.answer(1, whole)
    (_, error), (_, good) = far.recall.arrived()
    assert isinstance(error, BaselineError)
    assert "cannot be opened" in error.sentence
    assert isinstance(good, Shot)


def test_without_baselines_nothing_is_asked(far: Far) -> None:
    far.recall.begin("2.25.9", [])
    assert far.box.asks() == []
    assert list(far.recall.arrived()) == []


def test_no_request_asks_for_more_than_one_may(far: Far) -> None:
    far.recall.begin("2.25.9", baselines(*(f"2.25.{n}" for n in range(1, 41))))
    assert len(far.asked().request.pictures) == 32


def test_a_box_that_cannot_be_used_is_said(far: Far) -> None:
    far.folder.touch()
    with pytest.raises(StorageFailed):
        far.recall.begin("2.25.9", baselines("2.25.1001"))
