"""The box between the two processes for what a session asks for and is answered."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kiosk.errors import StorageFailed, StorageFull
from kiosk.spool import Spool
from kiosk.spool.recall import RecallBox

ANSWERS = ("a" * 32, "b" * 32)


@pytest.fixture
def box(root: Path) -> RecallBox:
    made = RecallBox(root, 1_000_000)
    made.clear()
    return made


@pytest.fixture
def folder(root: Path) -> Path:
    return root / "recall"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def answer(box: RecallBox, name: str, *pieces: bytes, keep: bool = True) -> None:
    with box.receive(name) as incoming:
        for piece in pieces:
            incoming.write(piece)
        if keep:
            incoming.keep()


def test_a_request_goes_out_and_an_answer_comes_in(box: RecallBox, folder: Path) -> None:
    box.ask(b"sealed", ANSWERS)
    (ask,) = box.asks()
    assert ask.size == 6
    with box.open(ask) as file:
        assert file.read() == b"sealed"
    assert box.wants() == [*ANSWERS]
    box.sent(ask)
    assert box.asks() == []
    assert box.take(ANSWERS[0]) is None
    answer(box, ANSWERS[0], b"one", b"two")
    assert box.wants() == [ANSWERS[1]]
    assert box.take(ANSWERS[0]) == b"onetwo"
    assert box.take(ANSWERS[0]) is None
    assert names(folder) == [f"{ANSWERS[1]}.want"]


def test_files_are_for_both_users_and_nobody_else(box: RecallBox, folder: Path) -> None:
    before = os.umask(0o077)
    try:
        box.ask(b"sealed", ANSWERS)
        answer(box, ANSWERS[0], b"x")
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o640}
    assert folder.stat().st_mode & 0o007 == 0


def test_an_answer_that_was_not_whole_is_not_kept(box: RecallBox, folder: Path) -> None:
    box.ask(b"sealed", ANSWERS)
    before = names(folder)
    answer(box, ANSWERS[0], b"half", keep=False)

    def fail() -> None:
        with box.receive(ANSWERS[0]) as incoming:
            incoming.write(b"half")
            raise KeyError("the connection")

    with pytest.raises(KeyError):
        fail()
    assert names(folder) == before
    assert box.take(ANSWERS[0]) is None


def test_an_answer_that_nobody_waits_for_any_more_is_not_kept(box: RecallBox, folder: Path) -> None:
    """The session ended while it was on its way: its key is gone."""
    box.ask(b"sealed", ANSWERS)
    with box.receive(ANSWERS[0]) as incoming:
        incoming.write(b"late")
        box.clear()
        incoming.keep()
    assert names(folder) == []


def test_an_answer_whose_wish_alone_is_gone_is_not_kept_either(
    box: RecallBox, folder: Path
) -> None:
    """As when the box is cleared just before the file of the answer is made."""
    box.ask(b"sealed", ANSWERS[:1])
    with box.receive(ANSWERS[0]) as incoming:
        incoming.write(b"late")
        (folder / f"{ANSWERS[0]}.want").unlink()
        incoming.keep()
    assert box.take(ANSWERS[0]) is None
    assert not list(folder.glob("*.part"))


def test_clearing_removes_all_of_ours_and_nothing_else(box: RecallBox, folder: Path) -> None:
    box.ask(b"sealed", ANSWERS)
    answer(box, ANSWERS[0], b"x")
    (folder / f"{'c' * 32}.part").write_bytes(b"left by a kill")
    (folder / "notes.txt").touch()
    box.clear()
    assert names(folder) == ["notes.txt"]
    assert (box.asks(), box.wants()) == ([], [])


def test_a_leftover_of_a_kill_does_not_stop_the_next_try(box: RecallBox, folder: Path) -> None:
    box.ask(b"sealed", ANSWERS)
    (folder / f"{ANSWERS[0]}.part").write_bytes(b"left by a kill")
    answer(box, ANSWERS[0], b"whole")
    assert box.take(ANSWERS[0]) == b"whole"


def test_a_station_without_a_box_has_nothing_to_do(root: Path) -> None:
    box = RecallBox(root, 1_000_000)
    assert (box.asks(), box.wants(), box.take(ANSWERS[0])) == ([], [], None)
    with pytest.raises(StorageFailed, match="is not there"):
        box.ask(b"sealed", ANSWERS)


def test_answers_do_not_take_the_room_of_pictures(root: Path) -> None:
    disk = os.statvfs(root)
    box = RecallBox(root, disk.f_bavail * disk.f_frsize)
    box.clear()
    box.ask(b"sealed", ANSWERS)
    with pytest.raises(StorageFull), box.receive(ANSWERS[0]):
        pass
    assert box.wants() == [*ANSWERS]


def test_a_disk_that_fails_is_said(
    box: RecallBox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise OSError(28, os.strerror(28))

    box.ask(b"sealed", ANSWERS)
    before = names(folder)
    monkeypatch.setattr(os, "write", fail)
    with pytest.raises(StorageFull):
        answer(box, ANSWERS[0], b"x")
    monkeypatch.undo()
    assert names(folder) == before


def test_the_box_is_no_stranger_in_the_spool_and_holds_no_pictures(
    box: RecallBox, root: Path
) -> None:
    box.ask(b"sealed", ANSWERS)
    answer(box, ANSWERS[0], b"x")
    spool = Spool(root)
    assert spool.strangers() == []
    assert spool.entries() == []
    assert spool.count() == 0
    box.clear()
    (root / "recall").rmdir()
    (root / "recall").touch()
    assert spool.strangers() == ["recall"], "a file of that name is one"
