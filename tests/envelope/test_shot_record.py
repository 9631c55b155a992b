"""``shot.json``: identifiers, and what its fields accept."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk.envelope.bundle import encode_record
from kiosk.errors import ContainerError
from kiosk.records.shot import Series, ShotRecord, mint_uid
from tests.envelope.samples import CONSENT, INSTANT, MATCH, OPERATOR, record_of


def test_uids_are_uuids_in_dicom_s_form() -> None:
    uids = {mint_uid() for _ in range(100)}
    assert len(uids) == 100
    for uid in uids:
        assert len(uid) <= 64, "DICOM's limit"
        assert uuid.UUID(int=int(uid.removeprefix("2.25."))).version == 4


def test_a_record_comes_back_from_its_text() -> None:
    record = record_of(b"picture")
    assert msgspec.json.decode(encode_record(record), type=ShotRecord) == record


def test_what_the_guide_measured_comes_back_from_its_text() -> None:
    series = Series(role="follow-up", days=14, baseline="2.25.7")
    record = record_of(b"picture", match=MATCH, series=series)
    text = encode_record(record)
    assert msgspec.json.decode(text, type=ShotRecord) == record
    assert json.loads(text)["version"] == 3
    assert json.loads(text)["match"] == {
        "against": "baseline",
        "yaw_deg": -0.4,
        "pitch_deg": 0.25,
        "roll_deg": None,
        "offset": [0.002, -0.001],
        "scale": 1.004,
        "expression_missing": ["brows_up"],
        "motion": 0.0,
        "within_tolerance": False,
        "residual_px": 0.61,
    }


@pytest.mark.parametrize(
    "change",
    [
        {"against": "other"},
        {"yaw_deg": 181.0},
        {"pitch_deg": -181.0},
        {"scale": 0.0},
        {"motion": -0.1},
        {"residual_px": -1.0},
        {"expression_missing": ("Brows up",)},
        {"expression_missing": ("brows_up",) * 17},
        {"within_tolerance": "yes"},
    ],
)
def test_a_match_has_only_values_that_can_be(change: dict[str, object]) -> None:
    match = msgspec.structs.replace(MATCH, **change)
    with pytest.raises(ContainerError, match=rf"cannot be written: .*match\.{next(iter(change))}"):
        encode_record(record_of(b"picture", match=match))


@pytest.mark.parametrize("name", ["yaw_deg", "pitch_deg", "roll_deg", "scale", "motion", "offset"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_no_number_is_not_written_as_cannot_judge(name: str, value: float) -> None:
    """JSON has no such numbers: they would silently become null."""
    change = {name: (0.0, value) if name == "offset" else value}
    with pytest.raises(ValueError, match="not a finite number"):
        msgspec.structs.replace(MATCH, **change)


NOBODY: dict[str, Any] = {"operator": None, "consent": None}


def test_records_of_older_stations_lack_what_those_did_not_know() -> None:
    for fields in ({"version": 1}, {"version": 2}, {"version": 2, "match": MATCH}):
        older = record_of(b"picture", **NOBODY, **fields)
        assert msgspec.json.decode(encode_record(older), type=ShotRecord) == older
    with pytest.raises(ValueError, match="version 1 has no match"):
        record_of(b"picture", version=1, match=MATCH, **NOBODY)
    for known in ({"operator": OPERATOR}, {"consent": CONSENT}):
        with pytest.raises(ValueError, match="version 2 has no operator and no consent"):
            record_of(b"picture", version=2, **{**NOBODY, **known})
    text = encode_record(record_of(b"picture"))
    with pytest.raises(msgspec.ValidationError, match="Invalid enum value 4"):
        msgspec.json.decode(text.replace(b'"version": 3', b'"version": 4'), type=ShotRecord)


def test_a_record_names_who_took_it_and_what_allowed_it() -> None:
    for missing in ("operator", "consent"):
        with pytest.raises(ValueError, match="names the operator and the consent"):
            record_of(b"picture", **{missing: None})
    assert record_of(b"picture", quality_control=True, **NOBODY).operator is None


def test_the_clinic_s_desk_needs_neither_numpy_nor_any_device() -> None:
    """``requirements/clinic.txt`` installs cryptography and msgspec only."""
    code = (
        "import sys, kiosk.clinic.cli\n"
        "foreign = {'numpy', 'cv2', 'pygame', 'paramiko', 'gpiozero'} & set(sys.modules)\n"
        "sys.exit(str(foreign) if foreign else 0)\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "wall", ["2026-11-23T10:15:30", "2026-11-23", "yesterday", "2026-11-23T10:15:30+01:00\n"]
)
def test_times_without_an_offset_are_refused(wall: str) -> None:
    moment = msgspec.structs.replace(INSTANT, wall=wall)
    with pytest.raises(ContainerError, match="captured_at"):
        encode_record(record_of(b"picture", captured_at=moment))
