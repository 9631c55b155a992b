"""A real drop box and a client that speaks SFTP by hand."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from provisioning.server import ThrowawayServer

OK, NO_SUCH_FILE, PERMISSION_DENIED, FAILURE = 0, 2, 3, 4


class RawSftp:
    """OpenSSH's ``ssh -s`` with packets made by hand: nothing is refused on this side."""

    def __init__(self, server: ThrowawayServer) -> None:
        self._process = subprocess.Popen(
            [*ssh(server), "-s", f"{server.user}@{server.host}", "sftp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._send(struct.pack(">BI", 1, 3))
        assert self._receive()[0] == 2

    def __enter__(self) -> Self:
        return self

    def ended(self) -> bool:
        """Wait until the client has noticed that the session is over."""
        return self._process.wait(timeout=30) != 0

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def ask(self, kind: int, *fields: str | bytes | int) -> tuple[int, bytes]:
        """Send a request; strings are length-prefixed, integers 32 bits. Kind and body of reply."""
        body = b"".join(struct.pack(">I", f) if isinstance(f, int) else string(f) for f in fields)
        self._send(struct.pack(">BI", kind, 1) + body)
        reply = self._receive()
        return reply[0], reply[5:]

    def status(self, kind: int, *fields: str | bytes | int) -> int:
        """The status code of a request; 0 as well when it was answered with more than a status."""
        answered, body = self.ask(kind, *fields)
        return int(struct.unpack(">I", body[:4])[0]) if answered == 101 else OK

    def open(self, path: str, flags: int) -> tuple[int, bytes]:
        """Status and handle."""
        answered, body = self.ask(3, path, flags, 0)
        if answered == 102:
            return OK, body[4:]
        return int(struct.unpack(">I", body[:4])[0]), b""

    def put(self, path: str, data: bytes) -> None:
        status, handle = self.open(path, 0x02 | 0x08 | 0x20)
        assert status == OK
        assert self.status(6, handle, 0, 0, data) == OK
        assert self.status(4, handle) == OK

    def _send(self, packet: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(struct.pack(">I", len(packet)) + packet)
        self._process.stdin.flush()

    def _receive(self) -> bytes:
        assert self._process.stdout is not None
        length = int.from_bytes(self._process.stdout.read(4), "big")
        return self._process.stdout.read(length)


def string(value: str | bytes) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return struct.pack(">I", len(data)) + data


def ssh(server: ThrowawayServer, *options: str, program: str = "ssh") -> list[str]:
    """The stock client with the station's key, and no configuration of anybody."""
    known = server.log.with_name("known_hosts")
    known.write_text(f"[{server.host}]:{server.port} {server.host_key}\n")
    port = "-P" if program == "scp" else "-p"
    command = [program, "-F", "none", "-i", str(server.client_key), port, str(server.port)]
    settings = ["BatchMode=yes", "IdentitiesOnly=yes", f"UserKnownHostsFile={known}", *options]
    for setting in (*settings, "ExitOnForwardFailure=yes", "ConnectTimeout=10"):
        command += ["-o", setting]
    return command


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThrowawayServer]:
    with ThrowawayServer(tmp_path_factory.mktemp("drop-box")) as running:
        yield running


@pytest.fixture
def root() -> Path:
    return Path(__file__).parents[3]
