"""A station on its way to the clinic's server: its marks on disk, and how two processes talk of it.

The process with the screen has no network, and the one that asks the server has no screen. They
meet at a socket that takes whole messages (``SOCK_SEQPACKET``): one question with the code, one
answer. docs/decisions/0113.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final, Literal, TypeVar

import msgspec
from msgspec import Meta

from kiosk.durable import read_if_there, translated
from kiosk.errors import EnrolmentError
from kiosk.records.shot import Record, Slug, WallTime

PENDING: Final = "enrolment-pending"
"""In ``/etc/kiosk`` from the card's installation until the station is enrolled. Empty."""

RECEIPT: Final = "enrolled.json"
"""Beside it, from then on: an :class:`Enrolled`."""

REFUSAL: Final = "enrolment-refused.json"
"""Beside the first, while it is there: why the last try came to nothing, a :class:`Refused`."""

SOCKET: Final = Path("/run/kiosk-enrol.socket")
"""Where the screen asks; the unit ``kiosk-enrol.socket`` makes it."""

LIMIT: Final = 4096
"""The longest message, octets."""

_LINE: Final = 1000
_Line = Annotated[str, Meta(max_length=_LINE)]


class Handed(Record, frozen=True, kw_only=True):
    """What the screen says: the code as it was scanned or typed."""

    version: Literal[1] = 1
    code: Annotated[str, Meta(max_length=128)]

    def __repr__(self) -> str:
        """Show that there is one, never which."""
        return "Handed()"


class Enrolled(Record, frozen=True, kw_only=True):
    """What came of an enrolment; fingerprints as ``ssh-keygen -l`` prints them.

    Attributes:
        station: its name.
        server: where, ``host:port``.
        ssh_key: lets the station into its drop box.
        signing_key: proves what it takes.
        at: when, by the station's clock.
    """

    station: Slug
    server: _Line
    ssh_key: _Line
    signing_key: _Line
    at: WallTime


class Refused(Record, frozen=True, kw_only=True):
    """Why a try to enrol came to nothing.

    Attributes:
        code: of the error, as in ``kiosk/errors.py``.
        sentence: what the error says; never the code that was tried.
        at: when, by the station's clock, which may be wrong.
    """

    code: Annotated[str, Meta(pattern=r"\A[a-z-]{1,40}\Z")]
    sentence: _Line
    at: WallTime


class Done(Record, frozen=True, kw_only=True, tag="enrolled"):
    """The answer of a station that is enrolled.

    Attributes:
        enrolled: as it was written down.
        fault: why the first login did not succeed, in a sentence; empty where it did.
    """

    enrolled: Enrolled
    fault: _Line = ""


class NotDone(Record, frozen=True, kw_only=True, tag="refused"):
    """The answer of one that is not.

    Attributes:
        code: of the error, as in ``kiosk/errors.py``.
        sentence: what the error says.
    """

    code: Annotated[str, Meta(pattern=r"\A[a-z-]{1,40}\Z")]
    sentence: _Line


Answer = Done | NotDone

_Message = TypeVar("_Message", Handed, Done | NotDone, Enrolled, Refused)


def write(message: Handed | Answer | Enrolled | Refused) -> bytes:
    return msgspec.json.encode(message)


def fitting(sentence: str) -> str:
    """Return as much of a sentence as an answer has room for."""
    return sentence[:_LINE]


def read_handed(octets: bytes) -> Handed:
    """Read the screen's question.

    Raises:
        EnrolmentError: it is none; the sentence repeats nothing of it.
    """
    return _read(octets, msgspec.json.Decoder(Handed), "The screen's question")


def read_answer(octets: bytes) -> Answer:
    """Read the answer to it.

    Raises:
        EnrolmentError: it is none.
    """
    decoder: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)
    return _read(octets, decoder, "The answer to the screen")


def is_pending(folder: Path) -> bool:
    """Say whether a station still waits for its code; ``folder`` is that of its settings.

    A station set up by hand never does.
    """
    return (folder / PENDING).exists()


def read_receipt(folder: Path) -> Enrolled:
    """Read what the last enrolment left.

    Raises:
        StorageError: there is nothing, or it cannot be read.
        EnrolmentError: it is something else.
    """
    path = folder / RECEIPT
    with translated(f"reading {path}"):
        octets = path.read_bytes()
    return _read(octets, msgspec.json.Decoder(Enrolled), str(path))


def read_refusal(folder: Path) -> Refused | None:
    """Read why the last try came to nothing; None where there was none.

    Raises:
        StorageError: it cannot be read.
        EnrolmentError: it is something else.
    """
    path = folder / REFUSAL
    octets = read_if_there(path, LIMIT + 1)
    return None if octets is None else _read(octets, msgspec.json.Decoder(Refused), str(path))


def _read(octets: bytes, decoder: msgspec.json.Decoder[_Message], what: str) -> _Message:
    if len(octets) <= LIMIT:
        # Not raised from the decoder's error, which may repeat what it read.
        with suppress(msgspec.DecodeError, RecursionError):
            return decoder.decode(octets)
    raise EnrolmentError(
        f"{what} cannot be understood; expected one JSON object of at most {LIMIT} octets, as this "
        "version of the program writes it."
    )
