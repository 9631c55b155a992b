"""Nobody is half signed in: what cannot be written down leaves every key closed."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.capture.author import Author
from kiosk.capture.baselines import BaselineStore, PoseKeyring
from kiosk.capture.people.signing_in import Opened
from kiosk.durable import Counter
from kiosk.envelope.recipients import X25519, Identity, generate_identity
from kiosk.envelope.signatures import SigningKey
from kiosk.errors import AccessError, StorageError
from kiosk.records.worklist import Worklist
from kiosk.spool import Spool
from tests.capture.people.clinic_keys import CLINIC, STATION, Clock
from tests.capture.people.house import House, found

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
    recipients = [generate_identity(X25519).recipient()]
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
