"""A process under test: keeps and reads a baseline, and is ended in a way of the test's.

``baseline.py KEY FOLDER ENDING``; patient and descriptor come in through the standard input, as
JSON, so that no command line has them. Prints ``kept`` when the store says so.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from kiosk import durable
from kiosk.capture.baselines import BaselineStore, PoseKeyring
from kiosk.envelope.recipients import load_identity
from kiosk.envelope.seal import SealingWriter
from kiosk.errors import StorageFull
from kiosk.model import ClockState
from kiosk.process import forbid_core_dumps
from kiosk.records import baseline as records
from kiosk.records.baseline import Baseline
from kiosk.records.shot import Instant, PatientReference, mint_uid
from kiosk.service import configure_journal, guarded

ISSUER, VIEW = "Demo Clinic", "frontal_rest"


def main() -> int:
    configure_journal("kiosk-test")
    forbid_core_dumps()
    key, folder, ending = sys.argv[1:4]
    given = json.load(sys.stdin)
    kind, _, place = ending.partition("-")
    acts: dict[str, Callable[..., object]] = {
        "kill": lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL),
        "abort": lambda *_, **__: os.abort(),
        "fault": fault(given["patient"]),
        "full": full,
    }
    if place:
        plant(place, acts[kind])
    keyring = PoseKeyring(Path(folder))
    store = keyring.unlock(load_identity(Path(key)))
    baseline = of(given["patient"], bytes.fromhex(given["descriptor"]))
    try:
        store.replace(baseline)
    except StorageFull as error:
        print(error.sentence, flush=True)
        return 0
    print("kept", flush=True)
    if kind == "swap":
        swap(store, baseline)
    store.get(given["patient"], ISSUER, VIEW)
    keyring.lock()
    return 0


def of(patient: str, descriptor: bytes) -> Baseline:
    moment = Instant(
        wall="2026-11-23T10:15:30.250+00:00",
        monotonic_ns=1,
        boot_id="0f8fad5b-d9cb-469f-a165-70867728950e",
        clock=ClockState.SYNCHRONISED,
    )
    return Baseline(
        patient=PatientReference(id=patient, issuer=ISSUER),
        view=VIEW,
        image=mint_uid(),
        session=mint_uid(),
        taken_at=moment,
        protocol="face_5",
        descriptor=descriptor,
    )


def plant(place: str, act: Callable[..., object]) -> None:
    """Let something happen inside the store's work: once the text is there, or at a disk's call."""
    targets: dict[str, tuple[object, str]] = {
        "encoded": (SealingWriter, "write"),
        "write": (os, "write"),
        "fsync": (os, "fsync"),
        "renamed": (durable, "sync_directory"),
        "decoding": (records, "decode"),
    }
    where, name = targets[place]
    setattr(where, name, act)


def fault(patient: str) -> Callable[..., object]:
    """Fail as a fault of the program would, with the patient in the exception itself."""

    def act(*_: object, **__: object) -> object:
        raise KeyError(patient)

    return act


def full(*_: object, **__: object) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def swap(store: BaselineStore, baseline: Baseline) -> None:
    """Put this patient's file in another's place, and ask for the other's."""
    other = store.path("somebody else", ISSUER, VIEW)
    store.path(baseline.patient.id, ISSUER, VIEW).rename(other)
    store.get("somebody else", ISSUER, VIEW)


if __name__ == "__main__":
    sys.exit(guarded(main))
