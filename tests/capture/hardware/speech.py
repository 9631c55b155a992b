"""Scripts that stand for the speech program, and the time that passes while they speak."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from kiosk.capture.hardware.voice import PROGRAM, EspeakVoice

SECOND: Final = 1_000_000_000

HANGS: Final = "#!/bin/sh\nexec sleep 60\n"
"""Never comes to an end."""

GATED: Final = '#!/bin/sh\n: < "${0%/*}/gate"\n'
"""Speaks until ``finish`` lets it come to its end."""


class Clock:
    def __init__(self) -> None:
        self.ns = 0

    def __call__(self) -> int:
        return self.ns


def stand_in(folder: Path, script: str) -> Path:
    """Return a script that stands for the program."""
    path = folder / PROGRAM
    path.write_text(script)
    path.chmod(0o755)
    return path


def child(voice: EspeakVoice) -> subprocess.Popen[bytes]:
    assert voice._child is not None
    return voice._child
