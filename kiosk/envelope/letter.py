"""What the clinic's desk sends to a station: a head, a body and the desk's signature, in one ZIP.

The signature says that it comes from the desk, whoever has put it onto the server; the number says
that it is not an old one. A letter that only a signed-in operator may read is sealed, as a whole,
to the pose key. ``docs/formats/letters.md``.
"""

from __future__ import annotations

import enum
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

from msgspec import Meta

from kiosk.envelope.bundle import encode_record, parse_record
from kiosk.envelope.format import derive
from kiosk.envelope.recipients import Identity, Recipient
from kiosk.envelope.seal import SealingWriter, open_sealed
from kiosk.envelope.signatures import PublicKey, SigningKey, verify
from kiosk.envelope.stored_zip import Reader, read_members, write_members
from kiosk.errors import EnvelopeError, LetterRefused
from kiosk.records.shot import Count, Record, Sha256, Slug, Text, WallTime

HEAD = "letter.json"
BODY = "body"
SIGNATURE = "letter.json.sig"
NAMESPACE = "desk@capture-station"
"""What the signature is for, as ``ssh-keygen -Y verify -n`` is told."""

BODY_LIMIT: Final = 1024 * 1024
LIMITS = {HEAD: 16 * 1024, BODY: BODY_LIMIT, SIGNATURE: 4096}
"""Largest size of each member in bytes."""

SEALED_LIMIT: Final = BODY_LIMIT + 64 * 1024
"""Largest letter, sealed or not, bytes."""

_NAME_INFO = b"capture-station/mailbox/v1/"


class Kind(enum.Enum):
    """What a letter is about; its value names it in the head and in the server's folder."""

    OPERATORS = "operators"  # who may sign in
    DAY = "day"  # which patients are expected
    SHARE = "share"  # the server's part of every operator's key
    RECEIPTS = "receipts"  # which sealed objects the clinic has


@dataclass(frozen=True, slots=True)
class Heading:
    """What the desk states of a letter beside its body; fields as of :class:`LetterHead`."""

    station: str
    clinic: str
    kind: Kind
    number: int
    issued_at: str


class LetterHead(Record, frozen=True, kw_only=True):
    """What the desk states.

    Attributes:
        station: for which it is.
        clinic: from which.
        kind: what it is about.
        number: counts the letters of a kind to a station; one that is not higher is refused.
        issued_at: by the desk's clock.
        size: of the body, bytes.
        sha256: of the body.
    """

    format: Literal["capture-station-letter"] = "capture-station-letter"
    version: Literal[1] = 1
    station: Slug
    clinic: Text
    kind: Kind
    number: Annotated[int, Meta(ge=1)]
    issued_at: WallTime
    size: Count
    sha256: Sha256


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter whose signature, station, clinic and kind are proven.

    Attributes:
        head: what the desk stated.
        body: what it sent.
    """

    head: LetterHead
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Address:
    """Who a station is and whose letters it takes.

    Attributes:
        station: its name.
        clinic: its clinic's.
        desk: the key that the clinic's desk signs with.
    """

    station: str
    clinic: str
    desk: PublicKey


def mailbox_name(mailbox: str, kind: Kind) -> str:
    """Return the name, 32 hexadecimal digits, under which letters of a kind lie on the server.

    Whoever does not know the station's mailbox cannot tell the name, and nothing there can be
    listed.

    Args:
        mailbox: the station's, 32 hexadecimal digits.
        kind: of letter.
    """
    info = _NAME_INFO + kind.value.encode("ascii")
    return derive(bytes.fromhex(mailbox), salt=b"", info=info)[:16].hex()


def write_letter(
    heading: Heading, body: bytes, key: SigningKey, seal_to: Sequence[Recipient]
) -> bytes:
    """Sign a letter, and seal it where it is not for everybody.

    Args:
        heading: what it is about, for whom, and its number.
        body: what is sent.
        key: the desk's.
        seal_to: who alone can open it; empty for a letter that lies open.

    Raises:
        ContainerError: a field has a value that readers would refuse.
        LetterRefused: the body is larger than a station takes.
    """
    if len(body) > BODY_LIMIT:
        raise LetterRefused(f"The letter has {len(body)} bytes, expected at most {BODY_LIMIT}.")
    text = encode_record(_head(heading, body), "letter")
    signature = key.sign(text, NAMESPACE).encode("ascii")
    members = [(HEAD, text), (BODY, body), (SIGNATURE, signature)]
    out = io.BytesIO()
    if not seal_to:
        write_members(out.write, members)
        return out.getvalue()
    with SealingWriter(out.write, seal_to) as writer:
        write_members(writer.write, members)
    return out.getvalue()


def read_letter(
    data: bytes, kind: Kind, address: Address, identities: Sequence[Identity] = ()
) -> Letter:
    """Open a letter and prove where it comes from and for whom it is.

    Args:
        data: as it came.
        kind: that is expected.
        address: whose letters are taken.
        identities: open it, where letters of this kind are sealed; empty where they are not.

    Raises:
        LetterRefused: anything else than a whole letter of that kind from the desk to the station.
    """
    what = f"The letter of the kind “{kind.value}”"
    try:
        source: Reader = io.BytesIO(data)
        if identities:
            source = open_sealed(io.BytesIO(data), identities)
        members = dict(read_members(source, LIMITS))
        if set(members) != set(LIMITS):
            raise LetterRefused(f"{what} is not whole; expected {', '.join(LIMITS)}.")
        verify(members[HEAD], members[SIGNATURE].decode("latin-1"), NAMESPACE, [address.desk])
        head = parse_record(members[HEAD], HEAD, LetterHead)
    except EnvelopeError as error:
        raise LetterRefused(f"{what} is not used: {error}") from error
    body = members[BODY]
    if (head.size, head.sha256) != _measured(body):
        raise LetterRefused(f"{what} has another body than the desk signed.")
    said = (head.station, head.clinic, head.kind)
    if said != (address.station, address.clinic, kind):
        raise LetterRefused(f"{what} is for another station, clinic or purpose; it is not used.")
    return Letter(head, body)


def _head(heading: Heading, body: bytes) -> LetterHead:
    size, sha256 = _measured(body)
    return LetterHead(
        station=heading.station,
        clinic=heading.clinic,
        kind=heading.kind,
        number=heading.number,
        issued_at=heading.issued_at,
        size=size,
        sha256=sha256,
    )


def _measured(body: bytes) -> tuple[int, str]:
    return len(body), hashlib.sha256(body).hexdigest()
