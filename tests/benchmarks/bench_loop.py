"""How long the screen's thread is held by one turn of its loop while pictures are taken and sealed.

The whole capture process with simulated devices and 12-megapixel pictures, on SDL's dummy driver:
a session by script, and the time that each turn works (its wait for the next frame left out).
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from provisioning.demo.clinic import Sizes, found, hand_over, write_member
from provisioning.server import ThrowawayServer
from tests.benchmarks.row import Row

FRAME_MS = 1000 / 30


def run() -> list[Row]:
    with (
        tempfile.TemporaryDirectory() as folder,
        ThrowawayServer(Path(folder) / "server") as server,
    ):
        station = Path(folder) / "station"
        station.mkdir()
        clinic = found(station, server, Sizes(display=(1080, 1920)))
        hand_over(clinic)
        member = Path(folder) / "member"
        write_member(clinic, member)
        words = ["-m", "tests.benchmarks.watched_loop", str(clinic.config), str(member)]
        command = [sys.executable, *words]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures = dict(re.findall(r"^(\w+) ([\d.]+)$", done.stdout, re.MULTILINE))
    return [
        Row(f"one turn of the loop, {name}", float(figures[key]), None, "", "ms", aim)
        for key, name, aim in (
            ("median", "median of a session", None),
            ("aiming", "longest with a live picture", FRAME_MS),
            ("taking", "longest while a picture is taken or saved", FRAME_MS),
            ("changing", "longest at a change of screen", FRAME_MS),
        )
    ]
