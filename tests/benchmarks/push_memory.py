"""One push in a process of its own; prints the memory it took beyond the imports, in MB.

``python -m tests.benchmarks.push_memory JSON`` with the fields of the drop box and ``file``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from kiosk.config import Upload
from kiosk.upload.sftp import DropBox


def main() -> None:
    """Push, and compare the kernel's two marks of resident memory."""
    given = json.loads(sys.argv[1])
    file = Path(given.pop("file"))
    upload = Upload(**{**given, "key": Path(given["key"])})
    # proc_pid_clear_refs(5): 5 sets the high-water mark back to what is resident now.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = _kib("VmRSS")
    with DropBox.connect(upload, lambda: False) as box, file.open("rb", buffering=0) as source:
        box.push(source, file.stat().st_size, file.name)
    print((_kib("VmHWM") - before) / 1024)


def _kib(field: str) -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return int(value.split()[0])
    raise LookupError(field)


if __name__ == "__main__":
    main()
