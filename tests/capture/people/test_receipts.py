"""A receipt of the clinic is in the trail once, over restarts, and only where the desk says so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kiosk.capture.people.receipts import MOST
from kiosk.errors import StorageError, StorageFailed
from kiosk.records.audit import Act
from kiosk.records.receipts import Taken
from kiosk.spool.inbox import INBOX, Inbox
from kiosk.spool.sent import Mark, Sent
from tests.capture.people import receipts_scene as scene
from tests.faults import killed
from tests.upload.receipt_samples import ReceiptDesk, deliver


@pytest.fixture
def root(tmp_path: Path) -> Path:
    scene.prepare(tmp_path)
    return tmp_path


def noted(root: Path) -> list[str]:
    found = scene.entries(root)
    return [entry.subject or "" for entry in found if entry.act is Act.RECEIPT]


def marked(root: Path) -> list[str]:
    return Sent(root / "spool").gone()


def test_each_receipt_is_written_once_over_restarts(root: Path) -> None:
    scene.act(root)
    scene.act(root)
    assert noted(root) == list(scene.NAMES)
    (entry, *_) = [one for one in scene.entries(root) if one.act is Act.RECEIPT]
    assert (entry.operator, entry.patient, entry.detail) == (None, None, "letter 1")


def test_what_the_desks_letter_does_not_name_is_not_written(root: Path) -> None:
    sent, inbox = Sent(root / "spool"), Inbox(root / "spool" / INBOX)
    lied, changed = f"{'a' * 32}.age", scene.NAMES[0]
    sent.note(lied, scene.DIGEST)
    sent.received(Mark(lied, scene.DIGEST))
    (root / "spool/sent" / changed).with_suffix(".receipt").write_text("e" * 64 + "\n")
    scene.act(root)
    assert noted(root) == list(scene.NAMES[1:])
    assert marked(root) == [changed, lied]
    stranger = ReceiptDesk()
    deliver(inbox, stranger.letter([Taken(lied, scene.DIGEST)]))
    scene.act(root)
    assert lied not in noted(root)


def test_what_is_still_here_is_not_written_yet(root: Path) -> None:
    name = scene.NAMES[1]
    (root / "spool" / name).write_bytes(b"sealed")
    scene.act(root)
    (root / "spool" / name).unlink()
    assert noted(root) == [scene.NAMES[0], scene.NAMES[2]]
    scene.act(root)
    assert noted(root) == [scene.NAMES[0], scene.NAMES[2], name]


def test_a_segment_of_the_trail_itself_brings_about_no_entry(root: Path) -> None:
    trail = scene.trail_of(root)
    trail.recover()
    trail.note(Act.STARTED)
    trail.close()
    (segment,) = trail.sent
    sent = Sent(root / "spool")
    sent.note(segment, scene.DIGEST)
    sent.received(Mark(segment, scene.DIGEST))
    kept = (root / "spool" / segment).read_bytes()
    (root / "spool" / segment).unlink()
    desk = ReceiptDesk()
    desk.key = type(desk.key).load(root / "key")
    desk.send(
        Inbox(root / "spool" / INBOX),
        *(Taken(name, scene.DIGEST) for name in (*scene.NAMES, segment)),
    )
    scene.notes_of(root, trail).note()
    trail.close()
    (root / "spool" / segment).write_bytes(kept)
    assert noted(root) == list(scene.NAMES)
    assert marked(root) == []


def test_pictures_do_not_wait_behind_a_thousand_receipts(root: Path) -> None:
    sent = Sent(root / "spool")
    names = [f"{number:032x}.age" for number in range(1, 2 * MOST + 1)]
    for name in names:
        sent.note(name, scene.DIGEST)
        sent.received(Mark(name, scene.DIGEST))
    desk = ReceiptDesk()
    desk.key = type(desk.key).load(root / "key")
    desk.send(Inbox(root / "spool" / INBOX), *(Taken(name, scene.DIGEST) for name in names))
    trail = scene.trail_of(root)
    trail.recover()
    notes = scene.notes_of(root, trail)
    notes.note()
    assert len(marked(root)) == MOST
    notes.note()
    trail.close()
    assert noted(root) == names


def test_an_entry_that_could_not_be_written_is_not_taken_for_the_next(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trail = scene.trail_of(root)
    trail.recover()
    notes = scene.notes_of(root, trail)
    with monkeypatch.context() as broken:

        def fail(*_: object) -> None:
            raise StorageFailed("the disk is away")

        broken.setattr(trail, "_write", fail)
        with pytest.raises(StorageError):
            notes.note()
    trail.note(Act.STARTED)
    scene.act(root)
    assert noted(root) == list(scene.NAMES)


def test_a_damaged_note_is_told_and_not_guessed(root: Path) -> None:
    (root / "receipt.noting").write_text("12 x")
    trail = scene.trail_of(root)
    trail.recover()
    with pytest.raises(StorageFailed, match=r"receipt\.noting is damaged"):
        scene.notes_of(root, trail).recover()


def test_nothing_is_read_while_nothing_came(root: Path) -> None:
    for mark in (root / "spool" / "sent").iterdir():
        mark.unlink()
    os.truncate(root / "spool" / INBOX / "receipts.letter", 10)
    scene.act(root)
    assert noted(root) == []


def test_killed_at_each_step_every_receipt_is_written_once(tmp_path: Path) -> None:
    count, wrong = killed.places("tests.capture.people.receipts_scene", tmp_path)
    assert wrong == []
    assert count > 40
