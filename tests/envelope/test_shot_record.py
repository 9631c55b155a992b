"""``shot.json``: identifiers, and what its fields accept."""

from __future__ import annotations

import subprocess
import sys
import uuid
from pathlib import Path

import msgspec
import pytest

from kiosk.envelope.container import encode_record
from kiosk.errors import ContainerError
from kiosk.records.shot import ShotRecord, mint_uid
from tests.envelope.samples import INSTANT, record_of


def test_uids_are_uuids_in_dicom_s_form() -> None:
    uids = {mint_uid() for _ in range(100)}
    assert len(uids) == 100
    for uid in uids:
        assert len(uid) <= 64, "DICOM's limit"
        assert uuid.UUID(int=int(uid.removeprefix("2.25."))).version == 4


def test_a_record_comes_back_from_its_text() -> None:
    record = record_of(b"picture")
    assert msgspec.json.decode(encode_record(record), type=ShotRecord) == record


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
