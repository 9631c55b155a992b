"""What a station says of its own end, and its signature under it."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from kiosk import durable
from kiosk.envelope.bundle import encode_record
from kiosk.envelope.signatures import SigningKey
from kiosk.records.shot import Count, Instant, Record, Sha256, Slug, Text

NAMESPACE: Final = "retire@capture-station"
"""Of the signature, so that no other of the station's can stand in for it (PROTOCOL.sshsig)."""

NAME: Final = "retirement.json"
SIGNATURE: Final = f"{NAME}.sig"


class Wiped(Record, frozen=True, kw_only=True):
    """What was in a folder; ``size`` in bytes. In a run that was begun again: what was left."""

    folder: Text
    files: Count
    size: Count


class Taken(Record, frozen=True, kw_only=True):
    """A sealed object that lies beside the certificate; ``size`` in bytes."""

    name: Text
    size: Count
    sha256: Sha256


class Certificate(Record, frozen=True, kw_only=True):
    """What the station says of its end.

    Attributes:
        key: fingerprint of the key that signs this, the station's own.
        at: when all but this key and the settings was gone.
        machine: the board's model and serial number, where it tells.
        storage: name and serial number of the card, where it tells.
        taken: the sealed objects that the clinic may not have had yet.
        wiped: by folder.
        trimmed: whether the file systems' free space was given back to the card.
        method: in words, with its limit.
    """

    format: Literal["capture-station-retirement"] = "capture-station-retirement"
    version: Literal[1] = 1
    station: Slug
    clinic: Text
    software: Text
    key: Text
    at: Instant
    machine: Text
    storage: Text
    taken: tuple[Taken, ...]
    wiped: tuple[Wiped, ...]
    trimmed: bool
    method: Text = (
        "Every file was overwritten with zeros once and removed, then the free space was given "
        "back to the card. A card may keep copies that no program reaches: overwrite the whole "
        "card, or destroy it."
    )


def write_certificate(folder: Path, certificate: Certificate, key: SigningKey) -> None:
    """Write it and its signature, in the place of those of a run that was cut off.

    Raises:
        ContainerError: a field has a value that readers would refuse.
        StorageError: it cannot be written.
    """
    text = encode_record(certificate, "certificate")
    signature = key.sign(text, NAMESPACE).encode("ascii")
    durable.replace_file(folder / SIGNATURE, signature, 0o644)
    durable.replace_file(folder / NAME, text, 0o644)
