"""Hands the code to who may ask the server, and hears what came of it; never waits."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path
from typing import Final

from kiosk.errors import EnrolmentError, EnrolmentInterrupted
from kiosk.records.enrolment import (
    LIMIT,
    SOCKET,
    Answer,
    Handed,
    NotDone,
    fitting,
    read_answer,
    write,
)

_NOT_THERE: Final = "expected the unit kiosk-enrol.socket to have made it: try again, or start anew"


class Link:
    """One question at a time, on the screen's thread.

    Args:
        path: of the socket.
    """

    def __init__(self, path: Path = SOCKET) -> None:
        self._path = path
        self._asked: socket.socket | None = None
        self._failed: Answer | None = None

    def ask(self, code: str) -> None:
        """Hand a code over; one that was asked about before is no longer waited for."""
        self.close()
        asked = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
        try:
            asked.connect(os.fspath(self._path))
            asked.send(write(Handed(code=code)))
        except OSError as error:
            asked.close()
            self._failed = _interrupted(f"{self._path}: {error.strerror or error}; {_NOT_THERE}.")
        else:
            self._asked = asked

    def poll(self) -> Answer | None:
        """Return the answer, once; None while there is none.

        Who asks the server may end without one: that is told as an answer too.
        """
        if self._failed is not None:
            failed, self._failed = self._failed, None
            return failed
        if self._asked is None:
            return None
        try:
            octets = self._asked.recv(LIMIT + 1)
        except BlockingIOError:
            return None
        except OSError as error:
            octets, why = b"", error.strerror or errno.errorcode.get(error.errno or 0, "")
        else:
            why = "it ended without an answer"
        self.close()
        if not octets:
            return _interrupted(f"{self._path}: {why}; `journalctl -u 'kiosk-enrol@*'` says more.")
        try:
            return read_answer(octets)
        except EnrolmentError as error:
            return NotDone(code=error.code, sentence=error.sentence)

    def close(self) -> None:
        """Wait for no answer any more; may be called more than once."""
        self._failed = None
        if self._asked is not None:
            self._asked.close()
            self._asked = None


def _interrupted(sentence: str) -> NotDone:
    return NotDone(code=EnrolmentInterrupted.code, sentence=fitting(sentence))
