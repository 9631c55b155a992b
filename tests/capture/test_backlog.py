"""What the top line of every screen is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.capture.backlog import QUIET_S, BacklogWatch, stranger_told
from kiosk.errors import ServerIdentityChanged, ServerUnreachable, UploadError
from kiosk.model import ClockState, Moment
from kiosk.spool import Spool
from kiosk.spool.report import REPORT
from kiosk.spool.sent import Sent
from kiosk.upload.ledger import Ledger
from kiosk.upload.telling import Clocks, Server, Telling


class Day:
    """A clock that the test moves; its time of day is the seconds passed."""

    now = 0.0

    def clock(self) -> float:
        return self.now

    def time_of_day(self) -> str:
        return f"{self.now:.0f}"


@pytest.fixture
def day() -> Day:
    return Day()


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path, 0)


@pytest.fixture
def watch(spool: Spool, day: Day) -> BacklogWatch:
    return BacklogWatch(spool, day.time_of_day, day.clock)


def put(spool: Spool) -> str:
    with spool.put() as writer:
        writer.write(b"sealed")
    return writer.name


BOOT = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("boot", "error", "stranger"),
    [
        (BOOT, ServerIdentityChanged("another host key"), True),
        (BOOT, ServerUnreachable("no answer"), False),
        (BOOT, None, False),
        ("before", ServerIdentityChanged("another host key"), False),
    ],
)
def test_a_server_that_is_not_the_clinics_is_told_by_the_upload_process(
    tmp_path: Path, day: Day, boot: str, error: UploadError | None, *, stranger: bool
) -> None:
    """By its own hand, in the file that both share."""
    spool = Spool(tmp_path / "spool", 0)
    spool.root.mkdir()
    now = Moment("2026-11-26T14:05:00.000+00:00", 10**10, boot, ClockState.SYNCHRONISED)
    ledger = Ledger(lambda: now)
    clocks = Clocks(lambda: 10**10, lambda: now)
    telling = Telling(tmp_path, Server("s:22", "SHA256:x"), spool, ledger, clocks)
    watch = BacklogWatch(spool, day.time_of_day, day.clock, stranger=stranger_told(tmp_path, BOOT))
    watch.look()
    assert not watch.stranger
    if error is not None:
        ledger.failed(error)
    telling.tell()
    watch.look()
    assert watch.stranger == stranger
    (tmp_path / REPORT).write_bytes(b"{}")
    watch.look()
    assert not watch.stranger
    assert not BacklogWatch(spool, day.time_of_day, stranger=stranger_told(None, BOOT)).stranger


def test_it_counts_what_waits(spool: Spool, watch: BacklogWatch) -> None:
    put(spool)
    put(spool)
    watch.look()
    assert (watch.count, watch.since, watch.error) == (2, "", None)


def test_pictures_that_do_not_leave_are_told_with_the_time_of_the_last_that_did(
    spool: Spool, watch: BacklogWatch, day: Day
) -> None:
    first, _ = put(spool), put(spool)
    watch.look()
    day.now = 100
    spool.remove(first)
    watch.look()
    day.now = 100 + QUIET_S
    watch.look()
    assert watch.since == ""
    day.now += 1
    watch.look()
    assert watch.since == "100"


def test_a_new_picture_alone_does_not_hide_that_none_leaves(
    spool: Spool, watch: BacklogWatch, day: Day
) -> None:
    put(spool)
    watch.look()
    day.now = QUIET_S + 1
    put(spool)
    watch.look()
    assert watch.since == "0"


def test_an_empty_spool_is_never_stuck(watch: BacklogWatch, day: Day) -> None:
    day.now = 10 * QUIET_S
    watch.look()
    assert watch.since == ""


def test_what_was_sent_and_waits_for_its_receipt_is_counted_apart(
    spool: Spool, watch: BacklogWatch, day: Day
) -> None:
    sent, _ = put(spool), put(spool)
    Sent(spool.root).prepare()
    Sent(spool.root).note(sent, "d" * 64)
    watch.look()
    assert (watch.count, watch.sent) == (1, 1)
    day.now = QUIET_S + 1
    Sent(spool.root).note(next(iter(spool.names())), "d" * 64)
    watch.look()
    assert (watch.count, watch.sent, watch.since) == (0, 2, ""), "sent is not stuck"


def test_a_spool_that_cannot_be_read_is_told(
    spool: Spool, watch: BacklogWatch, tmp_path: Path
) -> None:
    put(spool)
    watch.look()
    tmp_path.rename(tmp_path.with_name("gone"))
    watch.look()
    assert watch.error is not None
    assert watch.count == 1
