"""The clinic's side while the demo runs: its own ``kiosk clinic collect``, again and again.

Run as a child by ``provisioning.demo``, as a timer would run the command on a clinic's server.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from kiosk.cli import main as kiosk
from kiosk.service import guarded
from provisioning.demo.clinic import STATION, Clinic

EVERY_S = 2.0
"""More often than a clinic would, since here somebody waits for an earlier picture."""


def make_boxes(clinic: Clinic, drop_box: Path) -> Path:
    """Return a folder of all drop boxes, as the collector wants it, with the one that there is."""
    boxes = clinic.config.with_name("boxes")
    boxes.mkdir()
    (boxes / STATION).symlink_to(drop_box)
    return boxes


def words(clinic: Clinic, boxes: Path) -> list[str]:
    """Return the command."""
    said = {
        "--server": boxes,
        "--stations": clinic.stations,
        "--identity": clinic.keys.archive,
        "--library": clinic.opened,
        "--sealed": clinic.sealed,
        "--desk": clinic.desk,
    }
    return ["clinic", "collect", *(str(word) for pair in said.items() for word in pair)]


def main() -> int:
    """Collect until the demo ends; what goes wrong is said in the log, as a timer would go on."""
    while True:
        kiosk([*sys.argv[1:], "--quiet"])
        sys.stdout.flush()
        time.sleep(EVERY_S)


if __name__ == "__main__":
    sys.exit(guarded(main))
