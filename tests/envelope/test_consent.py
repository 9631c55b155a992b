"""The sealed act of consent: everything in it belongs together, or it is refused."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest

from kiosk.envelope.bundle import MANIFEST, SIGNATURE, Content, encode_record, manifest_of
from kiosk.envelope.bundle import write_bundle as write_any
from kiosk.envelope.consent import (
    CONSENT,
    FHIR,
    RECORD,
    SIGNATURE_PICTURE,
    TEXT,
    Act,
    Consent,
    read_consent,
    write_consent,
)
from kiosk.envelope.container import read_shot
from kiosk.envelope.signatures import SigningKey
from kiosk.errors import ContainerError, EnvelopeError
from kiosk.records.consent_fhir import fhir_of
from kiosk.records.consent_history import digest_of
from tests.envelope.samples import container_of, head_of
from tests.records.consent_samples import PICTURE, given, text, withdrawn

KEY = SigningKey.generate()
FORM = Act(given(), text().content, PICTURE)


def written(act: Act) -> bytes:
    out = io.BytesIO()
    write_consent(out.write, act, head_of(consent=None), KEY)
    return out.getvalue()


def proven(data: bytes) -> Consent:
    consent = read_consent(io.BytesIO(data))
    consent.verify([KEY.public_key()])
    return consent


def test_a_form_comes_back_with_what_was_shown_and_signed() -> None:
    consent = proven(written(FORM))
    assert consent.record == FORM.record
    assert consent.digest == digest_of(FORM.record)
    assert list(consent.members) == [*CONSENT.parts, MANIFEST, SIGNATURE]
    assert consent.members[TEXT] == text().content
    assert consent.members[SIGNATURE_PICTURE] == PICTURE
    assert consent.manifest.consent is None


def test_a_withdrawal_is_record_and_fhir_alone() -> None:
    consent = proven(written(Act(withdrawn())))
    assert list(consent.members) == [RECORD, FHIR, MANIFEST, SIGNATURE]


def test_every_byte_that_is_changed_is_refused() -> None:
    """Of a withdrawal, which is short; each byte is one of a part, a name, a sum or the proof."""
    whole = written(Act(withdrawn()))
    proven(whole)
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 0x20
        with pytest.raises(EnvelopeError):
            proven(bytes(damaged))


@pytest.mark.parametrize(
    "act",
    [
        Act(given(), text().content, None),
        Act(given(), None, PICTURE),
        Act(given(), text("example-de").content, PICTURE),
        Act(given(), text().content, PICTURE + b"!"),
        Act(withdrawn(), text().content, None),
        Act(given(station="kiosk-02"), text().content, PICTURE),
    ],
    ids=range(6),
)
def test_what_does_not_belong_together_is_not_written(act: Act) -> None:
    out = io.BytesIO()
    with pytest.raises(ContainerError, match="contradict each other"):
        write_consent(out.write, act, head_of(consent=None), KEY)
    assert not out.getvalue()


def signed_by_hand(record: bytes, fhir: bytes) -> bytes:
    """Return a signed object whose parts nobody compared."""
    contents = [
        Content(RECORD, record),
        Content(FHIR, fhir),
        Content(TEXT, text().content),
        Content(SIGNATURE_PICTURE, PICTURE),
    ]
    out = io.BytesIO()
    write_any(
        out.write,
        CONSENT,
        contents,
        manifest_of(CONSENT, contents, head_of(consent=None), None),
        KEY,
    )
    return out.getvalue()


def test_another_act_s_translation_is_refused() -> None:
    record = encode_record(given())
    right = fhir_of(given(), digest_of(given()), text().content)
    proven(signed_by_hand(record, right))
    for wrong in (fhir_of(given(), "d" * 64, text().content), b"{}\n", b"[]\n", b"\xff"):
        with pytest.raises(ContainerError, match=r"fhir\.json"):
            proven(signed_by_hand(record, wrong))


def test_a_consent_is_no_shot_and_a_shot_no_consent() -> None:
    with pytest.raises(ContainerError):
        read_shot(io.BytesIO(written(FORM)))
    with pytest.raises(ContainerError):
        read_consent(io.BytesIO(container_of(b"picture", KEY)))


def test_stock_ssh_keygen_proves_it(tmp_path: Path) -> None:
    consent = proven(written(FORM))
    (tmp_path / "stations").write_text(f"kiosk-01 {KEY.public_line()}\n")
    (tmp_path / "sig").write_bytes(consent.members[SIGNATURE])
    command: list[str | Path] = [
        "ssh-keygen",
        "-Y",
        "verify",
        "-f",
        tmp_path / "stations",
        "-I",
        "kiosk-01",
    ]
    command += ["-n", CONSENT.namespace, "-s", tmp_path / "sig"]
    ran = subprocess.run(command, input=consent.members[MANIFEST], capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr
