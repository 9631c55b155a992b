"""From the start of the process to the first live picture, and what the imports cost."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from provisioning.demo.clinic import Sizes, found
from provisioning.server import ThrowawayServer
from tests.benchmarks.row import Row

RUNS = 3
MODULES = 12
_QUIET = {"SDL_VIDEODRIVER": "dummy", "PYGAME_HIDE_SUPPORT_PROMPT": "1"}


def run() -> list[Row]:
    with (
        tempfile.TemporaryDirectory() as folder,
        ThrowawayServer(Path(folder) / "server") as server,
    ):
        station = Path(folder) / "station"
        station.mkdir()
        clinic = found(station, server, Sizes(display=(1080, 1920)))
        first = min(_first_picture(clinic.config) for _ in range(RUNS))
    python = min(_timed([sys.executable, "-c", "pass"]) for _ in range(RUNS))
    rows = [
        Row("start of the capture process to its first live picture", first, None, "", "ms", None)
    ]
    rows.append(Row("the interpreter alone", python, None, "", "ms", None))
    rows += [Row(f"import {name}", ms, None, "", "ms", None) for name, ms in _imports()]
    return rows


def _first_picture(config: Path) -> float:
    return _timed([sys.executable, "-m", "tests.benchmarks.first_picture", str(config)])


def _timed(command: list[str]) -> float:
    begin = time.perf_counter_ns()
    subprocess.run(command, env={**os.environ, **_QUIET}, check=True)
    return (time.perf_counter_ns() - begin) / 1e6


def _imports() -> list[tuple[str, float]]:
    """The dearest modules of the capture process, each with all that it brings along."""
    command = [sys.executable, "-X", "importtime", "-c", "import kiosk.cli, kiosk.capture.start"]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **_QUIET}, check=True
    )
    lines = re.findall(r"^import time:\s+\d+ \|\s+(\d+) \| *(\S+)$", done.stderr, re.MULTILINE)
    top = [(name, int(us) / 1000) for us, name in lines if name.count(".") <= 1]
    return sorted(top, key=lambda pair: -pair[1])[:MODULES]
