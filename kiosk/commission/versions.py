"""Where the versions of the program are on a station, and going back to the one before."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, NoReturn

from kiosk.errors import UsageError

IN_USE: Final = "/opt/kiosk"
VERSIONS: Final = "/opt/kiosk.versions"
BEFORE: Final = f"{VERSIONS}/before"
SOURCE: Final = "share/source"
"""In a version's folder: the files that it was made of, its installer among them."""

_PYTHON: Final = "/usr/bin/python3"


def go_back(before: Path = Path(BEFORE), python: str = _PYTHON) -> NoReturn:
    """Install the version before from its own files; this program ends with it.

    Nothing that is kept of patients is touched, nor is what waits to be sent.

    Raises:
        UsageError: not root, or there is no version before.
    """
    if os.geteuid() != 0:
        raise UsageError("Going back changes the system; expected root (sudo).")
    source = before / SOURCE
    if not source.is_dir():
        raise UsageError(f"{before}: there is no version before this one on the station.")
    os.chdir(source.resolve())
    os.execv(python, [python, "-m", "provisioning.install"])  # noqa: S606 - our own, by full path
