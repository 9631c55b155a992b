"""What is killed in test_receipts.py: three objects sent, marked, and removed by their receipt."""

from __future__ import annotations

from pathlib import Path

from kiosk.envelope.signatures import SigningKey
from kiosk.records.receipts import Taken
from kiosk.spool import Spool
from kiosk.spool.inbox import INBOX, Inbox
from kiosk.spool.sent import Sent
from kiosk.upload.receipts import Kept, Receipts
from tests.upload.conftest import Clock
from tests.upload.receipt_samples import ReceiptDesk, digest_of

CONTENTS = (b"one", b"two", b"three")
KEY = "key"


def prepare(root: Path) -> None:
    desk = ReceiptDesk()
    (root / KEY).touch(mode=0o600)
    (root / KEY).write_text(desk.key.private_text())
    (root / "spool").mkdir()
    (root / "server").mkdir()
    spool = Spool(root / "spool")
    taken = []
    for content in CONTENTS:
        with spool.put() as writer:
            writer.write(content)
        taken.append(Taken(writer.name, digest_of(content)))
    inbox = Inbox(root / "spool" / INBOX)
    inbox.prepare()
    desk.send(inbox, *taken)
    names = "".join(f"{one.name}\n" for one in taken)
    (root / "names").write_text(names)


def act(root: Path) -> None:
    """A run of the upload process; the server is a folder."""
    desk = ReceiptDesk()
    desk.key = SigningKey.load(root / KEY)
    spool, sent = Spool(root / "spool"), Sent(root / "spool")
    sent.prepare()
    clock = Clock(lambda: True)
    receipts = Receipts(spool, sent, Inbox(root / "spool" / INBOX), desk.address, clock)
    receipts.settle()
    kept = Kept(spool, sent)
    for entry in kept.entries():
        source = kept.open(entry.name)
        content = source.read(entry.size)
        source.close()
        with (root / "server" / entry.name).open("ab") as file:
            file.write(content)
        kept.remove(entry.name)
    receipts.settle()


def between(root: Path) -> list[str]:
    """Whatever is gone from the spool had arrived, and its receipt is marked."""
    wrong = []
    marked = set(Sent(root / "spool").out())
    for name in (root / "names").read_text().split():
        if not (root / "spool" / name).exists():
            if not (root / "server" / name).exists():
                wrong.append(f"{name} is lost")
            if name not in marked:
                wrong.append(f"{name} is gone without a mark")
    return wrong


def check(root: Path) -> list[str]:
    names = sorted((root / "names").read_text().split())
    wrong = between(root)
    if found := list((root / "spool").glob("*.age")):
        wrong.append(f"{len(found)} objects are left")
    if Sent(root / "spool").gone() != names:
        wrong.append("the receipts are not marked")
    if len(list((root / "spool" / "sent").iterdir())) != len(names):
        wrong.append("there are more marks than receipts")
    arrived = {path.name: path.read_bytes() for path in (root / "server").iterdir()}
    twice = [n for n, content in arrived.items() if content not in CONTENTS]
    if len(twice) > 1:
        wrong.append("more than the one that was under way was sent twice")
    return wrong
