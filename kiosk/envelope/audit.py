"""The sealed segment of an audit trail; one kind of bundle. docs/formats/audit.md."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kiosk.envelope.bundle import (
    AuditAnchor,
    Bundle,
    Content,
    Kind,
    ManifestHead,
    manifest_of,
    write_bundle,
)
from kiosk.envelope.recipients import Recipient
from kiosk.envelope.seal import SealingWriter
from kiosk.envelope.signatures import SigningKey
from kiosk.errors import ContainerError
from kiosk.records.audit import Entry, Head, after, parse_lines

ENTRIES = "entries.jsonl"

AUDIT: Final = Kind(
    name="audit segment",
    format="capture-station-audit",
    namespace="audit@capture-station",
    limits={ENTRIES: 1024 * 1024},
)


@dataclass(frozen=True, slots=True)
class Segment(Bundle):
    """An opened segment; ``entries`` are its lines, parsed, one after the other in number."""

    entries: tuple[Entry, ...]


def seal_segment(
    lines: Sequence[bytes],
    start: Head,
    head: ManifestHead,
    key: SigningKey,
    recipients: Sequence[Recipient],
) -> tuple[bytes, Head]:
    """Sign and seal a segment.

    Args:
        lines: at least one entry's.
        start: of the trail before them.
        head: what the manifest says.
        key: the station's.
        recipients: the clinic's.

    Returns:
        The sealed segment, and the head of the trail after it.
    """
    end = start
    for line in lines:
        end = after(end, line)
    contents = [Content(ENTRIES, b"".join(lines))]
    anchor = AuditAnchor(entries=end.entries, head=end.digest)
    manifest = manifest_of(AUDIT, contents, head, anchor)
    out = io.BytesIO()
    with SealingWriter(out.write, recipients) as writer:
        write_bundle(writer.write, AUDIT, contents, manifest, key)
    return out.getvalue(), end


def as_segment(bundle: Bundle) -> Segment:
    """Read an opened bundle of the kind :data:`AUDIT` as a segment.

    Raises:
        ContainerError: a line cannot be read, there is none, or the manifest's anchor is not of the
            last.
    """
    text = bundle.members[ENTRIES]
    entries = parse_lines(text)
    anchor = bundle.manifest.audit
    if not entries or anchor is None:
        raise ContainerError("The audit segment has no entries, or its manifest no anchor.")
    end = Head(entries[0].number - 1, entries[0].previous)
    for line in text.splitlines(keepends=True):
        end = after(end, line)
    if end != Head(anchor.entries, anchor.head):
        raise ContainerError("The audit segment's entries are not those that its manifest anchors.")
    return Segment(bundle.kind, bundle.members, bundle.manifest, entries)
