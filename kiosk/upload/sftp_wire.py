"""SFTP version 3 packets, the few that we need; bytes in, bytes out, no connection.

Source: draft-ietf-secsh-filexfer-02 and OpenSSH's PROTOCOL file (``fsync@openssh.com``). Why not
paramiko's client: docs/decisions/0030-own-sftp-requests.md.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from kiosk.errors import TransferRefused

_INIT, _VERSION = 1, 2
_OPEN, _CLOSE, _READ, _WRITE, _FSTAT, _STAT, _RENAME = 3, 4, 5, 6, 8, 17, 18
_STATUS, _HANDLE, _DATA, _ATTRS = 101, 102, 103, 105
_EXTENDED = 200
_FLAG_READ, _FLAG_WRITE, _FLAG_CREATE, _FLAG_EXCLUSIVE = 0x01, 0x02, 0x08, 0x20
_ATTR_SIZE, _ATTR_OWNER, _ATTR_MODE, _ATTR_TIMES = 0x01, 0x02, 0x04, 0x08

OK = 0
NO_SUCH_FILE = 2
PERMISSION_DENIED = 3
_MEANING = {
    1: "end of file",
    2: "no such file",
    3: "permission denied",
    4: "failure",
    5: "bad message",
    6: "no connection",
    7: "connection lost",
    8: "operation unsupported",
}

FSYNC = "fsync@openssh.com"
VERSION = 3

_LENGTH = 4
"""Bytes of the length before each packet."""

_LARGEST_REPLY = 256 * 1024
"""Bytes; OpenSSH's own limit of a packet. A longer one is not SFTP."""


@dataclass(frozen=True, slots=True)
class Version:
    number: int
    extensions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Status:
    request: int
    code: int
    message: str

    @property
    def meaning(self) -> str:
        """What went wrong, in the server's words where it gave more than the code says."""
        known = _MEANING.get(self.code, f"status {self.code}")
        if not self.message or self.message.lower() == known:
            return known
        return f"{known} ({self.message})"


@dataclass(frozen=True, slots=True)
class Handle:
    request: int
    handle: bytes


@dataclass(frozen=True, slots=True)
class Attributes:
    """``size`` in bytes, ``modified`` in seconds of Unix; None when the server left one out."""

    request: int
    size: int | None
    modified: int | None = None


@dataclass(frozen=True, slots=True)
class Data:
    request: int
    data: bytes = field(repr=False)


Reply = Version | Status | Handle | Attributes | Data


def init() -> bytes:
    return struct.pack(">IBI", 5, _INIT, VERSION)


def open_new(request: int, path: str) -> bytes:
    """Open for writing a file that must not exist yet; the server's umask decides its mode."""
    flags = _FLAG_WRITE | _FLAG_CREATE | _FLAG_EXCLUSIVE
    return _packet(_OPEN, request, _string(path.encode()) + struct.pack(">II", flags, 0))


def open_read(request: int, path: str) -> bytes:
    return _packet(_OPEN, request, _string(path.encode()) + struct.pack(">II", _FLAG_READ, 0))


def read(request: int, handle: bytes, offset: int, length: int) -> bytes:
    return _packet(_READ, request, _string(handle) + struct.pack(">QI", offset, length))


def write_head(request: int, handle: bytes, offset: int, length: int) -> bytes:
    """A write request up to its data, of which ``length`` bytes must follow."""
    body = struct.pack(">I", len(handle)) + handle + struct.pack(">QI", offset, length)
    return struct.pack(">IBI", 5 + len(body) + length, _WRITE, request) + body


def fstat(request: int, handle: bytes) -> bytes:
    return _packet(_FSTAT, request, _string(handle))


def stat(request: int, path: str) -> bytes:
    return _packet(_STAT, request, _string(path.encode()))


def fsync(request: int, handle: bytes) -> bytes:
    return _packet(_EXTENDED, request, _string(FSYNC.encode()) + _string(handle))


def rename(request: int, old: str, new: str) -> bytes:
    """The plain rename, which never overwrites; ``posix-rename@openssh.com`` would."""
    return _packet(_RENAME, request, _string(old.encode()) + _string(new.encode()))


def close(request: int, handle: bytes) -> bytes:
    return _packet(_CLOSE, request, _string(handle))


class Decoder:
    """Cuts a stream of bytes into replies."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[Reply]:
        """Take what arrived and return the replies that are now complete, in order.

        Raises:
            TransferRefused: this is not SFTP, or not a reply that we ever asked for.
        """
        self._rest += data
        replies: list[Reply] = []
        begin = 0
        while len(self._rest) - begin >= _LENGTH:
            length = int.from_bytes(self._rest[begin : begin + _LENGTH], "big")
            if not 0 < length <= _LARGEST_REPLY:
                raise _garbled(f"a packet of {length} bytes")
            end = begin + _LENGTH + length
            if len(self._rest) < end:
                break
            replies.append(_reply(bytes(self._rest[begin + _LENGTH : end])))
            begin = end
        del self._rest[:begin]
        return replies


def _reply(body: bytes) -> Reply:
    try:
        return _parse(_Fields(body))
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise _garbled("a packet that ends too early") from error


def _parse(fields: _Fields) -> Reply:
    kind = fields.byte()
    if kind == _VERSION:
        return Version(fields.number(), fields.pairs())
    request = fields.number()
    if kind == _STATUS:
        code = fields.number()
        return Status(request, code, fields.text() if fields.more else "")
    if kind == _HANDLE:
        return Handle(request, fields.string())
    if kind == _DATA:
        return Data(request, fields.string())
    if kind == _ATTRS:
        return _attributes(request, fields)
    raise _garbled(f"a packet of kind {kind}")


def _attributes(request: int, fields: _Fields) -> Attributes:
    """Read what is used of the attributes; they stand in the order of their flags."""
    flags = fields.number()
    size = fields.long() if flags & _ATTR_SIZE else None
    if flags & _ATTR_OWNER:
        fields.long()  # user and group, 32 bits each
    if flags & _ATTR_MODE:
        fields.number()
    modified = None
    if flags & _ATTR_TIMES:
        fields.number()  # last read
        modified = fields.number()
    return Attributes(request, size, modified)


class _Fields:
    """Reads the fields of one packet from left to right."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    @property
    def more(self) -> bool:
        return self._at < len(self._body)

    def byte(self) -> int:
        self._at += 1
        return self._body[self._at - 1]

    def number(self) -> int:
        (value,) = struct.unpack_from(">I", self._body, self._at)
        self._at += 4
        return int(value)

    def long(self) -> int:
        (value,) = struct.unpack_from(">Q", self._body, self._at)
        self._at += 8
        return int(value)

    def string(self) -> bytes:
        length = self.number()
        end = self._at + length
        if end > len(self._body):
            raise IndexError(end)
        value = self._body[self._at : end]
        self._at = end
        return value

    def text(self) -> str:
        return self.string().decode("utf-8", errors="replace")

    def pairs(self) -> frozenset[str]:
        names = set()
        while self.more:
            names.add(self.text())
            self.string()
        return frozenset(names)


def _packet(kind: int, request: int, body: bytes) -> bytes:
    return struct.pack(">IBI", 5 + len(body), kind, request) + body


def _string(value: bytes) -> bytes:
    return struct.pack(">I", len(value)) + value


def _garbled(what: str) -> TransferRefused:
    return TransferRefused(
        f"the server answered with {what}, which is not SFTP; expected OpenSSH's internal-sftp"
    )
