"""Starts a capture process and ends it with the first live picture; a child of ``bench_start``."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from kiosk.capture.start import opened
from kiosk.config_reading import load
from kiosk.service import Service, StopSignals


def main() -> None:
    path = sys.argv[1]
    with (
        StopSignals() as stop,
        opened(load(Path(path)), path, Service(), stop, swap_allowed=True) as station,
    ):
        while station.camera.preview() is None:
            time.sleep(0.001)
        # What follows is the end of the process, which is not measured here.
        os._exit(0)


if __name__ == "__main__":
    main()
