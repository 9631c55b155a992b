"""Is the journal: takes its socket's place and runs the arguments with it as standard error.

Run in a mount namespace of its own, so that the machine's journal, if it has one, is left alone.
Writes what the program sent, fields of each record as one JSON object a line, to standard output.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path


def fields(message: bytes) -> dict[str, str]:
    """Read a record in the journal's native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL)."""
    found = {}
    while message:
        head, _, rest = message.partition(b"\n")
        name, is_text, value = head.partition(b"=")
        if not is_text:
            (size,) = struct.unpack("<Q", rest[:8])
            value, rest = rest[8 : 8 + size], rest[8 + size + 1 :]
        found[name.decode()] = value.decode()
        message = rest
    return found


def main() -> int:
    folder = Path("/run/systemd/journal")
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
    folder.mkdir(parents=True)
    journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    journal.bind(str(folder / "socket"))
    journal.setblocking(False)  # noqa: FBT003
    with tempfile.TemporaryFile() as stream:
        status = os.fstat(stream.fileno())
        program = subprocess.run(
            sys.argv[1:],
            stderr=stream,
            env={**os.environ, "JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"},
            check=False,
        )
        stream.seek(0)
        sys.stderr.write(stream.read().decode())
    while True:
        try:
            print(json.dumps(fields(journal.recv(65536))))
        except BlockingIOError:
            return program.returncode


if __name__ == "__main__":
    sys.exit(main())
