"""Acts of consent made up for tests: the program's example text, a drawn signature, a chain."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import msgspec

from kiosk.model import ClockState
from kiosk.records.consent import (
    ConsentAnswers,
    ConsentRecord,
    Decision,
    Form,
    Shown,
    Signature,
    Signer,
)
from kiosk.records.consent_form import form_of
from kiosk.records.consent_text import TextFile
from kiosk.records.consent_texts import Texts
from kiosk.records.shot import Instant, OperatorReference, PatientReference

BOOT = "0f8fad5b-d9cb-469f-a165-70867728950e"
PATIENT = PatientReference(id="P-4711", issuer="clinic.example")
PICTURE = b"\x89PNG a picture of a signature"
SIGNATURE = Signature(
    strokes=(
        ((0.125, 0.5, 0), (0.25, 0.25, 16), (0.375, 0.75, 33)),
        ((0.5, 0.5, 420), (0.875, 0.5, 470)),
    ),
    aspect=2.5,
)
DECISIONS = (
    Decision(purpose="record", allowed=True),
    Decision(purpose="training", allowed=True),
    Decision(purpose="research", allowed=False),
    Decision(purpose="publication", allowed=False),
    Decision(purpose="marketing", allowed=True, channels=("website", "leaflets")),
)
ANSWERS = ConsentAnswers(DECISIONS, understood=True, signer=Signer(), signature=SIGNATURE)


def at(
    seconds: int = 0,
    *,
    day: str = "2026-11-25",
    clock: ClockState = ClockState.SYNCHRONISED,
) -> Instant:
    wall = f"{day}T10:{seconds // 60 % 60:02d}:{seconds % 60:02d}.000+00:00"
    return Instant(
        wall=wall, monotonic_ns=(1000 + seconds) * 1_000_000_000, boot_id=BOOT, clock=clock
    )


def text(name: str = "example-en") -> TextFile:
    return Texts().load(name)


def answers(**changes: Any) -> ConsentAnswers:  # noqa: ANN401 - any field
    return replace(ANSWERS, **changes)


def form(when: Instant | None = None, **changes: Any) -> Form:  # noqa: ANN401
    picture = hashlib.sha256(PICTURE).hexdigest()
    shown = Shown(text(), at(30))
    return form_of(answers(**changes), shown, when or at(90), picture)


def given(**changes: Any) -> ConsentRecord:  # noqa: ANN401 - any field
    """Return a first act: record, training, and two channels of marketing are allowed."""
    record = ConsentRecord(
        kind="given",
        patient=PATIENT,
        number=1,
        previous=None,
        station="kiosk-01",
        operator=OperatorReference(id="mkeller", name="Dr Maria Keller"),
        at=at(90),
        session="2.25.200245678901",
        decisions=DECISIONS,
        form=form(),
    )
    return msgspec.structs.replace(record, **changes)


def withdrawn(*decisions: Decision, **changes: Any) -> ConsentRecord:  # noqa: ANN401 - any field
    record = given(
        kind="withdrawn",
        form=None,
        decisions=decisions or (Decision(purpose="record", allowed=False),),
        at=at(300),
        number=2,
        previous="a" * 64,
    )
    return msgspec.structs.replace(record, **changes)
