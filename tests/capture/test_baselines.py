"""The store of baselines: found under the pose key alone, first come stays, every fault is said."""

from __future__ import annotations

import errno
import hmac
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk.capture.baselines import BaselineStore, PoseKeyring
from kiosk.capture.sealed_store import SUFFIX
from kiosk.envelope.recipients import HYBRID, X25519, Identity, generate_identity, load_identity
from kiosk.errors import (
    BadKey,
    BaselineError,
    StorageFailed,
    StorageFull,
    StorageReadOnly,
)
from kiosk.records import baseline as records
from kiosk.records.baseline import DESCRIPTOR_LIMIT, Baseline
from kiosk.records.shot import PatientReference
from tests.envelope.samples import INSTANT, sealed_of

PATIENT, ISSUER, VIEW = "P-4711", "Clinic by the Park", "frontal_rest"
ASKED = (PATIENT, ISSUER, VIEW)


def baseline_of(
    patient: str = PATIENT,
    view: str = VIEW,
    descriptor: bytes = b"landmarks",
    **changes: Any,  # noqa: ANN401 - any field
) -> Baseline:
    baseline = Baseline(
        patient=PatientReference(id=patient, issuer=ISSUER),
        view=view,
        image="2.25.1001",
        session="2.25.2002",
        taken_at=INSTANT,
        protocol="face_5",
        descriptor=descriptor,
    )
    return msgspec.structs.replace(baseline, **changes)


@pytest.fixture(params=[HYBRID, X25519])
def identity(request: pytest.FixtureRequest) -> Identity:
    return generate_identity(request.param)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "baselines"


@pytest.fixture
def store(folder: Path, identity: Identity) -> BaselineStore:
    folder.parent.mkdir()
    return BaselineStore(folder, identity)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_was_kept_comes_back(store: BaselineStore, folder: Path, identity: Identity) -> None:
    assert store.get(*ASKED) is None
    assert store.put(baseline_of())
    assert store.get(*ASKED) == baseline_of()
    assert BaselineStore(folder, identity).get(*ASKED) == baseline_of()
    for other in (("P-4712", ISSUER, VIEW), (PATIENT, "Other", VIEW), (PATIENT, ISSUER, "basal")):
        assert store.get(*other) is None


def test_the_first_stays_until_it_is_replaced(store: BaselineStore, folder: Path) -> None:
    first, second = baseline_of(descriptor=b"first"), baseline_of(descriptor=b"second")
    assert store.put(first)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert not store.put(second)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    store.replace(second)
    assert store.get(*ASKED) == second
    assert len(names(folder)) == 1


def test_all_of_one_patient_is_erased_and_nothing_else(store: BaselineStore, folder: Path) -> None:
    theirs = PatientReference(id=PATIENT, issuer=ISSUER)
    assert store.erase(theirs) == 0
    same_number = baseline_of(patient=PATIENT, view="other_clinic")
    elsewhere = PatientReference(id=PATIENT, issuer="Another clinic")
    kept = [
        baseline_of(patient="P-4712"),
        msgspec.structs.replace(same_number, patient=elsewhere),
    ]
    for baseline in (baseline_of(), baseline_of(view="a_view_of_no_protocol_any_more"), *kept):
        store.put(baseline)
    unreadable = folder / f"{'0' * 64}.age"
    unreadable.write_bytes(b"of another key")
    assert store.erase(theirs) == 2
    assert names(folder) == sorted(
        [
            unreadable.name,
            *(store.path(one.patient.id, one.patient.issuer, one.view).name for one in kept),
        ]
    )
    store.lock()
    with pytest.raises(BadKey):
        store.erase(theirs)


def test_names_and_sizes_tell_nothing(
    store: BaselineStore, folder: Path, identity: Identity
) -> None:
    for number, size in enumerate((1, 700, 5_000, DESCRIPTOR_LIMIT)):
        store.put(baseline_of(f"P-{number}", descriptor=secrets.token_bytes(size)))
        store.put(baseline_of(f"P-{number}", "profile_left", b"x"))
    assert len(names(folder)) == 8
    assert len({path.stat().st_size for path in folder.iterdir()}) == 1
    for path in folder.iterdir():
        assert len(bytes.fromhex(path.name.removesuffix(SUFFIX))) == 32
        assert path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    stranger = BaselineStore(folder, generate_identity(identity.kind))
    assert stranger.path(*ASKED) != store.path(*ASKED), "nobody else can look a patient up"
    assert stranger.get("P-0", ISSUER, VIEW) is None


def test_no_two_questions_share_a_name(store: BaselineStore) -> None:
    """Texts are not simply joined: what is moved over a border gives another name."""
    asked = [
        ("P", "clinic", "front"),
        ("Pc", "linic", "front"),
        ("P", "clini", "cfront"),
        ("P", "clinicfront", ""),
        ("", "Pclinic", "front"),
        ("clinic", "P", "front"),
    ]
    assert len({store.path(*one) for one in asked}) == len(asked)


def test_names_stay_the_same_for_ever(tmp_path: Path) -> None:
    """Another derivation would lose every baseline of every station.

    Written out here after RFC 5869: HKDF-SHA256 without salt, one block.
    """
    key = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
    path = tmp_path / "pose-key"
    path.write_text(key)
    store = BaselineStore(tmp_path, load_identity(path))
    extracted = hmac.digest(bytes(32), key.encode(), "sha256")
    name_key = hmac.digest(extracted, b"capture-station/baseline-names/v1\x01", "sha256")
    message = b"\0\0\0\x12Clinic by the Park\0\0\0\x06P-4711\0\0\0\x0cfrontal_rest"
    name = hmac.digest(name_key, message, "sha256").hex()
    assert name == "084590d6ef7279989ae60f540ba9435aaf4866e82d2be01ab18a599b3fe24d77"
    assert store.path("P-4711", "Clinic by the Park", "frontal_rest").name == f"{name}.age"


def test_a_swapped_file_is_refused(store: BaselineStore) -> None:
    store.put(baseline_of("P-1"))
    store.put(baseline_of("P-2"))
    store.put(baseline_of("P-1", "basal"))
    whole = store.path("P-1", ISSUER, VIEW)
    for other in (("P-2", ISSUER, VIEW), ("P-1", ISSUER, "basal")):
        shutil.copy(store.path(*other), whole)
        with pytest.raises(
            BaselineError, match="holds another baseline than its name says"
        ) as said:
            store.get("P-1", ISSUER, VIEW)
        assert "P-1" not in said.value.sentence
        assert "P-2" not in said.value.sentence


def test_every_changed_or_cut_file_is_refused(store: BaselineStore) -> None:
    store.put(baseline_of())
    path = store.path(*ASKED)
    whole = path.read_bytes()
    for place in [*range(0, len(whole), 997), *range(0, 300, 7), len(whole) - 1]:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(BaselineError, match=r"was damaged|sealed to another key"):
            store.get(*ASKED)
    for size in (0, 1, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(BaselineError, match="was damaged"):
            store.get(*ASKED)
    path.write_bytes(whole + b"more")
    with pytest.raises(BaselineError, match="was damaged"):
        store.get(*ASKED)


def test_a_file_of_another_pose_key_or_of_something_else_is_refused(
    store: BaselineStore, identity: Identity
) -> None:
    store.put(baseline_of())
    path = store.path(*ASKED)
    text = records.encode(baseline_of())
    path.write_bytes(sealed_of(text, [generate_identity(identity.kind).recipient()]))
    with pytest.raises(BaselineError, match="sealed to another key than this station's pose key"):
        store.get(*ASKED)
    path.write_bytes(sealed_of(b"{}", [identity.recipient()]))
    with pytest.raises(BaselineError, match="is no baseline at all"):
        store.get(*ASKED)


def test_what_is_no_file_is_not_followed(store: BaselineStore, tmp_path: Path) -> None:
    store.put(baseline_of())
    path = store.path(*ASKED)
    moved = path.rename(tmp_path / "moved")
    path.symlink_to(moved)
    with pytest.raises(StorageFailed, match="Too many levels of symbolic links"):
        store.get(*ASKED)
    assert not store.put(baseline_of())
    path.unlink()
    path.mkdir()
    with pytest.raises(StorageFailed, match="Is a directory"):
        store.get(*ASKED)
    path.rmdir()
    os.mkfifo(path)
    with pytest.raises(BaselineError, match="was damaged"):
        store.get(*ASKED)


def test_a_damaged_baseline_is_not_silently_replaced(store: BaselineStore) -> None:
    store.put(baseline_of())
    path = store.path(*ASKED)
    path.write_bytes(b"damaged")
    assert not store.put(baseline_of(descriptor=b"later"))
    assert path.read_bytes() == b"damaged"
    store.replace(baseline_of(descriptor=b"later"))
    assert store.get(*ASKED) == baseline_of(descriptor=b"later")


FAULTS = {
    errno.ENOSPC: StorageFull,
    errno.EDQUOT: StorageFull,
    errno.EROFS: StorageReadOnly,
    errno.EIO: StorageFailed,
}


@pytest.mark.parametrize("number", FAULTS)
@pytest.mark.parametrize("call", ["write", "fsync", "mkdir"])
def test_a_disk_that_fails_is_said_and_leaves_nothing_half(
    store: BaselineStore, folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, call: str
) -> None:
    def fail(*_: object, **__: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(FAULTS[number]):
        store.put(baseline_of())
    monkeypatch.undo()
    assert store.get(*ASKED) is None
    assert not folder.exists() or names(folder) == []
    assert store.put(baseline_of())


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    store = BaselineStore(tmp_path / "missing" / "baselines", generate_identity(X25519))
    with pytest.raises(StorageFailed, match="the file or its folder is not there"):
        store.put(baseline_of())


def test_a_baseline_that_could_not_be_read_is_not_written(
    store: BaselineStore, folder: Path
) -> None:
    with pytest.raises(BaselineError, match="cannot be written"):
        store.put(baseline_of(descriptor=bytes(DESCRIPTOR_LIMIT + 1)))
    assert not folder.exists()


CUT = """
import os, signal, sys
from pathlib import Path
from kiosk import durable
from kiosk.capture.baselines import BaselineStore
from kiosk.envelope.recipients import load_identity
from kiosk.records import baseline

key, folder, text, call = sys.argv[1:]
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(os if call == "fsync" else durable, call, die)
store = BaselineStore(Path(folder), load_identity(Path(key)))
store.replace(baseline.decode(Path(text).read_bytes()))
"""


@pytest.mark.parametrize("call", ["write_all", "fsync", "sync_directory"])
def test_a_kill_leaves_the_old_or_the_new_and_the_next_is_kept(
    store: BaselineStore, folder: Path, identity: Identity, tmp_path: Path, call: str
) -> None:
    old, new = baseline_of(descriptor=b"old"), baseline_of(descriptor=b"new")
    store.put(old)
    (tmp_path / "key").write_text(identity.secret_text())
    (tmp_path / "text").write_bytes(records.encode(new))
    command = [
        sys.executable,
        "-c",
        CUT,
        str(tmp_path / "key"),
        str(folder),
        str(tmp_path / "text"),
        call,
    ]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == -9
    assert store.get(*ASKED) in (old, new)
    store.replace(new)
    assert store.get(*ASKED) == new
    assert names(folder) == [store.path(*ASKED).name], "the leftover of the cut is gone"


@pytest.fixture
def keyring(folder: Path) -> PoseKeyring:
    folder.parent.mkdir(exist_ok=True)
    return PoseKeyring(folder)


def test_the_key_is_held_between_unlock_and_lock_only(
    keyring: PoseKeyring, identity: Identity
) -> None:
    assert keyring.store is None
    store = keyring.unlock(identity)
    assert keyring.store is store
    assert store.put(baseline_of())
    keyring.lock()
    assert keyring.store is None
    for act in (
        lambda: store.get(*ASKED),
        lambda: store.put(baseline_of()),
        lambda: store.replace(baseline_of()),
        lambda: store.path(*ASKED),
    ):
        with pytest.raises(BadKey, match="The baselines are locked"):
            act()
    keyring.lock()
    assert keyring.unlock(identity).get(*ASKED) == baseline_of()


def test_a_locked_store_holds_no_key(keyring: PoseKeyring, identity: Identity) -> None:
    store = keyring.unlock(identity)
    inner = store._store
    assert identity in referred(inner)
    keyring.lock()
    assert referred(inner) == [inner._folder, inner._shelf, None]
    assert identity not in referred(keyring)


def referred(thing: object) -> list[object]:
    """Return what an object holds, and what tuples in it hold."""
    held = list(vars(thing).values())
    return [one for value in held for one in (value if isinstance(value, tuple) else (value,))]


def test_unlocking_again_locks_what_was_unlocked_before(
    keyring: PoseKeyring, identity: Identity
) -> None:
    first = keyring.unlock(identity)
    second = keyring.unlock(identity)
    assert second is not first
    with pytest.raises(BadKey, match="locked"):
        first.get(*ASKED)


def test_nothing_that_is_printed_shows_a_key_or_a_patient(
    store: BaselineStore, identity: Identity
) -> None:
    shown = repr(store) + repr(identity) + repr(baseline_of())
    assert identity.secret_text() not in shown
    assert PATIENT not in shown
