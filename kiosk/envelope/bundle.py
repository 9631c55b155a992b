"""What a station seals, whatever it is: parts, a manifest and the station's signature, in one ZIP.

``manifest.json`` names the station, its count of sealed objects, the moment, the consent and how
far the audit trail had come, and has size and SHA-256 of each part; ``manifest.json.sig`` is the
station's SSHSIG over its very bytes. age does not say who sealed a file; this does. What the parts
are is said by a :class:`Kind`; each kind has its own module (:mod:`kiosk.envelope.container` for
shots).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeAlias, TypeVar

import msgspec
from cryptography.utils import Buffer
from msgspec import Meta

from kiosk.envelope.signatures import PublicKey, SigningKey, signer_of, verify
from kiosk.envelope.stored_zip import Reader, read_members, write_members
from kiosk.envelope.stream import Sink
from kiosk.errors import ContainerError
from kiosk.records.shot import Count, Instant, Record, Sha256, Slug

MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.sig"

_LIMITS = {MANIFEST: 64 * 1024, SIGNATURE: 4096}

_Record = TypeVar("_Record", bound=Record)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of sealed object.

    Attributes:
        name: what sentences call it, "shot".
        format: what its manifest calls it.
        namespace: what its signature is for, as ``ssh-keygen -Y verify -n`` is told.
        limits: largest size of each part in bytes, in the order of writing; a reader allocates no
            more.
        optional: those of the parts that may be missing.
        since: the first version of the manifest that the kind was written with.
    """

    name: str
    format: str
    namespace: str
    limits: Mapping[str, int]
    optional: frozenset[str] = frozenset()
    since: int = 2

    @property
    def parts(self) -> tuple[str, ...]:
        """Every part, in the order in which they are written."""
        return tuple(self.limits)

    def accepts(self, names: Sequence[str]) -> bool:
        """Whether these are the parts of an object of this kind, in order."""
        given = set(names)
        wanted = [name for name in self.parts if name in given or name not in self.optional]
        return list(names) == wanted


class AuditAnchor(Record, frozen=True, kw_only=True):
    """How far the station's audit trail had come: number of entries, SHA-256 of the last."""

    entries: Annotated[int, Meta(ge=1)]
    head: Sha256


class ManifestHead(Record, frozen=True, kw_only=True):
    """What the station states about a sealed object.

    Attributes:
        station: the station's name; the clinic's list says which key speaks for it.
        sequence: counts what the station seals from 1, so that something missing shows.
        sealed_at: moment of sealing, with boot and clock state.
        consent: SHA-256 of the consent that allowed a picture; None of anything else.
    """

    station: Slug
    sequence: Annotated[int, Meta(ge=1)]
    sealed_at: Instant
    consent: Sha256 | None


class Part(Record, frozen=True, kw_only=True):
    """One member of the ZIP; ``size`` in bytes."""

    name: str
    size: Count
    sha256: Sha256


class Manifest1(ManifestHead, frozen=True, kw_only=True):
    """The signed manifest of stations that kept no audit trail."""

    format: str
    version: Literal[1] = 1
    parts: tuple[Part, ...]

    @property
    def audit(self) -> None:
        return None


class Manifest(ManifestHead, frozen=True, kw_only=True):
    """The signed manifest.

    Attributes:
        audit: how far the audit trail had come; None before its first entry.
        format: which :class:`Kind` it is.
        parts: what is in it, in order.
    """

    audit: AuditAnchor | None
    format: str
    version: Literal[2] = 2
    parts: tuple[Part, ...]


AnyManifest: TypeAlias = Manifest1 | Manifest


@dataclass(frozen=True, slots=True)
class Bundle:
    """An opened object whose parts are those that its manifest names.

    Whoever signed it is proven by :meth:`verify` alone.

    Attributes:
        kind: what it is.
        members: every member's name and bytes, as they lie in the ZIP.
        manifest: ``manifest.json``, parsed.
    """

    kind: Kind
    members: Mapping[str, bytes] = field(repr=False)
    manifest: AnyManifest

    def write(self, sink: Sink) -> None:
        """Write the object again, byte for byte as the station wrote it."""
        parts = [part.name for part in self.manifest.parts]
        write_members(sink, [(name, self.members[name]) for name in (*parts, MANIFEST, SIGNATURE)])

    def signer(self) -> PublicKey:
        """Return the key that signed it, known or not.

        Raises:
            SignatureError: the signature does not belong to this manifest.
        """
        return signer_of(self.members[MANIFEST], self._signature(), self.kind.namespace)

    def verify(self, public_keys: Iterable[PublicKey]) -> PublicKey:
        """Return the one of ``public_keys`` that signed it.

        Raises:
            SignatureError: not signed by any of them.
        """
        return verify(self.members[MANIFEST], self._signature(), self.kind.namespace, public_keys)

    def _signature(self) -> str:
        return self.members[SIGNATURE].decode("latin-1")


@dataclass(frozen=True, slots=True)
class Content:
    """One part to be written; ``sha256`` where it is known, so that it is not read twice."""

    name: str
    data: Buffer = field(repr=False)
    sha256: str | None = None


def manifest_of(
    kind: Kind, parts: Sequence[Content], head: ManifestHead, audit: AuditAnchor | None
) -> Manifest:
    """Return the manifest of an object before it is written.

    Raises:
        ContainerError: other parts than the kind has, or one beyond its limit.
    """
    _require_parts(kind, [part.name for part in parts], f"A {kind.name}'s parts are")
    return Manifest(
        station=head.station,
        sequence=head.sequence,
        sealed_at=head.sealed_at,
        consent=head.consent,
        audit=audit,
        format=kind.format,
        parts=tuple(_part(kind, part) for part in parts),
    )


def write_bundle(
    sink: Sink, kind: Kind, parts: Sequence[Content], manifest: Manifest, key: SigningKey
) -> None:
    """Sign a manifest and write it with its parts into ``sink``, a ``SealingWriter.write`` say.

    Args:
        sink: takes each piece whole before it returns; the parts are handed over as they are.
        kind: what it is.
        parts: in the kind's order.
        manifest: what :func:`manifest_of` returned for them.
        key: the station's.

    Raises:
        ContainerError: a field of the manifest has a value that readers would refuse; nothing is
            written.
    """
    signed = encode_record(manifest, kind.name)
    signature = key.sign(signed, kind.namespace).encode("ascii")
    members = [(part.name, part.data) for part in parts]
    write_members(sink, [*members, (MANIFEST, signed), (SIGNATURE, signature)])


def read_bundle(source: Reader, kinds: Sequence[Kind]) -> Bundle:
    """Read a whole object of one of ``kinds`` and compare each part with the manifest.

    Reads to the end, so an ``OpenedPayload`` is proven whole when this returns. Nothing is said
    about the signature yet: see :meth:`Bundle.verify`.

    Raises:
        ContainerError: other members than expected, or parts that the manifest does not describe.
        EnvelopeError: what ``source`` itself raises while it is read.
    """
    return assemble_bundle(dict(read_members(source, limits_of(kinds))), kinds)


def limits_of(kinds: Sequence[Kind]) -> dict[str, int]:
    """Return the largest size of each member that objects of these kinds may have, bytes."""
    limits = dict(_LIMITS)
    for kind in kinds:
        limits |= kind.limits
    return limits


def assemble_bundle(members: Mapping[str, bytes], kinds: Sequence[Kind]) -> Bundle:
    """Check members that were read from a ZIP or from a folder, and parse the manifest.

    Raises:
        ContainerError: a member is missing or the manifest does not describe the parts.
    """
    name = kinds[0].name if len(kinds) == 1 else "sealed object"
    least = kinds[0].parts if len(kinds) == 1 else ()
    optional = kinds[0].optional if len(kinds) == 1 else frozenset()
    _require_members(members, name, (*(p for p in least if p not in optional), MANIFEST, SIGNATURE))
    manifest = _parse_manifest(members[MANIFEST])
    kind = next((one for one in kinds if one.format == manifest.format), None)
    if kind is None or manifest.version < kind.since:
        raise ContainerError(
            f"The part {MANIFEST} cannot be read: {manifest.format!r} in version "
            f"{manifest.version} is none of the formats that are expected here."
        )
    names = [part.name for part in manifest.parts]
    _require_parts(kind, names, "The manifest does not name exactly the parts")
    _require_members(members, kind.name, names)
    if more := sorted(set(members) - {*names, MANIFEST, SIGNATURE}):
        raise ContainerError(
            f"The {kind.name} has parts that its manifest does not name: {more[0]}."
        )
    for part in manifest.parts:
        if _part(kind, Content(part.name, members[part.name])) != part:
            raise ContainerError(
                f"The {kind.name}'s part {part.name} is not the one that the station put into its "
                "manifest: its size or SHA-256 differs."
            )
    return Bundle(kind, members, manifest)


def encode_record(record: Record, what: str = "shot") -> bytes:
    """Check a record against its own types and return its one JSON form.

    The form is UTF-8 with two spaces of indent and a newline at the end.

    Args:
        record: what to write.
        what: it is about, for errors.

    Raises:
        ContainerError: a field has a value that readers would refuse; the message names it.
    """
    try:
        checked = msgspec.json.decode(msgspec.json.encode(record), type=type(record))
    except (msgspec.DecodeError, TypeError) as error:
        raise ContainerError(f"The record of this {what} cannot be written: {error}.") from error
    return msgspec.json.format(msgspec.json.encode(checked), indent=2) + b"\n"


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


class _Version(msgspec.Struct):
    """What tells which manifest it is; everything else is left to its own type."""

    version: int = 0


def _parse_manifest(text: bytes) -> AnyManifest:
    try:
        version = msgspec.json.decode(text, type=_Version).version
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ContainerError(f"The part {MANIFEST} cannot be read: {error}.") from error
    kind: type[AnyManifest] = Manifest1 if version == 1 else Manifest
    return parse_record(text, MANIFEST, kind)


def _require_parts(kind: Kind, names: Sequence[str], said: str) -> None:
    if not kind.accepts(names):
        must = ", ".join(name for name in kind.parts if name not in kind.optional)
        may = "".join(f" and perhaps {name}" for name in kind.parts if name in kind.optional)
        raise ContainerError(f"{said} {must}{may}, in this order.")


def _require_members(members: Collection[str], name: str, wanted: Iterable[str]) -> None:
    if missing := sorted(set(wanted) - set(members)):
        raise ContainerError(f"The {name} is not whole: expected also {', '.join(missing)}.")


def _part(kind: Kind, content: Content) -> Part:
    with memoryview(content.data) as view:
        size = view.nbytes
    limit = kind.limits[content.name]
    if size > limit:
        raise ContainerError(f"The part {content.name} has {size} bytes, expected at most {limit}.")
    digest = content.sha256 or hashlib.sha256(content.data).hexdigest()
    return Part(name=content.name, size=size, sha256=digest)
