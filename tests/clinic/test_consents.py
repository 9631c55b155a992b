"""Consents at the clinic: filed, proven, counted with pictures, and held against them."""

from __future__ import annotations

import hashlib

import pytest

from kiosk.capture.author import Author
from kiosk.capture.people.signature_picture import render
from kiosk.capture.people.trail import Trail
from kiosk.durable import Counter
from kiosk.envelope.consent import CONSENT
from kiosk.envelope.container import SHOT
from kiosk.envelope.recipients import load_recipients
from kiosk.model import ClockState
from kiosk.moment import now
from kiosk.records.audit import Act as Audited
from kiosk.records.consent import Decision, Shown
from kiosk.records.consent_form import form_of
from kiosk.records.consent_history import digest_of
from kiosk.records.shot import OperatorReference
from kiosk.spool import Spool
from tests.clinic.conftest import Clinic, Run
from tests.clinic.consenting import Consenting
from tests.records.consent_samples import (
    ANSWERS,
    PICTURE,
    SIGNATURE,
    at,
    form,
    given,
    text,
    withdrawn,
)

TRAINING = Decision(purpose="training", allowed=False)


@pytest.fixture
def desk(clinic: Clinic, run: Run, capsys: pytest.CaptureFixture[str]) -> Consenting:
    return Consenting(clinic, run, capsys)


def test_consents_lie_beside_the_patient_s_pictures_and_are_proven(desk: Consenting) -> None:
    first = desk.act(given())
    desk.shot(first, 100)
    desk.act(withdrawn(TRAINING, previous=first))
    assert desk.open() == 0
    folder = desk.pictures / "P-4711" / "consents"
    stem = "0001_2026-11-25_kiosk-01-000001"
    assert (folder / f"{stem}.signature.png").read_bytes() == PICTURE
    assert (folder / f"{stem}.text.toml").read_bytes() == text().content
    names = sorted(path.name.removeprefix(stem) for path in folder.glob(f"{stem}*"))
    assert names == [
        *(".consent.json", ".fhir.json", ".manifest.json", ".manifest.json.sig"),
        *(".signature.png", ".text.toml"),
    ]
    code, said = desk.verify()
    assert code == 0
    assert "consent given" in said
    assert "consent withdrawn" in said
    assert "3 of 3 proven, 0 failed" in said
    assert "MISSING" not in said, "one count over pictures and consents"
    desk.sent.pop(1)
    assert desk.open() == 0, "again"


@pytest.mark.parametrize("suffix", [".consent.json", ".fhir.json", ".text.toml", ".signature.png"])
@pytest.mark.parametrize("fault", ["changed", "removed"])
def test_whatever_happens_to_a_filed_consent_is_seen(
    desk: Consenting, suffix: str, fault: str
) -> None:
    desk.act(given())
    desk.open()
    (path,) = desk.pictures.rglob(f"*{suffix}")
    if fault == "removed":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert desk.verify()[0] == 1
    assert desk.show()[0] == 1


def test_a_consent_without_its_proof_is_named(desk: Consenting) -> None:
    desk.act(given())
    desk.open()
    (manifest,) = desk.pictures.rglob("*.manifest.json")
    manifest.unlink()
    code, said = desk.verify()
    assert code == 1
    assert ".consent.json: It has no .manifest.json beside it" in said
    assert desk.show()[0] == 1


def test_only_who_may_sign_consents_gives_them(desk: Consenting) -> None:
    desk.act(given())
    key = desk.clinic.signing["kiosk-01"].public_line()
    for spaces, code in ((SHOT.namespace, 1), (f"{SHOT.namespace},{CONSENT.namespace}", 0)):
        desk.clinic.stations.write_text(f'kiosk-01 namespaces="{spaces}" {key}\n')
        assert desk.open() == code
    desk.clinic.stations.write_text(f'kiosk-01 namespaces="{SHOT.namespace}" {key}\n')
    assert "does not let kiosk-01 sign a consent" in desk.verify()[1]


def test_another_station_s_key_gives_no_consent(desk: Consenting) -> None:
    desk.act(given(), signer="kiosk-02")
    assert desk.open() == 1
    assert not desk.pictures.exists()


def test_the_timeline_tells_who_what_when_and_which_pictures(desk: Consenting) -> None:
    first = desk.act(given())
    desk.shot(first, 100)
    second = desk.act(withdrawn(TRAINING, previous=first, at=at(300)))
    desk.shot(second, 400)
    desk.act(withdrawn(previous=second, number=3, at=at(600)))
    desk.open()
    code, said = desk.show()
    assert code == 0
    assert "Patient P-4711 of clinic.example" in said
    assert "act 1, given 2026-11-25T10:01:30 at kiosk-01, taken by Dr Maria Keller" in said
    assert "text example, version 2026-11, en: Consent to clinical photographs" in said
    assert "understood, signed by the patient" in said
    assert "marketing (website, leaflets): yes" in said
    assert "allowed by the newest acts: nothing" in said
    table = [" ".join(line.split()) for line in said.splitlines()]
    assert "training from act 1, 2026-11-25T10:01:30 to act 2, 2026-11-25T10:05:00" in table
    assert "record from act 1, 2026-11-25T10:01:30 to act 3, 2026-11-25T10:10:00" in table
    assert "kiosk-01 2 frontal 2026-11-25T10:01:40 under act 1" in table
    assert "kiosk-01 4 frontal 2026-11-25T10:06:40 under act 2" in table
    assert "WARNING" not in said


def test_a_picture_after_the_withdrawal_is_found(desk: Consenting) -> None:
    """By the station's own clock, whatever the clock on the wall said."""
    wrong = at(300, day="1970-01-01", clock=ClockState.UNSYNCHRONISED)
    first = desk.act(given())
    desk.shot(first, 299)
    last = desk.act(withdrawn(previous=first, at=wrong))
    desk.shot(first, 301)
    desk.shot(last, 302)
    desk.open()
    code, said = desk.show()
    assert code == 1
    warnings = [line for line in said.splitlines() if line.startswith("WARNING")]
    assert len(warnings) == 2
    assert "kiosk-01 4 frontal: taken under act 1, although act 2 had withdrawn" in warnings[0]
    assert "kiosk-01 5 frontal: taken under act 2, which does not allow" in warnings[1]
    assert "NOTE      record: The clock was not synchronised at act 2." in said


def test_pictures_without_consent_or_under_one_that_is_lost_are_found(desk: Consenting) -> None:
    first = desk.act(given())
    desk.shot("c" * 64, 200)
    desk.shot(None, 210, quality_control=True)
    desk.act(withdrawn(TRAINING, previous=first, number=3))
    desk.open()
    code, said = desk.show()
    assert code == 1
    assert "taken under a consent that is not here" in said
    assert "The act cccccccccccccccc… is not here." in said
    assert "Act 3 has a wrong number; expected 2." in said
    assert "kiosk-01 3 frontal: " not in said, "nobody's picture needs no consent"


def test_a_lost_act_breaks_the_chain(desk: Consenting) -> None:
    first = digest_of(given())
    desk.act(withdrawn(TRAINING, previous=first))
    desk.open()
    code, said = desk.show()
    assert code == 1
    assert f"WARNING   Act 2 follows one that is not here ({first[:16]}…)." in said


def test_the_same_withdrawal_sent_twice_is_one_act(desk: Consenting) -> None:
    first = desk.act(given())
    for _ in range(2):
        desk.act(withdrawn(previous=first))
    assert desk.open() == 0
    code, said = desk.show()
    assert code == 0
    assert said.count("act 2, withdrawn") == 1
    assert desk.verify()[0] == 0


def test_audit_segments_are_filed_and_counted_too(desk: Consenting) -> None:
    desk.act(given())
    queue, folder = desk.clinic.folder / "spool", desk.clinic.folder / "trail"
    queue.mkdir()
    folder.mkdir()
    counter = Counter(desk.clinic.folder / "sequence")
    counter.create()
    assert counter.next() == 1
    recipients = load_recipients(desk.clinic.keys.recipients)
    key = desk.clinic.signing["kiosk-01"]
    author = Author("kiosk-01", "clinic.example", key, recipients, counter)
    trail = Trail(folder, Spool(queue, 1), author, now)
    trail.recover()
    trail.note(Audited.STARTED)
    trail.close()
    desk.sent += queue.glob("*.age")
    assert desk.open() == 0
    (entries,) = (desk.pictures / "audit" / "kiosk-01").glob("*.entries.jsonl")
    assert b"started" in entries.read_bytes()
    code, said = desk.verify()
    assert code == 0
    assert "2 of 2 proven, 0 failed" in said
    assert "MISSING" not in said
    entries.write_bytes(entries.read_bytes() + b"\n")
    assert desk.verify()[0] == 1


def test_nobody_of_this_number_is_said(
    desk: Consenting, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.pictures.mkdir()
    options = ("--pictures", desk.pictures, "--stations", desk.clinic.stations)
    assert desk.run("consent", "show", "P-4711", *options) == 2
    assert "there is nothing of this patient" in capsys.readouterr().err


def test_hostile_words_play_no_tricks_on_the_terminal(desk: Consenting) -> None:
    """A record cannot have control characters; a name may still turn the writing round."""
    turned = OperatorReference(id="x", name="Dr \u202egnp.exe")
    desk.act(given(operator=turned))
    desk.open()
    code, said = desk.show()
    assert code == 0
    assert "\u202e" not in said
    assert "\\u202e" in said


def test_a_drawn_signature_arrives_as_it_was_drawn(desk: Consenting) -> None:
    png = render(SIGNATURE)
    shown = Shown(text(), at(30))
    signed = form_of(ANSWERS, shown, at(90), hashlib.sha256(png).hexdigest())
    desk.act(given(form=signed), png)
    assert desk.open() == 0
    (found,) = desk.pictures.rglob("*.signature.png")
    assert found.read_bytes() == png
    assert form().picture != signed.picture
