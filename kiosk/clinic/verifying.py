"""Proving what stations sent again, sealed or opened, and finding gaps in it."""

from __future__ import annotations

import hashlib
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk.clinic.filing import read_filed, unproven
from kiosk.clinic.kinds import MANIFEST_SUFFIX, filing_of
from kiosk.clinic.opening import read_sealed, require_signed
from kiosk.clinic.stations import Station
from kiosk.envelope.bundle import MANIFEST, AnyManifest, Bundle
from kiosk.envelope.recipients import Identity
from kiosk.errors import ContainerError, KioskError, StorageError, UsageError

SEALED_SUFFIX = ".age"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One object: what was proven of it, or the error.

    Attributes:
        source: the file that was read.
        manifest: the station's statement; None with an error.
        digest: SHA-256 of the manifest, which tells two objects apart.
        what: view of a picture, kind of anything else.
        signed_by: station and key, for a person to read.
        error: why nothing is proven.
    """

    source: Path
    manifest: AnyManifest | None = None
    digest: str = ""
    what: str = ""
    signed_by: str = ""
    error: KioskError | None = None


@dataclass(frozen=True, slots=True)
class Continuity:
    """What the proven objects of one station say about the others.

    Attributes:
        station: its name.
        missing: spans of numbers, both ends included, between the lowest and the highest seen.
        repeated: numbers that two different objects bear.
    """

    station: str
    missing: tuple[tuple[int, int], ...]
    repeated: tuple[int, ...]


def find(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield what is to be proven: files as given; of folders every sealed and filed object.

    A picture or consent without a manifest beside it is yielded too: nothing can prove it.
    """
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for inner in sorted(path.rglob("*")):
            if inner.name.endswith((SEALED_SUFFIX, MANIFEST_SUFFIX)) or unproven(inner):
                yield inner


def verify_all(
    paths: Iterable[Path], identities: Sequence[Identity], stations: Sequence[Station]
) -> Iterator[Verdict]:
    """Prove each object below ``paths``; one that fails does not stop the others."""
    for path in find(paths):
        try:
            yield _proven(path, read_object(path, identities), stations)
        except KioskError as error:
            yield Verdict(path, error=error)


def continuity(verdicts: Iterable[Verdict]) -> list[Continuity]:
    """Return, by station, the numbers that are missing or repeated among proven objects.

    The same object seen twice (sealed and opened, say) is no repetition.
    """
    seen: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for verdict in verdicts:
        if verdict.manifest:
            seen[verdict.manifest.station][verdict.manifest.sequence].add(verdict.digest)
    return [
        Continuity(
            station,
            tuple(_gaps(sorted(numbers))),
            tuple(number for number in sorted(numbers) if len(numbers[number]) > 1),
        )
        for station, numbers in sorted(seen.items())
    ]


def read_object(path: Path, identities: Sequence[Identity]) -> Bundle:
    """Read one object, sealed or filed; whoever signed it is not looked at.

    Raises:
        KioskError: it cannot be read, is not whole, or takes an identity that was not given.
    """
    try:
        path.stat()
    except OSError as error:
        raise StorageError(f"{path}: cannot be read: {error.strerror}.") from error
    if path.name.endswith(MANIFEST_SUFFIX):
        return read_filed(path)
    if unproven(path):
        raise ContainerError(f"It has no {MANIFEST_SUFFIX} beside it to prove it.")
    if not identities:
        raise UsageError("This may be a sealed file, which takes an identity to open: give -i.")
    return read_sealed(path, identities)


def _proven(path: Path, bundle: Bundle, stations: Sequence[Station]) -> Verdict:
    signed_by = require_signed(bundle, stations)
    digest = hashlib.sha256(bundle.members[MANIFEST]).hexdigest()
    what = filing_of(bundle.kind.format).says(bundle)
    return Verdict(path, bundle.manifest, digest, what, signed_by)


def _gaps(numbers: list[int]) -> Iterator[tuple[int, int]]:
    for before, after in itertools.pairwise(numbers):
        if after > before + 1:
            yield before + 1, after - 1
