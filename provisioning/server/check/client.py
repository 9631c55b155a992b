"""The attacker's tools: OpenSSH's own clients, and SFTP packets made by hand.

The stock ``sftp`` refuses much on its own side. Here whatever is asked for is sent, through
``ssh -s``, and what the server answers is what counts.
"""

from __future__ import annotations

import os
import select
import struct
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from kiosk.errors import ServiceError

OK, NO_SUCH_FILE = 0, 2
READ, WRITE, APPEND, CREATE, TRUNCATE, EXCLUSIVE = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
NEW = WRITE | CREATE | EXCLUSIVE
"""Flags of opening. Source: draft-ietf-secsh-filexfer-02, as all numbers here."""

PATIENCE_S = 30.0
"""The longest that a server may take to answer."""

_SILENT = f"the server did not answer within {PATIENCE_S:.0f} seconds"

_INIT, _VERSION = 1, 2
HELLO = struct.pack(">IBI", 5, _INIT, 3)
"""What a client says first."""

_OPEN, _CLOSE, _READ, _WRITE = 3, 4, 5, 6
_STATUS, _HANDLE, _DATA = 101, 102, 103


@dataclass(frozen=True, slots=True)
class Login:
    """Whose key is used where; ``known_hosts`` has the server's own keys and nobody else's."""

    host: str
    port: int
    user: str
    key: Path
    known_hosts: Path

    @property
    def address(self) -> str:
        return f"{self.user}@{self.host}"

    def command(self, *options: str, program: str = "ssh") -> list[str]:
        """The stock client with this key, and no configuration of anybody.

        ``options``: as ``ssh -o`` takes them; they win over those that are given here.
        """
        port = "-P" if program == "scp" else "-p"
        command = [program, "-F", "none", "-i", str(self.key), port, str(self.port)]
        settings = (
            *options,
            "BatchMode=yes",
            "IdentitiesOnly=yes",
            f"UserKnownHostsFile={self.known_hosts}",
            "GlobalKnownHostsFile=none",
            "StrictHostKeyChecking=yes",
            "ExitOnForwardFailure=yes",
            "ConnectTimeout=10",
        )
        return [*command, *(word for setting in settings for word in ("-o", setting))]

    def run(
        self,
        *words: str,
        options: Sequence[str] = (),
        before: Sequence[str] = (),
        sent: bytes = b"",
    ) -> subprocess.CompletedProcess[bytes]:
        """Log in and ask for ``words``; ``before`` stands before the address.

        Raises:
            ServiceError: it goes on for longer than a refusal takes.
        """
        return finished([*self.command(*options), *before, self.address, *words], sent)


def finished(command: Sequence[str], sent: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run a client to its end.

    Raises:
        ServiceError: it goes on for longer than a refusal takes.
    """
    try:
        return subprocess.run(
            command, input=sent, capture_output=True, timeout=PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ServiceError(_SILENT) from error


class RawSftp:
    """``ssh -s`` with packets made by hand: nothing is refused on this side.

    Every call raises EOFError where the server has ended the session.
    """

    def __init__(self, login: Login) -> None:
        self._process = subprocess.Popen(
            [*login.command(), "-s", login.address, "sftp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        try:
            self._write(HELLO)
            version = self._receive()[0]
        except EOFError as error:
            self.close()
            raise ServiceError(
                f"{login.user} could not log in to {login.host} port {login.port} with its key; "
                "expected this server's sshd there, with the rules that `prepare` has written"
            ) from error
        assert version == _VERSION  # noqa: S101 - the only answer that there is

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def ended(self) -> bool:
        """Wait until the client has noticed that the session is over."""
        return self._process.wait(timeout=PATIENCE_S) != 0

    def ask(self, kind: int, *fields: str | bytes | int) -> tuple[int, bytes]:
        """Send a request; strings are length-prefixed, integers 32 bits. Kind and body of reply."""
        body = b"".join(struct.pack(">I", f) if isinstance(f, int) else _string(f) for f in fields)
        self._send(struct.pack(">BI", kind, 1) + body)
        reply = self._receive()
        return reply[0], reply[5:]

    def status(self, kind: int, *fields: str | bytes | int) -> int:
        """The status code of a request; 0 as well when it was answered with more than a status."""
        answered, body = self.ask(kind, *fields)
        return int(struct.unpack(">I", body[:4])[0]) if answered == _STATUS else OK

    def open(self, path: str, flags: int, *attributes: int) -> tuple[int, bytes]:
        """Status and handle; ``attributes`` are the flags word and what it announces."""
        answered, body = self.ask(_OPEN, path, flags, *(attributes or (0,)))
        if answered == _HANDLE:
            return OK, body[4:]
        return int(struct.unpack(">I", body[:4])[0]), b""

    def read(self, handle: bytes) -> bytes:
        """The first bytes of an open file; empty where the server refuses."""
        answered, body = self.ask(_READ, handle, 0, 0, 4096)
        return body[4:] if answered == _DATA else b""

    def write(self, handle: bytes, data: bytes, offset: int = 0) -> int:
        return self.status(_WRITE, handle, offset >> 32, offset & 0xFFFFFFFF, data)

    def close_file(self, handle: bytes) -> int:
        return self.status(_CLOSE, handle)

    def put(self, path: str, data: bytes) -> None:
        """Put a new file, as a station may.

        Raises:
            ServiceError: the server refuses.
        """
        status, handle = self.open(path, NEW)
        status = status or self.write(handle, data) or self.close_file(handle)
        if status != OK:
            raise ServiceError(f"a station could not put a file into {path}: status {status}")

    def _send(self, packet: bytes) -> None:
        self._write(struct.pack(">I", len(packet)) + packet)

    def _write(self, data: bytes) -> None:
        assert self._process.stdin is not None  # noqa: S101 - a pipe was asked for
        try:
            self._process.stdin.write(data)
        except BrokenPipeError as error:
            raise EOFError from error

    def _receive(self) -> bytes:
        deadline = time.monotonic() + PATIENCE_S
        return self._exactly(int.from_bytes(self._exactly(4, deadline), "big"), deadline)

    def _exactly(self, size: int, deadline: float) -> bytes:
        assert self._process.stdout is not None  # noqa: S101 - a pipe was asked for
        pipe, found = self._process.stdout.fileno(), b""
        while len(found) < size:
            if not select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise ServiceError(_SILENT)
            got = os.read(pipe, size - len(found))
            if not got:
                raise EOFError
            found += got
        return found


def _string(value: str | bytes) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return struct.pack(">I", len(data)) + data
