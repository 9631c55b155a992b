"""Enrols by a code that the station's screen hands over, and answers the screen.

Run once for each question, by systemd: the connection is the standard input.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from typing import Final

from kiosk.errors import EnrolmentError, EnrolmentInterrupted, KioskError
from kiosk.records.enrolment import (
    LIMIT,
    Answer,
    Done,
    Enrolled,
    NotDone,
    fitting,
    read_handed,
    write,
)

_SECONDS: Final = 10.0
"""The screen asks at once; whoever connects and says nothing must not keep it out."""

_PEER: Final = struct.Struct("3i")
"""Process, user and group (struct ucred of unix(7))."""

Enrol = Callable[[str], Enrolled]
Prove = Callable[[], str]


def answer(connection: socket.socket, user: int, enrol: Enrol, prove: Prove) -> Answer:
    """Take one question, enrol, and answer; the connection is the caller's to close.

    Args:
        connection: of ``SOCK_SEQPACKET``, from the screen.
        user: who alone may ask; its number.
        enrol: tries one code.
        prove: logs in with the station's own key; raises a KioskError where that fails.

    Returns:
        What was answered.

    Raises:
        EnrolmentError: another user's process asks; nothing was read or answered.
        EnrolmentInterrupted: nobody says anything, or nobody waits for the answer any more.
    """
    _require_peer(connection, user)
    connection.settimeout(_SECONDS)
    try:
        octets = connection.recv(LIMIT + 1)
        said = _answer(octets, enrol, prove)
        connection.send(write(said))
    except OSError as error:
        raise EnrolmentInterrupted(
            f"The screen broke off ({error.strerror or error}); it will ask again."
        ) from error
    return said


def _answer(octets: bytes, enrol: Enrol, prove: Prove) -> Answer:
    try:
        enrolled = enrol(read_handed(octets).code)
    except KioskError as error:
        return NotDone(code=error.code, sentence=fitting(error.sentence))
    try:
        prove()
    except KioskError as error:
        return Done(enrolled=enrolled, fault=fitting(error.sentence))
    return Done(enrolled=enrolled)


def _require_peer(connection: socket.socket, user: int) -> None:
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    _, found, _ = _PEER.unpack(raw)
    if found != user:
        raise EnrolmentError(
            f"A process of user {found} asks at the screen's socket; expected user {user}, the "
            "screen's. Nothing was read."
        )
