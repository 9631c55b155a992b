"""A capture process that saves one shot after the other and tells each, until it is stopped.

``saver.py DIRECTORY``: a directory ``spool`` and a counter ``sequence`` in it. Every so often it
takes and tells a number, too. The content tells by itself whether it is whole.
"""

from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path

from kiosk.durable import Counter
from kiosk.spool import Spool


def payload(number: int) -> bytes:
    line = b"%d\n" % number
    return line * (20_000 // len(line))


def is_whole(content: bytes) -> bool:
    number = content.partition(b"\n")[0]
    return number.isdigit() and content == payload(int(number))


def main() -> None:
    root = Path(sys.argv[1])
    spool, counter = Spool(root / "spool"), Counter(root / "sequence")
    spool.recover()
    for shot in itertools.count():
        if shot % 8 == 0:  # not each time: its syncs would make up for any that the spool forgot
            os.write(1, f"number {counter.next()}\n".encode())
        with spool.put() as writer:
            writer.write(payload(shot))
        os.write(1, f"saved {writer.name}\n".encode())


if __name__ == "__main__":
    main()
