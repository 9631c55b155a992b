"""Digests of what was installed, written by the installer and compared by ``kiosk check``.

Standard library alone: the installer runs before anything else is there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

RECORD = Path("/opt/kiosk/share/installed.json")
"""``{"program": {"path", "sha256"}, "files": {path: sha256}}``; paths are absolute."""


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def tree_digest(folder: Path) -> str:
    """Return one SHA-256 over the names and bytes of every file below ``folder``.

    Compiled byte code is left out: it differs from machine to machine.
    """
    found = sorted(folder.rglob("*"))
    return files_digest(
        folder, (path for path in found if path.is_file() and "__pycache__" not in path.parts)
    )


def files_digest(folder: Path, files: Iterable[Path]) -> str:
    """Return one SHA-256 over the names, from ``folder`` on, and the bytes of these files."""
    total = hashlib.sha256()
    for path in files:
        name = path.relative_to(folder).as_posix()
        total.update(f"{name}\0{file_digest(path)}\n".encode())
    return total.hexdigest()
