"""The order of requests, whatever the order in which files and answers come."""

from __future__ import annotations

import io
import itertools
import struct
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.errors import StorageFailed, TransferRefused
from kiosk.upload import sftp_wire as wire
from kiosk.upload.transfer import CHUNK, MOST_LIVE, Job, Outcome, Pipeline

KINDS = {17: "stat", 3: "open", 6: "write", 8: "fstat", 200: "fsync", 18: "rename", 4: "close"}


class Server:
    """Keeps requests until the test has them answered, in order, as sftp-server does."""

    def __init__(self) -> None:
        self.waiting: list[tuple[str, int, bytes]] = []
        self.log: list[str] = []
        self.sizes: dict[bytes, int] = {}
        self.handles = itertools.count()

    def send(self, packet: bytes) -> None:
        kind = KINDS[packet[4]]
        self.waiting.append((kind, int.from_bytes(packet[5:9], "big"), packet[9:]))
        self.log.append(kind)

    def answer(self) -> wire.Reply:
        kind, request, body = self.waiting.pop(0)
        if kind == "stat":
            return wire.Status(request, wire.NO_SUCH_FILE, "")
        if kind == "open":
            handle = struct.pack(">I", next(self.handles))
            self.sizes[handle] = 0
            return wire.Handle(request, handle)
        if kind == "write":
            self.sizes[body[4:8]] += int.from_bytes(body[16:20], "big")
        if kind == "fstat":
            return wire.Attributes(request, self.sizes[body[4:8]])
        return wire.Status(request, wire.OK, "")


def pipeline(server: Server, window: int = 100_000) -> Pipeline:
    numbers = itertools.count()
    return Pipeline(server.send, "in", lambda: f"{next(numbers):032x}", window)


def job(name: str, size: int) -> Job:
    return Job(name, size, lambda: io.BytesIO(bytes(size)))


@settings(max_examples=150, deadline=None)
@given(
    sizes=st.lists(st.integers(0, 5 * CHUNK), max_size=8),
    window=st.integers(1, 4 * CHUNK),
    choices=st.data(),
)
def test_any_order_of_sending_and_answering(
    sizes: list[int], window: int, choices: st.DataObject
) -> None:
    """All files arrive; the window holds; no name is given before all before it is answered."""
    server = Server()
    line = pipeline(server, window)
    jobs = [job(f"{n}.age", size) for n, size in enumerate(sizes)]
    outcomes: list[Outcome] = []
    while jobs or not line.idle:
        can: list[Callable[[], Outcome | None]] = []
        if jobs and line.wants_job:
            can.append(lambda: line.add(jobs.pop(0)))
        if line.can_write:
            can.append(line.write)
        if server.waiting:
            can.append(lambda: line.take(server.answer()))
        assert can, "everybody waits for everybody"
        outcome = choices.draw(st.sampled_from(can))()
        if outcome is not None:
            outcomes.append(outcome)
        assert line.in_flight < window + CHUNK
    assert [o.arrived_as for o in outcomes] == [f"{n}.age" for n in range(len(sizes))]
    assert line.in_flight == 0


def test_the_sequence_of_one_file() -> None:
    server = Server()
    line = pipeline(server)
    line.add(job("a.age", 2 * CHUNK + 1))
    assert server.log == ["stat", "open"]
    assert not line.can_write
    line.take(server.answer())
    line.take(server.answer())
    while line.can_write:
        line.write()
    assert server.log[2:] == ["write"] * 3 + ["fstat", "fsync"]
    for _ in range(4):
        line.take(server.answer())
    assert "rename" not in server.log, "the sync of the data is not answered yet"
    line.take(server.answer())
    assert server.log[7:] == ["rename", "fsync", "close"]
    assert line.take(server.answer()) is None
    assert line.take(server.answer()) is None
    outcome = line.take(server.answer())
    assert outcome is not None
    assert outcome.arrived_as == "a.age"
    assert line.idle


def test_the_next_file_is_opened_and_written_behind_the_first() -> None:
    server = Server()
    line = pipeline(server)
    line.add(job("a.age", 10))
    assert line.wants_job
    line.add(job("b.age", 10))
    assert not line.wants_job, "one is kept ready, no more"
    for _ in range(4):
        line.take(server.answer())
    while line.can_write:
        line.write()
    assert server.log.count("write") == 2
    assert "rename" not in server.log


def test_no_more_files_are_open_than_that() -> None:
    server = Server()
    line = pipeline(server)
    for n in range(20):
        while line.wants_job:
            line.add(job(f"{n}.age", 1))
        while server.waiting and not line.can_write and "fsync" not in server.log[-1:]:
            line.take(server.answer())
        while line.can_write:
            line.write()
    assert server.log.count("open") == MOST_LIVE


def test_what_cannot_be_opened_here_touches_no_server() -> None:
    def fails() -> io.BytesIO:
        raise StorageFailed("the disk cannot read it")

    server = Server()
    line = pipeline(server)
    outcome = line.add(Job("a.age", 1, fails))
    assert outcome is not None
    assert isinstance(outcome.error, StorageFailed)
    assert server.log == []
    assert line.idle


def test_sources_are_closed_however_it_ends() -> None:
    sources = [io.BytesIO(b"x"), io.BytesIO(b"y")]
    server = Server()
    line = pipeline(server)
    for n, source in enumerate(sources):
        line.add(Job(f"{n}.age", 1, lambda source=source: source))  # type: ignore[misc]
    for _ in range(2):
        line.take(server.answer())
    line.write()
    for _ in range(8):
        line.take(server.answer())
    assert sources[0].closed
    line.abandon()
    assert sources[1].closed


def test_an_answer_to_nothing_is_refused() -> None:
    line = pipeline(Server())
    with pytest.raises(TransferRefused, match="not made"):
        line.take(wire.Status(77, 0, ""))
    with pytest.raises(TransferRefused, match="not made"):
        line.take(wire.Version(3, frozenset()))
