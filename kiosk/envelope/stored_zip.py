"""A ZIP of stored members in exactly one form, written as a stream and read as one.

Sizes and checksums stand before each member, there are no extra fields, comments or data
descriptors, every time is 1980-01-01 and every mode 0600. So the same members give the same bytes,
nothing leaks twice, any unzip reads it front to back, and a reader can demand the whole form:
the directory at the end must say what the members said, so no two programs can disagree about
what is inside. Source: PKWARE APPNOTE 6.3.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from cryptography.utils import Buffer

from kiosk.envelope.stream import Sink
from kiosk.errors import ContainerError

NAME_LIMIT = 64
SIZE_LIMIT = 2**31 - 1

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_VERSION_NEEDED = 10
_MADE_BY_UNIX = 3 << 8 | _VERSION_NEEDED
_DATE = 1 << 5 | 1
_MODE = 0o100600 << 16


class Reader(Protocol):
    """Where a container is read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Return ``size`` bytes, fewer only at the end."""
        ...


@dataclass(frozen=True, slots=True)
class _Entry:
    name: bytes
    crc: int
    size: int

    def local(self) -> bytes:
        return _LOCAL.pack(
            b"PK\3\4", _VERSION_NEEDED, 0, 0, 0, _DATE,
            self.crc, self.size, self.size, len(self.name), 0,
        ) + self.name  # fmt: skip

    def central(self, offset: int) -> bytes:
        return _CENTRAL.pack(
            b"PK\1\2", _MADE_BY_UNIX, _VERSION_NEEDED, 0, 0, 0, _DATE,
            self.crc, self.size, self.size, len(self.name), 0, 0, 0, 0, _MODE, offset,
        ) + self.name  # fmt: skip

    @property
    def space(self) -> int:
        return _LOCAL.size + len(self.name) + self.size


def write_members(sink: Sink, members: Sequence[tuple[str, Buffer]]) -> None:
    """Write a ZIP of ``members`` (name and content, each below 2 GiB); nothing is copied whole."""
    entries = []
    for name, content in members:
        with memoryview(content) as view:
            entry = _Entry(name.encode("ascii"), zlib.crc32(view), view.nbytes)
        if not 0 < len(entry.name) <= NAME_LIMIT or entry.size > SIZE_LIMIT:
            raise ContainerError(f"The part {name[:NAME_LIMIT]!r} does not fit into a shot.")
        entries.append(entry)
        sink(entry.local())
        sink(content)
    sink(_directory(entries))


def read_members(source: Reader, limits: dict[str, int]) -> Iterator[tuple[str, bytes]]:
    """Yield the members in order, each at most as large as ``limits`` allows its name.

    Only when the iterator ends without an error was the ZIP as a whole well-formed.

    Raises:
        ContainerError: a member that is not in ``limits`` or comes twice, is too large, fails its
            checksum, or a ZIP of any other form than ours.
    """
    entries: list[_Entry] = []
    while (signature := _exactly(source, 4)) == b"PK\3\4":
        entry = _read_local(source, signature)
        name = entry.name.decode("latin-1")
        if name not in limits or entry.name in {seen.name for seen in entries}:
            raise ContainerError(f"The shot has a part {name!r} that is unexpected or there twice.")
        if entry.size > limits[name]:
            raise ContainerError(
                f"The shot's part {name!r} says it has {entry.size} bytes, expected at most "
                f"{limits[name]}."
            )
        content = _exactly(source, entry.size)
        if zlib.crc32(content) != entry.crc:
            raise _foreign(f"the checksum of {name!r} does not match")
        entries.append(entry)
        yield name, content
    directory = _directory(entries)
    if signature + source.read(len(directory) - 4) != directory:
        raise _foreign("its directory does not say what its members say")
    if source.read(1):
        raise _foreign("something follows after its end")


def _read_local(source: Reader, signature: bytes) -> _Entry:
    head = signature + _exactly(source, _LOCAL.size - 4)
    *_, crc, size, _size, name_length, _extra = _LOCAL.unpack(head)
    if not 0 < name_length <= NAME_LIMIT:
        raise _foreign("a member's name is empty or too long")
    entry = _Entry(_exactly(source, name_length), crc, size)
    if entry.local() != head + entry.name:
        raise _foreign("a member is compressed, encrypted, dated or has extra fields")
    return entry


def _directory(entries: Sequence[_Entry]) -> bytes:
    records = []
    offset = 0
    for entry in entries:
        records.append(entry.central(offset))
        offset += entry.space
    listing = b"".join(records)
    count = len(entries)
    return listing + _END.pack(b"PK\5\6", 0, 0, count, count, len(listing), offset, 0)


def _exactly(source: Reader, size: int) -> bytes:
    data = source.read(size)
    if len(data) != size:
        raise _foreign("it ends too early")
    return data


def _foreign(what: str) -> ContainerError:
    return ContainerError(f"The ZIP inside is not in the one form that stations write: {what}.")
