"""A sealed test object, by which a technician tries the whole way to the clinic.

One kind of bundle, sealed, signed, numbered, sent, opened and proven as all others are, with
nothing of a patient in it. It may carry a support bundle. docs/formats/trial.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from kiosk.envelope.bundle import (
    AuditAnchor,
    Bundle,
    Content,
    Kind,
    ManifestHead,
    encode_record,
    manifest_of,
    parse_record,
    write_bundle,
)
from kiosk.envelope.recipients import Recipient
from kiosk.envelope.seal import SealingWriter
from kiosk.envelope.signatures import SigningKey
from kiosk.records.trial import TrialRecord

RECORD: Final = "trial.json"
SUPPORT: Final = "support.tar.gz"
"""A support bundle, where one was asked for: a gzipped tar, looked through by its station."""

TRIAL: Final = Kind(
    name="test object",
    format="capture-station-trial",
    namespace="trial@capture-station",
    limits={RECORD: 4096, SUPPORT: 8 * 1024 * 1024},
    optional=frozenset({SUPPORT}),
)


@dataclass(frozen=True, slots=True)
class Trial(Bundle):
    """An opened test object; ``record`` is its first part, parsed."""

    record: TrialRecord


def trial_parts(record: TrialRecord, support: bytes | None = None) -> list[Content]:
    """Return the parts of a test object: what it says, and the support bundle that it carries."""
    said = Content(RECORD, encode_record(record, TRIAL.name))
    return [said] if support is None else [said, Content(SUPPORT, support)]


def seal_trial(
    write: Callable[[bytes | bytearray | memoryview], object],
    parts: Sequence[Content],
    head: ManifestHead,
    anchor: AuditAnchor | None,
    keys: tuple[SigningKey, Sequence[Recipient]],
) -> None:
    """Sign and seal a test object into ``write``.

    Args:
        write: takes each piece whole.
        parts: of :func:`trial_parts`.
        head: what the manifest says.
        anchor: how far the audit trail has come.
        keys: the station's signing key, and the clinic's recipients.

    Raises:
        ContainerError: a part is larger than a reader would take.
    """
    manifest = manifest_of(TRIAL, parts, head, anchor)
    key, recipients = keys
    with SealingWriter(write, recipients) as writer:
        write_bundle(writer.write, TRIAL, parts, manifest, key)


def as_trial(bundle: Bundle) -> Trial:
    """Read an opened bundle of the kind :data:`TRIAL`.

    Raises:
        ContainerError: its record cannot be read.
    """
    record = parse_record(bundle.members[RECORD], RECORD, TrialRecord)
    return Trial(bundle.kind, bundle.members, bundle.manifest, record)
