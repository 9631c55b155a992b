"""Taking in what stations have sent, a drop box at a time.

Of each object, in this order, each step on the disk before the next:

    copied      beside the originals, under no name yet; everything below is of this copy
    proven      opened, signed by a station of the list, and from the drop box's own station
    filed       into the library, where `kiosk clinic open` files too
    kept        the sealed original under its name, then its line in the list of what was taken
    removed     from the drop box

So a run that is cut off leaves an object in the drop box or everywhere else, and the next one ends
what was begun. docs/decisions/0036.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk import durable
from kiosk.clinic.dropboxes import Box, is_regular
from kiosk.clinic.filing import file_object
from kiosk.clinic.kinds import KINDS, filing_of
from kiosk.clinic.opening import read_sealed, require_signed
from kiosk.clinic.originals import Originals, is_object
from kiosk.clinic.stations import Station
from kiosk.envelope.bundle import Bundle
from kiosk.envelope.recipients import Identity
from kiosk.errors import (
    ContainerError,
    EnvelopeError,
    KioskError,
    SignatureError,
    StorageFailed,
    UsageError,
)

LARGEST: Final = 2 * max(sum(kind.limits.values()) for kind in KINDS)
"""Bytes; no sealed object comes near it, and nothing larger is copied."""


@dataclass(frozen=True, slots=True)
class Clinic:
    """What collecting takes.

    Attributes:
        identities: open the objects.
        stations: the clinic's list: whose signatures are accepted.
        library: see :mod:`kiosk.clinic.filing`.
        sealed: the folder of all stations' originals.
    """

    identities: Sequence[Identity]
    stations: Sequence[Station]
    library: Path
    sealed: Path


@dataclass(frozen=True, slots=True)
class Collected:
    """What became of one file.

    Attributes:
        source: where it lay.
        what: what it is, in a word or two, and its number; without any patient.
        again: whether the clinic had it already.
        error: why it was not taken.
        aside: where in quarantine it is now; None where it stays in the drop box.
    """

    source: Path
    what: str = ""
    again: bool = False
    error: KioskError | None = None
    aside: Path | None = None


@contextmanager
def alone(*folders: Path) -> Iterator[None]:
    """Keep other collectors away from folders; the kernel lets go however this ends.

    Raises:
        UsageError: another one is at work.
        StorageError: a folder cannot be opened.
    """
    with ExitStack() as closing:
        for folder in folders:
            with durable.translated(f"locking {folder}"):
                fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                closing.callback(os.close, fd)
                free = durable.try_lock(fd)
            if not free:
                raise UsageError(
                    f"{folder}: another collector is at work here; expected one at a time."
                )
        yield


def collect(box: Box, originals: Originals, clinic: Clinic) -> Iterator[Collected]:
    """Take everything that has arrived in a drop box; one that fails does not stop the others.

    Raises:
        SignatureError: the station is not on the list; its drop box is left as it is.
        StorageError: the drop box cannot be listed.
    """
    if not any(box.station in station.names for station in clinic.stations):
        raise SignatureError(
            f"{box.station} is not on the list of stations; its drop box is left as it is."
        )
    for path in box.arrived():
        yield _collect(box, path, originals, clinic)


def _collect(box: Box, path: Path, originals: Originals, clinic: Clinic) -> Collected:
    try:
        return _take(box, path, originals, clinic)
    except EnvelopeError as error:
        return _set_aside(box, path, error)
    except KioskError as error:
        return Collected(path, error=error)


def _set_aside(box: Box, path: Path, error: EnvelopeError) -> Collected:
    try:
        return Collected(path, error=error, aside=box.quarantine(path, error))
    except KioskError as failed:
        return Collected(path, error=failed)


def _take(box: Box, path: Path, originals: Originals, clinic: Clinic) -> Collected:
    if not is_object(path.name):
        raise ContainerError(
            "This is no name of a sealed object; expected 32 hexadecimal digits and “.age”."
        )
    if path.is_symlink():
        raise ContainerError("This is a link; expected a sealed object.")
    with box.opened(path) as fd:
        if not is_regular(fd) or os.fstat(fd).st_size > LARGEST:
            raise ContainerError(
                f"Expected a sealed object: a regular file of at most {LARGEST / 1e6:.0f} MB."
            )
        with originals.copied(fd) as (copy, sha256):
            before = originals.kept_as(sha256)
            what = f"as {before}" if before else _file(copy, box, clinic)
            if not before:
                originals.keep(copy, path.name, sha256)
        if not box.remove(path, fd):
            raise StorageFailed(
                f"{path}: it was taken, but another file has its name now; that one is left."
            )
    return Collected(path, what, again=bool(before))


def _file(copy: Path, box: Box, clinic: Clinic) -> str:
    """Prove an object and file it; return what it is, without any patient."""
    bundle = read_sealed(copy, clinic.identities)
    require_signed(bundle, clinic.stations)
    _require_own(bundle, box)
    file_object(clinic.library, bundle)
    return f"number {bundle.manifest.sequence}, {filing_of(bundle.kind.format).says(bundle)}"


def _require_own(bundle: Bundle, box: Box) -> None:
    if bundle.manifest.station != box.station:
        raise SignatureError(
            f"It comes from {bundle.manifest.station!r}, but was put into the drop box of "
            f"{box.station!r}; expected the station's own."
        )
