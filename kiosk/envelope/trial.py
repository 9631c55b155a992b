"""A sealed test object, by which a technician tries the whole way to the clinic.

One kind of bundle, sealed, signed, numbered, sent, opened and proven as all others are, with
nothing of a patient in it. docs/formats/trial.md.
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

TRIAL: Final = Kind(
    name="test object",
    format="capture-station-trial",
    namespace="trial@capture-station",
    limits={RECORD: 4096},
)


@dataclass(frozen=True, slots=True)
class Trial(Bundle):
    """An opened test object; ``record`` is its one part, parsed."""

    record: TrialRecord


def seal_trial(
    write: Callable[[bytes | bytearray | memoryview], object],
    record: TrialRecord,
    head: ManifestHead,
    anchor: AuditAnchor | None,
    keys: tuple[SigningKey, Sequence[Recipient]],
) -> None:
    """Sign and seal a test object into ``write``.

    Args:
        write: takes each piece whole.
        record: what it says.
        head: what the manifest says.
        anchor: how far the audit trail has come.
        keys: the station's signing key, and the clinic's recipients.
    """
    contents = [Content(RECORD, encode_record(record, TRIAL.name))]
    manifest = manifest_of(TRIAL, contents, head, anchor)
    key, recipients = keys
    with SealingWriter(write, recipients) as writer:
        write_bundle(writer.write, TRIAL, contents, manifest, key)


def as_trial(bundle: Bundle) -> Trial:
    """Read an opened bundle of the kind :data:`TRIAL`.

    Raises:
        ContainerError: its part cannot be read.
    """
    record = parse_record(bundle.members[RECORD], RECORD, TrialRecord)
    return Trial(bundle.kind, bundle.members, bundle.manifest, record)
