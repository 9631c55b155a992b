"""The commands that docs/clinic.md shows for the audit trail do what it says, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.clinic.filing import file_object
from kiosk.clinic.opening import read_sealed
from kiosk.envelope.audit import seal_segment
from kiosk.envelope.recipients import X25519, generate_identity
from kiosk.envelope.signatures import SigningKey
from kiosk.records.audit import Head, line_of
from tests.envelope.samples import head_of
from tests.interop.test_clinic_guide import blocks, shell
from tests.records import audit_samples
from tests.records.audit_samples import DAY, chained, stretches

ENTRIES = chained([*DAY, *DAY])


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Return a folder into which three segments were opened."""
    identity, key = generate_identity(X25519), SigningKey.generate()
    spaces = "shot@capture-station,audit@capture-station"
    line = f'kiosk-01 namespaces="{spaces}" {key.public_line("room 1")}\n'
    (tmp_path / "stations").write_text(line)
    for sequence, part in enumerate(stretches(ENTRIES, [9, 2]), start=8):
        start = Head(part.entries[0].number - 1, part.entries[0].previous)
        head = head_of(sequence=sequence, consent=None)
        lines = [line_of(entry) for entry in part.entries]
        sealed = tmp_path / f"{sequence}.age"
        sealed.write_bytes(seal_segment(lines, start, head, key, [identity.recipient()])[0])
        file_object(tmp_path / "pictures", read_sealed(sealed, [identity]))
    return tmp_path


def test_a_whole_trail_is_proven_by_stock_tools(desk: Path) -> None:
    done = shell(blocks()[3], desk)
    assert done.stderr == ""
    *signed, last = done.stdout.splitlines()
    assert ["Good" in line and "audit@capture-station" in line for line in signed] == [True] * 3
    end = audit_samples.head_of(ENTRIES[-1])
    assert last == f"{len(ENTRIES)} entries, the last is {end.digest}"


@pytest.mark.parametrize("fault", ["changed", "dropped", "swapped", "a segment less"])
def test_a_trail_with_a_fault_is_not(desk: Path, fault: str) -> None:
    _, second, third = sorted(desk.rglob("*.entries.jsonl"))
    lines = third.read_bytes().splitlines(keepends=True)
    if fault == "changed":
        third.write_bytes(b"".join(lines).replace(b"frontal", b"basal_x"))
    elif fault == "dropped":
        third.write_bytes(b"".join(lines[:2] + lines[3:]))
    elif fault == "swapped":
        third.write_bytes(b"".join([lines[1], lines[0], *lines[2:]]))
    else:
        second.unlink()
        second.with_name(second.name.replace("entries.jsonl", "manifest.json")).unlink()
    said = shell(blocks()[3], desk).stdout
    assert "BROKEN at entry" in said
    assert ("WAS CHANGED" in said) is (fault != "a segment less")
