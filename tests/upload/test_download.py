"""Fetching one file, reply by reply, without a connection."""

from __future__ import annotations

import struct
from collections import deque
from dataclasses import dataclass, field

import pytest

from kiosk.errors import TransferRefused
from kiosk.upload import sftp_wire as wire
from kiosk.upload.download import CHUNK, MOST_ASKED, Download, Stamp

OPEN, CLOSE, READ, FSTAT = 3, 4, 5, 8
LIMIT = 10 * 1024 * 1024


@dataclass
class Server:
    """Answers as a right server would, one request at a time, in order."""

    content: bytes | None
    asked: deque[tuple[int, int, bytes]] = field(default_factory=deque)
    most: int = 0
    modified: int | None = None

    def send(self, packet: bytes) -> None:
        _, kind, number = struct.unpack_from(">IBI", packet)
        self.asked.append((kind, number, packet[9:]))
        self.most = max(self.most, len(self.asked))

    def reply(self) -> wire.Reply:
        kind, number, body = self.asked.popleft()
        if kind == OPEN:
            missing = self.content is None
            return wire.Status(number, 2, "") if missing else wire.Handle(number, b"h")
        assert self.content is not None
        if kind == FSTAT:
            return wire.Attributes(number, len(self.content), self.modified)
        if kind == READ:
            offset, length = struct.unpack(">QI", body[-12:])
            return wire.Data(number, self.content[offset : offset + length])
        assert kind == CLOSE
        return wire.Status(number, wire.OK, "")


def begin(server: Server, limit: int = LIMIT) -> tuple[Download, list[bytes]]:
    got: list[bytes] = []
    return Download(server.send, "out/a.age", got.append, limit), got


def finish(download: Download, server: Server) -> None:
    while not download.done:
        download.take(server.reply())
    assert not server.asked


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 100 * CHUNK + 7])
def test_a_file_comes_whole_and_in_order(size: int) -> None:
    server = Server(bytes(n % 251 for n in range(size)))
    download, got = begin(server)
    finish(download, server)
    assert download.stamp is not None
    assert b"".join(got) == server.content
    assert download.size == size
    assert server.most <= MOST_ASKED


def test_many_reads_are_under_way_at_a_time() -> None:
    server = Server(bytes(100 * CHUNK))
    download, _ = begin(server)
    finish(download, server)
    assert server.most == MOST_ASKED


def test_what_is_not_there_is_no_error() -> None:
    server = Server(None)
    download, got = begin(server)
    finish(download, server)
    assert download.stamp is None
    assert got == []


def test_what_was_seen_before_is_not_read_again() -> None:
    server = Server(bytes(10), modified=77)
    for seen, read in ((None, 10), (Stamp(10, 77), 0), (Stamp(10, 76), 10), (Stamp(9, 77), 10)):
        got: list[bytes] = []
        download = Download(server.send, "out/a.age", got.append, LIMIT, seen)
        finish(download, server)
        assert (download.stamp, len(b"".join(got))) == (Stamp(10, 77), read)


def test_without_a_time_nothing_counts_as_seen() -> None:
    server = Server(bytes(10))
    got: list[bytes] = []
    finish(Download(server.send, "out/a.age", got.append, LIMIT, Stamp(10, None)), server)
    assert len(b"".join(got)) == 10


def test_what_is_too_large_is_not_read() -> None:
    server = Server(bytes(1001))
    download, got = begin(server, 1000)
    download.take(server.reply())
    with pytest.raises(TransferRefused, match="has 1001 bytes on the server, expected at most"):
        download.take(server.reply())
    assert got == []
    assert [kind for kind, _, _ in server.asked] == []


def test_an_endless_file_is_not_read_beyond_the_size_it_said() -> None:
    server = Server(bytes(5000))
    download, got = begin(server)
    for _ in range(2):
        download.take(server.reply())
    server.content = bytes(9_000_000)
    finish(download, server)
    assert len(b"".join(got)) == 5000


@pytest.mark.parametrize("step", [OPEN, FSTAT, READ, CLOSE])
@pytest.mark.parametrize("answer", ["failure", "wrong kind", "short"])
def test_any_other_answer_is_a_refusal(step: int, answer: str) -> None:
    server = Server(bytes(10))
    download, _ = begin(server)
    while server.asked[0][0] != step:
        download.take(server.reply())
    number = server.asked[0][1]
    reply: wire.Reply = wire.Status(number, 4, "Failure")
    if answer == "wrong kind":
        attributes = wire.Attributes(number, 3)
        reply = wire.Attributes(number, None) if step == FSTAT else attributes
    if answer == "short":
        reply = wire.Data(number, bytes(9))
    with pytest.raises(TransferRefused, match=r"the server refused out/a\.age when"):
        download.take(reply)
    assert not download.done


def test_a_file_that_shrinks_meanwhile_is_refused() -> None:
    server = Server(bytes(2 * CHUNK))
    download, _ = begin(server)
    for _ in range(3):
        download.take(server.reply())
    server.content = bytes(CHUNK + 5)
    with pytest.raises(TransferRefused, match="when reading"):
        download.take(server.reply())


def test_replies_to_nothing_and_out_of_order_are_refused() -> None:
    server = Server(bytes(2 * CHUNK))
    download, _ = begin(server)
    with pytest.raises(TransferRefused, match="not made, or out of order"):
        download.take(wire.Handle(99, b"h"))
    with pytest.raises(TransferRefused, match="not made, or out of order"):
        download.take(wire.Version(3, frozenset()))
    for _ in range(2):
        download.take(server.reply())
    first, second = (server.reply() for _ in range(2))
    with pytest.raises(TransferRefused, match="out of order"):
        download.take(second)
    download.take(first)


def test_data_is_never_part_of_a_representation() -> None:
    assert "secret" not in repr(wire.Data(1, b"secret"))
