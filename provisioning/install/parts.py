"""Which files of a checkout make a station."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from kiosk.commission.digests import files_digest
from kiosk.errors import UsageError

PARTS: Final = (
    *("kiosk", "provisioning/install", "provisioning/server", "provisioning/__init__.py"),
    *("requirements", "firmware_config", "systemd", "pyproject.toml", "README.md", "LICENSE"),
)
"""What ``python3 -m provisioning.install`` needs, and no more."""


def files(checkout: Path) -> Iterator[Path]:
    """Yield every file of the parts.

    Raises:
        UsageError: a part is missing.
    """
    for part in PARTS:
        root = checkout / part
        if not root.exists():
            raise UsageError(f"{root} is missing; expected a whole checkout of this project.")
        found = [root] if root.is_file() else sorted(root.rglob("*"))
        yield from (
            path
            for path in found
            if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
        )


def version(checkout: Path) -> str:
    """Return twelve hexadecimal digits that change with any name or byte of the parts.

    Raises:
        UsageError: a part is missing.
    """
    return files_digest(checkout, files(checkout))[:12]
