"""Making the clinic's keys: an archive key for the desk and a recovery key for the safe.

The pose key, which opens what stations remember of patients and never a picture, belongs to the
desk that enrols operators: :mod:`kiosk.clinic.desk`.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kiosk.clinic.storage import write_new
from kiosk.envelope.recipients import Identity, generate_identity
from kiosk.errors import StorageError, UsageError

ARCHIVE = "archive.identity"
RECOVERY = "recovery.identity"
RECIPIENTS = "recipients.txt"


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """Where the new keys lie."""

    archive: Path
    recovery: Path
    recipients: Path


def make_keys(folder: Path, kind: str, now: datetime) -> KeyFiles:
    """Write two new identities (mode 0600) and the recipients file that stations are given.

    Args:
        folder: made if it is missing (mode 0700).
        kind: ``recipients.HYBRID`` or ``recipients.X25519``.
        now: written into the files, with its offset.

    Raises:
        UsageError: one of the files is already there; nothing is ever overwritten.
        StorageError: the folder cannot be written; nothing is left behind.
    """
    files = KeyFiles(folder / ARCHIVE, folder / RECOVERY, folder / RECIPIENTS)
    archive, recovery = generate_identity(kind), generate_identity(kind)
    stamp = now.isoformat(timespec="seconds")
    recipients = (
        f"# The clinic's recipients, made {stamp}. Stations seal every picture to both.\n"
        f"# archive\n{archive.recipient()}\n# recovery\n{recovery.recipient()}\n"
    )
    contents = {
        files.archive: _identity_file(archive, "archive", stamp),
        files.recovery: _identity_file(recovery, "recovery", stamp),
        files.recipients: recipients,
    }
    _write_all(folder, contents)
    return files


def _identity_file(identity: Identity, role: str, stamp: str) -> str:
    """Lay the file out as age-keygen does."""
    return (
        f"# created: {stamp}\n# role: {role}\n# public key: {identity.recipient()}\n"
        f"{identity.secret_text()}\n"
    )


def _write_all(folder: Path, contents: dict[Path, str]) -> None:
    for path in contents:
        if os.path.lexists(path):
            raise UsageError(
                f"{path}: there is already a file of this name and keys are never overwritten; "
                "choose another folder."
            )
    written: list[Path] = []
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path, text in contents.items():
            write_new(path, text.encode("ascii"))
            written.append(path)
    except OSError as error:
        for path in written:
            with contextlib.suppress(OSError):
                path.unlink()
        raise StorageError(f"{folder}: the keys cannot be written: {error.strerror}.") from error
