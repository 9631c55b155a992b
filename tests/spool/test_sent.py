"""What was sent and waits for its receipt: out of the queue, on the disk, and never in doubt."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.errors import StorageFailed, StorageFull
from kiosk.spool import Backlog, Spool
from kiosk.spool.sent import Mark, Sent

ONE, OTHER = "1" * 64, "2" * 64


@pytest.fixture
def sent(root: Path) -> Sent:
    made = Sent(root)
    made.prepare()
    return made


def put(spool: Spool, content: bytes = b"sealed") -> str:
    with spool.put() as writer:
        writer.write(content)
    return writer.name


def marks(root: Path) -> list[str]:
    return sorted(path.suffix for path in (root / "sent").iterdir())


def test_what_was_sent_leaves_the_queue_and_keeps_its_place(spool: Spool, sent: Sent) -> None:
    first, second = put(spool, b"12345"), put(spool, b"123")
    sent.note(first, ONE)
    assert [entry.name for entry in spool.entries()] == [second]
    assert spool.names() == {second}
    assert spool.backlog() == Backlog(count=1, bytes=3, sent=1)
    assert (spool.root / first).read_bytes() == b"12345"
    assert Sent(spool.root).waiting() == [Mark(first, ONE)]
    assert spool.strangers() == []


def test_where_nothing_was_marked_there_is_no_folder(spool: Spool, root: Path) -> None:
    put(spool)
    assert (Sent(root).out(), Sent(root).waiting(), Sent(root).ended()) == (frozenset(), [], [])
    assert spool.backlog() == Backlog(1, 6)
    assert not (root / "sent").exists()


def test_a_receipt_is_told_once_the_object_is_gone(spool: Spool, sent: Sent, root: Path) -> None:
    name = put(spool)
    sent.note(name, ONE)
    sent.received(Mark(name, ONE))
    assert (sent.gone(), sent.ended()) == ([], [name])
    assert spool.entries() == [], "a restart now must not send it again"
    spool.remove(name)
    assert (sent.gone(), sent.ended()) == ([name], [])
    assert sent.receipt(name) == Mark(name, ONE)
    sent.noted(name)
    assert (sent.gone(), marks(root)) == ([], [])


def test_a_doubt_puts_it_back_into_the_queue_and_is_remembered(spool: Spool, sent: Sent) -> None:
    name = put(spool)
    sent.note(name, ONE)
    sent.doubt(Mark(name, ONE), frozenset({OTHER}))
    assert [entry.name for entry in spool.entries()] == [name]
    assert sent.waiting() == [Mark(name, ONE, frozenset({OTHER}), again=True)]
    sent.note(name, ONE)
    assert spool.entries() == []
    assert sent.waiting() == [Mark(name, ONE, frozenset({OTHER}))]


def test_a_receipt_that_comes_while_it_is_sent_again_counts(
    spool: Spool, sent: Sent, root: Path
) -> None:
    name = put(spool)
    sent.note(name, ONE)
    sent.doubt(Mark(name, ONE), frozenset({OTHER}))
    (mark,) = sent.waiting()
    sent.received(mark)
    assert marks(root) == [".receipt"]


def test_of_a_mark_that_is_there_twice_the_one_that_sends_again_counts(
    spool: Spool, sent: Sent, root: Path
) -> None:
    name = put(spool)
    sent.note(name, ONE)
    content = (root / "sent" / name).with_suffix(".sent").read_text()
    (root / "sent" / name).with_suffix(".again").write_text(content + OTHER + "\n")
    assert [entry.name for entry in spool.entries()] == [name]
    assert sent.waiting() == [Mark(name, ONE, frozenset({OTHER}), again=True)]


def test_marks_that_say_nothing_are_removed_at_the_start(
    spool: Spool, sent: Sent, root: Path
) -> None:
    empty, gone, whole = put(spool), put(spool), put(spool)
    for name in (empty, gone, whole):
        sent.note(name, ONE)
    (root / "sent" / empty).with_suffix(".sent").write_text("")
    (root / gone).unlink()
    (root / "sent" / f".{'0' * 32}.sent.new").write_text("half")
    sent.prepare()
    assert [entry.name for entry in spool.entries()] == [empty]
    assert [mark.name for mark in sent.waiting()] == [whole]
    assert marks(root) == [".sent"]


def test_a_full_disk_of_sent_objects_says_what_makes_room(root: Path) -> None:
    spool, sent = Spool(root, reserve_bytes=2**60), Sent(root)
    sent.prepare()
    name = put(spool)
    with pytest.raises(StorageFull, match="wait until pictures have been uploaded"):
        spool.require_room(1)
    sent.note(name, ONE)
    with pytest.raises(
        StorageFull, match=r"stays on it until .* \(objects: 1\); .*kiosk clinic coll"
    ):
        spool.require_room(1)


@pytest.mark.parametrize("name", ["../../etc/passwd", "a.age", "0" * 32, ".age"])
def test_a_name_that_is_none_is_refused(sent: Sent, name: str) -> None:
    with pytest.raises(StorageFailed, match="32 hexadecimal digits"):
        sent.note(name, ONE)
