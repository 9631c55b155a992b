"""Where a check looks: the running machine, or the tree of one for tests and images."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.errors import StorageFailed

CREDENTIALS = Path("/run/credentials")
SETTINGS = Path("/etc/kiosk")
KEYS = SETTINGS / "keys"
SERVICES = ("kiosk-capture.service", "kiosk-upload.service")


@dataclass(frozen=True, slots=True)
class Place:
    """``root``: what stands for ``/``; ``uid``: the user that runs the checks."""

    root: Path = Path("/")
    uid: int = field(default_factory=os.geteuid)

    def at(self, path: Path | str) -> Path:
        """Return where an absolute path of the station is found."""
        return self.root / str(path).lstrip("/")

    def read(self, path: Path | str) -> str:
        """Return a text file's content.

        Raises:
            StorageFailed: it cannot be read.
        """
        try:
            return self.at(path).read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise StorageFailed(f"{path} cannot be read: {error.strerror}.") from error

    def told(self, path: Path | str) -> str:
        """Return what the kernel or the firmware says in a file, empty text where it says nothing.

        Raises:
            StorageFailed: it is there and cannot be read.
        """
        return self.read(path).strip("\0\n ") if self.exists(path) else ""

    def exists(self, path: Path | str) -> bool:
        return self.at(path).exists()


def stored(key: Path) -> Path:
    """Return the file behind a path of ``station.toml``.

    systemd copies a key into ``/run/credentials/UNIT/NAME`` while the service runs; what is kept,
    and what is checked, is root's file of the same name.
    """
    if key.is_relative_to(CREDENTIALS):
        return KEYS / key.name
    return key
