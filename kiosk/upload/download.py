"""Fetching one file as a state machine: which request follows which reply. No connection, no clock.

OPEN, FSTAT, then READ many at a time, then CLOSE. The server handles the requests of a session one
after another, so replies come in the order of the requests; any other order, a piece shorter than
asked for, or a file that changes its size meanwhile is refused.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from kiosk.errors import TransferRefused
from kiosk.upload import sftp_wire as wire

Sink = Callable[[bytes], object]


class Stamp(NamedTuple):
    """What tells a file from a later one of its name: size, and seconds of Unix where known."""

    size: int
    modified: int | None


CHUNK = 32_000
"""Bytes asked for in a read: with its head it fits the 32,768 bytes of one SSH packet."""

MOST_ASKED = 32
"""Reads that may be unanswered: a megabyte under way."""


class _Step(enum.Enum):
    """What a reply is the answer to."""

    OPEN = "opening it"
    FSTAT = "asking for its size"
    READ = "reading"
    CLOSE = "closing it"


class Download:
    """One file on its way here.

    Attributes:
        done: whether the last reply has come.
        stamp: of the file; None where there is none. Known when done.
        size: bytes to be read, 0 until they are known.
    """

    def __init__(
        self,
        send: Callable[[bytes], None],
        path: str,
        sink: Sink,
        limit: int,
        seen: Stamp | None = None,
    ) -> None:
        """Send the first request.

        Args:
            send: sends one packet.
            path: of the file, as the server sees it.
            sink: is given the file piece by piece, in order.
            limit: largest size in bytes.
            seen: of a file of that name that needs not be read again.
        """
        self._send = send
        self._path = path
        self._sink = sink
        self._limit = limit
        self._next_request = 0
        self._asked: deque[tuple[int, _Step, int]] = deque()
        self._handle = b""
        self.size = 0
        self._begun = 0
        self.done = False
        self.stamp: Stamp | None = None
        self._seen = seen
        self._ask(_Step.OPEN, lambda n: wire.open_read(n, path))

    def take(self, reply: wire.Reply) -> None:
        """Act on a reply.

        Raises:
            TransferRefused: not the reply that was due; the connection is of no use any more.
        """
        if isinstance(reply, wire.Version) or not self._asked or self._asked[0][0] != reply.request:
            raise TransferRefused(
                "the server answered a request that was not made, or out of order; expected "
                "OpenSSH's internal-sftp"
            )
        _, step, length = self._asked.popleft()
        acts = {
            _Step.OPEN: self._opened,
            _Step.FSTAT: self._measured,
            _Step.READ: lambda got: self._took(got, length),
            _Step.CLOSE: self._closed,
        }
        acts[step](reply)

    def _opened(self, reply: wire.Reply) -> None:
        if isinstance(reply, wire.Handle):
            self._handle = reply.handle
            self._ask(_Step.FSTAT, lambda n: wire.fstat(n, reply.handle))
        elif isinstance(reply, wire.Status) and reply.code == wire.NO_SUCH_FILE:
            self.done = True
        else:
            raise self._refused(_Step.OPEN, reply)

    def _measured(self, reply: wire.Reply) -> None:
        if not isinstance(reply, wire.Attributes) or reply.size is None:
            raise self._refused(_Step.FSTAT, reply)
        if reply.size > self._limit:
            raise TransferRefused(
                f"{self._path} has {reply.size} bytes on the server, expected at most "
                f"{self._limit}; it is not fetched"
            )
        self.stamp = Stamp(reply.size, reply.modified)
        # Without a time a file of the same size may be another one.
        if self.stamp != self._seen or reply.modified is None:
            self.size = reply.size
        self._go_on()

    def _took(self, reply: wire.Reply, length: int) -> None:
        if not isinstance(reply, wire.Data) or len(reply.data) != length:
            raise self._refused(_Step.READ, reply)
        self._sink(reply.data)
        self._go_on()

    def _closed(self, reply: wire.Reply) -> None:
        if not isinstance(reply, wire.Status) or reply.code != wire.OK:
            raise self._refused(_Step.CLOSE, reply)
        self.done = True

    def _go_on(self) -> None:
        """Ask for what comes next, or close when all has come."""
        while self._begun < self.size and len(self._asked) < MOST_ASKED:
            offset, length = self._begun, min(CHUNK, self.size - self._begun)
            self._begun += length
            self._read(offset, length)
        if not self._asked:
            self._ask(_Step.CLOSE, lambda n: wire.close(n, self._handle))

    def _read(self, offset: int, length: int) -> None:
        self._ask(_Step.READ, lambda n: wire.read(n, self._handle, offset, length), length)

    def _ask(self, step: _Step, packet: Callable[[int], bytes], length: int = 0) -> None:
        number = self._next_request
        self._next_request += 1
        self._asked.append((number, step, length))
        self._send(packet(number))

    def _refused(self, step: _Step, reply: wire.Reply) -> TransferRefused:
        said = reply.meaning if isinstance(reply, wire.Status) else "an answer of the wrong kind"
        return TransferRefused(
            f"the server refused {self._path} when {step.value}: {said}; it will be tried again"
        )
