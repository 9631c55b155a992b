"""Letters fetched from the desk's folder: once each, the newest, and never in a picture's way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import BinaryIO

import pytest

from kiosk.envelope.letter import SEALED_LIMIT, Kind, mailbox_name
from kiosk.errors import KioskError, ServerUnreachable, StorageFailed, TransferRefused
from kiosk.spool import Spool
from kiosk.spool.inbox import Inbox
from kiosk.upload.download import Stamp
from kiosk.upload.errands import Several
from kiosk.upload.mailbox import LOOK_S, Box, Mailbox
from kiosk.upload.recalls import OUTBOX
from kiosk.upload.transfer import Job, Outcome
from kiosk.upload.uploader import Uploader
from tests.upload.conftest import Clock

MAILBOX = "5e" * 16


class Server:
    """A session with files, each with a time; it refuses with ``error``."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[bytes, int]] = {}
        self.error: KioskError | None = None
        self.did: list[str] = []

    def put(self, kind: Kind, content: bytes, modified: int) -> None:
        self.files[f"{OUTBOX}/{mailbox_name(MAILBOX, kind)}.age"] = content, modified

    def push_all(self, next_job: Callable[[], Job | None]) -> Iterator[Outcome]:
        while (job := next_job()) is not None:
            self.did.append("picture")
            yield Outcome(job, job.name, None)

    def push(self, source: BinaryIO, size: int, name: str) -> str:
        raise NotImplementedError

    def fetch(
        self, path: str, sink: Callable[[bytes], object], limit: int, seen: Stamp | None = None
    ) -> Stamp | None:
        assert limit == SEALED_LIMIT
        self.did.append("look")
        if self.error is not None:
            sink(b"half")
            raise self.error
        if path not in self.files:
            return None
        content, modified = self.files[path]
        stamp = Stamp(len(content), modified)
        if stamp != seen:
            self.did.append("read")
            sink(content)
        return stamp


class Post:
    """A spool, its inbox, a folder for the share, and an uploader over the server."""

    def __init__(self, root: Path) -> None:
        self.spool, self.clock, self.server = (
            Spool(root / "spool", 1),
            Clock(lambda: True),
            Server(),
        )
        (root / "spool").mkdir()
        self.inbox, self.share = Inbox(root / "spool" / "inbox", self.spool), Inbox(root / "share")
        for box in (self.inbox, self.share):
            box.prepare()
        boxes = {
            Kind.OPERATORS: Box(self.inbox),
            Kind.DAY: Box(self.inbox),
            Kind.SHARE: Box(self.share, mirrors=True),
        }
        mailbox = Mailbox(MAILBOX, boxes, self.clock)
        self.uploader = Uploader(
            self.spool, lambda: nullcontext(self.server), self.clock, Several([mailbox])
        )

    def run(self, seconds: float) -> list[str]:
        """Let the uploader work, and return what was done over the connection."""
        self.server.did.clear()
        end = self.clock.time + seconds
        while self.clock.time < end:
            if not self.uploader.turn():
                self.clock.wait(0.5)
        return list(self.server.did)


@pytest.fixture
def post(tmp_path: Path) -> Post:
    return Post(tmp_path)


def test_a_letter_is_read_once_and_a_newer_one_takes_its_place(post: Post) -> None:
    post.server.put(Kind.DAY, b"monday", 100)
    assert post.run(LOOK_S * 3).count("read") == 1
    assert post.inbox.peek("day", 100) == b"monday"
    post.server.put(Kind.DAY, b"sunday", 200)
    assert post.run(LOOK_S * 2).count("read") == 1
    assert post.inbox.take("day", 100) == b"sunday"
    assert not post.inbox.waits("day")
    assert post.run(LOOK_S * 2).count("read") == 0


def test_each_kind_has_its_own_name_and_place(post: Post) -> None:
    for number, kind in enumerate(Kind):
        post.server.put(kind, kind.value.encode(), number)
    post.run(LOOK_S)
    assert post.inbox.peek("operators", 100) == b"operators"
    assert post.inbox.peek("day", 100) == b"day"
    assert post.share.peek("share", 100) == b"share"
    assert post.inbox.peek("share", 100) is None


def test_a_kind_that_nobody_reads_is_not_fetched(tmp_path: Path) -> None:
    post = Post(tmp_path)
    wanted = [False]
    box = Box(post.inbox, wanted=lambda: wanted[0])
    mailbox = Mailbox(MAILBOX, {Kind.RECEIPTS: box, Kind.DAY: Box(post.inbox)}, post.clock)
    post.server.put(Kind.RECEIPTS, b"receipts", 1)
    assert mailbox.run(post.server)
    assert post.server.did == ["look"]
    wanted[0] = True
    assert mailbox.run(post.server)
    assert post.inbox.peek("receipts", 100) == b"receipts"


def test_a_share_that_the_server_has_no_more_is_gone_here_too(post: Post) -> None:
    post.server.put(Kind.SHARE, b"s" * 32, 1)
    post.server.put(Kind.DAY, b"day", 1)
    post.run(LOOK_S)
    post.server.files.clear()
    post.run(LOOK_S * 2)
    assert post.share.peek("share", 100) is None
    assert post.inbox.peek("day", 100) == b"day", "what was fetched stays"


def test_an_unreachable_server_takes_nothing_away(post: Post) -> None:
    post.server.put(Kind.SHARE, b"s" * 32, 1)
    post.run(LOOK_S)
    post.server.error = ServerUnreachable("The clinic's server does not answer.")
    post.run(LOOK_S * 2)
    assert post.share.peek("share", 100) == b"s" * 32


def test_a_refusal_leaves_the_letter_before_and_holds_up_no_picture(post: Post) -> None:
    post.server.put(Kind.DAY, b"monday", 100)
    post.run(LOOK_S)
    post.server.error = TransferRefused("the server refused it")
    post.server.put(Kind.DAY, b"sunday", 200)
    with post.spool.put() as writer:
        writer.write(b"sealed")
    assert "picture" in post.run(LOOK_S * 2)
    assert post.inbox.peek("day", 100) == b"monday"
    post.server.error = None
    post.run(400)
    assert post.inbox.peek("day", 100) == b"sunday"


def test_no_room_for_a_letter_is_no_end(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_size: int) -> None:
        raise StorageFailed("no room")

    post.server.put(Kind.DAY, b"monday", 100)
    with monkeypatch.context() as patched:
        patched.setattr(post.spool, "require_room", full)
        post.run(LOOK_S)
    assert post.inbox.peek("day", 100) is None
    post.run(400)
    assert post.inbox.peek("day", 100) == b"monday"


def test_the_inbox_is_no_stranger_in_the_spool(post: Post) -> None:
    assert post.spool.strangers() == []
    assert post.spool.entries() == []
