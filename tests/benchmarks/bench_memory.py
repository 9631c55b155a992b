"""Peak memory of one capture, measured in a process of its own above its imports."""

from __future__ import annotations

import subprocess
import sys

from tests.benchmarks import scene
from tests.benchmarks.row import Row

FRAME_MB = scene.WIDTH * scene.HEIGHT * 1.5 / 1e6


def run() -> list[Row]:
    command = [sys.executable, "-m", "tests.benchmarks.one_shot"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    peak_mb = float(done.stdout)
    name = f"memory of one capture above imports, frame of {FRAME_MB:.1f} MB included"
    return [Row(name, peak_mb, None, "", "MB", FRAME_MB + 16)]
