"""An SFTP server on a real SSH transport that fails where it is told to, and remembers honestly.

Its files live in memory together with what a power cut would leave of them: data is durable from
the sync after it was written, a name from the sync after the rename.
"""

from __future__ import annotations

import enum
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

import paramiko

STAT, OPEN, WRITE, FSTAT, FSYNC, RENAME, CLOSE = (
    "stat",
    "open",
    "write",
    "fstat",
    "fsync",
    "rename",
    "close",
)
_KINDS = {17: STAT, 3: OPEN, 6: WRITE, 8: FSTAT, 200: FSYNC, 18: RENAME, 4: CLOSE}


class Act(enum.Enum):
    """What the server does with one request instead of its duty."""

    FAIL = "answers with a failure and does nothing"
    LATE_FAIL = "does it, then answers with a failure"
    DIE = "closes the connection without doing it"
    DIE_AFTER = "does it, then closes the connection without an answer"
    POWER_CUT = "does it, answers, then loses everything that is not durable and the connection"
    STALL = "never answers again"
    LIE = "acknowledges a write without storing it, or makes up a size"
    GARBLE = "answers with something that is not SFTP"
    STRANGER = "answers a request that was never made"
    WRONG_KIND = "answers with a handle whatever was asked"


@dataclass(frozen=True)
class Asked:
    """A request: its kind, its number of that kind and in all, from 1, and its size in bytes."""

    kind: str
    nth: int
    number: int
    size: int


Plan = Callable[[Asked], Act | None]


def healthy(_asked: Asked) -> None:
    return None


@dataclass
class Node:
    """A file: what is in memory and what a power cut would leave."""

    data: bytearray = field(default_factory=bytearray)
    synced: bytes = b""


class Disk:
    """Files by name, in memory and durably.

    ``exposed``: names given to data that was not durable; the journal may keep the name alone.
    """

    def __init__(self) -> None:
        self.names: dict[str, Node] = {}
        self.durable_names: dict[str, Node] = {}
        self.exposed: list[str] = []

    def sync(self, node: Node) -> None:
        node.synced = bytes(node.data)
        self.durable_names = {n: x for n, x in self.durable_names.items() if x is not node}
        self.durable_names |= {n: x for n, x in self.names.items() if x is node}

    def power_cut(self) -> None:
        self.names = dict(self.durable_names)
        for node in self.names.values():
            node.data = bytearray(node.synced)

    def finals(self, *, durable: bool = False) -> dict[str, bytes]:
        """Contents under final names; ``durable``: as after a power cut at this moment."""
        names = self.durable_names if durable else self.names
        return {
            name.removeprefix("in/"): bytes(node.synced if durable else node.data)
            for name, node in names.items()
            if not name.startswith("in/.")
        }


class FaultyServer:
    """``with FaultyServer(client_key) as server``; set ``plan`` and ``host_key`` at any time."""

    host = "127.0.0.1"

    def __init__(self, client_key: paramiko.PKey, host_key: paramiko.PKey) -> None:
        self.client_key = client_key
        self.host_key = host_key
        self.disk = Disk()
        self.plan: Plan = healthy
        self.extensions: tuple[bytes, ...] = (b"fsync@openssh.com",)
        self.subsystem = "sftp"
        self.requests: list[str] = []
        self.logins = 0
        self._listener = socket.create_server((self.host, 0))
        self.port: int = self._listener.getsockname()[1]
        self._transports: list[paramiko.Transport] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # Only a shutdown wakes a thread that sits in accept.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        for transport in self._transports:
            transport.close()

    def ask(self, kind: str, size: int) -> Act | None:
        self.requests.append(kind)
        return self.plan(Asked(kind, Counter(self.requests)[kind], len(self.requests), size))

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(connection)
            transport.add_server_key(self.host_key)
            transport.set_subsystem_handler(self.subsystem, _Handler, self)
            self._transports.append(transport)
            try:
                transport.start_server(event=threading.Event(), server=_Login(self))
            except (paramiko.SSHException, OSError):
                transport.close()


class _Login(paramiko.ServerInterface):  # type: ignore[misc]
    def __init__(self, server: FaultyServer) -> None:
        self._server = server

    def check_auth_publickey(self, _username: str, key: paramiko.PKey) -> int:
        if key.asbytes() != self._server.client_key.asbytes():
            return int(paramiko.AUTH_FAILED)
        self._server.logins += 1
        return int(paramiko.AUTH_SUCCESSFUL)

    def get_allowed_auths(self, _username: str) -> str:
        return "publickey"

    def check_channel_request(self, _kind: str, _chanid: int) -> int:
        return int(paramiko.OPEN_SUCCEEDED)


class _Handler(paramiko.SubsystemHandler):  # type: ignore[misc]
    """One session: reads requests, does them or what the plan says."""

    def __init__(
        self, channel: paramiko.Channel, name: str, interface: object, server: FaultyServer
    ) -> None:
        super().__init__(channel, name, interface)
        self._server = server
        self._handles: dict[bytes, Node] = {}
        self._opened = 0

    def start_subsystem(
        self, _name: str, transport: paramiko.Transport, channel: paramiko.Channel
    ) -> None:
        self._channel = channel
        while (packet := self._read()) is not None:
            if packet[0] == 1:
                pairs = b"".join(_text(e) + _text(b"1") for e in self._server.extensions)
                self._answer(2, struct.pack(">I", 3) + pairs)
                continue
            kind, request = _KINDS[packet[0]], packet[1:5]
            act = self._server.ask(kind, len(packet))
            if not self._act(kind, request, packet[5:], act):
                transport.close()
                return

    def _act(self, kind: str, request: bytes, body: bytes, act: Act | None) -> bool:
        """Do one request or what the plan says instead; False to end the connection."""
        instead: dict[Act, Callable[[], bool]] = {
            Act.DIE: lambda: False,
            Act.STALL: self._read_on,
            Act.FAIL: lambda: self._status(request, 4),
            Act.GARBLE: lambda: self._answer(240, request),
            Act.STRANGER: lambda: self._status(b"\xff\xff\xff\xff", 0),
            Act.WRONG_KIND: lambda: self._answer(102, request + _text(b"nonsense")),
        }
        if act is Act.LIE:
            instead[act] = lambda: (
                self._answer(105, request + struct.pack(">IQ", 1, 0))
                if kind == FSTAT
                else self._status(request, 0)
            )
        if act in instead:
            return instead[act]()
        return self._do_and_answer(kind, request, body, act)

    def _do_and_answer(self, kind: str, request: bytes, body: bytes, act: Act | None) -> bool:
        code, answer = self._do(kind, body)
        if act is Act.DIE_AFTER:
            return False
        if act is Act.LATE_FAIL:
            return self._status(request, 4)
        if answer is None:
            self._status(request, code)
        else:
            self._answer(code, request + answer)
        if act is Act.POWER_CUT:
            self._server.disk.power_cut()
        return act is not Act.POWER_CUT

    def _do(self, kind: str, body: bytes) -> tuple[int, bytes | None]:
        """Returns a status code and None, or a packet kind and its body."""
        disk = self._server.disk
        first, rest = _cut(body)
        if kind == FSYNC:
            first, rest = _cut(rest)
        if kind == STAT:
            return self._attributes(disk.names.get(first.decode()))
        if kind == OPEN:
            return self._open(first.decode())
        if kind == RENAME:
            return self._rename(first.decode(), _cut(rest)[0].decode()), None
        node = self._handles.get(first)
        if node is None:
            return 4, None
        if kind == FSTAT:
            return self._attributes(node)
        if kind == WRITE:
            (offset,) = struct.unpack_from(">Q", rest)
            data = _cut(rest[8:])[0]
            # As a file system does: what was never written before it is a hole of zeros.
            node.data.extend(bytes(max(0, offset - len(node.data))))
            node.data[offset : offset + len(data)] = data
        elif kind == FSYNC:
            disk.sync(node)
        elif kind == CLOSE:
            del self._handles[first]
        return 0, None

    def _attributes(self, node: Node | None) -> tuple[int, bytes | None]:
        if node is None:
            return 2, None
        return 105, struct.pack(">IQ", 1, len(node.data))

    def _open(self, name: str) -> tuple[int, bytes | None]:
        if name in self._server.disk.names:
            return 4, None
        self._opened += 1
        handle = str(self._opened).encode()
        self._server.disk.names[name] = self._handles[handle] = Node()
        return 102, _text(handle)

    def _rename(self, old: str, new: str) -> int:
        names = self._server.disk.names
        if old not in names or new in names:
            return 4
        node = names[new] = names.pop(old)
        if node.synced != node.data:
            self._server.disk.exposed.append(new)
        return 0

    def _read_on(self) -> bool:
        while self._read() is not None:
            pass
        return False

    def _read(self) -> bytes | None:
        head = self._exactly(4)
        return None if head is None else self._exactly(int.from_bytes(head, "big"))

    def _exactly(self, length: int) -> bytes | None:
        data = b""
        while len(data) < length:
            more = self._channel.recv(length - len(data))
            if not more:
                return None
            data += more
        return data

    def _status(self, request: bytes, code: int) -> bool:
        return self._answer(101, request + struct.pack(">I", code) + _text(b"") + _text(b""))

    def _answer(self, kind: int, body: bytes) -> bool:
        try:
            self._channel.sendall(struct.pack(">IB", 1 + len(body), kind) + body)
        except OSError:
            return False
        return True


def _text(value: bytes) -> bytes:
    return struct.pack(">I", len(value)) + value


def _cut(body: bytes) -> tuple[bytes, bytes]:
    length = int.from_bytes(body[:4], "big")
    return body[4 : 4 + length], body[4 + length :]
