"""Seals a test object, with or without a support bundle in it, and puts it where uploads begin."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from kiosk.capture.author import SOFTWARE, Author, author_of
from kiosk.config import StationConfig
from kiosk.durable import Buffer
from kiosk.envelope.trial import SUPPORT, seal_trial, trial_parts
from kiosk.model import Moment
from kiosk.process import as_owner
from kiosk.records.shot import Instant
from kiosk.records.trial import TrialRecord, filed_under
from kiosk.spool import Spool
from kiosk.support_request import Sealed

_MB: Final = 1_000_000

_SEALING: Final = 64 * 1024
"""More than manifest, signature, and the stanzas of the clinic's keys take."""


@dataclass(frozen=True, slots=True)
class Put:
    """One object in the spool.

    Attributes:
        name: its name there, and on the server.
        number: the station's count.
        sha256: of the sealed file.
    """

    name: str
    number: int
    sha256: str


def put_trial(author: Author, spool: Spool, now: Moment, support: bytes | None = None) -> Put:
    """Seal a test object; it is whole and durable in the spool when this returns.

    Args:
        author: who signs, and for whom.
        spool: where it waits to be sent.
        now: the present moment.
        support: a bundle that it carries.

    Raises:
        StorageError: it could not be stored; nothing of it is left.
        EnvelopeError: it could not be sealed; the same.
    """
    at = Instant.of(now)
    record = TrialRecord(station=author.station, clinic=author.issuer, at=at, software=SOFTWARE)
    parts = trial_parts(record, support)
    head = author.head(author.sequence.next(), at)
    digest = hashlib.sha256()

    def write(data: Buffer) -> int:
        digest.update(data)
        return writer.write(data)

    with spool.put() as writer:
        seal_trial(write, parts, head, author.anchor(), (author.key, author.recipients))
    return Put(writer.name, head.sequence, digest.hexdigest())


def put_support(config: StationConfig, bundle: bytes, now: Moment) -> Sealed:
    """Seal a support bundle, outside of the capture process: its files become that process's own.

    No line of the audit trail is written: the trail has who asked for it, and is the capture
    process's.

    Args:
        config: the station's, with keys that this process can read.
        bundle: looked through already.
        now: the present moment.

    Raises:
        ConfigError: keys or recipients are missing.
        KioskError: as of :func:`put_trial`, or there is no room.
    """
    author = author_of(config, "station.toml")
    spool = Spool(config.spool.path, config.spool.reserve_mb * _MB)
    with as_owner(config.station.state):
        spool.require_room(len(bundle) + _SEALING)
        put = put_trial(author, spool, now, bundle)
    place = "/".join(filed_under(author.station, put.number, now.wall))
    return Sealed(put.name, f"{place}.{SUPPORT}")
