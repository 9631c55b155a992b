"""The shot's container: picture, record, manifest and the station's signature, in one ZIP.

A pose descriptor may lie beside picture and record. ``manifest.json`` names the station, its
count of shots, the moment and the consent, and has size and SHA-256 of each part;
``manifest.json.sig`` is the station's SSHSIG over its very bytes. age does not say who sealed a
file; this does. ``docs/formats/shot.md`` describes it for readers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

import msgspec
from cryptography.utils import Buffer
from msgspec import Meta

from kiosk.envelope.signatures import PublicKey, SigningKey, signer_of, verify
from kiosk.envelope.stored_zip import Reader, read_members, write_members
from kiosk.envelope.stream import Sink
from kiosk.errors import ContainerError
from kiosk.records.baseline import DESCRIPTOR_LIMIT
from kiosk.records.shot import Instant, Record, Sha256, ShotRecord, Slug

IMAGE = "image.jpg"
RECORD = "shot.json"
POSE = "pose.bin"
MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.sig"
PARTS = (IMAGE, RECORD)
"""The parts that every manifest names, in the order in which they are written."""

PARTS_WITH_POSE = (*PARTS, POSE)
"""The same of a shot whose pose was measured; :data:`POSE` is its descriptor."""

NAMESPACE = "shot@capture-station"
"""What the signature is for, as ``ssh-keygen -Y verify -n`` is told."""

LIMITS = {
    IMAGE: 256 * 1024 * 1024,
    RECORD: 256 * 1024,
    POSE: DESCRIPTOR_LIMIT,
    MANIFEST: 64 * 1024,
    SIGNATURE: 4096,
}
"""Largest size of each member in bytes; a reader allocates no more."""

_Record = TypeVar("_Record", bound=Record)


class ManifestHead(Record, frozen=True, kw_only=True):
    """What the station states about a shot.

    Attributes:
        station: the station's name; the clinic's list says which key speaks for it.
        sequence: counts the station's shots from 1, so that a missing one shows.
        sealed_at: moment of sealing, with boot and clock state.
        consent: SHA-256 of the consent that allowed the picture, None until consents are kept.
    """

    station: Slug
    sequence: Annotated[int, Meta(ge=1)]
    sealed_at: Instant
    consent: Sha256 | None


class Part(Record, frozen=True, kw_only=True):
    """One member of the ZIP; ``size`` in bytes."""

    name: str
    size: Annotated[int, Meta(ge=0)]
    sha256: Sha256


class Manifest(ManifestHead, frozen=True, kw_only=True):
    """The signed manifest; ``parts`` are :data:`PARTS` or :data:`PARTS_WITH_POSE`."""

    format: Literal["capture-station-shot"] = "capture-station-shot"
    version: Literal[1] = 1
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Shot:
    """An opened container whose parts are those that its manifest names.

    Whoever signed it is proven by :meth:`verify` alone.

    Attributes:
        members: every member's name and bytes, as they lie in the ZIP.
        record: ``shot.json``, parsed.
        manifest: ``manifest.json``, parsed.
    """

    members: dict[str, bytes]
    record: ShotRecord
    manifest: Manifest

    @property
    def image(self) -> bytes:
        return self.members[IMAGE]

    @property
    def pose(self) -> bytes | None:
        """The pose descriptor, None where the pose was not measured."""
        return self.members.get(POSE)

    def write(self, sink: Sink) -> None:
        """Write the container again, byte for byte as the station wrote it."""
        parts = [part.name for part in self.manifest.parts]
        write_members(sink, [(name, self.members[name]) for name in (*parts, MANIFEST, SIGNATURE)])

    def signer(self) -> PublicKey:
        """Return the key that signed it, known or not.

        Raises:
            SignatureError: the signature does not belong to this manifest.
        """
        return signer_of(self.members[MANIFEST], self._signature(), NAMESPACE)

    def verify(self, public_keys: Iterable[PublicKey]) -> PublicKey:
        """Return the one of ``public_keys`` that signed it.

        Raises:
            SignatureError: not signed by any of them.
        """
        return verify(self.members[MANIFEST], self._signature(), NAMESPACE, public_keys)

    def _signature(self) -> str:
        return self.members[SIGNATURE].decode("latin-1")


def encode_record(record: Record) -> bytes:
    """Check a record against its own types and return its one JSON form.

    The form is UTF-8 with two spaces of indent and a newline at the end.

    Raises:
        ContainerError: a field has a value that readers would refuse; the message names it.
    """
    try:
        checked = msgspec.json.decode(msgspec.json.encode(record), type=type(record))
    except (msgspec.DecodeError, TypeError) as error:
        raise ContainerError(f"The record of this shot cannot be written: {error}.") from error
    return msgspec.json.format(msgspec.json.encode(checked), indent=2) + b"\n"


def write_shot(
    sink: Sink, parts: Sequence[tuple[str, Buffer]], head: ManifestHead, key: SigningKey
) -> Manifest:
    """Write the container into ``sink``, a ``SealingWriter.write`` for example.

    The picture is read once only, for the ZIP's checksum: its SHA-256 is the one that ``shot.json``
    has. Nothing is written before everything else was found to be in order.

    Args:
        sink: takes each piece whole before it returns; the parts are handed over as they are.
        parts: name and content of :data:`PARTS` or :data:`PARTS_WITH_POSE`, in that order.
        head: what the manifest says beside the parts.
        key: the station's.

    Returns:
        The manifest as written.

    Raises:
        ContainerError: other parts than these, one beyond :data:`LIMITS`, or a record that does
            not fit the picture or the head.
    """
    _require_parts([name for name, _ in parts], "A shot's parts are")
    (_, image), (_, text), *_ = parts
    record = parse_record(bytes(text), RECORD, ShotRecord)
    manifest = Manifest(
        station=head.station,
        sequence=head.sequence,
        sealed_at=head.sealed_at,
        consent=head.consent,
        parts=(
            Part(name=IMAGE, size=_size(IMAGE, image), sha256=record.image.sha256),
            *(_part(name, content) for name, content in parts[1:]),
        ),
    )
    _require_agreement(record, manifest)
    signed = encode_record(manifest)
    signature = key.sign(signed, NAMESPACE).encode("ascii")
    write_members(sink, [*parts, (MANIFEST, signed), (SIGNATURE, signature)])
    return manifest


def read_shot(source: Reader) -> Shot:
    """Read a whole container and compare each part with the manifest.

    Reads to the end, so an ``OpenedPayload`` is proven whole when this returns. Nothing is said
    about the signature yet: see :meth:`Shot.verify`.

    Raises:
        ContainerError: other members than expected, or parts that the manifest does not describe.
        EnvelopeError: what ``source`` itself raises while it is read.
    """
    return assemble(dict(read_members(source, LIMITS)))


def assemble(members: dict[str, bytes]) -> Shot:
    """Check members that were read from a ZIP or from a folder, and parse them.

    Raises:
        ContainerError: a member is missing or the manifest does not describe the parts.
    """
    _require_members(members, (*PARTS, MANIFEST, SIGNATURE))
    manifest = parse_record(members[MANIFEST], MANIFEST, Manifest)
    names = [part.name for part in manifest.parts]
    _require_parts(names, "The manifest does not name exactly the parts")
    _require_members(members, names)
    if more := sorted(set(members) - {*names, MANIFEST, SIGNATURE}):
        raise ContainerError(f"The shot has parts that its manifest does not name: {more[0]}.")
    for part in manifest.parts:
        if _part(part.name, members[part.name]) != part:
            raise ContainerError(
                f"The shot's part {part.name} is not the one that the station put into its "
                "manifest: its size or SHA-256 differs."
            )
    record = parse_record(members[RECORD], RECORD, ShotRecord)
    _require_agreement(record, manifest)
    return Shot(members, record, manifest)


def _require_parts(names: Sequence[str], said: str) -> None:
    if tuple(names) not in (PARTS, PARTS_WITH_POSE):
        raise ContainerError(f"{said} {', '.join(PARTS)} and perhaps {POSE}, in this order.")


def _require_members(members: Collection[str], names: Iterable[str]) -> None:
    if missing := sorted(set(names) - set(members)):
        raise ContainerError(f"The shot is not whole: expected also {', '.join(missing)}.")


def _require_agreement(record: ShotRecord, manifest: Manifest) -> None:
    image = manifest.parts[0]
    said = (record.image.size, record.image.sha256, record.device.station, record.consent)
    if said != (image.size, image.sha256, manifest.station, manifest.consent):
        raise ContainerError(
            f"The shot's {RECORD} and {MANIFEST} contradict each other on the picture's size or "
            "SHA-256, the station or the consent."
        )


def _part(name: str, content: Buffer) -> Part:
    size = _size(name, content)
    return Part(name=name, size=size, sha256=hashlib.sha256(content).hexdigest())


def _size(name: str, content: Buffer) -> int:
    with memoryview(content) as view:
        size = view.nbytes
    if size > LIMITS[name]:
        raise ContainerError(f"The part {name} has {size} bytes, expected at most {LIMITS[name]}.")
    return size


def parse_record(text: bytes, name: str, kind: type[_Record]) -> _Record:
    """Read what :func:`encode_record` wrote, and nothing else; ``name`` is how errors call it.

    Raises:
        ContainerError: any other text.
    """
    try:
        record = msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ContainerError(f"The part {name} cannot be read: {error}.") from error
    # One value has one text, so that no two readers see different values in doubled keys.
    if encode_record(record) != text:
        raise ContainerError(f"The part {name} is not in the one form that stations write.")
    return record
