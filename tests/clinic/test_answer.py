"""``kiosk clinic answer``: earlier pictures for whom they are meant, and for nobody else."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk.clinic.verifying import find
from kiosk.envelope import bundle, container, recall
from kiosk.envelope.container import Shot, read_shot
from kiosk.envelope.recall import write_request
from kiosk.envelope.recipients import (
    HYBRID,
    Identity,
    generate_identity,
    load_identities,
    load_recipients,
)
from kiosk.envelope.seal import open_sealed
from kiosk.envelope.signatures import SigningKey
from kiosk.envelope.stored_zip import write_members
from kiosk.records.recall import RecallRequest, Wanted
from kiosk.records.shot import PatientReference
from tests.clinic.conftest import Clinic, Run
from tests.envelope.samples import (
    INSTANT,
    container_of,
    head_of,
    sealed_of,
    station_shot,
)

PATIENT, NAME = "P-4711", "5" * 32


@dataclass
class Desk:
    """A clinic that has opened two patients' pictures, and a station that asks."""

    clinic: Clinic
    run: Run
    session: Identity

    @property
    def pictures(self) -> Path:
        return self.clinic.folder / "pictures"

    @property
    def output(self) -> Path:
        return self.clinic.folder / "out"

    def open(  # noqa: PLR0913 - what a shot says
        self,
        image: str,
        patient: str = PATIENT,
        sequence: int = 1,
        signer: str = "kiosk-01",
        *,
        view: str = "frontal",
        pose: bytes | None = b"landmarks",
    ) -> None:
        """File a shot of this ``uids.image``, without asking who signed it."""
        data, record, _ = station_shot("kiosk-01", sequence, patient, view)
        uids = msgspec.structs.replace(record.uids, image=image)
        record = msgspec.structs.replace(record, uids=uids)
        key = self.clinic.signing[signer]
        whole = container_of(data, key, record, head_of(sequence=sequence), pose=pose)
        path = self.clinic.folder / f"{image}.age"
        path.write_bytes(sealed_of(whole, load_recipients(self.clinic.keys.recipients)))
        assert self.run("open", path, "-i", self.clinic.keys.archive, "-o", self.pictures) == 0

    def request(self, *images: str, **changes: Any) -> RecallRequest:  # noqa: ANN401
        request = RecallRequest(
            station="kiosk-01",
            asked_at=INSTANT,
            session="2.25.9",
            patient=PatientReference(id=PATIENT, issuer="clinic.example"),
            recipient=str(self.session.recipient()),
            pictures=tuple(
                Wanted(image=image, answer=f"{NAME[:-1]}{n}") for n, image in enumerate(images)
            ),
        )
        return msgspec.structs.replace(request, **changes)

    def ask(self, request: RecallRequest, key: SigningKey | None = None) -> Path:
        out = io.BytesIO()
        write_request(out.write, request, key or self.clinic.signing["kiosk-01"])
        path = self.clinic.folder / f"{'a' * 32}.ask"
        recipients = load_recipients(self.clinic.keys.recipients)
        path.write_bytes(sealed_of(out.getvalue(), recipients))
        return path

    def answer(self, *paths: Path, patient: str = PATIENT) -> int:
        return self.run(
            "answer", *paths, "-i", self.clinic.keys.archive, "--stations", self.clinic.stations,
            "--pictures", self.pictures, "--for", patient, "-o", self.output,
        )  # fmt: skip

    def opened(self, n: int = 0) -> Shot:
        sealed = (self.output / f"{NAME[:-1]}{n}.age").read_bytes()
        return read_shot(open_sealed(io.BytesIO(sealed), [self.session]))


@pytest.fixture
def desk(clinic: Clinic, run: Run) -> Desk:
    made = Desk(clinic, run, generate_identity(HYBRID))
    made.open("2.25.1", sequence=1)
    made.open("2.25.2", sequence=2)
    made.open("2.25.3", "P-9", sequence=3)
    return made


def test_the_pictures_asked_for_are_sealed_to_the_session(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert desk.answer(desk.ask(desk.request("2.25.2", "2.25.1"))) == 0
    assert capsys.readouterr().out.endswith("2 answers, 0 refused\n")
    for n, image in enumerate(("2.25.2", "2.25.1")):
        shot = desk.opened(n)
        assert shot.record.uids.image == image
        assert shot.pose == b"landmarks"
        assert shot.verify([desk.clinic.signing["kiosk-01"].public_key()])
    for path in desk.output.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
    assert len(list(desk.output.iterdir())) == 2


def test_a_picture_of_a_view_that_nobody_measures_is_answered_too(desk: Desk) -> None:
    desk.open("2.25.7", sequence=7, view="lips_close_up", pose=None)
    assert desk.answer(desk.ask(desk.request("2.25.1", "2.25.7"))) == 0
    assert desk.opened(0).pose == b"landmarks"
    shot = desk.opened(1)
    assert (shot.record.uids.image, shot.record.view.id) == ("2.25.7", "lips_close_up")
    assert shot.pose is None


def test_the_answer_is_the_very_shot(desk: Desk) -> None:
    """Byte for byte: what the station signed then, it can be shown again."""
    assert desk.answer(desk.ask(desk.request("2.25.1"))) == 0
    sealed = (desk.clinic.folder / "2.25.1.age").read_bytes()
    first = open_sealed(io.BytesIO(sealed), load_identities(desk.clinic.keys.archive)).read()
    answered = (desk.output / f"{NAME[:-1]}0.age").read_bytes()
    assert open_sealed(io.BytesIO(answered), [desk.session]).read() == first


def test_answering_again_does_no_harm(desk: Desk) -> None:
    path = desk.ask(desk.request("2.25.1"))
    assert desk.answer(path) == 0
    before = {one: one.read_bytes() for one in desk.output.iterdir()}
    assert desk.answer(path) == 0
    assert {one: one.read_bytes() for one in desk.output.iterdir()} == before


def test_a_picture_that_is_not_there_does_not_stop_the_others(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert desk.answer(desk.ask(desk.request("2.25.77", "2.25.1"))) == 1
    assert "expected it to have been opened" in capsys.readouterr().out
    assert desk.opened(1).record.uids.image == "2.25.1"
    assert len(list(desk.output.iterdir())) == 1


def test_only_patients_who_are_expected_are_answered_for(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    """A thief of the station could ask for anybody."""
    assert desk.answer(desk.ask(desk.request("2.25.1")), patient="P-9") == 1
    said = capsys.readouterr().out
    assert "not among those who are expected" in said
    assert PATIENT not in said
    assert not desk.output.exists()


def test_another_patient_s_picture_is_not_given(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    """A request that names one patient and another's picture."""
    assert desk.answer(desk.ask(desk.request("2.25.3"))) == 1
    # Somebody filed it under this patient's folder.
    (desk.pictures / "P-9").rename(desk.pictures / PATIENT / "moved")
    assert desk.answer(desk.ask(desk.request("2.25.3"))) == 1
    assert "another patient's" in capsys.readouterr().out
    other = PatientReference(id=PATIENT, issuer="another clinic")
    assert desk.answer(desk.ask(desk.request("2.25.1", patient=other))) == 1
    assert not desk.output.exists()


@pytest.mark.parametrize(
    ("signer", "changes", "words"),
    [
        ("stranger", {}, "not among the known stations' keys"),
        ("kiosk-02", {}, "signed with the key of another station"),
        ("kiosk-01", {"station": "kiosk-02"}, "signed with the key of another station"),
    ],
)
def test_only_the_station_itself_may_ask(
    desk: Desk,
    capsys: pytest.CaptureFixture[str],
    signer: str,
    changes: dict[str, str],
    words: str,
) -> None:
    path = desk.ask(desk.request("2.25.1", **changes), desk.clinic.signing[signer])
    assert desk.answer(path) == 1
    assert words in capsys.readouterr().out
    assert not desk.output.exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("", "1 answers, 0 refused"),
        ('namespaces="shot@capture-station,recall@capture-station" ', "1 answers, 0 refused"),
        ('namespaces="shot@capture-station" ', "does not let kiosk-01 ask for pictures"),
        ('valid-before="20200101" ', "was not valid according to the list"),
    ],
)
def test_the_list_of_stations_says_who_may_ask(
    desk: Desk, capsys: pytest.CaptureFixture[str], options: str, words: str
) -> None:
    public = desk.clinic.signing["kiosk-01"].public_line()
    path = desk.ask(desk.request("2.25.1"))
    desk.clinic.stations.write_text(f"kiosk-01 {options}{public}\n")
    answered = "0 refused" in words
    assert desk.answer(path) == (0 if answered else 1)
    assert words in capsys.readouterr().out
    assert desk.output.exists() == answered


def test_a_shot_is_no_request_and_a_request_no_shot(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert desk.answer(desk.clinic.folder / "2.25.1.age") == 1
    assert "'image.jpg' that is unexpected" in capsys.readouterr().out
    path = desk.ask(desk.request("2.25.1"))
    out = desk.clinic.folder / "opened"
    assert desk.run("open", path, "-i", desk.clinic.keys.archive, "-o", out) == 1
    assert path not in list(find([desk.clinic.folder])), "requests are no shots to be proven"


def test_a_signature_of_a_shot_is_none_of_a_request(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    text = bundle.encode_record(desk.request("2.25.1"))
    signature = desk.clinic.signing["kiosk-01"].sign(text, container.SHOT.namespace).encode()
    out = io.BytesIO()
    write_members(out.write, [(recall.REQUEST, text), (recall.SIGNATURE, signature)])
    path = desk.clinic.folder / "forged.ask"
    path.write_bytes(sealed_of(out.getvalue(), load_recipients(desk.clinic.keys.recipients)))
    assert desk.answer(path) == 1
    assert "expected one for 'recall@capture-station'" in capsys.readouterr().out


def test_a_request_that_was_changed_is_refused(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    path = desk.ask(desk.request("2.25.1"))
    sealed = path.read_bytes()
    path.write_bytes(sealed[:-1])
    assert desk.answer(path) == 1
    assert "changed, cut or extended" in capsys.readouterr().out
    assert desk.answer(desk.clinic.folder / "missing.ask") == 1
    assert "No such file" in capsys.readouterr().out
    assert not desk.output.exists()


@pytest.mark.parametrize(
    "recipient", ["age1qqqq", "age1pq1qqqqq"], ids=["no key", "no post-quantum key"]
)
def test_a_recipient_that_is_none_is_refused(desk: Desk, recipient: str) -> None:
    assert desk.answer(desk.ask(desk.request("2.25.1", recipient=recipient))) == 1
    assert not desk.output.exists()


def test_a_filed_picture_that_was_changed_is_not_given(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    (picture,) = desk.pictures.rglob("000001_*.jpg")
    picture.write_bytes(b"another")
    assert desk.answer(desk.ask(desk.request("2.25.1"))) == 1
    assert "image.jpg is not the one" in capsys.readouterr().out
    assert not desk.output.exists()


def test_a_filed_picture_that_no_station_signed_is_not_given(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.open("2.25.4", sequence=4, signer="stranger")
    assert desk.answer(desk.ask(desk.request("2.25.4"))) == 1
    assert "not among the known stations' keys" in capsys.readouterr().out
    assert not desk.output.exists()


def test_a_record_that_cannot_be_read_hides_only_itself(desk: Desk) -> None:
    (record,) = desk.pictures.rglob("000002_*.shot.json")
    record.write_bytes(b"{}")
    assert desk.answer(desk.ask(desk.request("2.25.1"))) == 0


def test_nothing_is_left_when_the_disk_fails(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    path = desk.ask(desk.request("2.25.1"))
    monkeypatch.setattr("os.fsync", full)
    assert desk.answer(path) == 1
    assert "cannot be written: No space left" in capsys.readouterr().out
    assert list(desk.output.iterdir()) == []
