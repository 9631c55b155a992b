"""Where an opened shot lies at the clinic: found by patient, date and view.

``DIR/<patient>/<date>_<session>/<number>_<view>.jpg`` and, beside it, the parts that prove it:
``….shot.json``, ``….manifest.json`` and ``….manifest.json.sig``, and ``….pose.bin`` where the pose
was measured, byte for byte as the station signed them, so that stock tools can check them later.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from kiosk.clinic.storage import make_folders, place, write_new
from kiosk.durable import sync_directory
from kiosk.envelope.bundle import MANIFEST, SIGNATURE, limits_of
from kiosk.envelope.container import IMAGE, POSE, RECORD, SHOT, Shot, assemble
from kiosk.errors import ContainerError, StorageError

SUFFIXES = {
    SIGNATURE: ".manifest.json.sig",
    MANIFEST: ".manifest.json",
    POSE: ".pose.bin",
    RECORD: ".shot.json",
    IMAGE: ".jpg",
}
"""Name of each member beside the others; the picture is placed last, so that a picture that is
there has its proof beside it."""

_PLAIN = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]{0,62}[A-Z0-9_-])?")
_RESERVED = re.compile(r"(?:CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9])(?:\..*)?")
_SESSION_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Filed:
    """A shot in its place; ``already`` if the same bytes were there before."""

    image: Path
    already: bool


def safe_name(text: str) -> str:
    """Return a name for a folder that no two texts share and that means the same everywhere.

    Plain numbers and capitals stay as they are. Anything else (separators, dots in front, letters
    that a server may fold to one case, names that Windows reserves) is replaced and followed by
    ``~`` and eight hexadecimal digits of the text's SHA-256.
    """
    if _PLAIN.fullmatch(text) and not _RESERVED.fullmatch(text):
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{re.sub(r'[^A-Za-z0-9]+', '_', text)[:40]}~{digest}"


def stem_of(shot: Shot) -> tuple[str, str, str]:
    """Return the patient's folder, the session's folder and the name before the suffix."""
    record = shot.record
    session = f"{record.captured_at.wall[:10]}_{record.uids.session[-_SESSION_DIGITS:]}"
    name = f"{shot.manifest.sequence:06d}_{record.view.id}"
    return safe_name(record.patient.id), session.replace(".", "0"), name


def file_shot(root: Path, shot: Shot) -> Filed:
    """Write a shot's members into their place under ``root``, folders 0700, files 0600.

    Raises:
        StorageError: it cannot be written, or another file has one of the names; nothing of what
            was there is changed.
    """
    patient, session, name = stem_of(shot)
    try:
        folder = make_folders(root, patient, session)
        staging = Path(tempfile.mkdtemp(prefix=".opening-", dir=folder))
        try:
            placed = _place_all(shot, staging, folder / name)
        finally:
            shutil.rmtree(staging)
    except FileExistsError as error:
        raise StorageError(
            f"{error.filename}: another file of this name is there already, and nothing is ever "
            "overwritten; move it away or choose another folder."
        ) from error
    except OSError as error:
        raise StorageError(
            f"{root}: the opened picture cannot be written there: {error.strerror}."
        ) from error
    return Filed(folder / f"{name}{SUFFIXES[IMAGE]}", already=not placed)


def read_filed(manifest: Path) -> Shot:
    """Read back a shot that was filed, by the path of its ``….manifest.json``.

    Raises:
        ContainerError: a member is missing, too large or not what the manifest says.
        StorageError: a member cannot be read.
    """
    stem = manifest.name.removesuffix(SUFFIXES[MANIFEST])
    members, limits = {}, limits_of([SHOT])
    for member, suffix in SUFFIXES.items():
        path = manifest.with_name(stem + suffix)
        if not os.path.lexists(path):
            if member == POSE:
                continue  # whether there has to be one, the manifest says
            raise ContainerError(f"The shot is not whole: expected also {path.name}.")
        members[member] = read_bounded(path, limits[member])
    return assemble(members)


def read_bounded(path: Path, limit: int) -> bytes:
    """Read a file of at most ``limit`` bytes.

    Raises:
        ContainerError: larger.
        StorageError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise StorageError(f"{path}: cannot be read: {error.strerror}.") from error
    if len(data) > limit:
        raise ContainerError(f"{path.name} is larger than {limit} bytes, which no shot's part is.")
    return data


def _place_all(shot: Shot, staging: Path, stem: Path) -> bool:
    """Write all members aside, then give each its name; False if all were there already."""
    suffixes = {member: suffix for member, suffix in SUFFIXES.items() if member in shot.members}
    for member in suffixes:
        write_new(staging / member, shot.members[member])
    placed = [
        place(staging / member, stem.with_name(stem.name + suffix))
        for member, suffix in suffixes.items()
    ]
    sync_directory(stem.parent)
    return any(placed)
