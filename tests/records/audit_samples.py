"""Audit trails made up for tests: chained as stations chain them, without disks and keys."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

from kiosk.clinic.audit_checking import Stretch
from kiosk.model import ClockState
from kiosk.records.audit import BEGINNING, Act, Entry, Head, after, line_of
from kiosk.records.shot import Instant, PatientReference

BOOTS = ("0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7")
PATIENT = PatientReference(id="P-4711", issuer="clinic.example")
IMAGE = "2.25.1001"

DAY: tuple[dict[str, Any], ...] = (
    {"act": Act.STARTED, "detail": "0.4.0"},
    {"act": Act.SIGN_IN_FAILED, "subject": "ab" * 16},
    {"act": Act.SIGNED_IN, "operator": "ada", "detail": "practitioner"},
    {"act": Act.PATIENT_OPENED, "operator": "ada", "patient": PATIENT},
    {"act": Act.CONSENT_GIVEN, "operator": "ada", "patient": PATIENT, "subject": "c0" * 32},
    {
        "act": Act.SHOT_TAKEN,
        "operator": "ada",
        "patient": PATIENT,
        "subject": IMAGE,
        "detail": "frontal",
    },
    {"act": Act.SHOT_ACCEPTED, "operator": "ada", "patient": PATIENT, "subject": IMAGE},
    {"act": Act.SIGNED_OUT, "operator": "ada", "detail": "by touch"},
    {"act": Act.STOPPED},
)
"""What a short day leaves."""


def at(number: int, **changes: Any) -> Instant:  # noqa: ANN401 - any field
    moment = Instant(
        wall=f"2026-11-24T09:{number // 60 % 60:02}:{number % 60:02}.250+01:00",
        monotonic_ns=number * 1_000_000_000,
        boot_id=BOOTS[0],
        clock=ClockState.SYNCHRONISED,
    )
    return msgspec.structs.replace(moment, **changes)


def chained(acts: Sequence[dict[str, Any]], start: Head = BEGINNING) -> list[Entry]:
    """Return entries of these acts, one after the other."""
    entries, head = [], start
    for fields in acts:
        number = head.entries + 1
        salt = hashlib.sha256(str(number).encode()).digest()[:16]
        given = {"at": at(number), **fields}
        entry = Entry(number=number, salt=salt, previous=head.digest, **given)
        head = after(head, line_of(entry))
        entries.append(entry)
    return entries


def head_of(entry: Entry) -> Head:
    return Head(entry.number, hashlib.sha256(line_of(entry)).hexdigest())


def stretches(entries: Sequence[Entry], sizes: Sequence[int]) -> list[Stretch]:
    """Cut a trail into segments of these sizes; the last takes what is left."""
    found, begin = [], 0
    for place, size in enumerate([*sizes, len(entries)]):
        part = tuple(entries[begin : begin + size])
        begin += size
        if part:
            found.append(Stretch(f"segment {place}", part))
    return found
