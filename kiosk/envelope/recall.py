"""The sealed request for earlier pictures: a record and the station's signature, in one ZIP.

age does not say who sealed a file, and a clinic hands pictures to its own stations only: hence the
signature, whose namespace keeps it apart from those of shots. ``docs/formats/recall.md``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kiosk.envelope.bundle import encode_record, parse_record
from kiosk.envelope.signatures import PublicKey, SigningKey, verify
from kiosk.envelope.stored_zip import Reader, read_members, write_members
from kiosk.envelope.stream import Sink
from kiosk.errors import ContainerError
from kiosk.records.recall import RecallRequest

REQUEST = "request.json"
SIGNATURE = "request.json.sig"
NAMESPACE = "recall@capture-station"
"""What the signature is for, as ``ssh-keygen -Y verify -n`` is told."""

LIMITS = {REQUEST: 64 * 1024, SIGNATURE: 4096}
"""Largest size of each member in bytes."""


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """An opened request; who signed it is proven by :meth:`verify` alone."""

    request: RecallRequest
    text: bytes
    signature: str

    def verify(self, public_keys: Iterable[PublicKey]) -> PublicKey:
        """Return the one of ``public_keys`` that signed it.

        Raises:
            SignatureError: not signed by any of them.
        """
        return verify(self.text, self.signature, NAMESPACE, public_keys)


def write_request(sink: Sink, request: RecallRequest, key: SigningKey) -> None:
    """Sign a request and write it.

    Raises:
        ContainerError: a field has a value that readers would refuse.
    """
    text = encode_record(request)
    signature = key.sign(text, NAMESPACE).encode("ascii")
    write_members(sink, [(REQUEST, text), (SIGNATURE, signature)])


def read_request(source: Reader) -> SignedRequest:
    """Read a request to its end, so that an ``OpenedPayload`` is proven whole.

    Raises:
        ContainerError: it is something else.
        EnvelopeError: what ``source`` itself raises while it is read.
    """
    members = dict(read_members(source, LIMITS))
    if set(members) != set(LIMITS):
        raise ContainerError(f"The request is not whole: expected {' and '.join(LIMITS)}.")
    text = members[REQUEST]
    signature = members[SIGNATURE].decode("latin-1")
    return SignedRequest(parse_record(text, REQUEST, RecallRequest), text, signature)
