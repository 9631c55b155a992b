"""What was sent stays until the desk's receipt names it with the same digest."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from pathlib import Path

import pytest

from kiosk.envelope.letter import Kind, mailbox_name
from kiosk.envelope.signatures import SigningKey
from kiosk.records.receipts import Taken, body_of
from kiosk.spool import Backlog, Spool
from kiosk.spool.inbox import Inbox
from kiosk.spool.sent import Sent
from kiosk.upload.mailbox import LOOK_S, Box, Mailbox
from kiosk.upload.recalls import OUTBOX
from kiosk.upload.receipts import Kept, Receipts, stop_waiting
from kiosk.upload.transfer import Job
from kiosk.upload.uploader import Uploader
from tests.faults import killed
from tests.upload.conftest import Clock
from tests.upload.receipt_samples import ReceiptDesk, deliver, digest_of
from tests.upload.test_mailbox import MAILBOX, Server


class Reading(Server):
    """A server that reads what it is sent, and keeps it."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived: list[tuple[str, bytes]] = []

    def push_all(self, next_job):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201 - as above
        def keep(job: Job) -> Job:
            source = job.open()
            content = b""
            while piece := source.read(4):
                content += piece
            source.close()
            self.arrived.append((job.name, content))
            return job

        def jobs() -> Job | None:
            job = next_job()
            return None if job is None else keep(job)

        return super().push_all(jobs)


class House:
    """A station's spool and upload process; each ``start`` is a process that has just begun."""

    def __init__(self, root: Path) -> None:
        self.root = root / "spool"
        self.root.mkdir()
        self.spool, self.server, self.desk = Spool(self.root, 1), Reading(), ReceiptDesk()
        self.inbox = Inbox(self.root / "inbox", self.spool)
        self.inbox.prepare()
        self.sent = Sent(self.root)
        self.start()

    def start(self) -> None:
        self.clock = Clock(lambda: True)
        self.sent.prepare()
        self.receipts = Receipts(self.spool, self.sent, self.inbox, self.desk.address, self.clock)
        boxes = {Kind.RECEIPTS: Box(self.inbox)}
        mailbox = Mailbox(MAILBOX, boxes, self.clock, self.receipts.settle)
        queue = Kept(self.spool, self.sent)
        self.uploader = Uploader(queue, lambda: nullcontext(self.server), self.clock, mailbox)

    def run(self, seconds: float = LOOK_S * 2) -> None:
        end = self.clock.time + seconds
        while self.clock.time < end:
            if not self.uploader.turn():
                self.clock.wait(0.5)

    def put(self, content: bytes) -> str:
        with self.spool.put() as writer:
            writer.write(content)
        return writer.name

    def post(self, *taken: Taken) -> None:
        """Put a letter where the station fetches it."""
        path = f"{OUTBOX}/{mailbox_name(MAILBOX, Kind.RECEIPTS)}.age"
        letter = self.desk.letter(taken)
        self.server.files[path] = letter, self.desk.number

    def names(self) -> set[str]:
        return {path.name for path in self.root.glob("*.age")}


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_what_was_sent_stays_and_is_not_sent_again(house: House) -> None:
    name = house.put(b"a picture")
    house.run()
    house.start()
    house.run()
    assert house.server.arrived == [(name, b"a picture")]
    assert house.names() == {name}
    assert house.spool.backlog() == Backlog(0, 0, sent=1)


def test_the_receipt_removes_it_and_nothing_else(house: House) -> None:
    first, second = house.put(b"first"), house.put(b"second")
    house.run()
    house.post(Taken(first, digest_of(b"first")))
    house.run()
    assert house.names() == {second}
    assert house.sent.gone() == [first]
    house.start()
    house.run()
    assert len(house.server.arrived) == 2


def test_a_second_copy_under_another_name_is_the_same_object(house: House) -> None:
    name = house.put(b"first")
    house.run()
    house.post(Taken(f"{name[:32]}-0123abcd.age", digest_of(b"first")))
    house.run()
    assert house.names() == set()


def test_a_receipt_alone_removes_nothing_that_was_not_sent(house: House) -> None:
    name = house.put(b"first")
    house.desk.send(house.inbox, Taken(name, digest_of(b"first")))
    house.receipts.settle()
    assert house.names() == {name}
    assert [entry.name for entry in house.spool.entries()] == [name]


def test_another_digest_never_removes_and_is_sent_once_more_for_each(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    name = house.put(b"first")
    house.run()
    with caplog.at_level(logging.ERROR):
        house.post(Taken(name, digest_of(b"other")))
        house.run(LOOK_S * 5)
    assert len(house.server.arrived) == 2
    assert caplog.text.count("names another SHA-256") == 1
    house.start()
    house.run(LOOK_S * 3)
    assert (len(house.server.arrived), house.names()) == (2, {name})
    house.post(Taken(name, digest_of(b"other")), Taken(name, digest_of(b"third")))
    house.run(LOOK_S * 3)
    assert (len(house.server.arrived), house.names()) == (3, {name})
    house.post(Taken(name, digest_of(b"other")), Taken(name, digest_of(b"first")))
    house.run(LOOK_S * 3)
    assert (len(house.server.arrived), house.names()) == (3, set())


def test_what_is_compared_is_what_was_sent_not_what_the_disk_gives_now(house: House) -> None:
    name = house.put(b"first")
    house.run()
    (house.root / name).chmod(0o600)
    (house.root / name).write_bytes(b"rotten")
    house.post(Taken(name, digest_of(b"first")))
    house.run()
    assert house.names() == set()


@pytest.mark.parametrize("fault", ["forged", "another station's", "no lines", "half"])
def test_a_letter_that_is_not_the_desks_removes_nothing_and_is_told_once(
    house: House, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    name = house.put(b"first")
    house.run()
    taken = [Taken(name, digest_of(b"first"))]
    letter = house.desk.letter(taken)
    if fault == "forged":
        right, house.desk.key = house.desk.key, SigningKey.generate()
        letter, house.desk.key = house.desk.letter(taken), right
    elif fault == "another station's":
        letter = house.desk.letter(taken, station="room-3")
    elif fault == "no lines":
        letter = letter.replace(body_of(taken)[:8], b"x" * 8)
    else:
        letter = letter[:-40]
    deliver(house.inbox, letter)
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            house.receipts.settle()
    assert house.names() == {name}
    assert len(caplog.records) == 1
    assert "receipts" in caplog.text


def test_a_thousand_receipts_do_not_hold_up_pictures_or_the_watchdog(house: House) -> None:
    names = [house.put(b"%d" % number) for number in range(8)]
    house.run()
    house.desk.send(house.inbox, *(Taken(n, digest_of(b"%d" % i)) for i, n in enumerate(names)))
    signs = 0

    def slow() -> bool:
        nonlocal signs
        signs += 1
        house.clock.time += 2.0
        return False

    house.clock.stopping = slow  # type: ignore[method-assign]
    house.receipts.settle()
    assert (len(house.names()), signs) == (6, 3)
    house.receipts.settle()
    assert len(house.names()) == 4


def test_where_receipts_are_waited_for_no_more_what_has_arrived_goes(house: House) -> None:
    sent, doubted, waiting = house.put(b"first"), house.put(b"second"), house.put(b"third")
    house.sent.note(sent, digest_of(b"first"))
    house.sent.note(doubted, digest_of(b"second"))
    (mark,) = [mark for mark in house.sent.waiting() if mark.name == doubted]
    house.sent.doubt(mark, frozenset({digest_of(b"other")}))
    stop_waiting(house.spool, house.sent)
    assert house.names() == {doubted, waiting}
    assert {entry.name for entry in house.spool.entries()} == {doubted, waiting}
    assert house.spool.backlog().sent == 0


def test_killed_at_each_step_nothing_is_lost_or_forgotten(tmp_path: Path) -> None:
    count, wrong = killed.places("tests.upload.receipts_scene", tmp_path)
    assert wrong == []
    assert count > 30
