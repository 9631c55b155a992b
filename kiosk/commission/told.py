"""Checks that the station can tell how it fares."""

from __future__ import annotations

import stat
from typing import Final

from kiosk.commission.checks import Finding, not_applicable, ok, wrong
from kiosk.commission.place import Place
from kiosk.config import StationConfig
from kiosk.metrics import CAPTURE, UPLOAD
from kiosk.spool.inbox import require_memory

FOLDER_MODE: Final = 0o3775


def metrics(config: StationConfig, place: Place) -> Finding:
    """Check that figures can be left for a collector, and in memory alone.

    Raises:
        ConfigError: they would wear the card.
    """
    folder = config.metrics.folder
    if folder is None:
        return not_applicable(
            "Nobody is told how the station fares: metrics.folder is left out, and the "
            "technician's screen cannot show the network."
        )
    here = place.at(folder)
    if not here.is_dir():
        return wrong(f"{folder} is missing; run `python3 -m provisioning.install`.")
    require_memory(folder, place.at("/proc/self/mountinfo"), setting="metrics.folder")
    mode = stat.S_IMODE(here.stat().st_mode)
    if mode != FOLDER_MODE:
        return wrong(
            f"{folder} has mode {mode:04o}, and one process could replace the other's figures; "
            f"expected {FOLDER_MODE:04o}."
        )
    there = [name for name in (UPLOAD, CAPTURE) if (here / name).exists()]
    if not there:
        return ok(f"Figures will be left in {folder}; none are there yet.")
    return ok(f"Figures are left in {folder}: {', '.join(there)}.")
