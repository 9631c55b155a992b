"""What a station asks of the server once: one line of JSON, then the code's signature over it.

The server knows by the login that the code was there. The signature is for whoever trusts the
server less: with the ticket that the bench kept, the desk proves which keys the holder of the code
gave, by ``ssh-keygen -Y verify`` or by :func:`read_request`.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from kiosk.envelope.signatures import PublicKey, SigningKey, verify
from kiosk.errors import EnrolmentError
from kiosk.records.shot import Record, Slug, WallTime

NAMESPACE: Final = "enrol@capture-station"
"""No signature made for anything else is ever taken for this one."""

ACCOUNT: Final = "enrol"
"""The server's account that takes requests; provisioning/server/dropbox.py has the same."""


class Ticket(Record, frozen=True, kw_only=True):
    """What the server is told of a code: nothing that would have to be kept secret.

    Attributes:
        key: the public half of the key that the code is.
        expires_at: by the server's clock, UTC.
    """

    version: Literal[1] = 1
    station: Slug
    key: str
    expires_at: WallTime


class Request(Record, frozen=True, kw_only=True):
    """The station's public keys, ``ssh-ed25519 AAAA…`` without comments.

    Attributes:
        ssh_key: lets it into its drop box.
        signing_key: proves what it took; for the clinic's list of stations.
    """

    version: Literal[1] = 1
    station: Slug
    ssh_key: str
    signing_key: str


def write_request(request: Request, key: SigningKey) -> bytes:
    """Return what is sent; ``key`` is the code's."""
    line = msgspec.json.encode(request) + b"\n"
    return line + key.sign(line, NAMESPACE).encode("ascii")


def read_request(sent: bytes, ticket: Ticket) -> Request:
    """Read what a server kept of an enrolment, and prove that the code's holder sent it.

    Raises:
        EnrolmentError: it is no request, or of another station than the ticket's.
        SignatureError: not signed with the ticket's code, or changed since.
        BadKey: the ticket's key or one of the request's cannot be read.
    """
    line, newline, signature = sent.partition(b"\n")
    try:
        armoured = signature.decode("ascii")
        request = msgspec.json.decode(line, type=Request)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EnrolmentError(
            "This is no station's request; expected the file as `python3 -m provisioning.server "
            "enrolment NAME` prints it."
        ) from error
    verify(line + newline, armoured, NAMESPACE, [PublicKey.parse(ticket.key)])
    if request.station != ticket.station:
        raise EnrolmentError(
            f"The request is of the station {request.station!r}, and the ticket of "
            f"{ticket.station!r}; expected the two of one station."
        )
    for kept in (request.ssh_key, request.signing_key):
        PublicKey.parse(kept)
    return request


def parse_ticket(text: bytes, source: str) -> Ticket:
    """Read the bench's ticket.

    Raises:
        EnrolmentError: it is none.
    """
    try:
        return msgspec.json.decode(text, type=Ticket)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EnrolmentError(
            f"{source}: expected a ticket of `kiosk provision card`: {error}."
        ) from error
