"""The shot's container: picture and record, perhaps a pose descriptor, signed; one kind of bundle.

``docs/formats/shot.md`` describes it for readers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.utils import Buffer

from kiosk.envelope.bundle import (
    AnyManifest,
    AuditAnchor,
    Bundle,
    Content,
    Kind,
    Manifest,
    ManifestHead,
    assemble_bundle,
    manifest_of,
    parse_record,
    read_bundle,
    write_bundle,
)
from kiosk.envelope.signatures import SigningKey
from kiosk.envelope.stored_zip import Reader
from kiosk.envelope.stream import Sink
from kiosk.errors import ContainerError
from kiosk.records.baseline import DESCRIPTOR_LIMIT
from kiosk.records.shot import ShotRecord

IMAGE = "image.jpg"
RECORD = "shot.json"
POSE = "pose.bin"

SHOT: Final = Kind(
    name="shot",
    format="capture-station-shot",
    namespace="shot@capture-station",
    limits={IMAGE: 256 * 1024 * 1024, RECORD: 256 * 1024, POSE: DESCRIPTOR_LIMIT},
    optional=frozenset({POSE}),
    since=1,
)
"""A picture; :data:`POSE` is its descriptor, where the pose was measured."""


@dataclass(frozen=True, slots=True)
class Shot(Bundle):
    """An opened shot; ``record`` is ``shot.json``, parsed, and agrees with the manifest."""

    record: ShotRecord

    @property
    def image(self) -> bytes:
        return self.members[IMAGE]

    @property
    def pose(self) -> bytes | None:
        """The pose descriptor, None where the pose was not measured."""
        return self.members.get(POSE)


def write_shot(
    sink: Sink,
    parts: Sequence[tuple[str, Buffer]],
    head: ManifestHead,
    key: SigningKey,
    audit: AuditAnchor | None = None,
) -> Manifest:
    """Write the container into ``sink``, a ``SealingWriter.write`` for example.

    The picture is read once only, for the ZIP's checksum: its SHA-256 is the one that ``shot.json``
    has. Nothing is written before everything else was found to be in order.

    Args:
        sink: takes each piece whole before it returns; the parts are handed over as they are.
        parts: name and content of :data:`SHOT`'s parts, in that order.
        head: what the manifest says beside the parts.
        key: the station's.
        audit: how far the audit trail had come.

    Returns:
        The manifest as written.

    Raises:
        ContainerError: other parts than these, one beyond its limit, or a record that does not fit
            the picture or the head.
    """
    given = dict(parts)
    record = parse_record(bytes(given[RECORD]), RECORD, ShotRecord) if RECORD in given else None
    known = "" if record is None else record.image.sha256
    contents = [Content(name, data, known if name == IMAGE else None) for name, data in parts]
    manifest = manifest_of(SHOT, contents, head, audit)
    if record is not None:
        _require_agreement(record, manifest)
    write_bundle(sink, SHOT, contents, manifest, key)
    return manifest


def read_shot(source: Reader) -> Shot:
    """Read a whole container and compare each part with the manifest.

    Reads to the end, so an ``OpenedPayload`` is proven whole when this returns. Nothing is said
    about the signature yet: see :meth:`Bundle.verify`.

    Raises:
        ContainerError: other members than expected, or parts that the manifest does not describe.
        EnvelopeError: what ``source`` itself raises while it is read.
    """
    return as_shot(read_bundle(source, [SHOT]))


def assemble(members: Mapping[str, bytes]) -> Shot:
    """Check members that were read from a ZIP or from a folder, and parse them.

    Raises:
        ContainerError: a member is missing or the manifest does not describe the parts.
    """
    return as_shot(assemble_bundle(members, [SHOT]))


def as_shot(bundle: Bundle) -> Shot:
    """Read an opened bundle of the kind :data:`SHOT` as a shot.

    Raises:
        ContainerError: its record cannot be read or contradicts the manifest.
    """
    record = parse_record(bundle.members[RECORD], RECORD, ShotRecord)
    _require_agreement(record, bundle.manifest)
    return Shot(bundle.kind, bundle.members, bundle.manifest, record)


def _require_agreement(record: ShotRecord, manifest: AnyManifest) -> None:
    (image,) = (part for part in manifest.parts if part.name == IMAGE)
    said = (record.image.size, record.image.sha256, record.device.station, record.consent)
    if said != (image.size, image.sha256, manifest.station, manifest.consent):
        raise ContainerError(
            f"The shot's {RECORD} and manifest contradict each other on the picture's size or "
            "SHA-256, the station or the consent."
        )
