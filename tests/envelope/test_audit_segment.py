"""The sealed segment of an audit trail: today's stays readable, and not one byte can differ."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import pytest

from kiosk.envelope.audit import AUDIT, Segment, as_segment, seal_segment
from kiosk.envelope.bundle import read_bundle
from kiosk.envelope.recipients import X25519, generate_identity
from kiosk.envelope.seal import open_sealed
from kiosk.envelope.signatures import PublicKey, SigningKey
from kiosk.errors import ContainerError, EnvelopeError
from kiosk.records.audit import BEGINNING, Act, Entry, Head, faults, line_of
from tests.envelope.samples import head_of
from tests.records.audit_samples import DAY, PATIENT, chained

OLDER = Path(__file__).with_name("older")
IDENTITY = generate_identity(X25519)
KEY = SigningKey.generate()


def sealed(entries: list[Entry], start: Head = BEGINNING) -> bytes:
    lines = [line_of(entry) for entry in entries]
    head = head_of(station="kiosk-01", sequence=7, consent=None)
    return seal_segment(lines, start, head, KEY, [IDENTITY.recipient()])[0]


def opened(whole: bytes) -> bytes:
    return open_sealed(io.BytesIO(whole), [IDENTITY]).read()


def proven(inner: bytes, key: PublicKey) -> Segment:
    bundle = read_bundle(io.BytesIO(inner), [AUDIT])
    bundle.verify([key])
    return as_segment(bundle)


def test_a_segment_of_the_first_stations_stays_readable() -> None:
    """Whoever changes this leaves clinics with trails that nobody can read."""
    key = PublicKey.parse((OLDER / "audit-station.pub").read_text())
    inner = (OLDER / "audit-1.zip").read_bytes()
    segment = proven(inner, key)
    assert segment.entries == tuple(chained(DAY))
    assert list(faults(segment.entries)) == []
    assert segment.manifest.audit is not None
    assert segment.manifest.audit.head == (
        "27711ee7fb412e6c90ac9c25b3935a193f2b82b484895596c8f2d3ffba1d88d2"
    )
    again = io.BytesIO()
    segment.write(again.write)
    assert again.getvalue() == inner


def test_every_flipped_byte_of_a_sealed_segment_is_refused() -> None:
    whole = sealed(chained(DAY[:2]))
    for place in range(len(whole)):
        changed = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        with pytest.raises(EnvelopeError):
            proven(opened(changed), KEY.public_key())


def test_every_flipped_byte_of_an_opened_segment_is_refused() -> None:
    inner = opened(sealed(chained(DAY[:2])))
    for place in range(len(inner)):
        changed = inner[:place] + bytes([inner[place] ^ 1]) + inner[place + 1 :]
        with pytest.raises(EnvelopeError):
            proven(changed, KEY.public_key())


@pytest.mark.parametrize("end", [1, 100, -1])
def test_a_cut_or_longer_segment_is_refused(end: int) -> None:
    inner = opened(sealed(chained(DAY)))
    for changed in (inner[:end], inner + inner[:end], b""):
        with pytest.raises(EnvelopeError):
            proven(changed, KEY.public_key())


def test_a_segment_signed_by_another_is_refused() -> None:
    with pytest.raises(EnvelopeError):
        proven(opened(sealed(chained(DAY))), SigningKey.generate().public_key())


def test_lines_have_one_form() -> None:
    (entry,) = chained(DAY[3:4])
    text = msgspec.json.encode(entry)
    assert PATIENT.id.encode() in text
    assert PATIENT.id not in repr(entry)
    for other in (b" " + text, text.replace(b'"detail":null', b'"detail": null')):
        bundle = read_bundle(io.BytesIO(opened(forged(other + b"\n"))), [AUDIT])
        with pytest.raises(ContainerError, match="one form"):
            as_segment(bundle)
    for other in (text, text + b"\n\n", text + b"\nx\n", b""):
        bundle = read_bundle(io.BytesIO(opened(forged(other))), [AUDIT])
        with pytest.raises(ContainerError):
            as_segment(bundle)


def forged(line: bytes) -> bytes:
    """Seal what is no entry, as only who has the station's key can."""
    head = head_of(station="kiosk-01", sequence=7, consent=None)
    return seal_segment([line], BEGINNING, head, KEY, [IDENTITY.recipient()])[0]


def test_an_anchor_of_other_entries_is_refused() -> None:
    entries = chained([{"act": Act.STARTED}] * 3)
    bundle = read_bundle(io.BytesIO(opened(sealed(entries, Head(5, "a" * 64)))), [AUDIT])
    with pytest.raises(ContainerError, match="not those that its manifest anchors"):
        as_segment(bundle)
