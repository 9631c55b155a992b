"""What a station remembers of a patient: as long as the session lasts, and in spite of faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from kiosk.capture.baselines import BaselineStore, PoseKeyring
from kiosk.capture.earlier import EarlierShots, Recalled
from kiosk.capture.pose.descriptor import write
from kiosk.envelope.recipients import X25519, generate_identity
from kiosk.errors import (
    BadKey,
    BaselineError,
    FormatError,
    KioskError,
    StorageError,
    StorageFailed,
)
from kiosk.records.baseline import of_shot
from kiosk.records.protocols import load_protocol
from kiosk.records.shot import PatientReference, ShotRecord, Uids
from tests.capture.guiding.fakes import descriptor_of
from tests.capture.test_recall import PICTURE, Far
from tests.envelope.samples import MATCH, container_of, record_of

ISSUER, PATIENT, SESSION = "clinic.example", "P-4711", "2.25.9"
VIEWS = load_protocol("face_5").views
FRONTAL, PROFILE, *_ = VIEWS
POSE = write(descriptor_of())


class Site:
    """A pose key and a folder of baselines."""

    def __init__(self, root: Path) -> None:
        self.key = generate_identity(X25519)
        self.folder = root / "baselines"
        self.keyring = PoseKeyring(self.folder)
        self.earlier = EarlierShots(self.keyring, ISSUER)

    @property
    def store(self) -> BaselineStore:
        return BaselineStore(self.folder, self.key)

    def path(self, view: str) -> Path:
        return self.store.path(PATIENT, ISSUER, view)

    def recall(self) -> Recalled:
        if self.keyring.store is None:
            self.keyring.unlock(self.key)
        recalled = self.earlier.recall(PATIENT, SESSION, VIEWS)
        assert recalled is not None
        return recalled


def record(view: str = FRONTAL.id, image: str = "2.25.1001", patient: str = PATIENT) -> ShotRecord:
    plain = record_of(PICTURE)
    return msgspec.structs.replace(
        plain,
        patient=PatientReference(id=patient, issuer=ISSUER),
        view=msgspec.structs.replace(plain.view, id=view),
        uids=Uids(image=image, session=plain.uids.session, study=plain.uids.study),
    )


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_what_was_kept_is_recalled_in_a_later_session(site: Site) -> None:
    assert dict(site.recall().by_view) == {}
    assert site.earlier.keep(record(), POSE)
    site.earlier.forget()
    recalled = site.recall()
    (remembered,) = recalled.by_view.values()
    assert recalled.by_view[FRONTAL.id] is remembered
    assert remembered.baseline.image == "2.25.1001"
    assert remembered.descriptor is not None
    assert np.allclose(remembered.descriptor.points, descriptor_of().points, atol=1e-4)
    assert (recalled.faults, recalled.unread) == ((), frozenset())


def test_another_patient_has_no_baselines_of_this_one(site: Site) -> None:
    site.recall()
    site.earlier.keep(record(), POSE)
    other = site.earlier.recall("P-4712", SESSION, VIEWS)
    assert other is not None
    assert dict(other.by_view) == {}


def test_the_first_shot_stays_the_baseline(site: Site) -> None:
    site.recall()
    assert site.earlier.keep(record(image="2.25.1001"), POSE)
    assert not site.earlier.keep(record(image="2.25.1002"), POSE)
    assert site.recall().by_view[FRONTAL.id].baseline.image == "2.25.1001"


def test_of_a_view_that_is_not_measured_the_picture_is_remembered(site: Site) -> None:
    site.recall()
    assert site.earlier.keep(record(), None)
    assert not site.earlier.keep(record(image="2.25.1002"), None)
    remembered = site.recall().by_view[FRONTAL.id]
    assert (remembered.baseline.image, remembered.descriptor) == ("2.25.1001", None)


def test_a_shot_that_could_not_be_measured_leaves_the_place_to_a_later_one(site: Site) -> None:
    site.recall()
    tried = msgspec.structs.replace(record(image="2.25.1000"), match=MATCH)
    assert not site.earlier.keep(tried, None)
    assert dict(site.recall().by_view) == {}
    assert site.earlier.keep(msgspec.structs.replace(record(), match=MATCH), POSE)
    assert site.recall().by_view[FRONTAL.id].descriptor is not None


def test_a_station_without_a_pose_key_keeps_nothing(tmp_path: Path) -> None:
    earlier = EarlierShots(None, ISSUER)
    assert earlier.recall(PATIENT, SESSION, VIEWS) is None
    assert not earlier.keep(record(), POSE)
    assert earlier.picture(FRONTAL.id) is None
    earlier.forget()
    assert list(tmp_path.iterdir()) == []


def test_without_a_sign_in_nothing_is_recalled_or_kept(site: Site) -> None:
    assert site.earlier.recall(PATIENT, SESSION, VIEWS) is None
    assert not site.earlier.keep(record(), POSE)
    site.recall()
    store = site.keyring.store
    assert store is not None
    site.keyring.lock()
    with pytest.raises(BadKey):
        store.get(PATIENT, ISSUER, FRONTAL.id)
    assert not site.earlier.keep(record(), POSE)
    assert site.earlier.recall(PATIENT, SESSION, VIEWS) is None
    assert not site.folder.exists()


def damaged(site: Site) -> None:
    site.path(FRONTAL.id).write_bytes(b"damaged")


def misfit(site: Site) -> None:
    """As after a clinic changed what a view is judged by."""
    site.store.replace(of_shot(record(), write(replace(descriptor_of(), method="body"))))


def no_descriptor(site: Site) -> None:
    site.store.replace(of_shot(record(), b"not a descriptor"))


def unreadable(site: Site) -> None:
    site.path(FRONTAL.id).unlink()
    site.path(FRONTAL.id).mkdir()


FAULTS: Mapping[str, tuple[Callable[[Site], None], type[KioskError]]] = {
    "damaged": (damaged, BaselineError),
    "misfit": (misfit, FormatError),
    "no descriptor": (no_descriptor, FormatError),
    "unreadable": (unreadable, StorageError),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_one_baseline_that_cannot_be_used_leaves_the_others(site: Site, fault: str) -> None:
    act, kind = FAULTS[fault]
    oblique = next(view for view in VIEWS if view.id == "oblique_left")
    site.recall()
    for view in (FRONTAL.id, oblique.id):
        site.earlier.keep(record(view), POSE)
    act(site)
    recalled = site.recall()
    assert set(recalled.by_view) == {oblique.id}
    assert recalled.unread == {FRONTAL.id}
    assert len(recalled.faults) == 1
    assert isinstance(recalled.faults[0], kind)
    assert PATIENT not in str(recalled.faults)


def test_a_baseline_that_cannot_be_kept_is_said(site: Site) -> None:
    site.recall()
    site.folder.touch()
    with pytest.raises(StorageFailed):
        site.earlier.keep(record(), POSE)


def test_nothing_of_a_patient_is_in_any_text(site: Site) -> None:
    site.recall()
    site.earlier.keep(record(), POSE)
    recalled = site.recall()
    assert FRONTAL.id in repr(recalled)
    assert PATIENT not in repr(recalled)


class Pair:
    """A station with two baselines, which the clinic may send the pictures of."""

    def __init__(self, root: Path) -> None:
        self.far = Far(root)
        self.site = Site(root)
        self.earlier = EarlierShots(self.site.keyring, ISSUER, self.far.recall)
        self.site.keyring.unlock(self.site.key)
        self.earlier.recall(PATIENT, SESSION, VIEWS)
        self.records = {
            FRONTAL.id: record(FRONTAL.id, "2.25.1001"),
            "oblique_left": record("oblique_left", "2.25.1002"),
        }
        for one in self.records.values():
            self.earlier.keep(one, POSE)

    def recall(self) -> Recalled:
        recalled = self.earlier.recall(PATIENT, SESSION, VIEWS)
        assert recalled is not None
        return recalled

    def answer(self, view: str, shows: str) -> None:
        """Send, as the picture of a view, that of another."""
        wanted = [one.image for one in self.far.asked().request.pictures]
        place = wanted.index(self.records[view].uids.image)
        self.far.answer(place, container_of(PICTURE, self.far.key, self.records[shows]))


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


def test_pictures_come_when_the_clinic_sends_them_and_stay_for_the_session(pair: Pair) -> None:
    pair.recall()
    assert pair.earlier.picture(FRONTAL.id) is None
    pair.answer(FRONTAL.id, FRONTAL.id)
    assert pair.earlier.picture(FRONTAL.id) == PICTURE
    assert pair.earlier.picture(FRONTAL.id) == PICTURE
    assert pair.earlier.picture("oblique_left") is None
    pair.earlier.forget()
    assert pair.earlier.picture(FRONTAL.id) is None
    assert list(pair.far.folder.iterdir()) == []


def test_one_picture_that_cannot_be_used_withholds_no_other(pair: Pair) -> None:
    pair.recall()
    pair.answer("oblique_left", FRONTAL.id)
    pair.answer(FRONTAL.id, FRONTAL.id)
    assert pair.earlier.picture(FRONTAL.id) == PICTURE
    for _ in range(2):
        with pytest.raises(BaselineError, match="another picture"):
            pair.earlier.picture("oblique_left")


def test_a_clinic_that_cannot_be_asked_stops_nobody(pair: Pair) -> None:
    for path in pair.far.folder.iterdir():
        path.unlink()
    pair.far.folder.rmdir()
    pair.far.folder.touch()
    recalled = pair.recall()
    assert set(recalled.by_view) == {FRONTAL.id, "oblique_left"}
    assert [type(error) for error in recalled.faults] == [StorageFailed]
    assert recalled.unread == frozenset()
