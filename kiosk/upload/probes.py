"""Trying the clinic's server for real, for ``kiosk check``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from kiosk.config import StationConfig
from kiosk.upload.sftp import DropBox, quiet_library_log


def probes(config: StationConfig) -> dict[str, Callable[[], str]]:
    """Return, by name, what tries the server; a probe raises KioskError with what is wrong."""
    return {"server": partial(_server, config)}


def _server(config: StationConfig) -> str:
    quiet_library_log()
    upload = config.upload
    DropBox.connect(upload, lambda: False).close()
    return f"{upload.host}:{upload.port} has the pinned key and lets {upload.user} in."
