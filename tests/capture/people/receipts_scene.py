"""What is killed in test_receipts.py: three receipts written into the trail of a new start."""

from __future__ import annotations

import io
from pathlib import Path

from kiosk import moment
from kiosk.capture.author import Author
from kiosk.capture.people.receipts import ReceiptNotes, Sources
from kiosk.capture.people.trail import Trail
from kiosk.durable import Counter
from kiosk.envelope.audit import AUDIT, as_segment
from kiosk.envelope.bundle import read_bundle
from kiosk.envelope.recipients import X25519, generate_identity, load_identity
from kiosk.envelope.seal import open_sealed
from kiosk.envelope.signatures import SigningKey
from kiosk.records.audit import Act, Entry, faults
from kiosk.records.receipts import Taken
from kiosk.spool import Spool
from kiosk.spool.inbox import INBOX, Inbox
from kiosk.spool.sent import Mark, Sent
from tests.upload.receipt_samples import CLINIC, STATION, ReceiptDesk

NAMES = tuple(f"{number:032x}.age" for number in range(1, 4))
DIGEST = "d" * 64


def prepare(root: Path) -> None:
    for name in ("spool", "audit"):
        (root / name).mkdir()
    Counter(root / "sequence").create()
    desk = ReceiptDesk()
    for name, text in (
        ("key", desk.key.private_text()),
        ("identity", generate_identity(X25519).secret_text()),
    ):
        (root / name).touch(mode=0o600)
        (root / name).write_text(text)
    inbox = Inbox(root / "spool" / INBOX)
    inbox.prepare()
    desk.send(inbox, *(Taken(name, DIGEST) for name in NAMES))
    sent = Sent(root / "spool")
    sent.prepare()
    for name in NAMES:
        sent.note(name, DIGEST)
        sent.received(Mark(name, DIGEST))


def trail_of(root: Path) -> Trail:
    recipients = [load_identity(root / "identity").recipient()]
    key = SigningKey.load(root / "key")
    author = Author(STATION, CLINIC, key, recipients, Counter(root / "sequence"))
    return Trail(root / "audit", Spool(root / "spool"), author, moment.now)


def notes_of(root: Path, trail: Trail) -> ReceiptNotes:
    desk = ReceiptDesk()
    desk.key = SigningKey.load(root / "key")
    sources = Sources(Sent(root / "spool"), Inbox(root / "spool" / INBOX), desk.address)
    return ReceiptNotes(sources, trail, root / "receipt.noting")


def act(root: Path) -> None:
    trail = trail_of(root)
    trail.recover()
    notes = notes_of(root, trail)
    notes.recover()
    trail.note(Act.STARTED)
    notes.note()
    trail.note(Act.STOPPED)
    trail.close()


def entries(root: Path) -> list[Entry]:
    """Return every entry that was sent, each once: a crash may send a segment twice."""
    found = {}
    spool = Spool(root / "spool")
    identity = load_identity(root / "identity")
    for waiting in spool.entries():
        with spool.open(waiting.name) as file:
            bundle = read_bundle(open_sealed(io.BytesIO(file.read()), [identity]), [AUDIT])
        found.update({entry.number: entry for entry in as_segment(bundle).entries})
    return [found[number] for number in sorted(found)]


def between(_root: Path) -> list[str]:
    return []


def check(root: Path) -> list[str]:
    found = entries(root)
    wrong = [str(fault) for fault in faults(found)]
    noted = sorted(entry.subject or "" for entry in found if entry.act is Act.RECEIPT)
    if noted != list(NAMES):
        wrong.append(f"the trail has {noted}")
    if left := Sent(root / "spool").gone():
        wrong.append(f"{len(left)} marks are left")
    return wrong
