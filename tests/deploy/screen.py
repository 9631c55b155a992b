"""Stands for the capture process of a booted tree: hands codes over from its own sandbox.

Copied there by ``first_boot.py``, started by the real ``kiosk-capture.service`` in the place of the
program, which has no screen in a container. Prints a line for each answer.
"""

from __future__ import annotations

import socket
import sys
import time
from pathlib import Path

from kiosk.capture.enrolling.link import Link
from kiosk.records.enrolment import Done, is_pending

CODES = Path("/usr/local/share/codes")
FOLDER = Path("/etc/kiosk")


def main() -> int:
    if not is_pending(FOLDER):
        print("SCREEN is enrolled", flush=True)
        time.sleep(600)
    try:
        socket.socket(socket.AF_INET)
    except OSError as error:
        print(f"SCREEN internet {error.strerror}", flush=True)
    link = Link()
    for code in CODES.read_text("ascii").split():
        link.ask(code)
        while (answer := link.poll()) is None:
            time.sleep(0.1)
        match answer:
            case Done(fault=fault):
                print(f"SCREEN enrolled {fault or 'and logged in'}", flush=True)
            case _:
                print(f"SCREEN {answer.code}: {answer.sentence}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
