"""Opening sealed files with the clinic's identity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk.clinic.filing import Filed, file_object
from kiosk.clinic.kinds import KINDS, filing_of
from kiosk.clinic.stations import Station, require_station
from kiosk.envelope.bundle import Bundle, read_bundle
from kiosk.envelope.recipients import Identity
from kiosk.envelope.seal import open_sealed
from kiosk.errors import KioskError, StorageError


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of one file: filed and signed by whom, or the error."""

    source: Path
    filed: Filed | None = None
    signed_by: str = ""
    error: KioskError | None = None


def read_sealed(path: Path, identities: Sequence[Identity]) -> Bundle:
    """Open one sealed file in memory; returned only when it was proven whole.

    Returns:
        A shot, a consent or whatever else :mod:`kiosk.clinic.kinds` knows, as its own type.

    Raises:
        EnvelopeError: not sealed, not for these identities, changed, or nothing that stations send.
        StorageError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            bundle = read_bundle(open_sealed(file, identities), KINDS)
    except OSError as error:
        raise StorageError(f"{path}: cannot be read: {error.strerror}.") from error
    found: Bundle = filing_of(bundle.kind.format).read(bundle)
    return found


def open_all(
    paths: Sequence[Path],
    identities: Sequence[Identity],
    root: Path,
    stations: Sequence[Station] | None,
) -> Iterator[Opened]:
    """Open each file in turn and file it under ``root``; one that fails does not stop the others.

    Args:
        paths: the sealed files.
        identities: the clinic's.
        root: see :mod:`kiosk.clinic.filing`.
        stations: whose signatures are accepted; None leaves the signer unchecked against a list,
            but the signature must still belong to the manifest.
    """
    for path in paths:
        yield _open_one(path, identities, root, stations)


def require_signed(bundle: Bundle, stations: Sequence[Station] | None) -> str:
    """Return who signed, for a person to read.

    Raises:
        SignatureError: not signed, or by nobody on the list.
    """
    if stations is None:
        return f"{bundle.signer().fingerprint} (not compared with a list of stations)"
    return f"{bundle.manifest.station} {require_station(bundle, stations).key.fingerprint}"


def _open_one(
    path: Path,
    identities: Sequence[Identity],
    root: Path,
    stations: Sequence[Station] | None,
) -> Opened:
    try:
        bundle = read_sealed(path, identities)
        signed_by = require_signed(bundle, stations)
        return Opened(path, file_object(root, bundle), signed_by)
    except KioskError as error:
        return Opened(path, error=error)
