"""Shots made up for tests: real keys, real records, pictures of random bytes."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Sequence
from typing import Any

import msgspec

from kiosk.envelope.bundle import ManifestHead, encode_record
from kiosk.envelope.container import IMAGE, POSE, RECORD, write_shot
from kiosk.envelope.recipients import Recipient
from kiosk.envelope.seal import SealingWriter
from kiosk.envelope.signatures import SigningKey
from kiosk.model import ClockState
from kiosk.records.shot import (
    Code,
    DeviceRecord,
    ExposureRecord,
    ImageRecord,
    Instant,
    MatchRecord,
    OperatorReference,
    PatientReference,
    ShotRecord,
    Uids,
    ViewRecord,
)

INSTANT = Instant(
    wall="2026-11-23T10:15:30.250+01:00",
    monotonic_ns=123_456_789_012,
    boot_id="0f8fad5b-d9cb-469f-a165-70867728950e",
    clock=ClockState.SYNCHRONISED,
)

OPERATOR = OperatorReference(id="op-1", name="Dr. Ada Example")
CONSENT = "c0" * 32

MATCH = MatchRecord(
    against="baseline",
    yaw_deg=-0.4,
    pitch_deg=0.25,
    roll_deg=None,
    offset=(0.002, -0.001),
    scale=1.004,
    expression_missing=("brows_up",),
    motion=0.0,
    within_tolerance=False,
    residual_px=0.61,
)


def record_of(image: bytes, **changes: Any) -> ShotRecord:  # noqa: ANN401 - any field
    """Return the record of a frontal picture; ``changes`` replace its fields."""
    record = ShotRecord(
        uids=Uids(image="2.25.1001", session="2.25.200245678901", study="2.25.3003"),
        patient=PatientReference(id="P-4711", issuer="clinic.example"),
        captured_at=INSTANT,
        operator=OPERATOR,
        consent=CONSENT,
        protocol="face_5",
        view=ViewRecord(
            id="frontal",
            code=Code(system="http://snomed.info/sct", code="399033003", display="frontal"),
            region=None,
            shows_side="both",
            expression=None,
        ),
        device=DeviceRecord(
            station="kiosk-01", model="simulated", serial="", driver="", software="0.1.0"
        ),
        asked=ExposureRecord(
            exposure_us=10_000, analogue_gain=1.0, colour_gains=(1.8, 1.6), lens_position=None
        ),
        applied=None,
        light_level=0.8,
        image=ImageRecord(
            width=4056,
            height=3040,
            size=len(image),
            sha256=hashlib.sha256(image).hexdigest(),
            icc_profile="sRGB",
        ),
    )
    return msgspec.structs.replace(record, **changes)


def head_of(**changes: Any) -> ManifestHead:  # noqa: ANN401 - any field
    head = ManifestHead(station="kiosk-01", sequence=12, sealed_at=INSTANT, consent=CONSENT)
    return msgspec.structs.replace(head, **changes)


def container_of(
    image: bytes,
    key: SigningKey,
    record: ShotRecord | None = None,
    head: ManifestHead | None = None,
    *,
    pose: bytes | None = None,
) -> bytes:
    """Return a shot's whole ZIP, with a pose descriptor or without."""
    out = io.BytesIO()
    parts = [(IMAGE, image), (RECORD, encode_record(record or record_of(image)))]
    if pose is not None:
        parts.append((POSE, pose))
    write_shot(out.write, parts, head or head_of(), key)
    return out.getvalue()


def sealed_of(payload: bytes, recipients: Sequence[Recipient]) -> bytes:
    """Return ``payload`` sealed."""
    out = io.BytesIO()
    with SealingWriter(out.write, recipients) as writer:
        writer.write(payload)
    return out.getvalue()


def station_shot(
    name: str, sequence: int, patient: str = "P-4711", view: str = "frontal"
) -> tuple[bytes, ShotRecord, ManifestHead]:
    """Return a picture of random bytes with the record and head that a station would give it."""
    image = os.urandom(2000)
    base = record_of(image)
    record = msgspec.structs.replace(
        base,
        patient=PatientReference(id=patient, issuer="clinic.example"),
        view=msgspec.structs.replace(base.view, id=view),
        device=msgspec.structs.replace(base.device, station=name),
    )
    return image, record, head_of(station=name, sequence=sequence)
