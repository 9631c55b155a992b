"""What runs under fault injection: one act on a directory, told by output and exit status.

``child.py ACT DIRECTORY``. Imports nothing but the rooms under test and the standard library.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from kiosk.durable import Counter, replace_file
from kiosk.errors import StorageError, StorageFailed, StorageFull, StorageReadOnly
from kiosk.spool import Spool

PAYLOAD = tuple(bytes([65 + part]) * (3000 + part) for part in range(3))
OLD, NEW = b"the old content\n", b"the new content, which is longer\n"
STATUS: dict[type[StorageError], int] = {StorageFull: 10, StorageReadOnly: 11, StorageFailed: 12}


def say(text: str) -> None:
    # In one write: print would end the line in a second one.
    os.write(1, f"{text}\n".encode())


def put(root: Path) -> None:
    """The capture process: start, then save one shot."""
    spool = Spool(root)
    spool.recover()
    spool.require_room(sum(map(len, PAYLOAD)))
    with spool.put() as writer:
        for part in PAYLOAD:
            writer.write(part)
    say(f"saved {writer.name}")


def take(root: Path) -> None:
    """The upload process: read whatever waits, then remove it."""
    spool = Spool(root)
    for entry in spool.entries():
        with spool.open(entry.name) as sealed:
            whole = sealed.read(1 << 20) == b"".join(PAYLOAD)
        say(f"read {entry.name} {whole}")
        spool.remove(entry.name)
        say(f"removed {entry.name}")


def count(root: Path) -> None:
    for _ in range(2):
        number = Counter(root / "sequence").next()
        say(f"number {number}")


def replace(root: Path) -> None:
    replace_file(root / "state", NEW, 0o640)
    say("replaced")


ACTS = {"put": put, "take": take, "count": count, "replace": replace}


def main() -> int:
    try:
        ACTS[sys.argv[1]](Path(sys.argv[2]))
    except StorageError as error:
        say(f"error {error}")
        return STATUS[type(error)]
    return 0


if __name__ == "__main__":
    sys.exit(main())
