"""What goes out and comes in for a session, beside the pictures and never in their way."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import BinaryIO

import pytest

from kiosk.errors import KioskError, ServerUnreachable, StorageFailed, TransferRefused
from kiosk.spool import Spool
from kiosk.spool.recall import RecallBox
from kiosk.upload.download import Stamp
from kiosk.upload.recalls import OUTBOX, Recalls
from kiosk.upload.transfer import Job, Outcome
from kiosk.upload.uploader import Uploader
from provisioning.server import dropbox
from tests.upload.conftest import Clock

ANSWERS = ("a" * 32, "b" * 32)


class Script:
    """A session whose server answers with ``answers``, and refuses with ``error``."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes] = {}
        self.error: KioskError | None = None
        self.did: list[str] = []

    def push_all(self, next_job: Callable[[], Job | None]) -> Iterator[Outcome]:
        while (job := next_job()) is not None:
            self.did.append("picture")
            yield Outcome(job, job.name, None)

    def push(self, source: BinaryIO, size: int, name: str) -> str:
        with source:
            assert len(source.read()) == size
        self.did.append("ask")
        if self.error is not None:
            raise self.error
        return name

    def fetch(
        self, path: str, sink: Callable[[bytes], object], limit: int, seen: Stamp | None = None
    ) -> Stamp | None:
        assert seen is None, "an answer is fetched once"
        self.did.append("look")
        if self.error is not None:
            sink(b"half")
            raise self.error
        content = self.answers.get(path)
        if content is None:
            return None
        assert len(content) <= limit
        sink(content)
        return Stamp(len(content), None)


class Desk:
    """A spool, its box, and an uploader over scripted sessions."""

    def __init__(self, root: Path) -> None:
        self.spool = Spool(root)
        self.box = RecallBox(root, 1)
        self.box.clear()
        self.clock = Clock(lambda: True)
        self.session = Script()
        self.connected: list[float] = []
        self.uploader = Uploader(
            self.spool, self._connect, self.clock, Recalls(self.box, self.clock)
        )

    def _connect(self) -> nullcontext[Script]:
        self.connected.append(self.clock.now())
        return nullcontext(self.session)

    def run(self, seconds: float) -> None:
        end = self.clock.time + seconds
        while self.clock.time < end:
            if not self.uploader.turn():
                self.clock.time += 0.5


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_outbox_is_the_one_that_servers_have() -> None:
    assert OUTBOX == dropbox.OUTBOX


def test_nothing_connects_while_nothing_is_asked(desk: Desk) -> None:
    desk.run(100)
    assert desk.connected == []


def test_a_request_goes_before_pictures_and_its_answers_come(desk: Desk) -> None:
    with desk.spool.put() as writer:
        writer.write(b"picture")
    desk.box.ask(b"sealed", ANSWERS)
    desk.session.answers = {f"out/{ANSWERS[1]}.age": b"answer"}
    desk.run(1)
    assert desk.session.did == ["ask", "look", "look", "picture"]
    assert desk.box.take(ANSWERS[1]) == b"answer"
    assert desk.box.asks() == []
    desk.session.answers = {f"out/{ANSWERS[0]}.age": b"late"}
    desk.run(10)
    assert desk.box.take(ANSWERS[0]) == b"late"
    connections = len(desk.connected)
    desk.run(100)
    assert len(desk.connected) == connections, "nothing is waited for any more"


def test_an_answer_that_does_not_come_is_looked_for_less_and_less(desk: Desk) -> None:
    desk.box.ask(b"sealed", ANSWERS)
    desk.run(200)
    gaps = [b - a for a, b in itertools.pairwise(desk.connected)]
    assert gaps[:5] == [2, 4, 8, 16, 30]
    assert set(gaps[5:]) == {30}
    desk.box.clear()
    desk.box.ask(b"next session", ANSWERS)
    begun = desk.clock.time
    desk.run(3)
    assert [at - begun for at in desk.connected if at >= begun] == [0, 2], "at once again"


def test_pictures_that_come_meanwhile_are_sent_at_once(desk: Desk) -> None:
    desk.box.ask(b"sealed", ANSWERS)
    desk.run(100)
    desk.session.did.clear()
    with desk.spool.put() as writer:
        writer.write(b"picture")
    desk.run(1)
    assert desk.session.did[-1] == "picture"


@pytest.mark.parametrize("error", [TransferRefused("no"), StorageFailed("no")])
def test_what_is_refused_does_not_hold_up_pictures(
    desk: Desk, error: KioskError, caplog: pytest.LogCaptureFixture
) -> None:
    desk.session.error = error
    desk.box.ask(b"sealed", ANSWERS)
    with desk.spool.put() as writer:
        writer.write(b"picture")
    desk.run(1)
    assert desk.session.did == ["ask", "picture"]
    assert len(desk.connected) == 2, "the session in which something failed is not used on"
    assert "an earlier picture cannot be brought: no" in caplog.text
    desk.session.error = None
    desk.session.answers = {f"out/{one}.age": b"answer" for one in ANSWERS}
    desk.run(4)
    assert desk.box.take(ANSWERS[0]) == b"answer"


def test_half_an_answer_is_never_seen(desk: Desk) -> None:
    desk.box.ask(b"sealed", ANSWERS)
    desk.run(1)
    desk.session.error = ServerUnreachable("the cable is out")
    desk.run(5)
    assert desk.session.did.count("look") > 2
    assert desk.box.take(ANSWERS[0]) is None
    assert desk.clock.statuses[-1] == "0 waiting; the cable is out"


def test_a_box_that_cannot_be_read_stops_no_picture(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> list[str]:
        raise StorageFailed("the box is broken")

    monkeypatch.setattr(desk.box, "asks", fail)
    with desk.spool.put() as writer:
        writer.write(b"picture")
    desk.run(5)
    assert desk.session.did == ["picture"]
