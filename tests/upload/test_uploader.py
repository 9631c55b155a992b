"""The loop's decisions, with a scripted session; the real one is in test_faults.py."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO

import pytest

from kiosk.errors import (
    LoginRefused,
    ServerUnreachable,
    StorageFailed,
    StorageReadOnly,
    TransferRefused,
)
from kiosk.spool import Entry, Spool
from kiosk.upload.download import Stamp
from kiosk.upload.transfer import Job, Outcome
from kiosk.upload.uploader import Session, Uploader
from tests.upload.conftest import Clock

Answer = Callable[[Job], Outcome]


def arrived(job: Job) -> Outcome:
    return Outcome(job, job.name, None)


def refused(job: Job) -> Outcome:
    return Outcome(job, None, TransferRefused(f"{job.name} is refused"))


class Script:
    """Sessions that answer each job as ``answer`` says, one after another."""

    def __init__(self) -> None:
        self.answer: Answer = arrived
        self.sent: list[str] = []
        self.connections = 0
        self.times: list[float] = []

    def push_all(self, next_job: Callable[[], Job | None]) -> Iterator[Outcome]:
        while (job := next_job()) is not None:
            self.sent.append(job.name)
            yield self.answer(job)

    def push(self, source: BinaryIO, size: int, name: str) -> str:
        raise NotImplementedError

    def fetch(
        self, path: str, sink: Callable[[bytes], object], limit: int, seen: Stamp | None = None
    ) -> Stamp | None:
        raise NotImplementedError


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path)


def fill(spool: Spool, *contents: bytes) -> list[str]:
    for content in contents:
        with spool.put() as writer:
            writer.write(content)
    return [entry.name for entry in spool.entries()]


def drain(spool: Spool, script: Script, clock: Clock | None = None) -> Clock:
    clock = clock or Clock(lambda: not spool.entries())

    def connect() -> AbstractContextManager[Session]:
        script.connections += 1
        script.times.append(clock.now())
        return nullcontext(script)

    Uploader(spool, connect, clock).run()
    return clock


def test_everything_goes_in_order_over_one_connection(spool: Spool) -> None:
    names = fill(spool, b"1", b"2", b"3")
    script = Script()
    clock = drain(spool, script)
    assert script.sent == names
    assert script.connections == 1
    assert clock.statuses[-1] == "0 waiting"


def test_a_file_that_appears_while_sending_goes_over_the_same_connection(spool: Spool) -> None:
    fill(spool, b"1")
    script = Script()
    clock = Clock(lambda: not spool.entries())

    def answer(job: Job) -> Outcome:
        if len(script.sent) < 5:
            fill(spool, b"more")
            clock.time += 1.0
        return arrived(job)

    script.answer = answer
    drain(spool, script, clock)
    assert len(script.sent) == 5
    assert script.connections == 1


def test_nothing_connects_while_nothing_waits(spool: Spool) -> None:
    script = Script()
    clock = Clock(lambda: clock.waits >= 10)
    drain(spool, script, clock)
    assert script.connections == 0


def test_a_new_file_is_seen_within_half_a_second(spool: Spool) -> None:
    script = Script()
    clock = Clock(lambda: clock.waits > 10 and not spool.entries())

    def on_wait() -> None:
        if clock.waits == 5:
            fill(spool, b"new")

    clock.on_wait = on_wait
    drain(spool, script, clock)
    assert len(script.sent) == 1
    assert script.times == [1000.0 + 5 * 0.5]


def test_an_unreachable_server_is_tried_at_growing_distances(spool: Spool) -> None:
    fill(spool, b"1")
    tries: list[float] = []
    clock = Clock(lambda: len(tries) >= 9)

    def connect() -> AbstractContextManager[Session]:
        tries.append(clock.now())
        raise ServerUnreachable("the cable is out")

    Uploader(spool, connect, clock).run()
    gaps = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert gaps == [1, 2, 4, 8, 16, 32, 60, 60]
    assert clock.statuses[-1] == "1 waiting; the cable is out"


def test_a_refused_login_is_not_hammered_but_tried_again(spool: Spool) -> None:
    fill(spool, b"1")
    tries: list[float] = []
    clock = Clock(lambda: len(tries) >= 3)

    def connect() -> AbstractContextManager[Session]:
        tries.append(clock.now())
        raise LoginRefused("not welcome")

    Uploader(spool, connect, clock).run()
    assert tries == [1000.0, 1300.0, 1600.0]


def test_success_begins_the_distances_anew(spool: Spool) -> None:
    fill(spool, b"1")
    script = Script()
    clock = Clock(lambda: not spool.entries() and clock.waits > 200)
    broken = True
    tries: list[float] = []

    def connect() -> AbstractContextManager[Session]:
        tries.append(clock.now())
        if broken:
            raise ServerUnreachable("the cable is out")
        return nullcontext(script)

    def on_wait() -> None:
        nonlocal broken
        if clock.waits == 60:
            broken = False
        if clock.waits == 150:
            broken = True
            fill(spool, b"2")
        if clock.waits == 190:
            broken = False

    clock.on_wait = on_wait
    Uploader(spool, connect, clock).run()
    after = [t for t in tries if t >= 1000 + 75]
    assert after[1] - after[0] == 1
    assert "cable" not in clock.statuses[-1]


def test_a_refused_file_waits_its_own_time_behind_the_others(spool: Spool) -> None:
    first, second, third = fill(spool, b"1", b"2", b"3")
    script = Script()
    script.answer = lambda job: (
        refused(job) if job.name == first and script.sent.count(first) < 4 else arrived(job)
    )
    clock = drain(spool, script)
    assert script.sent == [first, second, third, first, first, first]
    assert clock.time >= 1000 + 1 + 2 + 4


def test_what_cannot_be_read_does_not_stand_before_the_others(spool: Spool) -> None:
    first, second = fill(spool, b"1", b"2")
    script = Script()

    def answer(job: Job) -> Outcome:
        if job.name == first and script.sent.count(first) == 1:
            return Outcome(job, None, StorageFailed("the disk cannot read it"))
        return arrived(job)

    script.answer = answer
    drain(spool, script)
    assert script.sent == [first, second, first]


class Sticky(Spool):
    """A spool on a disk that has become read-only."""

    stuck = True

    def remove(self, name: str) -> None:
        if self.stuck:
            raise StorageReadOnly("the disk can only be read")
        super().remove(name)


def test_what_has_arrived_but_cannot_be_removed_is_not_sent_again(tmp_path: Path) -> None:
    spool = Sticky(tmp_path)
    fill(spool, b"1", b"2")
    script = Script()
    clock = Clock(lambda: not spool.entries())

    def on_wait() -> None:
        spool.stuck = clock.waits < 1000
        assert clock.statuses[-1] == "0 waiting"

    clock.on_wait = on_wait
    drain(spool, script, clock)
    assert len(script.sent) == 2
    assert spool.entries() == []


def test_a_spool_that_cannot_be_listed_ends_the_process(tmp_path: Path) -> None:
    clock = Clock(lambda: False)
    with pytest.raises(StorageFailed):
        drain(Spool(tmp_path / "missing"), Script(), clock)


def test_a_backlog_is_not_looked_through_for_every_file(tmp_path: Path) -> None:
    class Counting(Spool):
        looks = 0

        def entries(self) -> list[Entry]:
            self.looks += 1
            return super().entries()

    spool = Counting(tmp_path)
    fill(spool, *[b"x"] * 50)
    spool.looks = 0
    script = Script()
    Uploader(spool, lambda: nullcontext(script), Clock(lambda: True)).run()
    assert len(script.sent) == 50
    assert spool.looks <= 3
