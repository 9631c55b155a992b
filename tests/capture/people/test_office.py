"""Nobody is half signed in: what cannot be written down leaves every key closed."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from kiosk.capture.author import Author
from kiosk.capture.baselines import BaselineStore, PoseKeyring
from kiosk.capture.people.consents import Visit
from kiosk.capture.people.signing_in import Opened
from kiosk.capture.sealed_store import SealedStore
from kiosk.durable import Counter
from kiosk.envelope.audit import AUDIT, as_segment
from kiosk.envelope.bundle import read_bundle
from kiosk.envelope.consent import CONSENT
from kiosk.envelope.recipients import X25519, Identity, generate_identity
from kiosk.envelope.seal import open_sealed
from kiosk.envelope.signatures import SigningKey
from kiosk.errors import AccessError, ConsentError, StorageError, StorageFailed
from kiosk.records.audit import Act
from kiosk.records.baseline import Baseline
from kiosk.records.consent import ConsentRecord, Decision
from kiosk.records.consent_history import digest_of, entry_of
from kiosk.records.shot import PatientReference
from kiosk.records.worklist import Consented, Worklist
from kiosk.spool import Spool
from tests.capture.people.clinic_keys import CLINIC, STATION, Clock
from tests.capture.people.house import House, found
from tests.records.consent_samples import at, given, withdrawn

ARCHIVE = generate_identity(X25519)
WORKLIST = Worklist(station=STATION, clinic=CLINIC, day="2026-11-25", entries=())


class BreakingKeyring(PoseKeyring):
    """As soon as it is unlocked the folder of the audit trail is gone, if the test says so."""

    breaks: Path | None = None

    def unlock(self, pose_key: Identity) -> BaselineStore:
        if self.breaks is not None:
            self.breaks.rename(self.breaks.with_name("gone"))
        return super().unlock(pose_key)


@pytest.fixture
def keyring(tmp_path: Path) -> BreakingKeyring:
    return BreakingKeyring(tmp_path / "baselines")


@pytest.fixture
def house(tmp_path: Path, keyring: BreakingKeyring) -> House:
    for name in ("spool", "state"):
        (tmp_path / name).mkdir()
    counter = Counter(tmp_path / "state" / "sequence")
    counter.create()
    recipients = [ARCHIVE.recipient()]
    author = Author(STATION, CLINIC, SigningKey.generate(), recipients, counter)
    return found(tmp_path, Spool(tmp_path / "spool", 0), author, Clock(), keyring)


def opened(house: House) -> Opened:
    return house.office.try_pin(house.ada.badge, house.ada.pin)


def test_who_is_let_in_sees_the_day_and_opens_patients(
    house: House, keyring: BreakingKeyring
) -> None:
    house.send_day(WORKLIST)
    assert house.office.enter(opened(house)).worklist == WORKLIST
    assert house.office.open_patient("P-1").number == "P-1"
    assert keyring.store is not None


def test_a_sign_in_that_cannot_be_written_down_leaves_everything_locked(
    house: House, keyring: BreakingKeyring
) -> None:
    house.send_day(WORKLIST)
    keyring.breaks = house.root / "audit"
    with pytest.raises(StorageError):
        house.office.enter(opened(house))
    assert keyring.store is None
    with pytest.raises(AccessError, match="Nobody is signed in"):
        house.office.open_patient("P-1")
    # Nobody was in, so nobody goes out: there is nothing to write down.
    house.office.leave("by the test")


PATIENT = PatientReference(id="P-1", issuer=CLINIC)
NO_RECORD = (Decision(purpose="record", allowed=False),)


def listed(*acts: ConsentRecord) -> Worklist:
    """Return a day's list that has these acts of the patient."""
    known = Consented(number=PATIENT.id, acts=tuple(entry_of(act) for act in acts))
    return msgspec.structs.replace(WORKLIST, consents=(known,))


def remember(keyring: BreakingKeyring, patient: PatientReference = PATIENT) -> None:
    store = keyring.store
    assert store is not None
    assert store.put(
        Baseline(
            patient=patient,
            view="frontal_rest",
            image="2.25.1",
            session="2.25.2",
            taken_at=at(),
            protocol="face_5",
            descriptor=b"landmarks",
        )
    )


def acts_in_trail(house: House) -> list[tuple[Act, str | None, str | None]]:
    """Return what was written down: act, subject and detail; the trail's segment ends with it."""
    house.trail.close()
    spool, found = Spool(house.root / "spool", 0), []
    for sealed in spool.entries():
        with spool.open(sealed.name) as source:
            bundle = read_bundle(open_sealed(source, [ARCHIVE]), [AUDIT, CONSENT])
        if bundle.kind is AUDIT:
            found += [(one.act, one.subject, one.detail) for one in as_segment(bundle).entries]
    return found


def test_consent_given_at_another_station_counts_here(house: House) -> None:
    there = given(patient=PATIENT, station="room-9")
    house.send_day(listed(there))
    house.office.enter(opened(house))
    state = house.office.open_patient("P-1").consent
    assert state.require_record(at()) == digest_of(there)
    assert house.office.open_patient("P-1").consent == state
    assert house.office.open_patient("P-2").consent.entries == ()
    learned = [one for one in acts_in_trail(house) if one[0] is Act.CONSENTS_LEARNED]
    assert learned == [(Act.CONSENTS_LEARNED, digest_of(there), "1")]


def test_what_the_day_s_list_says_of_an_act_known_here_changes_nothing(house: House) -> None:
    digest = house.consent_to_record("P-1")
    house.office.enter(opened(house))
    (ours,) = house.office.open_patient("P-1").consent.entries
    forged = msgspec.structs.replace(ours, decisions=given().decisions)
    new = entry_of(
        withdrawn(Decision(purpose="training", allowed=False), patient=PATIENT, previous=digest)
    )
    known = Consented(number="P-1", acts=(forged, new))
    house.send_day(msgspec.structs.replace(WORKLIST, consents=(known,)))
    house.office.enter(opened(house))
    state = house.office.open_patient("P-1").consent
    assert state.entries == (ours, new)
    assert set(state.uses) == {"record"}


def test_a_withdrawal_at_another_station_closes_the_record_and_erases_baselines(
    house: House, keyring: BreakingKeyring
) -> None:
    digest = house.consent_to_record("P-1")
    house.office.enter(opened(house))
    remember(keyring)
    remember(keyring, PatientReference(id="P-2", issuer=CLINIC))
    house.office.open_patient("P-1")
    assert len(list(house.root.glob("baselines/*"))) == 2
    house.send_day(listed(withdrawn(patient=PATIENT, previous=digest, station="room-9")))
    house.office.enter(opened(house))
    with pytest.raises(ConsentError, match="does not consent"):
        house.office.open_patient("P-1").consent.require_record(at())
    assert len(list(house.root.glob("baselines/*"))) == 1
    assert (Act.BASELINES_ERASED, None, "1") in acts_in_trail(house)


def test_withdrawing_the_record_erases_what_is_remembered_and_nothing_else_does(
    house: House, keyring: BreakingKeyring
) -> None:
    house.consent_to_record("P-1")
    house.office.enter(opened(house))
    visit = Visit("P-1", opened(house).operator)
    remember(keyring)
    house.office.open_patient("P-1")
    house.office.withdraw(visit, (Decision(purpose="training", allowed=False),))
    assert len(list(house.root.glob("baselines/*"))) == 1
    house.office.withdraw(visit, NO_RECORD)
    assert list(house.root.glob("baselines/*")) == []


def test_a_history_with_a_hole_erases_nothing(house: House, keyring: BreakingKeyring) -> None:
    house.send_day(listed(withdrawn(patient=PATIENT, previous="b" * 64)))
    house.office.enter(opened(house))
    remember(keyring)
    assert not house.office.open_patient("P-1").consent.refuses_record
    assert len(list(house.root.glob("baselines/*"))) == 1


def test_a_baseline_that_cannot_be_erased_is_tried_again(
    house: House, keyring: BreakingKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.consent_to_record("P-1")
    house.office.enter(opened(house))
    remember(keyring)
    house.office.open_patient("P-1")
    with monkeypatch.context() as patch:
        patch.setattr(SealedStore, "remove", _refused)
        done = house.office.withdraw(Visit("P-1", opened(house).operator), NO_RECORD)
    assert done.state.refuses_record
    assert len(list(house.root.glob("baselines/*"))) == 1
    house.office.open_patient("P-1")
    assert list(house.root.glob("baselines/*")) == []


def _refused(*_: object, **__: object) -> None:
    raise StorageFailed("Removing failed.")
