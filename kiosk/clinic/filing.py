"""Where an opened object lies at the clinic: found by patient and date.

``DIR/<patient>/<date>_<session>/<number>_<view>.jpg``, ``DIR/<patient>/consents/….consent.json``,
and beside each the parts that prove it, ``….manifest.json`` and ``….manifest.json.sig`` for all
kinds, byte for byte as the station signed them, so that stock tools can check them later.
:mod:`kiosk.clinic.kinds` has the table.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from kiosk.clinic.kinds import FILINGS, MANIFEST_SUFFIX, filing_of
from kiosk.clinic.storage import make_folders, place, write_new
from kiosk.durable import sync_directory
from kiosk.envelope.bundle import MANIFEST, Bundle, assemble_bundle, limits_of
from kiosk.errors import ContainerError, StorageError


@dataclass(frozen=True, slots=True)
class Filed:
    """An object in its place: what a person looks at; ``already`` if the same was there before."""

    path: Path
    already: bool


class _Format(msgspec.Struct):
    """What tells the kind of a manifest; everything else is left to its own type."""

    format: str = ""


def file_object(root: Path, bundle: Bundle) -> Filed:
    """Write an object's members into their place under ``root``, folders 0700, files 0600.

    Raises:
        StorageError: it cannot be written, or another file has one of the names; nothing of what
            was there is changed.
    """
    filing = filing_of(bundle.kind.format)
    folders, name = filing.place(bundle)
    try:
        folder = make_folders(root, *folders)
        # The same name for the same object: what an interrupted run left behind goes.
        digest = hashlib.sha256(bundle.members[MANIFEST]).hexdigest()
        staging = folder / f".opening-{digest[:16]}"
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(mode=0o700)
        try:
            placed = _place_all(bundle, filing.suffixes, staging, folder / name)
        finally:
            shutil.rmtree(staging)
    except FileExistsError as error:
        raise StorageError(
            f"{error.filename}: another file of this name is there already, and nothing is ever "
            "overwritten; move it away or choose another folder."
        ) from error
    except OSError as error:
        raise StorageError(
            f"{root}: the opened {bundle.kind.name} cannot be written there: {error.strerror}."
        ) from error
    return Filed(folder / f"{name}{filing.main}", already=not placed)


def read_filed(manifest: Path) -> Bundle:
    """Read back an object that was filed, by the path of its ``….manifest.json``.

    Raises:
        ContainerError: a member is missing, too large or not what the manifest says.
        StorageError: a member cannot be read.
    """
    stem = manifest.name.removesuffix(MANIFEST_SUFFIX)
    filing = filing_of(_format(manifest))
    members, limits = {}, limits_of([filing.kind])
    for member, suffix in filing.suffixes.items():
        path = manifest.with_name(stem + suffix)
        if not os.path.lexists(path):
            if member in filing.kind.optional:
                continue  # whether there has to be one, the manifest says
            raise ContainerError(f"The {filing.kind.name} is not whole: expected also {path.name}.")
        members[member] = read_bounded(path, limits[member])
    found: Bundle = filing.read(assemble_bundle(members, [filing.kind]))
    return found


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
        raise ContainerError(f"{path.name} is larger than {limit} bytes, which no such part is.")
    return data


def unproven(path: Path) -> bool:
    """Whether this is what a person looks at, without a manifest beside it to prove it."""
    return any(
        path.name.endswith(filing.main)
        and not path.with_name(path.name.removesuffix(filing.main) + MANIFEST_SUFFIX).exists()
        for filing in FILINGS
    )


def manifests(folder: Path) -> Iterator[Path]:
    """Yield the manifests of everything that was filed below a folder, sorted."""
    yield from sorted(folder.rglob(f"*{MANIFEST_SUFFIX}"))


def _format(manifest: Path) -> str:
    text = read_bounded(manifest, limits_of([])[MANIFEST])
    try:
        return msgspec.json.decode(text, type=_Format).format
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ContainerError(f"The part {MANIFEST} cannot be read: {error}.") from error


def _place_all(bundle: Bundle, suffixes: Mapping[str, str], staging: Path, stem: Path) -> bool:
    """Write all members aside, then give each its name; False if all were there already."""
    there = {member: suffix for member, suffix in suffixes.items() if member in bundle.members}
    for member in there:
        write_new(staging / member, bundle.members[member])
    placed = [
        place(staging / member, stem.with_name(stem.name + suffix))
        for member, suffix in there.items()
    ]
    sync_directory(stem.parent)
    return any(placed)
