"""The sealed act of consent: record, FHIR, the text that was shown, the signature's picture.

One kind of bundle; ``docs/formats/consent.md`` describes it for readers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

import msgspec

from kiosk.envelope.bundle import (
    AnyManifest,
    AuditAnchor,
    Bundle,
    Content,
    Kind,
    Manifest,
    ManifestHead,
    encode_record,
    manifest_of,
    parse_record,
    read_bundle,
    write_bundle,
)
from kiosk.envelope.signatures import SigningKey
from kiosk.envelope.stored_zip import Reader
from kiosk.envelope.stream import Sink
from kiosk.errors import ContainerError
from kiosk.records.consent import ConsentRecord
from kiosk.records.consent_fhir import ACT, fhir_of
from kiosk.records.consent_text import FILE_LIMIT

RECORD: Final = "consent.json"
FHIR: Final = "fhir.json"
TEXT: Final = "text.toml"
SIGNATURE_PICTURE: Final = "signature.png"

CONSENT: Final = Kind(
    name="consent",
    format="capture-station-consent",
    namespace="consent@capture-station",
    limits={
        RECORD: 2 * 1024 * 1024,
        FHIR: 256 * 1024,
        TEXT: FILE_LIMIT,
        SIGNATURE_PICTURE: 1024 * 1024,
    },
    optional=frozenset({TEXT, SIGNATURE_PICTURE}),
)
"""An act; a withdrawal has neither text nor signature."""


@dataclass(frozen=True, slots=True)
class Act:
    """An act before it is sealed.

    Attributes:
        record: what was done.
        text: the bytes of the text that was shown; None of a withdrawal.
        picture: the signature's PNG; None where there is none.
    """

    record: ConsentRecord
    text: bytes | None = field(default=None, repr=False)
    picture: bytes | None = field(default=None, repr=False)


class _Identifier(msgspec.Struct):
    system: str = ""
    value: str = ""


class _Resource(msgspec.Struct):
    """What is looked at in the FHIR resource; the rest is for its readers."""

    resourceType: str  # noqa: N815 - FHIR's own name
    identifier: tuple[_Identifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Consent(Bundle):
    """An opened act; ``record`` is ``consent.json``, parsed, and agrees with everything else."""

    record: ConsentRecord

    @property
    def digest(self) -> str:
        """By which the act is named, hexadecimal."""
        return sha256(self.members[RECORD]).hexdigest()


def write_consent(
    sink: Sink,
    act: Act,
    head: ManifestHead,
    key: SigningKey,
    audit: AuditAnchor | None = None,
) -> Manifest:
    """Write an act into ``sink``, a ``SealingWriter.write`` for example.

    Args:
        sink: takes each piece whole before it returns.
        act: what was done, with what was shown.
        head: what the manifest says beside the parts.
        key: the station's.
        audit: how far the audit trail had come.

    Raises:
        ContainerError: the record does not fit text, picture or head; nothing is written.
    """
    encoded = encode_record(act.record, "consent")
    digest = sha256(encoded).hexdigest()
    given = ((RECORD, encoded), (FHIR, fhir_of(act.record, digest, act.text)))
    optional = ((TEXT, act.text), (SIGNATURE_PICTURE, act.picture))
    contents = [Content(name, data, digest if name == RECORD else None) for name, data in given]
    contents += [Content(name, data) for name, data in optional if data is not None]
    manifest = manifest_of(CONSENT, contents, head, audit)
    _require_agreement(act.record, manifest)
    write_bundle(sink, CONSENT, contents, manifest, key)
    return manifest


def read_consent(source: Reader) -> Consent:
    """Read a whole act and compare each part with the manifest.

    Nothing is said about the signature yet: see :meth:`Bundle.verify`.

    Raises:
        ContainerError: other members than expected, or parts that contradict each other.
        EnvelopeError: what ``source`` itself raises while it is read.
    """
    return as_consent(read_bundle(source, [CONSENT]))


def as_consent(bundle: Bundle) -> Consent:
    """Read an opened bundle of the kind :data:`CONSENT` as an act.

    Raises:
        ContainerError: its record cannot be read, or contradicts text, picture, FHIR or manifest.
    """
    record = parse_record(bundle.members[RECORD], RECORD, ConsentRecord)
    _require_agreement(record, bundle.manifest)
    consent = Consent(bundle.kind, bundle.members, bundle.manifest, record)
    _require_same_act(bundle.members[FHIR], consent.digest)
    return consent


def _require_agreement(record: ConsentRecord, manifest: AnyManifest) -> None:
    parts = {part.name: part.sha256 for part in manifest.parts}
    form = record.form
    evidence = (None, None) if form is None else (form.text.sha256, form.picture)
    said = (record.station, None, *evidence)
    if said != (manifest.station, manifest.consent, parts.get(TEXT), parts.get(SIGNATURE_PICTURE)):
        raise ContainerError(
            f"The consent's {RECORD} and manifest contradict each other on the station, the text "
            "that was shown, or the picture of the signature."
        )


def _require_same_act(text: bytes, digest: str) -> None:
    try:
        resource = msgspec.json.decode(text, type=_Resource)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ContainerError(f"The part {FHIR} cannot be read: {error}.") from error
    acts = [one.value for one in resource.identifier if one.system == ACT]
    if resource.resourceType != "Consent" or acts != [digest]:
        raise ContainerError(f"The part {FHIR} is of another act than {RECORD}.")
